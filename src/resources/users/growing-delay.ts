// Counts failed attempts of an account in the database, and delays further attempts by growing times. The caller must
// hold the lock of the account's row, so attempts are serialised across all instances.

import { ApiError } from '../../errors.ts';
import type { Attempts } from '../../store/accounts.ts';

/** Consecutive failures without a delay. */
export const freeFailures = 5;
const maxDelaySeconds = 60 * 60;
/**
 * NIST SP 800-63B-4 section 3.2.2: at most 100 consecutive failures. From then on one attempt a day is allowed; there
 * is no permanent lockout.
 */
const maxFailures = 100;
const dayInSeconds = 24 * 60 * 60;

/** How long the next attempt must wait after this many consecutive failures. */
export function delaySeconds(failures: number): number {
  if (failures >= maxFailures) return dayInSeconds;
  if (failures < freeFailures) return 0;
  return Math.min(2 ** (failures - freeFailures), maxDelaySeconds);
}

export interface State {
  readonly failures: number;
  /** Milliseconds until the next attempt is allowed; 0 if it is allowed now. */
  readonly waitMs: number;
  /** Milliseconds since the last delay ended. */
  readonly quietMs: number;
}

export async function attemptState(counter: Attempts, userId: number, now: number): Promise<State> {
  const { failures, blockedUntil } = await counter.attempts(userId);
  const delayMs = delaySeconds(failures) * 1000;
  if (blockedUntil - now <= delayMs)
    return { failures, waitMs: Math.max(0, blockedUntil - now), quietMs: Math.max(0, now - blockedUntil) };
  // The clock was set back: start the delay again, with its normal length.
  await counter.setAttempts(userId, failures, now + delayMs);
  return { failures, waitMs: delayMs, quietMs: 0 };
}

/** @param failures consecutive failures, including this one */
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
