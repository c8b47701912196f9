// Who sees which sessions, and what a caller is to one.

import { managesSecurity } from '../../model/actor.ts';
import { audienceSet, everyAudience } from '../../model/audience.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { type Comparison, endsAfter, equals, type Filter, hasId } from '../../model/query.ts';
import type { SessionEnds } from '../../store/sessions.ts';
import type { Reads } from '../../store/store.ts';
import type { Access } from '../access.ts';
import { callerRoles } from '../memberships/caller-roles.ts';
import type { Call, Services } from '../operation.ts';
import { requireNamedOrganization } from '../organizations/require-organization.ts';
import { sessions } from './sessions.ts';

const self = audienceSet(sessions, 'self');
const security = audienceSet(sessions, 'security');

/**
 * A sysadmin with manage_security sees all sessions, everyone else their own, a token that is bound to an organization
 * only itself. A session that has ended by its own limits is gone. One that opens nothing for another reason is shown,
 * because it would open again: its account has expired, or the membership to which it is bound has ended.
 * X-Organization-Id must be an organization of the caller, and changes nothing.
 */
export const sessionsAccess: Access = {
  resource: sessions,
  audienceOf(actor, id, facts) {
    if (actor.userId === null) return everyAudience(sessions);
    const isOwn = id === null || facts?.user_id === actor.userId;
    return (isOwn ? self : 0) | (managesSecurity(actor) ? security : 0);
  },
  seesAnyway: ({ sessionId }, id) => sessionId === id,
  visible(services, call, reads) {
    const { actor } = call;
    const { clock, sessionLimits } = services;
    return chain(requireOrganization(services, call, reads), (): Awaitable<Filter> => {
      if (actor.organizationId !== null) return hasId(actor.sessionId);
      const ends = reads.sessions.lastEnds(clock(), sessionLimits.idleMs);
      return chain(ends, (passed) => ({
        all: [...(managesSecurity(actor) ? [] : [belongsTo(actor.userId)]), ...lasts(passed)],
      }));
    });
  },
};

/**
 * Sessions belong to no organization, but X-Organization-Id must be one of the caller on every route.
 * @throws ApiError access_denied
 */
export function requireOrganization({ clock }: Services, call: Call, reads: Reads): Awaitable<unknown> {
  if (call.organizationId === null) return null;
  return chain(callerRoles(call.actor, reads, clock()), (roles) =>
    requireNamedOrganization(call, reads, roles),
  );
}

export function belongsTo(userId: number): Comparison {
  return equals('user_id', userId);
}

/** Neither its own end has passed, nor, for a sign-in, the time that it may be without a request. */
function lasts({ expiredAt, idleSince }: SessionEnds): Filter[] {
  return [
    endsAfter('token_expires_at', expiredAt),
    {
      any: [equals('machine', true), { attribute: 'last_activity_at', operator: 'gt', values: [idleSince] }],
    },
  ];
}
