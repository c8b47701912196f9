// Memberships for tests, written directly.

import type { Role } from '../../src/model/actor.ts';
import type { Transaction } from '../../src/store/store.ts';

/** Adds a membership, or changes its role. */
export async function setMember(
  { memberships }: Pick<Transaction, 'records' | 'memberships'>,
  organizationId: number,
  userId: number,
  role: Role,
  now: number,
): Promise<void> {
  await memberships.set(organizationId, userId, role, now);
}

/** @returns false if there is no such membership */
export async function removeMember(
  { memberships }: Pick<Transaction, 'memberships'>,
  organizationId: number,
  userId: number,
): Promise<boolean> {
  return memberships.remove(organizationId, userId);
}
