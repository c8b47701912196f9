// Turns routes into endpoints, which authenticate, check rate limits, negotiate, read the body, and call the operation. The
// data of a route is read once, when the server starts; a request only calls closures.

import type { FastifyRequest } from 'fastify';
import { ApiError } from '../../errors.ts';
import { primaryTag } from '../../jsonapi/included-tag.ts';
import { type PathValues, pathReader, pathWriter } from '../../jsonapi/path-parameters.ts';
import type { AccountActor } from '../../model/actor.ts';
import type { RequestOrigin } from '../../model/audit-event.ts';
import type { Awaitable } from '../../model/awaitable.ts';
import { readId } from '../../model/id.ts';
import type { Call, OpenCall, Reply, Services } from '../../resources/operation.ts';
import { createOnce } from '../../resources/operations/create-once.ts';
import type { Route } from '../../resources/route.ts';
import type { Target, Writes } from '../../store/store.ts';
import { type Authenticated, authenticate, presentsToken } from '../authenticate.ts';
import type { BaseUrl } from '../base-url.ts';
import { checkRoutes } from '../check-routes.ts';
import type { ClientAddress } from '../client-address.ts';
import { activityFromRequests, type CollectActivity } from '../collect-activity.ts';
import { disconnection } from '../disconnection.ts';
import type { Endpoint } from '../endpoint.ts';
import { limitingInvalidTokens } from '../limit-invalid-tokens.ts';
import { type LimitRate, routeLimits, tokenLimit } from '../rate-limit.ts';
import { answerWrite } from './answer-write.ts';
import { ifMatch, ifNoneMatch } from './entity-tags.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { jsonApiFace } from './jsonapi-face.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the token is verified, and without a token. */
    authenticated: (Authenticated & { readonly named: Target | null }) | null;
    pathValues: PathValues | null;
  }
}

export interface Surroundings {
  readonly services: Services;
  /** For the writes of routes without a token. */
  readonly write: Writes['write'];
  /** Requests of one token in `ratePeriodSeconds`; 0 for no limit. */
  readonly rateLimit: number;
  readonly limitInvalidTokens: LimitRate<FastifyRequest>;
  readonly baseUrl: BaseUrl;
  readonly clientAddress: ClientAddress;
}

type TokenRoute = Extract<Route, { auth: 'token' }>;
type OpenRoute = Extract<Route, { auth: 'none' }>;
type OptionalRoute = Extract<Route, { auth: 'optional' }>;

/** @throws Error that names the first invalid route and the reason */
export function resourceEndpoints(routes: readonly Route[], surroundings: Surroundings): Endpoint[] {
  checkRoutes(routes);
  const { services, clientAddress, rateLimit, limitInvalidTokens } = surroundings;
  const { requestCounter } = services.store;
  const admission: Admission = {
    services,
    limitToken: tokenLimit(rateLimit, requestCounter),
    collectActivity: activityFromRequests(services, clientAddress),
  };
  return routes.map((route) => {
    return {
      method: route.method,
      path: route.path,
      ...(route.parameters && { parameters: route.parameters }),
      face: jsonApiFace,
      hasOptions: true,
      ...entryOf(route),
    };
  });

  function entryOf(route: Route): Pick<Endpoint, 'admit' | 'answer'> {
    const limitRoute = routeLimits(route, requestCounter, clientAddress);
    const byToken = () =>
      limitingInvalidTokens(admitByToken(route, admission, limitRoute), limitInvalidTokens);
    const withoutToken = () => admitAll(route, limitRoute);
    switch (route.auth) {
      case 'token':
        return { admit: byToken(), answer: answerToToken(route, surroundings) };
      case 'none':
        return { admit: withoutToken(), answer: answerToAll(route, surroundings) };
      case 'optional':
        return {
          admit: admitOptional(byToken(), withoutToken()),
          answer: answerToOptional(route, surroundings),
        };
    }
  }
}

interface Admission {
  readonly services: Services;
  readonly limitToken: LimitRate<number>;
  readonly collectActivity: CollectActivity;
}

function admitByToken(
  route: Route,
  { services, limitToken, collectActivity: noteActivity }: Admission,
  limitRoute: LimitRate<FastifyRequest>,
): Endpoint['admit'] {
  const { method, resource, parameters } = route;
  const { target, allowsReadOnlyTokens }: Partial<TokenRoute> = route.auth === 'token' ? route : {};
  const readPath = pathReader(parameters);
  const limit = limitThenNegotiate(limitRoute);
  const needsToWrite = method !== 'GET' && !allowsReadOnlyTokens;
  const readNamed = namedRecord(route, services);
  const proceed = (request: FastifyRequest, { readOnly }: AccountActor) => {
    if (readOnly && needsToWrite) throw new ApiError('read_only_token');
    return limit(request);
  };
  return (request) => {
    const values = readPath(request.params as Record<string, string>);
    request.pathValues = values;
    const asked = typeof target === 'string' ? target : readNamed(values);
    const admit = (found: Authenticated): Promise<void> | undefined => {
      const named = typeof asked === 'string' ? { resource, id: idOfOwn(asked, found.actor) } : asked;
      request.authenticated = { ...found, named };
      noteActivity(request, found);
      const counted = limitToken(found.actor.sessionId);
      if (counted !== undefined) return counted.then(() => proceed(request, found.actor));
      return proceed(request, found.actor);
    };
    const authenticated = authenticate(request, services, asked);
    return authenticated instanceof Promise ? authenticated.then(admit) : admit(authenticated);
  };
}

function idOfOwn(asked: 'caller' | 'session', { userId, sessionId }: AccountActor): number {
  return asked === 'caller' ? userId : sessionId;
}

/**
 * @returns a function that reads which record the path names; null if it names none, or by a text that is not an id. If the
 * route shows the record and no rendering of it is cached, its row is wanted at once
 */
function namedRecord(route: Route, { renderings }: Services): (values: PathValues) => Target | null {
  const target = route.auth === 'token' ? route.target : undefined;
  if (target === undefined || typeof target === 'string') return () => null;
  const { resource, parameter } = target;
  const cached = route.method === 'GET' && route.answers === 'record' ? renderings.of(resource) : null;
  return ({ ids }) => {
    const id = ids[parameter]!;
    return id === 0 ? null : { resource, id, withRow: cached !== null && !cached.knows(id) };
  };
}

function admitAll({ parameters }: Route, limitRoute: LimitRate<FastifyRequest>): Endpoint['admit'] {
  const readPath = pathReader(parameters);
  const limit = limitThenNegotiate(limitRoute);
  return (request) => {
    request.pathValues = readPath(request.params as Record<string, string>);
    return limit(request);
  };
}

function admitOptional(byToken: Endpoint['admit'], withoutToken: Endpoint['admit']): Endpoint['admit'] {
  return (request) => (presentsToken(request) ? byToken(request) : withoutToken(request));
}

function limitThenNegotiate(limitRoute: LimitRate<FastifyRequest>): LimitRate<FastifyRequest> {
  return (request) => {
    const counted = limitRoute(request);
    if (counted !== undefined) return counted.then(() => jsonApiFace.negotiate(request));
    jsonApiFace.negotiate(request);
  };
}

/** Returns no promise if nothing has to be awaited. */
function answerToToken(route: TokenRoute, surroundings: Surroundings): Endpoint['answer'] {
  const { services } = surroundings;
  const call = callOf(route, surroundings);
  if (route.method === 'GET') {
    const { operation } = route;
    return (request) => operation(services, call(request));
  }
  const operation = 'creation' in route ? createOnce(route.path, route.creation) : route.operation;
  const changesItself = route.changesCaller ?? false;
  return (request) => answerWrite(services, request, operation, () => call(request), changesItself);
}

function answerToAll(
  route: OpenRoute,
  surroundings: Surroundings,
): (request: FastifyRequest) => Awaitable<Reply> {
  const { services, write } = surroundings;
  const call = openCallOf(route, surroundings);
  if (route.method === 'GET') {
    const { operation } = route;
    return (request) => operation(services, call(request));
  }
  const { operation } = route;
  return (request) => operation(services, { ...call(request), write });
}

function answerToOptional(route: OptionalRoute, surroundings: Surroundings): Endpoint['answer'] {
  const { services, write } = surroundings;
  const { operation, changesCaller = false } = route;
  const call = callOf(route, surroundings);
  const openCall = openCallOf(route, surroundings);
  return (request) =>
    request.authenticated === null
      ? operation(services, { ...openCall(request), write, actor: null })
      : answerWrite(services, request, operation, () => call(request), changesCaller);
}

function callOf(
  route: TokenRoute | OptionalRoute,
  surroundings: Surroundings,
): (request: FastifyRequest) => Call {
  const openCall = openCallOf(route, surroundings);
  const creates = route.answers === 'created';
  return (request) => {
    const { actor, target, position, named } = request.authenticated!;
    const { headers } = request;
    return {
      ...openCall(request),
      actor,
      target,
      id: named?.id ?? null,
      walPosition: position,
      organizationId: organizationOf(actor, headers['x-organization-id']),
      idempotencyKey: creates ? readIdempotencyKey(headers['idempotency-key']) : null,
    };
  };
}

function openCallOf(route: Route, surroundings: Surroundings): (request: FastifyRequest) => OpenCall {
  const { baseUrl, clientAddress } = surroundings;
  const takesBody = route.body === 'document';
  const writePath = pathWriter(route.path);
  return (request) => {
    const values = request.pathValues!;
    return {
      ids: values.ids,
      tokens: values.tokens,
      baseUrl: () => baseUrl(request.raw),
      path: () => writePath(values),
      clientAddress: () => clientAddress(request.raw),
      gone: () => disconnection(request.raw.socket),
      query: request.query as string,
      body: (takesBody && (request.body as Buffer | undefined)) || null,
      precondition: (etag) => precondition(request, etag),
      origin: () => originOf(request, clientAddress),
    };
  };
}

function originOf(request: FastifyRequest, clientAddress: ClientAddress): RequestOrigin {
  const { raw, headers, id } = request;
  return { address: clientAddress(raw), userAgent: headers['user-agent'] ?? null, requestId: id };
}

function precondition({ headers, method }: FastifyRequest, etag: string): ReturnType<Call['precondition']> {
  const reads = method === 'GET' || method === 'HEAD';
  const part = reads ? undefined : primaryTag;
  if (!ifMatch(headers['if-match'], etag, part)) return 'failed';
  if (!ifNoneMatch(headers['if-none-match'], etag, part)) return 'met';
  return reads ? 'unchanged' : 'failed';
}

/**
 * The organization in X-Organization-Id. A bound token acts as if each request named its organization.
 * @throws ApiError access_denied if the request names another one
 */
function organizationOf({ organizationId: bound }: AccountActor, header: string | string[] | undefined) {
  const named = readOrganizationId(header);
  if (bound !== null && named !== null && named !== bound) throw new ApiError('access_denied');
  return bound ?? named;
}

/** @throws ApiError access_denied if the header is not an id, because nobody can be a member of that organization */
function readOrganizationId(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null;
  const id = typeof header === 'string' ? readId(header) : null;
  if (id === null) throw new ApiError('access_denied');
  return id;
}
