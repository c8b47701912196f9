// Delays attempts by times that grow with the number of consecutive failures. All that counts failures uses this
// schedule: changes of the password, changes of the email, sign-ins.

import { ApiError } from '../errors.ts';
import type { AttemptCount, Attempts } from '../store/attempts.ts';

/** Consecutive failures without a delay. */
const freeFailures = 5;
const maxDelaySeconds = 60 * 60;
/**
 * NIST SP 800-63B-4 section 3.2.2: at most 100 consecutive failures. From then on one attempt a day is allowed; there
 * is no permanent lockout.
 */
const maxFailures = 100;
const dayInSeconds = 24 * 60 * 60;

/** How long the next attempt must wait after this many consecutive failures. */
function delaySeconds(failures: number): number {
  if (failures >= maxFailures) return dayInSeconds;
  if (failures < freeFailures) return 0;
  return Math.min(2 ** (failures - freeFailures), maxDelaySeconds);
}

/** The count after another failure, or another number of them, at this time. */
export function countOf(failures: number, now: number): AttemptCount {
  return { failures, blockedUntil: now + delaySeconds(failures) * 1000 };
}

/**
 * The count that holds now. A delay that ends later than it can have been set means that the clock was set back: it
 * starts again, with its normal length.
 * @returns `stored` itself if it holds
 */
export function currentCount(stored: AttemptCount, now: number): AttemptCount {
  const fresh = countOf(stored.failures, now);
  return stored.blockedUntil > fresh.blockedUntil ? fresh : stored;
}

/** Milliseconds until the next attempt is allowed; 0 if it is allowed now. */
export function waitMsOf({ blockedUntil }: AttemptCount, now: number): number {
  return Math.max(0, blockedUntil - now);
}

interface AttemptState {
  readonly failures: number;
  /** Milliseconds until the next attempt is allowed; 0 if it is allowed now. */
  readonly waitMs: number;
  /** Milliseconds since the last delay ended. */
  readonly quietMs: number;
}

/** The caller must hold the lock of the account's row, so that its attempts are counted one after the other. */
export async function attemptState(counter: Attempts, userId: number, now: number): Promise<AttemptState> {
  const stored = await counter.attempts(userId);
  const current = currentCount(stored, now);
  const { failures, blockedUntil } = current;
  if (current !== stored) await counter.setAttempts(userId, failures, blockedUntil);
  return { failures, waitMs: waitMsOf(current, now), quietMs: Math.max(0, now - blockedUntil) };
}

/** @param failures consecutive failures, including this one */
export async function setFailures(
  counter: Attempts,
  userId: number,
  failures: number,
  now: number,
): Promise<void> {
  await counter.setAttempts(userId, failures, countOf(failures, now).blockedUntil);
}

export function tooManyAttempts(detail: string, waitMs: number): ApiError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ApiError('too_many_requests', {
    detail,
    meta: { limit: freeFailures, period: seconds },
    headers: { 'Retry-After': String(seconds), 'X-RateLimit-Reset': String(seconds) },
  });
}
