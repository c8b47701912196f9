// Ends the memberships that an account got after another one.

import type { Transaction } from '../../store/store.ts';
import type { Author } from '../operations/record-change.ts';
import { followMembership } from './follow-membership.ts';
import { memberships } from './memberships.ts';
import { recordEnded } from './record-ended.ts';

/**
 * Also if the account is the last owner of an organization, as with an account that is deleted.
 * @param userId locked in this transaction
 * @param last the membership after which the account got them
 */
export async function endLaterMemberships(
  transaction: Transaction,
  author: Author,
  userId: number,
  last: number,
  now: number,
): Promise<void> {
  const records = transaction.records(memberships);
  for (const { organization_id: organizationId } of await transaction.memberships.listAllOf([userId])) {
    const id = await transaction.memberships.idOf(organizationId, userId);
    if (id === null || id <= last) continue;
    const before = (await records.findForUpdate(id))!;
    await followMembership(transaction, author, { before, after: null }, now);
    await recordEnded(transaction, author, [before]);
    await records.delete(id);
  }
}
