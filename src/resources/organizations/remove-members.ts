// Removes the members of an organization that is deleted. Accounts stay. Most members are removed in short
// transactions before the one that deletes the organization: a single one would stop all other writes for long.

import { roles } from '../../model/actor.ts';
import type { Transaction } from '../../store/store.ts';
import { leaveTogether } from '../memberships/leave-organization.ts';
import type { Author } from '../operations/record-change.ts';
import type { EmptyFirst } from '../operations/write-rules.ts';
import type { organizations } from './organizations.ts';

const membersAtOnce = 500;

/**
 * Leaves the owners, so that one of them can delete the organization again if the service stops halfway. Each
 * transaction checks again that the caller may delete it.
 */
export const removeMostMembers: EmptyFirst<typeof organizations> = async (writer, id, clock, requireMay) => {
  let after = 0;
  for (let removed = membersAtOnce; removed === membersAtOnce; ) {
    [removed, after] = await writer.write(async (transaction) => {
      await requireMay(transaction);
      const found = await transaction.memberships.usersOf(id, ['admin', 'member'], after, membersAtOnce);
      // The last few go with the organization.
      if (found.length === membersAtOnce) await leaveTogether(transaction, writer, found, id, clock());
      return [found.length, found.at(-1) ?? after] as const;
    });
  }
};

/** Removes all members, in the transaction that deletes the organization. */
export async function removeMembers(
  transaction: Transaction,
  author: Author,
  id: number,
  now: number,
): Promise<void> {
  for (;;) {
    const found = await transaction.memberships.usersOf(id, roles, 0, membersAtOnce);
    if (found.length === 0) return;
    await leaveTogether(transaction, author, found, id, now);
  }
}
