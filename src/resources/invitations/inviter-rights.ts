// What an inviter may still do when an invitation is accepted: they may have left, or have another role, since.

import { powersOf, type Role } from '../../model/actor.ts';
import type { Reads } from '../../store/store.ts';
import { isAdministrator } from '../memberships/caller-roles.ts';
import { hasEnded } from '../users/account-with-email.ts';
import { type User, users } from '../users/users.ts';
import type { Invitation } from './invitations.ts';

/**
 * Whether the role of the invitation is still given. Roles above `member` are, by whoever may give them now: else an owner
 * could leave a way back to be one. An invitation as `member`, or of the command line, is the organization's.
 */
export async function isRoleGiven(
  reads: Pick<Reads, 'records' | 'memberships'>,
  { role, inviter_id: inviterId, organization_id: organizationId }: Invitation,
  now: number,
): Promise<boolean> {
  if (role === 'member' || inviterId === null) return true;
  const inviter = await reads.records(users).find(inviterId);
  return inviter !== null && hasRights(reads, inviter, organizationId, now, (own) => own === 'owner');
}

/** Whether the inviter sees the members of the organization. */
export function maySeeMembers(
  reads: Pick<Reads, 'memberships'>,
  inviter: User,
  organizationId: number,
  now: number,
): Promise<boolean> {
  return hasRights(reads, inviter, organizationId, now, isAdministrator);
}

async function hasRights(
  { memberships }: Pick<Reads, 'memberships'>,
  inviter: User,
  organizationId: number,
  now: number,
  isEnough: (role: Role) => boolean,
): Promise<boolean> {
  if (hasEnded(inviter, now)) return false;
  if ((powersOf(inviter) as readonly string[]).includes('manage_organizations')) return true;
  const role = await memberships.role(organizationId, inviter.id, now);
  return role !== null && isEnough(role);
}
