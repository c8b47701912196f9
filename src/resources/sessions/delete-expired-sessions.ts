// A periodic job that deletes sessions that have ended: API tokens and sign-ins by their end, and sign-ins that were
// idle for too long. They have been refused since then. It is no act of anybody, so no event is recorded.

import type { SessionLimits } from '../../security/session-limits.ts';
import type { Clock } from '../operation.ts';
import { type Batches, deleteInBatches } from '../operations/delete-in-batches.ts';

/**
 * Time for other processes to write activity that they have collected, and for clocks that differ: no session is
 * deleted that one of them takes for valid.
 */
const graceMs = 5 * 60 * 1000;

/** @returns the number of deleted sessions */
export async function deleteExpiredSessions(
  run: Batches,
  clock: Clock,
  { idleMs }: SessionLimits,
): Promise<number> {
  const ended = await deleteInBatches(run, ({ sessions }, limit) =>
    sessions.deleteEnded(clock() - graceMs, limit),
  );
  const idle = await deleteInBatches(run, ({ sessions }, limit) =>
    sessions.deleteIdle(clock() - idleMs - graceMs, limit),
  );
  return ended + idle;
}
