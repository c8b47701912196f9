// Who sees which invitations, and what a caller is to one.

import { managesOrganizations } from '../../model/actor.ts';
import { audienceSet, everyAudience } from '../../model/audience.ts';
import { chain } from '../../model/awaitable.ts';
import type { Access } from '../access.ts';
import {
  type CallerRoles,
  callerRoles,
  inNamedOrganization,
  inOrganizations,
  isAdministrator,
  rolesWithin,
} from '../memberships/caller-roles.ts';
import { requireNamedOrganization } from '../organizations/require-organization.ts';
import { invitations } from './invitations.ts';

export const owner = audienceSet(invitations, 'owner');
export const administrator = audienceSet(invitations, 'administrator');
export const manager = audienceSet(invitations, 'manager');

/**
 * Owners and admins see the invitations of the organization, sysadmins with `manage_organizations` all. Nobody else sees
 * any. X-Organization-Id restricts this to one organization.
 */
export const invitationsAccess: Access<CallerRoles> = {
  resource: invitations,
  callerFacts: callerRoles,
  audienceOf(actor, id, facts, roles) {
    if (actor.userId === null) return everyAudience(invitations);
    // The route of a new one requires a role in its organization.
    const held = id === null ? Object.values(roles) : [roles[facts?.organization_id as number]];
    return (
      (held.includes('owner') ? owner : 0) |
      (held.some(isAdministrator) ? administrator : 0) |
      (managesOrganizations(actor) ? manager : 0)
    );
  },
  seesAnyway: managesOrganizations,
  visible(_services, call, reads, roles) {
    const { actor, organizationId } = call;
    return chain(requireNamedOrganization(call, reads, roles), () => {
      if (managesOrganizations(actor)) return inNamedOrganization(organizationId);
      return inOrganizations(rolesWithin(roles, organizationId), isAdministrator) ?? { any: [] };
    });
  },
};
