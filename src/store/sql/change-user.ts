// A change of one row that depends on that row alone.

import type { Row } from '../../model/resource.ts';
import type { Writes } from '../store.ts';
import type { CallerCheck } from './caller-check.ts';
import type { Engine } from './engine.ts';
import type { TableRecords } from './records.ts';

/**
 * Where the engine is a server, a transaction is four round trips. So the row is read and decided about without one, and
 * changed in a single statement if it still has the revision that was read and the caller is as it was: that statement is
 * the transaction. If it changes nothing, a transaction that waits for locks finds out why.
 * @param users those of the reader
 * @param keepsEvents a change with an event is two statements, and so a transaction
 */
export function userChanger(engine: Engine, users: TableRecords, keepsEvents: boolean) {
  async function changeAtOnce(
    id: number,
    decide: (current: Row | null) => Promise<Row | null>,
    check: CallerCheck | undefined,
  ): Promise<Row | null> {
    const current = await users.find(id);
    const changes = await decide(current);
    if (changes === null) {
      check?.verify(await engine.query(check.look));
      return current!;
    }
    return users.updateAt({ id, revision: current!.revision as number }, changes, check);
  }

  return (write: Writes['write'], check: CallerCheck | undefined): Writes['changeUser'] =>
    async (id, decide, event) => {
      const isOneStatement = engine.change !== null && !(keepsEvents && event !== undefined);
      const row = isOneStatement ? await changeAtOnce(id, decide, check) : null;
      if (row !== null) return row;
      return write(async (transaction) => {
        const current = await transaction.users.findForUpdate(id);
        const changes = await decide(current);
        if (changes === null) return current!;
        const after = await transaction.users.update(id, changes);
        if (event !== undefined) transaction.record(() => event(current!, after));
        return after;
      });
    };
}
