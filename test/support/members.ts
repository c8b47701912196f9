// Memberships for tests, written directly.

import type { Role } from '../../src/model/actor.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { changedColumns, newColumns } from '../../src/resources/operations/changed-columns.ts';
import { people } from '../../src/resources/people/people.ts';
import type { Transaction } from '../../src/store/store.ts';

/** Adds a membership, or changes its role and its end. */
export async function setMember(
  transaction: Pick<Transaction, 'records' | 'memberships'>,
  organizationId: number,
  userId: number,
  role: Role,
  now: number,
  expiresAt: number | null = null,
): Promise<void> {
  const values = { role, expires_at: expiresAt };
  const records = transaction.records(memberships);
  const id = await transaction.memberships.idOf(organizationId, userId);
  if (id === null)
    await records.insert(
      newColumns(memberships, { organization_id: organizationId, user_id: userId, ...values }, now),
    );
  else await records.update(id, changedColumns(memberships, (await records.find(id))!, values, now));
}

/** @returns false if there is no such membership */
export async function removeMember(
  { records, memberships: known }: Pick<Transaction, 'records' | 'memberships'>,
  organizationId: number,
  userId: number,
  now = 0,
): Promise<boolean> {
  const id = await known.idOf(organizationId, userId);
  if (id === null) return false;
  const { person_id: personId } = (await records(memberships).find(id))!;
  await records(people).update(personId, { deactivated_at: now });
  return records(memberships).delete(id);
}
