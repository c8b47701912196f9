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

/** The account of a sign-in, with the rights that it has given to its token. */
export function signedInActor(
  user: User,
  { id, read_only, created_at }: Pick<Session, 'id' | 'read_only' | 'created_at'>,
): AccountActor {
  return {
    kind: 'user',
    userId: user.id,
    sessionId: id,
    sysadmin: user.sysadmin,
    powers: powersOf(user),
    readOnly: read_only,
    organizationId: null,
    signedInAt: created_at,
  };
}

/** A request without a token, as the account that it has signed in: for what the response may show. */
export function signedInCall(call: OpenCall, actor: AccountActor): Call {
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
