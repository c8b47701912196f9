// Who sees which users, and who may change them. Everything that is not granted here is refused.

import { type Actor, managesSecurity, managesUsers, powersOf } from '../../model/actor.ts';
import { type AudienceSet, audienceSet, everyAudience } from '../../model/audience.ts';
import { hasId, type Linked } from '../../model/query.ts';
import type { Reads, Visible } from '../../store/store.ts';
import type { Access } from '../access.ts';
import { callerRoles, isAdministrator, organizationsWhere } from '../memberships/caller-roles.ts';
import type { Call, Services } from '../operation.ts';
import { requireNamedOrganization } from '../organizations/require-organization.ts';
import { requirePower } from '../require-rights.ts';
import { organizationsOfUsers, type User, users } from './users.ts';

const self = audienceSet(users, 'self');
const manager = audienceSet(users, 'manager');
const security = audienceSet(users, 'security');

/** The audiences of the actor for all accounts except its own, and for new ones. */
function audienceOfOthers(actor: Actor): AudienceSet {
  if (actor.userId === null) return everyAudience(users);
  return (managesUsers(actor) ? manager : 0) | (managesSecurity(actor) ? security : 0);
}

/**
 * A sysadmin sees all users. An owner or admin of organizations sees their members, also those whose membership has
 * ended. Everyone else sees only themselves, and the current members of their organizations if members may see each
 * other. X-Organization-Id restricts this to the members of one organization.
 */
export const usersAccess: Access = {
  resource: users,
  audienceOf: (actor, id) => audienceOfOthers(actor) | (id !== null && actor.userId === id ? self : 0),
  seesAnyway: (actor, id) => actor.sysadmin || actor.userId === id,
  visible: (services, call, reads) =>
    call.actor.sysadmin && call.organizationId === null ? null : visibleToMember(services, call, reads),
};

async function visibleToMember(
  { membersSeeEachOther, clock }: Services,
  call: Call,
  reads: Reads,
): Promise<Visible> {
  const { actor, organizationId } = call;
  const now = clock();
  const roles = await callerRoles(actor, reads, now);
  if (organizationId !== null) {
    await requireNamedOrganization(call, reads, roles);
    if (actor.sysadmin || isAdministrator(roles[organizationId])) return membersOf([organizationId]);
    return membersSeeEachOther ? currentMembersOf([organizationId], reads, now) : hasId(actor.userId);
  }
  const administered = organizationsWhere(roles, isAdministrator);
  const joined = membersSeeEachOther ? organizationsWhere(roles, (role) => !isAdministrator(role)) : [];
  if (joined.length === 0) return administered.length === 0 ? hasId(actor.userId) : membersOf(administered);
  const current = await currentMembersOf(joined, reads, now);
  return administered.length === 0 ? current : { any: [membersOf(administered), current] };
}

function membersOf(organizationIds: readonly number[]): Linked {
  return { link: organizationsOfUsers, others: organizationIds };
}

/** Without those whose membership has ended. */
async function currentMembersOf(
  organizationIds: readonly number[],
  { memberships }: Reads,
  now: number,
): Promise<Linked> {
  const time = await memberships.lastEnd(now);
  return { ...membersOf(organizationIds), after: { column: 'expires_at', time } };
}

/**
 * Users may change themselves; sysadmins with manage_users may change others.
 * @throws ApiError access_denied
 */
export function requireMayChange(actor: Actor, userId: number): void {
  if (actor.userId !== userId) requirePower(actor, 'manage_users');
}

/**
 * Nobody may change another account that has a power which they lack.
 * @param current the account, read in the transaction that changes it
 * @throws ApiError access_denied
 */
export function requireRank(actor: Actor, current: User): void {
  if (actor.userId === current.id) return;
  for (const power of powersOf(current)) requirePower(actor, power);
}
