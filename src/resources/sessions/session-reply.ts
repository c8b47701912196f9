// The response that creates a session, by a sign-in or for a program. It is the only one that shows the token.

import type { Selection } from '../../jsonapi/read-selection.ts';
import { type AccountActor, powersOf } from '../../model/actor.ts';
import type { Awaitable } from '../../model/awaitable.ts';
import { type Call, collectionPath, type OpenCall, type Reply, type Services } from '../operation.ts';
import { recordReply } from '../operations/reply.ts';
import type { User } from '../users/users.ts';
import { type Session, sessions } from './sessions.ts';
import { sessionsAccess } from './sessions-access.ts';

/**
 * 201 with a Location header. With the token it has no ETag, and no cache may store it.
 * @param session with its token; without it in the response to a retry
 */
export function sessionReply(
  services: Services,
  call: Call,
  session: Session,
  selection: Selection,
): Awaitable<Reply> {
  return recordReply(sessionsAccess, services, call, session, selection, {
    location: `${call.baseUrl()}${collectionPath(sessions)}/${session.id}`,
  });
}

/** A request without a token, as the account that it has signed in: for what the response may show. */
export function signedInCall(call: OpenCall, session: Session, user: User): Call {
  const powers = powersOf(user);
  const actor: AccountActor = {
    kind: 'user',
    userId: user.id,
    sessionId: session.id,
    sysadmin: user.sysadmin,
    powers,
    readOnly: session.read_only,
    organizationId: null,
    signedInAt: session.created_at,
  };
  return {
    ...call,
    actor,
    organizationId: null,
    id: null,
    target: null,
    walPosition: null,
    idempotencyKey: null,
  };
}
