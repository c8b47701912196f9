// Who makes the request: every token that is presented must be valid, and all of them the same account's.

import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import type { Actor, Power } from '../model/actor.ts';
import type { Clock } from '../resources/call.ts';
import { hashToken } from '../security/tokens.ts';
import type { Authentication, Store, Version } from '../store/store.ts';

export interface Authenticated {
  readonly actor: Actor;
  readonly target: Version | null;
}

/** @throws ApiError invalid_auth_token */
export async function authenticate(
  request: FastifyRequest,
  store: Store,
  clock: Clock,
  targetId: number | null,
): Promise<Authenticated> {
  const tokens = presentedTokens(request);
  let authenticated: Authenticated | undefined;
  for (const token of tokens) {
    const answer = store.authenticate(hashToken(token), targetId);
    const found = answer instanceof Promise ? await answer : answer;
    if (found === null || isExpired(found, clock())) throw new ApiError('invalid_auth_token');
    if (authenticated !== undefined && authenticated.actor.userId !== found.userId)
      throw new ApiError('invalid_auth_token');
    authenticated = { actor: toActor(found), target: found.target };
  }
  if (authenticated === undefined) throw new ApiError('invalid_auth_token');
  return authenticated;
}

function presentedTokens(request: FastifyRequest): string[] {
  const { headers } = request;
  const tokens: string[] = [];
  const own = headers['x-auth-token'];
  if (own !== undefined) tokens.push(String(own));
  // Other schemes are not ours: a proxy in front may ask for its own.
  const bearer = headers.authorization === undefined ? null : /^bearer\s*(.*)$/i.exec(headers.authorization);
  if (bearer !== null) tokens.push(bearer[1]!.trim());
  const query = request.query as string;
  if (query !== '') tokens.push(...new URLSearchParams(query).getAll('token'));
  return tokens.length > 1 ? [...new Set(tokens)] : tokens;
}

function isExpired({ tokenExpiresAt, accessExpiresAt }: Authentication, now: number): boolean {
  return (
    (tokenExpiresAt !== null && tokenExpiresAt <= now) || (accessExpiresAt !== null && accessExpiresAt <= now)
  );
}

const powerSets = new Map<string, readonly Power[]>();

function toActor({ userId, tokenId, sysadmin, sysadminPermissions }: Authentication): Actor {
  let powers = powerSets.get(sysadminPermissions);
  if (powers === undefined) {
    powers = JSON.parse(sysadminPermissions) as Power[];
    powerSets.set(sysadminPermissions, powers);
  }
  return { userId, tokenId, sysadmin, powers: sysadmin ? powers : noPowers };
}

const noPowers: readonly Power[] = [];
