// Who sees whom, and who may change whom. Everything that is not granted here is refused.

import { ApiError } from '../../errors.ts';
import { type Actor, type Power, powersOf, roles } from '../../model/actor.ts';
import { type AudienceSet, audienceSet, everyAudience } from '../../model/audience.ts';
import type { Awaitable } from '../../model/awaitable.ts';
import { hasId } from '../../model/query.ts';
import type { Row } from '../../model/resource.ts';
import type { Reads, RecordVersion, Visible } from '../../store/store.ts';
import type { Call, Services } from '../operation.ts';
import { organizationsOfUsers, users } from './users.ts';

const self = audienceSet(users, 'self');
const manager = audienceSet(users, 'manager');
const security = audienceSet(users, 'security');

/** What the caller is to every account but their own. */
export function audienceOfOthers(actor: Actor): AudienceSet {
  if (actor.userId === null) return everyAudience(users);
  return (
    (actor.powers.includes('manage_users') ? manager : 0) |
    (actor.powers.includes('manage_security') ? security : 0)
  );
}

export function audienceOf(actor: Actor, userId: number): AudienceSet {
  return audienceOfOthers(actor) | (actor.userId === userId ? self : 0);
}

/**
 * A sysadmin sees everybody; an owner or admin of organizations their members; everyone else only themselves, unless
 * members may see each other. X-Organization-Id narrows that to the members of one organization.
 * @returns which users the caller sees
 * @param reads where memberships are read; a write asks again in its transaction
 * @throws ApiError access_denied where the caller is not a member of that organization
 */
export function visibleUsers(
  services: Services,
  call: Call,
  reads: Reads = services.store.read,
): Awaitable<Visible> {
  if (call.actor.sysadmin && call.organizationId === null) return null;
  return visibleToMember(services, call, reads);
}

async function visibleToMember(
  { membersSeeEachOther }: Services,
  call: Call,
  { memberships, organizations }: Reads,
): Promise<Visible> {
  const { actor, organizationId } = call;
  const seeing = membersSeeEachOther ? roles : (['owner', 'admin'] as const);
  if (organizationId !== null) {
    const role = await memberships.role(organizationId, actor.userId);
    const beyond = actor.sysadmin && role === null && (await organizations.find(organizationId)) !== null;
    if (role === null && !beyond) throw new ApiError('access_denied');
    if (!actor.sysadmin && !(seeing as readonly string[]).includes(role!)) return hasId(actor.userId);
    return { link: organizationsOfUsers, others: [organizationId] };
  }
  const organizationIds = await memberships.organizationsOf(actor.userId, seeing);
  return organizationIds.length === 0
    ? hasId(actor.userId)
    : { link: organizationsOfUsers, others: organizationIds };
}

/**
 * The record that the URL names; no promise where who the caller is decides. A write asks again when it holds the record:
 * whoever changes a membership holds the account, so that from then on neither the caller's nor the record's changes.
 * @throws ApiError record_not_found: what is not seen does not exist
 */
export function requireVisible(
  services: Services,
  call: Call,
  reads: Reads = services.store.read,
): Awaitable<RecordVersion> {
  const { target, actor, organizationId } = call;
  if (organizationId !== null) return requireSeen(services, call, reads);
  if (target === null) throw new ApiError('record_not_found');
  if (actor.sysadmin || target.id === actor.userId) return target;
  return requireSeen(services, call, reads);
}

async function requireSeen(services: Services, call: Call, reads: Reads): Promise<RecordVersion> {
  const { target } = call;
  const visible = await visibleUsers(services, call, reads);
  if (target === null || !(await reads.records(users).sees(visible, target.id)))
    throw new ApiError('record_not_found');
  return target;
}

/** @throws ApiError access_denied */
export function requirePower(actor: Actor, power: Power): void {
  if (!actor.powers.includes(power)) throw new ApiError('access_denied');
}

/** Oneself, or anyone for a sysadmin who manages users. @throws ApiError access_denied */
export function requireMayChange(actor: Actor, userId: number): void {
  if (actor.userId !== userId) requirePower(actor, 'manage_users');
}

/**
 * Nobody changes another account that holds a power which they lack.
 * @param current the account as it is when it is changed
 * @throws ApiError access_denied
 */
export function requireRank(actor: Actor, current: Row): void {
  if (actor.userId === current.id) return;
  for (const power of powersOf(current)) requirePower(actor, power);
}
