// Authenticates a request. Every token that it contains must be valid, and all must belong to the same account and be
// bound to the same organization, or to none.

import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import type { AccountActor, Power } from '../model/actor.ts';
import { type Awaitable, chain } from '../model/awaitable.ts';
import type { Services } from '../resources/operation.ts';
import type { SessionLimits } from '../security/session-limits.ts';
import { hashToken } from '../security/tokens.ts';
import { type AskedRecord, type Authentication, isExpired, type RecordVersion } from '../store/store.ts';

export interface Authenticated {
  readonly actor: AccountActor;
  readonly target: RecordVersion | null;
  readonly position: number | null;
  /** One for each token of the request. The rights are those of the last one. */
  readonly presented: readonly Authentication[];
}

/**
 * Returns no promise if the store returns none.
 * @throws ApiError invalid_auth_token
 */
export function authenticate(
  request: FastifyRequest,
  { store, clock, sessionLimits }: Services,
  target: AskedRecord | null,
): Awaitable<Authenticated> {
  const tokens = presentedTokens(request);
  if (tokens.length === 1)
    return chain(store.authenticate(hashOnConnection(request.raw.socket, tokens[0]!), target), (answer) => {
      if (!isValid(answer, sessionLimits, clock())) throw new ApiError('invalid_auth_token');
      return authenticated(answer, [answer]);
    });
  return Promise.all(tokens.map((token) => store.authenticate(hashToken(token), target))).then((answers) =>
    acceptAll(answers, sessionLimits, clock()),
  );
}

declare module 'node:net' {
  interface Socket {
    /** The last token of this connection, because its next request nearly always presents the same one. */
    lastToken?: { readonly token: string; readonly hash: string };
  }
}

function hashOnConnection(socket: Socket, token: string): string {
  if (socket.lastToken?.token !== token) socket.lastToken = { token, hash: hashToken(token) };
  return socket.lastToken.hash;
}

function acceptAll(
  answers: readonly (Authentication | null)[],
  limits: SessionLimits,
  now: number,
): Authenticated {
  const presented = answers.filter((answer) => isValid(answer, limits, now));
  // The rights are those of the last one.
  const last = presented.at(-1);
  if (
    last === undefined ||
    presented.length < answers.length ||
    presented.some(
      ({ userId, organizationId }) => userId !== last.userId || organizationId !== last.organizationId,
    )
  )
    throw new ApiError('invalid_auth_token');
  return authenticated(last, presented);
}

function authenticated(last: Authentication, presented: readonly Authentication[]): Authenticated {
  return { actor: toActor(last), target: last.target, position: last.walPosition, presented };
}

function isValid(
  answer: Authentication | null,
  { idleMs }: SessionLimits,
  now: number,
): answer is Authentication {
  return answer !== null && !isExpired(answer, idleMs, now);
}

/** Limit of different tokens in one request, because each costs a database lookup. Three places can hold a token. */
const maxTokens = 10;

function presentedTokens(request: FastifyRequest): string[] {
  const tokens = tokensIn(request);
  if (tokens.length <= 1) return tokens;
  const distinct = [...new Set(tokens)];
  if (distinct.length > maxTokens) throw new ApiError('invalid_auth_token');
  return distinct;
}

/** Whether the request contains a token, valid or not. */
export function presentsToken(request: FastifyRequest): boolean {
  return tokensIn(request).length > 0;
}

function tokensIn(request: FastifyRequest): string[] {
  const { headers } = request;
  const tokens: string[] = [];
  const own = headers['x-auth-token'];
  if (own !== undefined) tokens.push(String(own));
  // Other schemes are ignored, because a proxy before the service may use them for itself.
  const bearer = headers.authorization === undefined ? null : /^bearer\s*(.*)$/i.exec(headers.authorization);
  if (bearer !== null) tokens.push(bearer[1]!.trim());
  const query = request.query as string;
  // Skips parsing for most requests. A % is a reason to parse, because the name `token` may be percent-encoded.
  if (/token|%/.test(query)) tokens.push(...new URLSearchParams(query).getAll('token'));
  return tokens;
}

const powerSets = new Map<string, readonly Power[]>();

function toActor(authentication: Authentication): AccountActor {
  const { userId, sessionId, machine, readOnly, organizationId, createdAt, sysadminPermissions } =
    authentication;
  let powers = powerSets.get(sysadminPermissions);
  if (powers === undefined) {
    powers = JSON.parse(sysadminPermissions) as Power[];
    powerSets.set(sysadminPermissions, powers);
  }
  const sysadmin = authentication.sysadmin && organizationId === null;
  return {
    kind: machine ? 'token' : 'user',
    userId,
    sessionId,
    sysadmin,
    powers: sysadmin ? powers : noPowers,
    readOnly,
    organizationId,
    signedInAt: machine ? null : createdAt,
  };
}

const noPowers: readonly Power[] = [];
