// Changes one row, if the change depends on this row alone.

import type { AuditEvent } from '../../model/audit-event.ts';
import type { Resource, Row } from '../../model/resource.ts';
import type { CallerCheck } from '../accounts/caller-check.ts';
import type { Writes } from '../store.ts';
import type { Engine } from './engine.ts';
import type { StoredRecord, TableRecords } from './records.ts';

/** Writes.changeRecord, without the types of a resource. */
type Change = (
  resource: Resource,
  id: number,
  decide: (current: StoredRecord | null) => Promise<Row | null>,
  event?: (before: StoredRecord, after: StoredRecord) => AuditEvent,
) => Promise<StoredRecord>;

/**
 * On a database server a transaction costs four round trips. So the row is first read and decided about without a
 * transaction (optimistic locking). Then a single statement updates the row if it still has the revision that was
 * read, and the caller still has the same rights. If this statement updates nothing, a transaction with locks does
 * the change again and finds the reason.
 * @param recordsOf the records as the reader connection sees them
 * @param keepsEvents whether events are written: a change with an event is two statements, so it needs a transaction
 */
export function recordChanger(
  engine: Engine,
  recordsOf: (resource: Resource) => TableRecords,
  keepsEvents: boolean,
) {
  async function changeAtOnce(
    records: TableRecords,
    id: number,
    decide: (current: StoredRecord | null) => Promise<Row | null>,
    check: CallerCheck | undefined,
  ): Promise<StoredRecord | null> {
    const current = await records.find(id);
    const changes = await decide(current);
    if (changes === null) {
      check?.verify(await engine.query(check.queryWithoutLocks));
      return current!;
    }
    return records.updateAt({ id, revision: current!.revision }, changes, check);
  }

  return (write: Writes['write'], check: CallerCheck | undefined): Change =>
    async (resource, id, decide, event) => {
      const isOneStatement = engine.change !== null && !(keepsEvents && event !== undefined);
      const row = isOneStatement ? await changeAtOnce(recordsOf(resource), id, decide, check) : null;
      if (row !== null) return row;
      return write(async (transaction) => {
        const records = transaction.records(resource);
        const current = await records.findForUpdate(id);
        const changes = await decide(current);
        if (changes === null) return current!;
        const after = await records.update(id, changes);
        if (event !== undefined) transaction.record(() => event(current!, after));
        return after;
      });
    };
}
