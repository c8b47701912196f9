// Adds memberships that come with another change: a new account, a new organization, an import.

import type { Role } from '../../model/actor.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Transaction } from '../../store/store.ts';
import { changedColumns, newColumns } from '../operations/changed-columns.ts';
import { type Author, recordChange, showToAccount } from '../operations/record-change.ts';
import { followMembership } from './follow-membership.ts';
import { memberships } from './memberships.ts';

/**
 * Makes the account a member, or changes the role of its membership. The first membership becomes its default
 * organization.
 */
export async function joinOrganization(
  transaction: Transaction,
  author: Author,
  user: { readonly id: number },
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

/**
 * Adds the memberships of new accounts, with one statement for all of them.
 * @param rows complete, with the times; the default organizations of the accounts are set already
 */
export async function joinTogether(
  transaction: Transaction,
  author: Author,
  rows: readonly ValuesOf<typeof memberships>[],
): Promise<void> {
  const ids = await transaction.records(memberships).insertMany(rows);
  for (const [i, id] of ids.entries())
    recordChange(transaction, author, memberships, {
      verb: 'create',
      before: null,
      after: { ...rows[i]!, id: id! },
    });
}
