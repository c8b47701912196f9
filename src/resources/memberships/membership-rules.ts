// The rules for writing memberships that do not follow from the definition.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { managesOrganizations } from '../../model/actor.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';
import type { Asked, Decision, WriteRules } from '../operations/write-rules.ts';
import { followMembership } from './follow-membership.ts';
import { lastOwnerViolations, requireNotLastOwner } from './last-owner.ts';
import { type Membership, memberships } from './memberships.ts';
import { administrator, manager, membershipsAccess, owner, self } from './memberships-access.ts';
import { tokensEnded } from './tokens-ended.ts';

export const membershipRules: WriteRules<typeof memberships> = {
  resource: memberships,
  access: membershipsAccess,
  // Owners and admins invite: nobody joins an organization without accepting.
  requireMayCreate(actor) {
    if (!managesOrganizations(actor)) throw new ApiError('access_denied');
  },
  // The role in the organization decides, see `requireMayWrite`.
  requireMayUpdate() {},
  requireMayDelete() {},
  requireMayWrite(_actor, current, audience, action) {
    const mayWrite =
      owner |
      manager |
      (current.role === 'member' ? administrator : 0) |
      // Leaving.
      (action === 'delete' ? self : 0);
    if ((audience & mayWrite) === 0) throw new ApiError('access_denied');
  },
  // The account, because its rights change and perhaps its default organization; the organization, for its owners.
  locksToCreate: ({ organization_id: id, user_id: userId }) => ({
    organization: id === undefined ? null : { id, isShared: true },
    userIds: userId === undefined ? [] : [userId],
  }),
  locksToChange: ({ organization_id: id, user_id: userId }) => ({
    organization: { id, isShared: false },
    userIds: [userId],
  }),
  requireDeletable: requireNotLastOwner,
  decide: decideMembership,
  alongside: (_services, ...change) => followMembership(...change),
  async detailsOfDeletion({ sessions }, { id }) {
    return tokensEnded((await sessions.countBound([id])).get(id));
  },
};

type Values = ValuesOf<typeof memberships>;

async function decideMembership(
  reads: Reads,
  { audience, current, wanted }: Asked<typeof memberships>,
): Promise<Decision<typeof memberships>> {
  const violations =
    current === null
      ? await alreadyMember(reads, wanted)
      : [
          ...moved(current, wanted),
          ...aboveOwn(audience, wanted),
          ...(await lastOwnerViolations(reads, current, wanted)),
        ];
  return { values: wanted, violations };
}

/** Also if the membership has ended: then it is extended by a PATCH. */
async function alreadyMember(
  { memberships }: Reads,
  { organization_id: organizationId, user_id: userId }: Values,
): Promise<ErrorObject[]> {
  if (organizationId === undefined || userId === undefined) return [];
  const isThere = (await memberships.idOf(organizationId, userId)) !== null;
  return isThere ? [violation('user_id', 'is already a member')] : [];
}

/** No request may change these, but a command could: an operator may set what anybody may set. */
function moved(current: Membership, wanted: Values): ErrorObject[] {
  const fixed = ['organization_id', 'user_id'] as const;
  return fixed
    .filter((name) => (wanted[name] ?? current[name]) !== current[name])
    .map((name) => violation(name, 'cannot be changed'));
}

/** Admins give no role but `member`. */
function aboveOwn(audience: AudienceSet, { role = 'member' }: Values): ErrorObject[] {
  if (role === 'member' || (audience & (owner | manager)) !== 0) return [];
  return [violation('role', 'is above your own')];
}
