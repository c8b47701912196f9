// An organization keeps an owner whose membership and account have no end. Changes of memberships that would remove the
// last one are refused. Other changes are not: an account may be deleted or get an end. Then a sysadmin names an owner.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';
import { users } from '../users/users.ts';
import type { Membership, memberships } from './memberships.ts';

type Values = ValuesOf<typeof memberships>;

/** For each attribute, whether its new value by itself makes a membership one that does not count. */
const preventing = {
  role: ({ role = 'owner' }) => role !== 'owner',
  expires_at: ({ expires_at: at }) => typeof at === 'number',
} satisfies { readonly [N in keyof Values]: (wanted: Values) => boolean };

const attributes = Object.keys(preventing) as (keyof typeof preventing)[];

/** A violation for each attribute whose new value would remove the last owner. */
export async function lastOwnerViolations(
  reads: Reads,
  current: Membership,
  wanted: Values,
): Promise<ErrorObject[]> {
  const taking = attributes.filter((name) => preventing[name](wanted));
  if (taking.length === 0 || !(await isLastOwner(reads, current))) return [];
  return taking.map((name) => violation(name, 'is needed, this is the last owner'));
}

/** @throws ApiError resource_conflict */
export async function requireNotLastOwner(reads: Reads, current: Membership): Promise<void> {
  if (await isLastOwner(reads, current))
    throw new ApiError('resource_conflict', { detail: 'The last owner cannot leave the organization' });
}

async function isLastOwner({ records, memberships }: Reads, current: Membership): Promise<boolean> {
  const { organization_id: organizationId, user_id: userId, role, expires_at: expiresAt } = current;
  if (role !== 'owner' || expiresAt !== null) return false;
  const account = await records(users).find(userId);
  if (account === null || account.account_access_expires_at !== null) return false;
  return !(await memberships.hasLastingOwner(organizationId, userId));
}
