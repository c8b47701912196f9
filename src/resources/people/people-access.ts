// Who sees which people, and what a caller is to one.

import type { AccountActor } from '../../model/actor.ts';
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
  audienceOfAll({ actor, organizationId }, roles) {
    const counted = Object.values(rolesWithin(roles, organizationId));
    return actor.sysadmin || counted.every(isAdministrator) ? administrator : 0;
  },
  seesAnyway: ({ sysadmin }) => sysadmin,
  async visible({ membersSeeEachOther, clock }, { actor, organizationId }, reads, roles) {
    const now = clock();
    if (organizationId !== null) await requireOrganization(actor, organizationId, reads, now);
    if (actor.sysadmin)
      return organizationId === null
        ? null
        : { attribute: 'organization_id', operator: 'eq', values: [organizationId] };
    const counted = rolesWithin(roles, organizationId);
    const administered = inOrganizations(counted, isAdministrator);
    const joined = inOrganizations(counted, (role) => !isAdministrator(role));
    const seen: Filter[] = [];
    if (administered !== null) seen.push(administered);
    if (joined !== null) {
      const among = membersSeeEachOther ? currentPeople(await reads.memberships.lastEnd(now)) : isSelf(actor);
      seen.push({ all: [joined, ...among] });
    }
    return seen.length === 1 ? seen[0]! : { any: seen };
  },
};

function isSelf({ userId }: AccountActor): Filter[] {
  return [{ attribute: 'user_id', operator: 'eq', values: [userId] }];
}

/** Those who have not left and whose membership has not ended. @param lastEnd see Memberships.lastEnd */
function currentPeople(lastEnd: number): Filter[] {
  const attribute = 'access_expires_at';
  return [
    { attribute: 'deactivated_at', operator: 'eq', values: [null] },
    {
      any: [
        { attribute, operator: 'eq', values: [null] },
        { attribute, operator: 'gt', values: [lastEnd] },
      ],
    },
  ];
}
