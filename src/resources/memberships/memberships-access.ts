// Who sees which memberships, and what a caller is to one.

import { managesOrganizations } from '../../model/actor.ts';
import { audienceSet, everyAudience } from '../../model/audience.ts';
import { chain } from '../../model/awaitable.ts';
import { equals, type Filter } from '../../model/query.ts';
import type { Access } from '../access.ts';
import { requireNamedOrganization } from '../organizations/require-organization.ts';
import {
  type CallerRoles,
  callerRoles,
  inNamedOrganization,
  inOrganizations,
  isAdministrator,
  rolesWithin,
} from './caller-roles.ts';
import { memberships } from './memberships.ts';

export const self = audienceSet(memberships, 'self');
export const owner = audienceSet(memberships, 'owner');
export const administrator = audienceSet(memberships, 'administrator');
export const manager = audienceSet(memberships, 'manager');

/**
 * A sysadmin sees all memberships, an owner or admin those of the organization, everyone else their own.
 * X-Organization-Id restricts this to one organization.
 */
export const membershipsAccess: Access<CallerRoles> = {
  resource: memberships,
  callerFacts: callerRoles,
  audienceOf(actor, _id, facts, roles) {
    if (actor.userId === null) return everyAudience(memberships);
    const role = roles[facts?.organization_id as number];
    return (
      (facts?.user_id === actor.userId ? self : 0) |
      (role === 'owner' ? owner : 0) |
      (isAdministrator(role) ? administrator : 0) |
      (managesOrganizations(actor) ? manager : 0)
    );
  },
  seesAnyway: ({ sysadmin }) => sysadmin,
  visible(_services, call, reads, roles) {
    const { actor, organizationId } = call;
    return chain(requireNamedOrganization(call, reads, roles), () => {
      if (actor.sysadmin) return inNamedOrganization(organizationId);
      const counted = rolesWithin(roles, organizationId);
      const administered = inOrganizations(counted, isAdministrator);
      const isOwn = own(actor.userId, counted);
      return administered === null ? isOwn : { any: [isOwn, administered] };
    });
  },
};

/** The memberships of the caller that have not ended, whoever the caller is. */
export const visibleOwn: Access<CallerRoles>['visible'] = (_services, call, reads, roles) =>
  chain(requireNamedOrganization(call, reads, roles), () =>
    own(call.actor.userId, rolesWithin(roles, call.organizationId)),
  );

function own(userId: number, roles: CallerRoles): Filter {
  const within = inOrganizations(roles);
  if (within === null) return { any: [] };
  return { all: [equals('user_id', userId), within] };
}
