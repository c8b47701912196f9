// A change of one row that depends on that row alone.

import type { Session, Store } from '../store.ts';
import type { Engine } from './engine.ts';

/** So often a row is decided about without holding it; where others are always first, it is held. */
const maxAttempts = 4;

/**
 * Where the engine is a server, a transaction is four round trips. So the row is read and decided about without one, and
 * changed in a single statement where it still has the revision that was read: that statement is the transaction.
 */
export function userChanger(engine: Engine, read: Session, write: Store['write']): Store['changeUser'] {
  return async (id, decide, author) => {
    if (engine.queryNow === null) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const current = await read.users.find(id);
        const changes = await decide(current);
        if (changes === null) return current!;
        const version = { id, revision: current!.revision as number };
        const row = await read.users.updateAt(version, changes, author);
        if (row !== null) return row;
      }
    }
    return write(async ({ users }) => {
      const current = await users.findForUpdate(id);
      const changes = await decide(current);
      return changes === null ? current! : users.update(id, changes);
    }, author);
  };
}
