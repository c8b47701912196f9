// Removes the members of an organization that is deleted, its invitations, and all its people. Accounts stay. Most are
// removed in short transactions before the one that deletes the organization: a single one would stop all other writes
// for long.

import { roles } from '../../model/actor.ts';
import type { Transaction } from '../../store/store.ts';
import { endInvitations } from '../invitations/end-invitations.ts';
import { memberships } from '../memberships/memberships.ts';
import { recordEnded } from '../memberships/record-ended.ts';
import { BatchSize } from '../operations/batch-size.ts';
import { type Author, showToAccount } from '../operations/record-change.ts';
import type { EmptyFirst } from '../operations/write-rules.ts';
import { moveDefaults } from '../users/default-organization.ts';
import { users } from '../users/users.ts';
import type { organizations } from './organizations.ts';

const rowsAtOnce = 500;

/**
 * Leaves the owners, so that one of them can delete the organization again if the service stops halfway. Each
 * transaction checks again that the caller may delete it.
 */
export const removeMostMembers: EmptyFirst<typeof organizations> = async (writer, id, clock, requireMay) => {
  const size = new BatchSize();
  const batch = <T>(work: (transaction: Transaction, rows: number) => Promise<T>) =>
    size.timed((rows) =>
      writer.write(async (transaction) => {
        await requireMay(transaction);
        return work(transaction, rows);
      }),
    );
  let after = 0;
  for (let isFull = true; isFull; )
    [isFull, after] = await batch(async (transaction, rows) => {
      const found = await transaction.memberships.usersOf(id, ['admin', 'member'], after, rows);
      // The last few go with the organization.
      if (found.length === rows) await eraseMembers(transaction, writer, found, id, clock());
      return [found.length === rows, found.at(-1) ?? after] as const;
    });
  for (let isFull = true; isFull; )
    isFull = await batch(
      async (transaction, rows) => (await transaction.memberships.eraseLeft(id, rows)) === rows,
    );
  for (let isFull = true; isFull; )
    isFull = await batch(async (transaction, rows) => {
      const invited = await transaction.invitations.idsIn(id, rows);
      if (invited.length === rows) await endInvitations(transaction, writer, invited);
      return invited.length === rows;
    });
  return 0;
};

/** Removes all members and invitations, in the transaction that deletes the organization. */
export async function removeMembers(
  transaction: Transaction,
  author: Author,
  id: number,
  now: number,
): Promise<void> {
  for (;;) {
    const found = await transaction.memberships.usersOf(id, roles, 0, rowsAtOnce);
    if (found.length === 0) break;
    await eraseMembers(transaction, author, found, id, now);
  }
  for (;;) {
    const found = await transaction.invitations.idsIn(id, rowsAtOnce);
    if (found.length === 0) return;
    await endInvitations(transaction, author, found);
  }
}

/** With a few statements for all of them. */
async function eraseMembers(
  transaction: Transaction,
  author: Author,
  userIds: readonly number[],
  organizationId: number,
  now: number,
): Promise<void> {
  const members = await transaction.records(users).findManyForUpdate(userIds);
  const ids = await transaction.memberships.idsOf(organizationId, userIds);
  const removed = await transaction.records(memberships).findManyForUpdate(ids);
  await recordEnded(transaction, author, removed);
  await transaction.memberships.eraseMany(organizationId, userIds);
  for (const { id } of members) showToAccount(transaction, author, id);
  await moveDefaults(transaction, author, members, organizationId, now);
}
