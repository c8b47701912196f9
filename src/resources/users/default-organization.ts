// The default organization of an account is one that it is a member of. The first membership becomes it; when it is lost,
// the oldest other one takes its place, or none.

import type { Role } from '../../model/actor.ts';
import type { Row } from '../../model/resource.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { changedColumns } from './changed-columns.ts';
import { users } from './users.ts';

export async function mayBeDefault(
  { memberships }: Reads,
  userId: number,
  organizationId: number,
): Promise<boolean> {
  return (await memberships.role(organizationId, userId)) !== null;
}

/** @param user its row, held in this transaction */
export async function joinOrganization(
  transaction: Transaction,
  user: Row,
  membership: { readonly organizationId: number; readonly role: Role },
  now: number,
): Promise<void> {
  const { organizationId, role } = membership;
  await transaction.memberships.set(organizationId, user.id as number, role, now);
  if (user.default_organization_id === null) await setDefault(transaction, user, organizationId, now);
}

/** @param user its row, held in this transaction. @returns false where it is no member */
export async function leaveOrganization(
  transaction: Transaction,
  user: Row,
  organizationId: number,
  now: number,
): Promise<boolean> {
  const userId = user.id as number;
  if (!(await transaction.memberships.remove(organizationId, userId))) return false;
  if (user.default_organization_id === organizationId)
    await setDefault(transaction, user, await transaction.memberships.oldest(userId), now);
  return true;
}

async function setDefault(
  transaction: Transaction,
  user: Row,
  id: number | null,
  now: number,
): Promise<void> {
  await transaction
    .records(users)
    .update(user.id as number, changedColumns(user, { default_organization_id: id }, now));
}
