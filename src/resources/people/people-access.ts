// Who sees which people, and what a caller is to one.

import type { AccountActor } from '../../model/actor.ts';
import { audienceSet, everyAudience } from '../../model/audience.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { endsAfter, equals, type Filter } from '../../model/query.ts';
import type { Reads } from '../../store/store.ts';
import type { Access } from '../access.ts';
import {
  type CallerRoles,
  callerRoles,
  inNamedOrganization,
  inOrganizations,
  isAdministrator,
  rolesWithin,
} from '../memberships/caller-roles.ts';
import type { Call, Services } from '../operation.ts';
import { requireNamedOrganization } from '../organizations/require-organization.ts';
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
  visible(services, call, reads, roles) {
    const { actor, organizationId } = call;
    return chain(requireNamedOrganization(call, reads, roles), () => {
      if (actor.sysadmin) return inNamedOrganization(organizationId);
      return visibleToMember(services, call, reads, roles);
    });
  },
};

function visibleToMember(
  { membersSeeEachOther, clock }: Services,
  { actor, organizationId }: Call,
  { memberships }: Reads,
  roles: CallerRoles,
): Awaitable<Filter> {
  const counted = rolesWithin(roles, organizationId);
  const administered = inOrganizations(counted, isAdministrator);
  const joined = inOrganizations(counted, (role) => !isAdministrator(role));
  if (joined === null) return administered ?? { any: [] };
  const among = membersSeeEachOther ? chain(memberships.lastEnd(clock()), currentPeople) : isSelf(actor);
  return chain(among, (filters) => {
    const seen = { all: [joined, ...filters] };
    return administered === null ? seen : { any: [administered, seen] };
  });
}

function isSelf({ userId }: AccountActor): Filter[] {
  return [equals('user_id', userId)];
}

/**
 * Those who have joined, have not left, and whose membership has not ended.
 * @param lastEnd see Memberships.lastEnd
 */
function currentPeople(lastEnd: number): Filter[] {
  return [equals('is_user', true), equals('deactivated_at', null), endsAfter('access_expires_at', lastEnd)];
}
