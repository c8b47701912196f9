// Who sees which people, and what a caller is to one.

import { audienceSet, everyAudience } from '../../model/audience.ts';
import type { Filter } from '../../model/query.ts';
import type { Access } from '../access.ts';
import {
  type CallerRoles,
  callerRoles,
  inOrganizations,
  isAdministrator,
  rolesWithin,
} from '../memberships/caller-roles.ts';
import { requireOrganization } from '../organizations/require-organization.ts';
import { people } from './people.ts';

const administrator = audienceSet(people, 'administrator');

/**
 * A sysadmin sees everyone, an owner or admin the people of the organization. A plain member sees themselves, and the
 * other members if members see each other. X-Organization-Id restricts this to one organization.
 */
export const peopleAccess: Access<CallerRoles> = {
  resource: people,
  callerFacts: callerRoles,
  audienceOf(actor, _id, facts, roles) {
    if (actor.userId === null) return everyAudience(people);
    return actor.sysadmin || isAdministrator(roles[facts?.organization_id as number]) ? administrator : 0;
  },
  seesAnyway: ({ sysadmin }) => sysadmin,
  async visible({ membersSeeEachOther, clock }, { actor, organizationId }, reads, roles) {
    if (organizationId !== null) await requireOrganization(actor, organizationId, reads, clock());
    if (actor.sysadmin)
      return organizationId === null
        ? null
        : { attribute: 'organization_id', operator: 'eq', values: [organizationId] };
    const counted = rolesWithin(roles, organizationId);
    const administered = inOrganizations(counted, isAdministrator);
    const joined = inOrganizations(counted, (role) => !isAdministrator(role));
    const among: Filter = membersSeeEachOther
      ? { attribute: 'deactivated_at', operator: 'eq', values: [null] }
      : { attribute: 'user_id', operator: 'eq', values: [actor.userId] };
    const seen: readonly Filter[] = [
      ...(administered === null ? [] : [administered]),
      ...(joined === null ? [] : [{ all: [joined, among] }]),
    ];
    return seen.length === 1 ? seen[0]! : { any: seen };
  },
};
