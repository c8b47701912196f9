// Changes one row, if the change depends on this row alone.

import type { AuditEvent } from '../../model/audit-event.ts';
import type { Resource, Row } from '../../model/resource.ts';
import type { CallerCheck } from '../accounts/caller-check.ts';
import type { Trail, Writes } from '../store.ts';
import type { Engine } from './engine.ts';
import type { TableRecords } from './records.ts';
import type { StoredRecord } from './stored-rows.ts';

/** Writes.changeRecord, without the types of a resource. */
type Change = (
  resource: Resource,
  id: number,
  decide: (current: StoredRecord | null) => Promise<Row | null>,
  event?: (before: StoredRecord, after: StoredRecord) => AuditEvent,
) => Promise<StoredRecord>;

/**
 * On a database server a transaction costs four round trips. So the row is first read and decided about without a
 * transaction (optimistic locking). Then a single statement updates the row, and inserts the event, if the row still has
 * the revision that was read, and the caller still has the same rights. If this statement updates nothing, a transaction
 * with locks does the change again and finds the reason.
 * @param recordsOf the records as the reader connection sees them
 * @param trail null if no audit events are written
 */
export function recordChanger(
  engine: Engine,
  recordsOf: (resource: Resource) => TableRecords,
  trail: Trail | null,
) {
  async function changeAtOnce(
    records: TableRecords,
    id: number,
    decide: (current: StoredRecord | null) => Promise<Row | null>,
    check: CallerCheck | undefined,
    event: Parameters<Change>[3],
  ): Promise<StoredRecord | null> {
    const current = await records.find(id);
    const changes = await decide(current);
    if (changes === null) {
      check?.verify(await engine.query(check.queryWithoutLocks));
      return current!;
    }
    // No trigger changes attributes, so this is the row after the change.
    const after = { ...current!, ...changes, revision: current!.revision + 1 };
    const recorded = trail &&
      event && { table: trail.resource.type, row: trail.rowOf(event(current!, after)) };
    return records.updateAt(current!, changes, check, recorded ?? null);
  }

  return (write: Writes['write'], check: CallerCheck | undefined): Change =>
    async (resource, id, decide, event) => {
      const row =
        engine.change === null ? null : await changeAtOnce(recordsOf(resource), id, decide, check, event);
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
