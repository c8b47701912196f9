// The HTTP server: Fastify, with every answer of its own replaced by one of ours.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Server as HttpServer, RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import cors from '@fastify/cors';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { ApiError } from '../errors.ts';
import type { Route } from '../resources/catalog.ts';
import type { Services } from '../resources/operation.ts';
import { baseUrls } from './base-url.ts';
import { openApiRoute } from './docs/openapi-route.ts';
import { plainRoutes } from './docs/plain-routes.ts';
import { drainConnections } from './drain-connections.ts';
import { healthRoutes } from './health.ts';
import { createHttpServer } from './http-server.ts';
import { allowedMethods, resourceRoutes } from './jsonapi/resource-routes.ts';
import { type Metrics, metricsRoute } from './metrics.ts';
import { rateLimiter } from './rate-limit.ts';
import { checkRequest, requestId } from './request-limits.ts';
import { requestLog } from './request-log.ts';
import { commonHeaders, respond, respondError } from './respond.ts';

export interface Server {
  readonly app: FastifyInstance;
  /** @returns the address, as a URL */
  listen(): Promise<string>;
  /** Finishes what is in flight, refuses what is new; after the time that the settings give, closes all the same. */
  close(): Promise<void>;
}

export function createServer(
  config: Config,
  services: Services,
  log: Logger,
  { metrics, routes }: { readonly metrics: Metrics | null; readonly routes: readonly Route[] },
): Server {
  const answering = { log, logRequest: requestLog(log), closing: false };
  const sockets = new Set<Socket>();
  const open = (listener: RequestListener) => createHttpServer(config, sockets, listener);
  let others: readonly HttpServer[] = [];
  const app = Fastify({
    genReqId: requestId,
    requestIdHeader: false,
    bodyLimit: config.maxBodyBytes,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    frameworkErrors(error, request, reply) {
      commonHeaders(request, reply);
      respondError(request, reply, refusal(request) ?? error);
    },
    serverFactory: open,
    // Every server has its own already.
    clientErrorHandler() {},
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: config.maxUrlBytes,
      // Operations read the query themselves, strictly.
      querystringParser: (text) => text as never,
    },
  }) as unknown as FastifyInstance;
  app.decorate('answering', answering);
  app.decorateRequest('arrivedAt', 0);

  /** What is refused before anything else is asked of the request. */
  function refusal(request: FastifyRequest): ApiError | undefined {
    if (answering.closing) return new ApiError('service_unavailable', { headers: { 'Retry-After': '1' } });
    return checkRequest(request.raw, config);
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', (request, reply, done) => {
    commonHeaders(request, reply);
    done(refusal(request));
  });
  const answerWithoutRoute = withoutRoute(routes);
  if (config.corsOrigins.length > 0) allowOrigins(app, config.corsOrigins, answerWithoutRoute);
  if (metrics !== null) metricsRoute(app, metrics, config.metricsToken, services);

  app.setErrorHandler((error, request, reply) => {
    // Where there is no route, what the framework says of the body is of no interest.
    const isOurs = error instanceof ApiError;
    return respondError(request, reply, request.is404 && !isOurs ? noRoute(request, routes) : error);
  });
  app.setNotFoundHandler(answerWithoutRoute);
  healthRoutes(app, services.store, () => answering.closing);
  const baseUrl = baseUrls(config);
  openApiRoute(app, routes, baseUrl);
  resourceRoutes(
    app,
    routes,
    services,
    rateLimiter(config.rateLimit, services.store.requestCounter),
    baseUrl,
  );

  return {
    app,
    async listen() {
      const address = await app.listen({ host: config.host, port: config.port, backlog });
      if (config.host === 'localhost') others = await listenOnOthers(app, open);
      return address;
    },
    async close() {
      answering.closing = true;
      const servers = [app.server, ...others];
      const deadline = setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
      }, config.shutdownTimeoutMs);
      await drainConnections(servers, sockets);
      for (const server of others) server.close();
      await app.close();
      clearTimeout(deadline);
      // What is cut off is told to its request when the socket is closed, and its line is written at the end of that turn.
      await Promise.all([...sockets].map((socket) => once(socket, 'close')));
      await setImmediate();
    },
  };
}

const backlog = 4096;

/** `localhost` may have an address of each family; Fastify listens on the first. */
async function listenOnOthers(
  app: FastifyInstance,
  open: (listener: RequestListener) => HttpServer,
): Promise<HttpServer[]> {
  const { address: first, port } = app.server.address() as AddressInfo;
  const servers: HttpServer[] = [];
  for (const { address } of await lookup('localhost', { all: true })) {
    if (address === first) continue;
    const server = open(app.routing).listen({ host: address, port, backlog });
    // One that cannot be listened on is none that a client reaches.
    await once(server, 'listening').then(
      () => servers.push(server),
      () => {},
    );
  }
  return servers;
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

function withoutRoute(routes: readonly Route[]): Answer {
  return (request, reply) => {
    // RFC 9110 section 9.3.7: `OPTIONS *` asks about the server as a whole.
    if (request.method !== 'OPTIONS' || request.url !== '*')
      return respondError(request, reply, noRoute(request, routes));
    const methods = new Set(routes.flatMap(({ path }) => allowedMethods(routes, path)));
    reply.header('allow', [...methods].join(', '));
    return respond(reply, { status: 204, body: null });
  };
}

/** A path that exists has other methods (405); anything else does not exist, and nobody is told what does. */
function noRoute(request: FastifyRequest, routes: readonly Route[]): ApiError {
  const path = request.url.split('?', 1)[0]!.replace(/\/$/, '');
  const known = [...new Set(routes.map((route) => route.path))].find((pattern) =>
    new RegExp(`^${pattern.replaceAll('{id}', '[^/]+')}$`).test(path),
  );
  if (known !== undefined)
    return new ApiError('method_not_allowed', {
      headers: { Allow: allowedMethods(routes, known).join(', ') },
    });
  // Only for paths of ours: the router takes any other for a pattern, and throws where it is none.
  const plain = Object.values(plainRoutes).find((route) => route.path === path);
  if (plain !== undefined) {
    const has = (method: 'GET' | 'OPTIONS') => request.server.hasRoute({ method, url: path });
    const Allow = has('OPTIONS') ? 'HEAD, GET, OPTIONS' : 'HEAD, GET';
    if (has('GET')) return new ApiError('method_not_allowed', { headers: { Allow } });
  }
  return new ApiError('record_not_found');
}

function allowOrigins(app: FastifyInstance, origins: readonly string[], answerWithoutRoute: Answer): void {
  // The plugin answers OPTIONS of every path; what does not exist does not exist there either.
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' && route.url === '*') route.handler = answerWithoutRoute;
  });
  app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Accept',
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Auth-Token',
      'X-Organization-Id',
      'X-Request-Id',
    ],
    exposedHeaders: ['ETag', 'Location', 'Retry-After', 'X-RateLimit-Reset', 'X-Request-Id'],
    maxAge: 600,
    strictPreflight: false,
    // Our own OPTIONS answers, with the headers of CORS on it.
    preflightContinue: true,
  });
}
