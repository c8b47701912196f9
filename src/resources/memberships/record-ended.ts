// Records memberships that end with something else: an account or an organization that is deleted.

import type { Transaction } from '../../store/store.ts';
import { endInvitations } from '../invitations/end-invitations.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import { type Membership, memberships } from './memberships.ts';
import { tokensEnded } from './tokens-ended.ts';

/** Called before the memberships are deleted. */
export async function recordEnded(
  transaction: Transaction,
  author: Author,
  ended: readonly Membership[],
): Promise<void> {
  const bound = await transaction.sessions.countBound(ended.map(({ id }) => id));
  for (const before of ended) {
    const details = tokensEnded(bound.get(before.id));
    recordChange(transaction, author, memberships, { verb: 'delete', before, after: null, details });
  }
}

/**
 * The memberships of an account that is deleted, and its invitations to come back: the organizations learn from their
 * events that it is gone.
 */
export async function recordEndedOf(transaction: Transaction, author: Author, userId: number): Promise<void> {
  const ids: number[] = [];
  for (const { organization_id: organizationId } of await transaction.memberships.listAllOf([userId]))
    ids.push((await transaction.memberships.idOf(organizationId, userId))!);
  await recordEnded(transaction, author, await transaction.records(memberships).findMany(ids));
  await endInvitations(transaction, author, await transaction.invitations.idsOfUser(userId));
}
