// A store on which something happens between what a request has read and what it writes.

import type { Store } from '../../src/store/store.ts';

/** Does something before each write. */
export function withChangeBeforeWrite(store: Store, change: () => Promise<unknown>): Store {
  return {
    ...store,
    async write(work, locks) {
      await change();
      return store.write(work, locks);
    },
  };
}
