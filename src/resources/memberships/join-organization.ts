// Adds memberships that come with another change: a new account, a new organization, an import.

import type { Role } from '../../model/actor.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Member } from '../../store/accounts.ts';
import type { Transaction } from '../../store/store.ts';
import { endInvitations } from '../invitations/end-invitations.ts';
import { newColumns } from '../operations/changed-columns.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import { followMembership } from './follow-membership.ts';
import { memberships } from './memberships.ts';

/** Makes an account a member that is none. The first membership becomes its default organization. */
export async function joinOrganization(
  transaction: Transaction,
  author: Author,
  userId: number,
  {
    organizationId,
    role,
    expires_at = null,
  }: { readonly organizationId: number; readonly role: Role; readonly expires_at?: number | null },
  now: number,
): Promise<void> {
  const records = transaction.records(memberships);
  const values = { organization_id: organizationId, user_id: userId, role, expires_at };
  const id = await records.insert(newColumns(memberships, values, now));
  const change = { before: null, after: (await records.find(id))! };
  await followMembership(transaction, author, change, now);
  recordChange(transaction, author, memberships, { verb: 'create', ...change });
}

/**
 * Adds the memberships of new accounts, with one statement for all of them.
 * @param rows complete, with the times; the default organizations of the accounts are set already
 */
export async function joinMany(
  transaction: Transaction,
  author: Author,
  rows: readonly (ValuesOf<typeof memberships> & Member)[],
): Promise<void> {
  const personIdOf = await transaction.memberships.newPersonIds(rows);
  const ids = await transaction.records(memberships).insertMany(
    rows.map((row) => {
      const person_id = personIdOf(row.organization_id, row.user_id);
      return person_id === null ? row : { ...row, person_id };
    }),
  );
  const joined = ids.map((id) => id!);
  await endInvitations(transaction, author, await transaction.invitations.idsOfMembers(joined));
  for (const [i, id] of joined.entries())
    recordChange(transaction, author, memberships, {
      verb: 'create',
      before: null,
      after: { ...rows[i]!, id },
    });
}
