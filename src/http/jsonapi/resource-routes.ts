// The catalog as routes: authenticate, negotiate, read the body, call the operation, answer.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../../errors.ts';
import { checkAccept, checkContentType, mediaType } from '../../jsonapi/media-type.ts';
import type { Awaitable } from '../../model/awaitable.ts';
import { readId } from '../../model/id.ts';
import type { Route } from '../../resources/catalog.ts';
import type { Call, Reply, Services } from '../../resources/operation.ts';
import { createOnce } from '../../resources/operations/create-once.ts';
import type { Target } from '../../store/store.ts';
import { type Authenticated, authenticate } from '../authenticate.ts';
import type { BaseUrl } from '../base-url.ts';
import type { LimitRate } from '../rate-limit.ts';
import { hasBody } from '../request-limits.ts';
import { respond } from '../respond.ts';
import { answerWrite } from './answer-write.ts';
import { ifMatch, ifNoneMatch } from './entity-tags.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

declare module 'fastify' {
  interface FastifyRequest {
    authenticated: (Authenticated & { readonly named: Target | null }) | null;
  }
}

export function resourceRoutes(
  app: FastifyInstance,
  catalog: readonly Route[],
  services: Services,
  limitRate: LimitRate,
  baseUrl: BaseUrl,
): void {
  app.decorateRequest('authenticated', null);
  for (const route of catalog) {
    if (!route.policy) throw new Error(`${route.method} ${route.path} has no policy`);
    const answerOf = answering(services, route, baseUrl);
    app.route({
      method: route.method,
      url: route.path.replaceAll('{id}', ':id'),
      // Before the body is read. What is known already is answered in the same turn, without a promise.
      onRequest(request, _reply, done) {
        const id = idOf(request);
        const named = id === null ? null : { resource: route.resource, id };
        const admit = (authenticated: Authenticated): Promise<void> | undefined => {
          request.authenticated = { ...authenticated, named };
          const counted = limitRate(authenticated.actor.tokenId);
          if (counted !== undefined) return counted.then(() => negotiate(request));
          negotiate(request);
        };
        const authenticated = authenticate(request, services.store, services.clock, named);
        const admitted = authenticated instanceof Promise ? authenticated.then(admit) : admit(authenticated);
        if (admitted === undefined) done();
        else admitted.then(() => done(), done);
      },
      handler(request, reply) {
        const answer = answerOf(request);
        if (answer instanceof Promise) return answer.then((known) => respond(reply, known));
        respond(reply, answer);
      },
    });
  }
  optionsRoutes(app, catalog);
}

/** The methods that a path answers, in the order of an Allow header. */
export function allowedMethods(catalog: readonly Route[], path: string): string[] {
  const methods = catalog.filter((route) => route.path === path).map((route) => route.method as string);
  return [...(methods.includes('GET') ? ['HEAD'] : []), ...methods, 'OPTIONS'];
}

function optionsRoutes(app: FastifyInstance, catalog: readonly Route[]): void {
  for (const path of new Set(catalog.map((route) => route.path))) {
    const allow = allowedMethods(catalog, path);
    app.options(path.replaceAll('{id}', ':id'), async (_request, reply: FastifyReply) => {
      reply.header('allow', allow.join(', '));
      if (allow.includes('PATCH')) reply.header('accept-patch', mediaType);
      return respond(reply, { status: 204, body: null });
    });
  }
}

/** The id of the URL, or null where there is none that a record could have. */
function idOf(request: FastifyRequest): number | null {
  const { id } = request.params as { id?: string };
  return id === undefined ? null : readId(id);
}

/** @throws ApiError not_acceptable, unsupported_media_type */
function negotiate(request: FastifyRequest): void {
  checkAccept(request.headers.accept);
  if (hasBody(request)) checkContentType(request.headers['content-type']);
}

/** How a route answers; no promise where nothing has to be waited for. */
function answering(
  services: Services,
  route: Route,
  baseUrl: BaseUrl,
): (request: FastifyRequest) => Awaitable<Reply> {
  if (route.method === 'GET') {
    const { operation } = route;
    return (request) => operation(services, call(request, route, baseUrl));
  }
  const operation = route.answers === 'created' ? createOnce(route.path, route.creation) : route.operation;
  return (request) => answerWrite(services, request, operation, () => call(request, route, baseUrl));
}

function call(request: FastifyRequest, { answers }: Route, baseUrl: BaseUrl): Call {
  const { actor, target, position: walPosition, named } = request.authenticated!;
  const { headers } = request;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return {
    actor,
    target,
    id: named?.id ?? null,
    walPosition,
    baseUrl: () => baseUrl(request.raw),
    organizationId: readOrganizationId(headers['x-organization-id']),
    query: request.query as string,
    body: (request.body as Buffer | undefined) ?? null,
    idempotencyKey: answers === 'created' ? readIdempotencyKey(headers['idempotency-key']) : null,
    precondition(etag) {
      if (!ifMatch(headers['if-match'], etag)) return 'failed';
      if (!ifNoneMatch(headers['if-none-match'], etag)) return 'met';
      return isRead ? 'unchanged' : 'failed';
    },
  };
}

/** @throws ApiError access_denied: what is no id is no organization of anyone */
function readOrganizationId(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null;
  const id = typeof header === 'string' ? readId(header) : null;
  if (id === null) throw new ApiError('access_denied');
  return id;
}
