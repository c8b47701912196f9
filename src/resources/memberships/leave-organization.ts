// Removes memberships. People stay, with the time at which they left.

import type { Transaction } from '../../store/store.ts';
import { type Author, recordChange, showToAccount } from '../operations/record-change.ts';
import { moveDefaults } from '../users/default-organization.ts';
import { users } from '../users/users.ts';
import { memberships } from './memberships.ts';

/** Removes many users from one organization, with a few statements for all of them. */
export async function leaveTogether(
  transaction: Transaction,
  author: Author,
  userIds: readonly number[],
  organizationId: number,
  now: number,
): Promise<void> {
  const members = await transaction.records(users).findManyForUpdate(userIds);
  const ids = await transaction.memberships.idsOf(organizationId, userIds);
  const removed = await transaction.records(memberships).findManyForUpdate(ids);
  await transaction.memberships.removeMany(organizationId, userIds, now);
  for (const before of removed)
    recordChange(transaction, author, memberships, { verb: 'delete', before, after: null });
  for (const { id } of members) showToAccount(transaction, author, id);
  await moveDefaults(transaction, author, members, organizationId, now);
}
