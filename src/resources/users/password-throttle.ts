// Failed password attempts are slowed. An attempt is counted before the password is looked at and forgiven when it was
// right, so that many at once gain nothing.

import { ApiError } from '../../errors.ts';
import type { Services, WriteCall } from '../operation.ts';
import { attemptState, setFailures, tooManyAttempts } from './growing-delay.ts';
import { users } from './users.ts';

/** @throws ApiError too_many_requests while the account waits, record_not_found where it is gone */
export async function countAttempt({ clock }: Services, call: WriteCall, userId: number): Promise<void> {
  const waitMs = await call.write(async ({ records, passwords }) => {
    // Lock the user row to serialise attempts; before the first failure there is no attempts row to lock.
    if ((await records(users).findForUpdate(userId)) === null) throw new ApiError('record_not_found');
    const now = clock();
    const { failures, waitMs } = await attemptState(passwords, userId, now);
    if (waitMs === 0) await setFailures(passwords, userId, failures + 1, now);
    return waitMs;
  });
  if (waitMs > 0) throw tooManyAttempts('Too many wrong passwords, try again later', waitMs);
}
