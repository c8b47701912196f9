// Collects the audit events of a transaction and writes them at its end, see Transaction.record.

import type { AuditEvent } from '../../model/audit-event.ts';
import type { EventWriter, Transaction } from '../store.ts';

type Work<T> = (transaction: Transaction) => Promise<T>;

export const recordNothing: Transaction['record'] = () => {};

/**
 * @returns a function that runs the work of a transaction, then writes the events that it recorded. If the work is
 * retried, it starts with no events. If `write` is null, the transaction is used unchanged, with `recordNothing`.
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
