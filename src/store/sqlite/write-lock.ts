// Waits for a lock of SQLite in the event loop. SQLite's own busy_timeout blocks the thread, and with it all other
// requests of the process.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** SQLITE_BUSY and its extended codes (sqlite.org/rescode.html). */
const busy = 5;

export function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === busy;
}

/**
 * Retries while another connection holds the lock. The connection must have a busy_timeout of 0.
 * @param leftMs called after each attempt; returns the milliseconds left, 0 or less to stop
 * @param signal stops it immediately
 * @throws the last SQLITE_BUSY, or any other error of `work`
 */
export async function retryWhileBusy(
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

/** Attempts without a pause: most locks are held for less than a millisecond. */
const immediateAttempts = 8;
/**
 * Short, because a process that commits batch after batch leaves the lock free for only a few milliseconds at a time.
 */
const maxPauseMs = 25;

/** Exponential backoff with jitter, so that processes that wait for the same lock do not retry at the same times. */
async function pause(attempt: number, leftMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (attempt < immediateAttempts) return setImmediate();
  const longest = Math.min(2 ** (attempt - immediateAttempts), maxPauseMs, leftMs);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
}
