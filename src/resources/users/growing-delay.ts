// Failures of an account, counted in the database and slowed by delays that grow. Who counts holds the account's row, so
// that attempts come one after the other, whichever instance they reach.

import { ApiError } from '../../errors.ts';
import type { Attempts } from '../../store/accounts.ts';

/** Failures in a row that cost nothing. */
export const freeFailures = 5;
const maxDelaySeconds = 60 * 60;
/** SP 800-63B-4 section 3.2.2: no more than 100 in a row. From there on, one a day; never a permanent lockout. */
const maxFailures = 100;
const dayInSeconds = 24 * 60 * 60;

/** How long the next attempt waits after so many failures in a row. */
export function delaySeconds(failures: number): number {
  if (failures >= maxFailures) return dayInSeconds;
  if (failures < freeFailures) return 0;
  return Math.min(2 ** (failures - freeFailures), maxDelaySeconds);
}

export interface State {
  readonly failures: number;
  /** Until the next attempt; 0 where it may be made now. */
  readonly waitMs: number;
  /** Since the last wait was over. */
  readonly quietMs: number;
}

export async function attemptState(counter: Attempts, userId: number, now: number): Promise<State> {
  const { failures, blockedUntil } = await counter.attempts(userId);
  const delayMs = delaySeconds(failures) * 1000;
  if (blockedUntil - now <= delayMs)
    return { failures, waitMs: Math.max(0, blockedUntil - now), quietMs: Math.max(0, now - blockedUntil) };
  // The clock went back: the wait begins anew, and is no longer than it was.
  await counter.setAttempts(userId, failures, now + delayMs);
  return { failures, waitMs: delayMs, quietMs: 0 };
}

/** @param failures in a row, this one included */
export async function setFailures(
  counter: Attempts,
  userId: number,
  failures: number,
  now: number,
): Promise<void> {
  await counter.setAttempts(userId, failures, now + delaySeconds(failures) * 1000);
}

export function tooManyAttempts(detail: string, waitMs: number): ApiError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ApiError('too_many_requests', {
    detail,
    meta: { limit: freeFailures, period: seconds },
    headers: { 'Retry-After': String(seconds), 'X-RateLimit-Reset': String(seconds) },
  });
}
