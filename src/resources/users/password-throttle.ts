// Failed password attempts, counted per account in the database and slowed by growing delays. An attempt is counted
// before the password is looked at and forgiven when it was right, so that many at once gain nothing.

import { ApiError } from '../../errors.ts';
import type { Services, WriteCall } from '../call.ts';

/** Wrong passwords in a row that cost nothing. */
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

/** @throws ApiError too_many_requests while the account waits, record_not_found where it is gone */
export async function countAttempt({ clock }: Services, call: WriteCall, userId: number): Promise<void> {
  const waitMs = await call.write(async ({ users, passwords }) => {
    // Attempts of one account come one after the other: before the first failure it is all there is to hold.
    if ((await users.findForUpdate(userId)) === null) throw new ApiError('record_not_found');
    const now = clock();
    const { failures, blockedUntil } = await passwords.attempts(userId);
    const delayMs = delaySeconds(failures) * 1000;
    if (blockedUntil - now > delayMs) {
      // The clock went back: the wait begins anew, and is no longer than it was.
      await passwords.setAttempts(userId, failures, now + delayMs);
      return delayMs;
    }
    if (blockedUntil > now) return blockedUntil - now;
    await passwords.setAttempts(userId, failures + 1, now + delaySeconds(failures + 1) * 1000);
    return 0;
  });
  if (waitMs > 0) throw tooManyAttempts(Math.ceil(waitMs / 1000));
}

function tooManyAttempts(retryAfterSeconds: number): ApiError {
  return new ApiError('too_many_requests', {
    detail: 'Too many wrong passwords, try again later',
    meta: { limit: freeFailures, period: retryAfterSeconds },
    headers: { 'Retry-After': String(retryAfterSeconds), 'X-RateLimit-Reset': String(retryAfterSeconds) },
  });
}
