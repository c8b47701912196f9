// Waiting for a lock of SQLite in the event loop. SQLite's own busy_timeout waits in the thread, and every other request of
// the process waits with it.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** SQLITE_BUSY and its extended codes (sqlite.org/rescode.html). */
const busy = 5;

export function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === busy;
}

/**
 * Tries again while another connection holds the lock. The connection needs a busy_timeout of 0.
 * @param leftMs how long to go on; asked after each refusal, and 0 or less ends it
 * @param signal ends it at once
 * @throws the last refusal, or any other error of `work`
 */
export async function patiently(
  work: () => void,
  leftMs: (refusal: unknown) => number,
  signal?: AbortSignal,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      work();
      return;
    } catch (error) {
      const left = isBusy(error) && !signal?.aborted ? leftMs(error) : 0;
      if (left <= 0) throw error;
      await pause(attempt, left, signal);
    }
  }
}

/** Most locks are held for less than a millisecond. */
const immediateAttempts = 8;
/** Short: a process that commits one batch after the other leaves the lock free for a few milliseconds at a time. */
const maxPauseMs = 25;

/** Growing, with jitter, so that processes that wait for the same lock do not ask at the same times. */
async function pause(attempt: number, leftMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (attempt < immediateAttempts) return setImmediate();
  const longest = Math.min(2 ** (attempt - immediateAttempts), maxPauseMs, leftMs);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
}
