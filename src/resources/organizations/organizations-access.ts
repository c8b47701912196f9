// Who sees which organizations, and what a caller is to one.

import { managesOrganizations, type Role } from '../../model/actor.ts';
import { type AudienceSet, audienceSet, everyAudience } from '../../model/audience.ts';
import { chain } from '../../model/awaitable.ts';
import { hasId } from '../../model/query.ts';
import type { Access } from '../access.ts';
import { type CallerRoles, callerRoles } from '../memberships/caller-roles.ts';
import { organizations } from './organizations.ts';
import { requireNamedOrganization } from './require-organization.ts';

export const owner = audienceSet(organizations, 'owner');
export const administrator = audienceSet(organizations, 'administrator');
export const manager = audienceSet(organizations, 'manager');

const ofRole: Readonly<Record<Role, AudienceSet>> = {
  owner: owner | administrator,
  admin: administrator,
  member: 0,
};

/**
 * A sysadmin sees all organizations. Everyone else sees those that they are a member of. X-Organization-Id restricts
 * this to one.
 */
export const organizationsAccess: Access<CallerRoles> = {
  resource: organizations,
  callerFacts: callerRoles,
  audienceOf(actor, id, _facts, roles) {
    if (actor.userId === null) return everyAudience(organizations);
    const role = id === null ? 'owner' : roles[id];
    return (role === undefined ? 0 : ofRole[role]) | (managesOrganizations(actor) ? manager : 0);
  },
  seesAnyway: ({ sysadmin }) => sysadmin,
  visible(_services, call, reads, roles) {
    const { actor, organizationId } = call;
    return chain(requireNamedOrganization(call, reads, roles), () => {
      if (organizationId !== null) return hasId(organizationId);
      if (actor.sysadmin) return null;
      const values = Object.keys(roles).map(Number);
      return values.length === 0 ? { any: [] } : { attribute: 'id', operator: 'eq', values };
    });
  },
};
