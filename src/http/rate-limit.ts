// Rate limits of tokens and of routes. RequestCounter in the store counts the requests.

import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import { networkOf } from '../model/network.ts';
import type { Route, RouteLimit } from '../resources/route.ts';
import { counterKey } from '../store/counter-key.ts';
import { type RequestCounter, ratePeriodSeconds } from '../store/store.ts';
import type { ClientAddress } from './client-address.ts';

/**
 * Returns no promise if the store counts without one.
 * @throws ApiError too_many_requests
 */
export type LimitRate<Key> = (key: Key) => Promise<void> | undefined;

/**
 * Limits all requests of one token.
 * @param limit requests in `ratePeriodSeconds`; 0 for no limit
 */
export function tokenLimit(limit: number, requestCounter: RequestCounter): LimitRate<number> {
  return limit === 0 ? () => undefined : counted(requestCounter, limit, ratePeriodSeconds);
}

/**
 * Limits the requests with invalid tokens from one address, see limitingInvalidTokens.
 * @param limit requests in `ratePeriodSeconds`; 0 for no limit
 */
export function invalidTokenLimit(
  limit: number,
  requestCounter: RequestCounter,
  clientAddress: ClientAddress,
): LimitRate<FastifyRequest> {
  if (limit === 0) return () => undefined;
  const count = counted(requestCounter, limit, ratePeriodSeconds, 'invalid tokens');
  return (request) => count(keyOf(`invalid tokens ${networkFrom(request, clientAddress)}`));
}

/** The limits of one route, checked in order. If a limit refuses a request, the limits after it do not count it. */
export function routeLimits(
  { method, path, limits = [] }: Route,
  requestCounter: RequestCounter,
  clientAddress: ClientAddress,
): LimitRate<FastifyRequest> {
  const [first, ...rest] = limits.map((limit): LimitRate<FastifyRequest> => {
    const count = counted(requestCounter, limit.requests, limit.windowSeconds);
    const counter = `${method} ${path} ${limit.by} ${limit.windowSeconds}`;
    return (request) => count(keyOf(`${counter} ${clientOf(limit.by, request, clientAddress)}`));
  });
  if (first === undefined) return () => undefined;
  return rest.reduce(
    (before, next) => (request) => {
      const waited = before(request);
      return waited === undefined ? next(request) : waited.then(() => next(request));
    },
    first,
  );
}

function clientOf(
  by: RouteLimit['by'],
  request: FastifyRequest,
  clientAddress: ClientAddress,
): string | number {
  return by === 'address' ? networkFrom(request, clientAddress) : request.authenticated!.actor.userId;
}

function networkFrom(request: FastifyRequest, clientAddress: ClientAddress): string {
  return networkOf(clientAddress(request.raw));
}

function keyOf(text: string): number {
  return counterKey(hash('sha256', text, 'hex'));
}

function counted(
  requestCounter: RequestCounter,
  limit: number,
  windowSeconds: number,
  what = 'requests',
): LimitRate<number> {
  const refuseAfter = (waitSeconds: number): undefined => {
    if (waitSeconds > 0) throw tooManyRequests(`${limit} ${what}`, { limit, windowSeconds, waitSeconds });
  };
  return (key) => {
    const waitSeconds = requestCounter.count(key, limit, windowSeconds);
    return waitSeconds instanceof Promise ? waitSeconds.then(refuseAfter) : refuseAfter(waitSeconds);
  };
}

function tooManyRequests(
  limited: string,
  { limit, windowSeconds, waitSeconds }: Readonly<Record<'limit' | 'windowSeconds' | 'waitSeconds', number>>,
): ApiError {
  const seconds = String(waitSeconds);
  return new ApiError('too_many_requests', {
    detail: `You have exceeded the limit of ${limited} in ${windowSeconds} seconds`,
    meta: { limit, period: windowSeconds },
    headers: { 'X-RateLimit-Reset': seconds, 'Retry-After': seconds },
  });
}
