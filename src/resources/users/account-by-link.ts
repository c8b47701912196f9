// The account of a link in a mail, as an actor.

import { type AccountActor, powersOf } from '../../model/actor.ts';
import type { User } from './users.ts';

/** Whoever has the link acts for the account, without a session. */
export function accountByLink(user: User): AccountActor {
  return {
    kind: 'user',
    userId: user.id,
    // No session has this id.
    sessionId: 0,
    sysadmin: user.sysadmin,
    powers: powersOf(user),
    readOnly: false,
    organizationId: null,
    signedInAt: null,
  };
}
