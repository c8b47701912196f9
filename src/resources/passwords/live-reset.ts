// A link to set a new password that still works: nobody has used it, it has neither ended nor expired, and its account may
// sign in.

import { ApiError } from '../../errors.ts';
import type { Reads } from '../../store/store.ts';
import type { ReportValues } from '../operations/report.ts';
import { hasEnded } from '../users/account-with-email.ts';
import { type User, users } from '../users/users.ts';
import type { passwords } from './passwords.ts';

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

/** What whoever holds the link may know. */
export async function shownReset(
  reads: Pick<Reads, 'passwords'>,
  token: string,
  { id, email }: User,
): Promise<ReportValues<typeof passwords>> {
  return { id: token, email, first_password: (await reads.passwords.changedAt(id)) === null };
}
