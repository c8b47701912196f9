// Slows down failed password attempts. An attempt is counted as failed before the password is checked, and reset if
// it was correct, so parallel attempts gain nothing.

import { ApiError } from '../../errors.ts';
import { attemptState, setFailures, tooManyAttempts } from '../growing-delay.ts';
import type { Services, WriteCall } from '../operation.ts';
import { users } from './users.ts';

/** @throws ApiError too_many_requests while attempts are blocked, record_not_found if the account no longer exists */
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
