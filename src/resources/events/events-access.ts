// Who sees which events, and what a caller is to one.

import { managesSecurity } from '../../model/actor.ts';
import { audienceSet, everyAudience } from '../../model/audience.ts';
import { chain } from '../../model/awaitable.ts';
import { equals } from '../../model/query.ts';
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
import { events } from './events.ts';

const author = audienceSet(events, 'author');
const security = audienceSet(events, 'security');

/**
 * Sysadmins with manage_security see all events. Everyone else sees what they did and what was done to them, and an
 * owner or admin the events of the organization. X-Organization-Id restricts this to the events of one organization.
 */
export const eventsAccess: Access<CallerRoles> = {
  resource: events,
  callerFacts: callerRoles,
  audienceOf(actor, _id, facts) {
    if (actor.userId === null) return everyAudience(events);
    return (facts?.actor_id === actor.userId ? author : 0) | (managesSecurity(actor) ? security : 0);
  },
  audienceOfAll: ({ actor }) => (managesSecurity(actor) ? security : 0),
  seesAnyway: managesSecurity,
  visible(_services, call, reads, roles) {
    const { actor, organizationId } = call;
    return chain(requireNamedOrganization(call, reads, roles), () => {
      const named = inNamedOrganization(organizationId);
      if (managesSecurity(actor)) return named;
      const administered = inOrganizations(rolesWithin(roles, organizationId), isAdministrator);
      const own = ['actor_id', 'subject_id'].map((attribute) => equals(attribute, actor.userId));
      if (named === null) return { any: administered === null ? own : [...own, administered] };
      return administered ?? { all: [named, { any: own }] };
    });
  },
};
