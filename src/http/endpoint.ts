// Every path that is served, whatever serves it: registered with its methods, and answered where it has no such method.

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
  /** With the names of its parameters in braces. */
  readonly path: string;
  readonly parameters?: PathParameters;
  readonly face: Face;
  /** Whether OPTIONS is a method of the path; browsers ask by it in advance. */
  readonly hasOptions: boolean;
  /** How it is described, where it serves no resource. */
  readonly described?: PlainRoute;
  /**
   * Before the body is read; no promise where nothing has to be waited for.
   * @throws ApiError where the request may not go on
   */
  admit(request: FastifyRequest): Promise<void> | undefined;
  answer(request: FastifyRequest): Awaitable<Reply>;
}

/** Answers what no endpoint does. */
export interface WithoutEndpoint {
  answer(request: FastifyRequest, reply: FastifyReply): FastifyReply;
  /** 405 where the path has other methods, 404 where it does not exist. */
  error(request: FastifyRequest): ApiError;
}

export function mountEndpoints(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  for (const endpoint of endpoints) mount(app, endpoint);
  for (const [path, allowed] of allowedMethods(endpoints)) {
    if (!allowed.includes('OPTIONS')) continue;
    const { face } = endpoints.find((endpoint) => endpoint.path === path)!;
    app.options(pattern(path), { config: { face } }, async (_request, reply) => {
      reply.header('allow', allowed.join(', '));
      if (allowed.includes('PATCH')) reply.header('accept-patch', mediaType);
      return respond(reply, { status: 204, body: null }, face);
    });
  }
}

/** As Fastify writes it. */
function pattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function mount(app: FastifyInstance, { method, path, face, admit, answer }: Endpoint): void {
  app.route({
    method,
    url: pattern(path),
    config: { face },
    // What is known already is answered in the same turn, without a promise.
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

/** The methods of each path, in the order of an Allow header. */
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
  const patterns = [...allowed].map(([path, methods]) => ({
    matches: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    allow: methods.join(', '),
  }));
  const error = ({ url }: FastifyRequest): ApiError => {
    const path = url.split('?', 1)[0]!.replace(/\/$/, '');
    const allow = allowed.get(path)?.join(', ') ?? patterns.find(({ matches }) => matches.test(path))?.allow;
    // Nobody is told what exists elsewhere.
    if (allow === undefined) return new ApiError('record_not_found');
    return new ApiError('method_not_allowed', { headers: { Allow: allow } });
  };
  return {
    error,
    answer(request, reply) {
      // RFC 9110 section 9.3.7: `OPTIONS *` asks about the server as a whole.
      if (request.method !== 'OPTIONS' || request.url !== '*')
        return respondError(request, reply, error(request));
      reply.header('allow', all);
      return respond(reply, { status: 204, body: null });
    },
  };
}
