// Honest totals that are counted once: a total is kept with the version of the collection it was counted in, and used
// only while the database still names that version. The price: the first list after a write counts again.

import { chain } from '../../model/awaitable.ts';
import type { Totals } from '../operation.ts';
import { BoundedCache } from './bounded-cache.ts';

export function totalsCache(maxEntries: number): Totals {
  const kept = new BoundedCache<string, { version: number; total: number }>(maxEntries, () => 1);
  return {
    of(key, version, count) {
      const known = kept.get(key);
      if (known?.version === version) return known.total;
      return chain(count(), (total) => {
        kept.set(key, { version, total });
        return total;
      });
    },
  };
}
