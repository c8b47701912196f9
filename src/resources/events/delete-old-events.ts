// A periodic job that deletes the oldest events of the audit trail.

import { type Batches, deleteInBatches } from '../operations/delete-in-batches.ts';
import { events } from './events.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * @param days how long events are kept; 0 for ever
 * @returns the number of deleted events
 */
export async function deleteOldEvents(run: Batches, days: number): Promise<number> {
  if (days === 0) return 0;
  return deleteInBatches(run, ({ records }, limit) => records(events).deleteOldest(days * dayMs, limit));
}
