// What follows a change of a membership, in its transaction: the default organization of the account, the time at which
// its person left, and the end of invitations that nobody needs any more. Triggers make and change people otherwise.

import type { Transaction } from '../../store/store.ts';
import { endInvitations } from '../invitations/end-invitations.ts';
import { type Author, showToAccount } from '../operations/record-change.ts';
import { people } from '../people/people.ts';
import { moveDefaults, setDefault } from '../users/default-organization.ts';
import { users } from '../users/users.ts';
import type { Membership } from './memberships.ts';

/** @param change `before` is null for a new membership, `after` for one that is about to be deleted */
export async function followMembership(
  transaction: Transaction,
  author: Author,
  { before, after }: { readonly before: Membership | null; readonly after: Membership | null },
  now: number,
): Promise<void> {
  const { organization_id: organizationId, user_id: userId, person_id: personId } = (after ?? before)!;
  showToAccount(transaction, author, userId);
  // The account is locked before its person, see the triggers.
  const user = (await transaction.records(users).findForUpdate(userId))!;
  if (before === null)
    await endInvitations(transaction, author, await transaction.invitations.idsOfMembers([after!.id]));
  if (after === null) await transaction.records(people).update(personId, { deactivated_at: now });
  const opens = after !== null && (after.expires_at === null || after.expires_at > now);
  if (!opens) await moveDefaults(transaction, author, [user], organizationId, now);
  else if (user.default_organization_id === null)
    await setDefault(transaction, author, user, organizationId, now);
}
