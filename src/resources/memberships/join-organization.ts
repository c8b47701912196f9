// Adds a membership that comes with another change, such as a new organization.

import type { Role } from '../../model/actor.ts';
import type { Transaction } from '../../store/store.ts';
import { changedColumns, newColumns } from '../operations/changed-columns.ts';
import { type Author, recordChange, showToAccount } from '../operations/record-change.ts';
import type { User } from '../users/users.ts';
import { followMembership } from './follow-membership.ts';
import { memberships } from './memberships.ts';

/**
 * Makes the account a member, or changes the role of its membership. The first membership becomes its default
 * organization.
 * @param user locked in this transaction
 */
export async function joinOrganization(
  transaction: Transaction,
  author: Author,
  user: User,
  membership: { readonly organizationId: number; readonly role: Role },
  now: number,
): Promise<void> {
  const { organizationId, role } = membership;
  const records = transaction.records(memberships);
  const known = await transaction.memberships.idOf(organizationId, user.id);
  if (known === null) {
    const id = await records.insert(
      newColumns(memberships, { organization_id: organizationId, user_id: user.id, role }, now),
    );
    const change = { before: null, after: (await records.find(id))! };
    await followMembership(transaction, author, change, now);
    recordChange(transaction, author, memberships, { verb: 'create', ...change });
  } else {
    const before = (await records.findForUpdate(known))!;
    const changes = changedColumns(memberships, before, { role }, now);
    if (Object.keys(changes).length > 0)
      recordChange(transaction, author, memberships, {
        verb: 'update',
        before,
        after: await records.update(known, changes),
      });
  }
  showToAccount(transaction, author, user.id);
}
