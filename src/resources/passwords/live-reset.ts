// A link to set a new password that still works: nobody has used it, it has neither ended nor expired, and its account may
// sign in.

import { ApiError } from '../../errors.ts';
import type { Reads } from '../../store/store.ts';
import { hasEnded } from '../users/account-with-email.ts';
import { type User, users } from '../users/users.ts';

export const purpose = 'password_reset';

/**
 * The account whose password the link sets.
 * @throws ApiError record_not_found
 */
export async function accountOfReset(
  { links, records }: Pick<Reads, 'links' | 'records'>,
  tokenHash: string,
  now: number,
): Promise<User> {
  const link = await links.find(tokenHash, purpose, now);
  const user = link === null ? null : await records(users).find(link.userId!);
  if (user === null || hasEnded(user, now)) throw new ApiError('record_not_found');
  return user;
}
