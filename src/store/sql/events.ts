// The place for audit events in a transaction, see Transaction.record.

import type { AuditEvent } from '../../model/audit-event.ts';
import type { EventWriter, Transaction } from '../store.ts';

type Work<T> = (transaction: Transaction) => Promise<T>;

export const recordNothing: Transaction['record'] = () => {};

/**
 * @returns runs the work of a transaction, and then writes what it has recorded; work that is retried records anew. Without
 *   a writer the transaction is used as it is, with `recordNothing`.
 */
export function eventRecorder(
  write: EventWriter | null,
): <T>(transaction: Transaction, work: Work<T>) => Promise<T> {
  if (write === null) return (transaction, work) => work(transaction);
  return async (transaction, work) => {
    const events: AuditEvent[] = [];
    const value = await work({ ...transaction, record: (event) => void events.push(event()) });
    if (events.length > 0) await write(transaction, events);
    return value;
  };
}
