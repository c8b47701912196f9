// Who sees which sessions, and what a caller is to one.

import type { Actor } from '../../model/actor.ts';
import { audienceSet, everyAudience } from '../../model/audience.ts';
import type { Filter } from '../../model/query.ts';
import type { Access } from '../access.ts';
import { sessions } from './sessions.ts';

const self = audienceSet(sessions, 'self');
const security = audienceSet(sessions, 'security');

export const managesSecurity = ({ powers }: Actor): boolean => powers.includes('manage_security');

/** A sysadmin with manage_security sees all sessions, everyone else their own. X-Organization-Id changes nothing. */
export const sessionsAccess: Access = {
  resource: sessions,
  audienceOf(actor, _id, facts) {
    if (actor.userId === null) return everyAudience(sessions);
    return (facts?.user_id === actor.userId ? self : 0) | (managesSecurity(actor) ? security : 0);
  },
  seesAnyway: managesSecurity,
  visible: (_services, { actor }) => (managesSecurity(actor) ? null : visibleOwn(actor.userId)),
};

export function visibleOwn(userId: number): Filter {
  return { attribute: 'user_id', operator: 'eq', values: [userId] };
}
