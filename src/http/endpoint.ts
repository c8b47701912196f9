// Registers all endpoints with Fastify: their methods, HEAD and OPTIONS. Answers 405 and 404 for everything else.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import { mediaType } from '../jsonapi/media-type.ts';
import type { PlainRoute } from '../jsonapi/openapi.ts';
import type { PathParameters } from '../jsonapi/path-parameters.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Reply } from '../resources/operation.ts';
import type { Method } from '../resources/route.ts';
import type { Face } from './face.ts';
import { respond, respondError } from './respond.ts';

export interface Endpoint {
  readonly method: Method;
  /** With parameter names in braces: `/users/{id}`. */
  readonly path: string;
  readonly parameters?: PathParameters;
  readonly face: Face;
  /** Whether the path answers OPTIONS, which browsers send as a preflight. */
  readonly hasOptions: boolean;
  /** Its entry in the API description. Routes of resources have none, because they are described by their resource. */
  readonly described?: PlainRoute;
  /**
   * Runs before the body is read. Returns no promise if nothing has to be awaited.
   * @throws ApiError if the request is refused
   */
  admit(request: FastifyRequest): Promise<void> | undefined;
  answer(request: FastifyRequest): Awaitable<Reply>;
}

/** Handles requests that no endpoint matches. */
export interface WithoutEndpoint {
  answer(request: FastifyRequest, reply: FastifyReply): void;
  /** 405 if the path has other methods, else 404. */
  error(request: FastifyRequest): ApiError;
}

export function mountEndpoints(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  for (const endpoint of endpoints) mount(app, endpoint);
  const allowedByPath = allowedMethods(endpoints);
  for (const [path, allowed] of allowedByPath) {
    const hidden = [...allowedByPath]
      .filter(([other]) => other !== path && matcher(other).test(path))
      .flatMap(([, methods]) => methods)
      .filter((method) => method !== 'HEAD' && !allowed.includes(method));
    if (hidden.length > 0) refuse(app, path, [...new Set(hidden)], allowed);
    if (!allowed.includes('OPTIONS')) continue;
    const { face } = endpoints.find((endpoint) => endpoint.path === path)!;
    app.options(pattern(path), { config: { face } }, async (_request, reply) => {
      const headers = {
        allow: allowed.join(', '),
        ...(allowed.includes('PATCH') && { 'accept-patch': mediaType }),
      };
      respond(reply, { status: 204, body: null, headers }, face);
    });
  }
}

/** The path in Fastify's syntax: `/users/:id`. */
function pattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function mount(app: FastifyInstance, { method, path, face, admit, answer }: Endpoint): void {
  app.route({
    method,
    url: pattern(path),
    config: { face },
    // If nothing has to be awaited, the response is sent in the same turn of the event loop, without a promise.
    onRequest(request, _reply, done) {
      const admitted = admit(request);
      if (admitted === undefined) done();
      else admitted.then(() => done(), done);
    },
    handler(request, reply) {
      const answered = answer(request);
      if (answered instanceof Promise) return answered.then((known) => respond(reply, known, face));
      respond(reply, answered, face);
    },
  });
}

/**
 * Refuses methods of a path. For the router, `PATCH /users/me` would be a request for the route `PATCH /users/{id}`.
 */
function refuse(
  app: FastifyInstance,
  path: string,
  methods: readonly string[],
  allowed: readonly string[],
): void {
  app.route({
    method: [...methods],
    url: pattern(path),
    onRequest: (_request, _reply, done) => done(methodNotAllowed(allowed)),
    handler() {},
  });
}

function methodNotAllowed(allowed: readonly string[]): ApiError {
  return new ApiError('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
}

/** Matches the paths that have the form of this one. */
function matcher(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

/** The methods of each path, in the order of the Allow header. */
function allowedMethods(endpoints: readonly Endpoint[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path } of endpoints) {
    const own = endpoints.filter((endpoint) => endpoint.path === path);
    methods.set(path, [
      ...(own.some(({ method }) => method === 'GET') ? ['HEAD'] : []),
      ...own.map(({ method }) => method),
      ...(own.some(({ hasOptions }) => hasOptions) ? ['OPTIONS'] : []),
    ]);
  }
  return methods;
}

export function withoutEndpoint(endpoints: readonly Endpoint[]): WithoutEndpoint {
  const allowed = allowedMethods(endpoints);
  const all = [...new Set([...allowed.values()].flat())].join(', ');
  const patterns = [...allowed].map(([path, methods]) => ({ matches: matcher(path), methods }));
  const error = ({ url }: FastifyRequest): ApiError => {
    const path = url.split('?', 1)[0]!.replace(/\/$/, '');
    const methods = allowed.get(path) ?? patterns.find(({ matches }) => matches.test(path))?.methods;
    return methods === undefined ? new ApiError('record_not_found') : methodNotAllowed(methods);
  };
  return {
    error,
    answer(request, reply) {
      // RFC 9110 section 9.3.7: `OPTIONS *` asks about the server as a whole.
      if (request.method !== 'OPTIONS' || request.url !== '*')
        return respondError(request, reply, error(request));
      respond(reply, { status: 204, body: null, headers: { allow: all } });
    },
  };
}
