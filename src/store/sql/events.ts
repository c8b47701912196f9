// The place for audit events in a transaction, see Transaction.record.

import type { AuditEvent } from '../../model/audit-event.ts';
import type { EventWriter, Transaction } from '../store.ts';

type Work<T> = (transaction: Transaction) => Promise<T>;
type Unrecorded = Omit<Transaction, 'record'>;

const recordsNothing = () => {};

/** @returns runs the work of a transaction, and then writes what it has recorded; work that is retried records anew */
export function eventRecorder(
  write: EventWriter | null,
): <T>(transaction: Unrecorded, work: Work<T>) => Promise<T> {
  if (write === null) return (transaction, work) => work({ ...transaction, record: recordsNothing });
  return async (transaction, work) => {
    const events: AuditEvent[] = [];
    const value = await work({ ...transaction, record: (event) => void events.push(event()) });
    if (events.length > 0) await write(transaction, events);
    return value;
  };
}
