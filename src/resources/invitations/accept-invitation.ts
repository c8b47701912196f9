// Accepts an invitation, in the transaction of whoever has proven to own its address.

import type { Role } from '../../model/actor.ts';
import type { Transaction } from '../../store/store.ts';
import { followMembership } from '../memberships/follow-membership.ts';
import { joinOrganization } from '../memberships/join-organization.ts';
import { memberships } from '../memberships/memberships.ts';
import { changedColumns } from '../operations/changed-columns.ts';
import { type Author, changeEvent, recordChange } from '../operations/record-change.ts';
import { people } from '../people/people.ts';
import { type Invitation, invitations } from './invitations.ts';

/**
 * Makes the account a member, or extends a membership that has ended. The role and the end of a current membership stay. The
 * invitation is gone afterwards, and its person is the member.
 * @param userId an account with the address of the invitation. Locked in this transaction, after the organization
 */
export async function acceptInvitation(
  transaction: Transaction,
  author: Author,
  invitation: Invitation,
  userId: number,
  now: number,
): Promise<void> {
  const { id, organization_id: organizationId, person_id: personId, role, expires_at } = invitation;
  const accepted = { verb: 'accept', before: invitation, after: null };
  transaction.record(() => ({ ...changeEvent(author, invitations, accepted), subjectId: userId }));
  await transaction.records(invitations).delete(id);
  await becomeMember(transaction, author, { organizationId, role, expires_at }, userId, now);
  await removeWaiting(transaction, personId);
}

interface NewMembership {
  readonly organizationId: number;
  readonly role: Role;
  readonly expires_at: number | null;
}

/**
 * Makes the account a member, or extends a membership that has ended. The role and the end of a current membership stay.
 * @param userId locked in this transaction, after the organization
 */
export async function becomeMember(
  transaction: Transaction,
  author: Author,
  wanted: NewMembership,
  userId: number,
  now: number,
): Promise<void> {
  const { organizationId, role, expires_at } = wanted;
  const known = await transaction.memberships.idOf(organizationId, userId);
  if (known === null) await joinOrganization(transaction, author, userId, wanted, now);
  else if ((await transaction.memberships.role(organizationId, userId, now)) === null)
    await extend(transaction, author, known, { role, expires_at }, now);
}

async function extend(
  transaction: Transaction,
  author: Author,
  id: number,
  values: Pick<Invitation, 'role' | 'expires_at'>,
  now: number,
): Promise<void> {
  const records = transaction.records(memberships);
  const before = (await records.findForUpdate(id))!;
  const after = await records.update(id, changedColumns(memberships, before, values, now));
  await followMembership(transaction, author, { before, after }, now);
  recordChange(transaction, author, memberships, { verb: 'update', before, after });
}

/** A person that the account did not take over, because it was in the organization as another one. */
async function removeWaiting({ records }: Transaction, id: number): Promise<void> {
  const person = await records(people).find(id);
  if (person !== null && person.user_id === null) await records(people).delete(id);
}
