// The HTTP server: Fastify with all endpoints, where every error response of Fastify is replaced by an error document.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Server as HttpServer, RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { ApiError } from '../errors.ts';
import type { Brand } from '../model/brand.ts';
import type { Services } from '../resources/operation.ts';
import type { Route } from '../resources/route.ts';
import type { Writes } from '../store/store.ts';
import { allowOrigins } from './allow-origins.ts';
import { baseUrls } from './base-url.ts';
import { clientAddresses } from './client-address.ts';
import { openApiEndpoint } from './docs/openapi-endpoint.ts';
import { drainConnections } from './drain-connections.ts';
import { type Endpoint, mountEndpoints, withoutEndpoint } from './endpoint.ts';
import { healthEndpoints } from './health.ts';
import { createHttpServer } from './http-server.ts';
import { resourceEndpoints } from './jsonapi/resource-endpoints.ts';
import { loggedPaths } from './logged-paths.ts';
import { type Metrics, measureRequests, metricsEndpoint } from './metrics.ts';
import { pageEndpoints } from './pages/page-endpoints.ts';
import { invalidTokenLimit } from './rate-limit.ts';
import { checkRequest, requestId } from './request-limits.ts';
import { requestLog } from './request-log.ts';
import { respondError } from './respond.ts';

export interface Server {
  readonly app: FastifyInstance;
  /** @returns the address as a URL, such as `http://127.0.0.1:3000` */
  listen(): Promise<string>;
  /** Finishes requests in flight and answers new ones 503. After `shutdownTimeoutMs`, closes all connections. */
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly metrics: Metrics | null;
  readonly routes: readonly Route[];
  /** Of the pages. */
  readonly brand: Brand;
  /** For routes without a token. */
  readonly write: Writes['write'];
}

export function createServer(
  config: Config,
  services: Services,
  log: Logger,
  { metrics, routes, brand, write }: ServerOptions,
): Server {
  const clientAddress = clientAddresses(config.trustedProxies);
  const baseUrl = baseUrls(config);
  const limitInvalidTokens = invalidTokenLimit(
    config.invalidTokenLimit,
    services.store.requestCounter,
    clientAddress,
  );
  const surroundings = {
    ...{ services, write, rateLimit: config.rateLimit },
    ...{ limitInvalidTokens, baseUrl, clientAddress },
  };
  const resources = [...new Set(routes.map(({ resource }) => resource))].filter((one) => !one.isComputed);
  const known = [...services.accesses.values()].map(({ resource }) => resource);
  const endpoints: Endpoint[] = [
    ...resourceEndpoints(routes, surroundings),
    openApiEndpoint(routes, known, () => endpoints.flatMap(({ described }) => described ?? []), baseUrl),
    ...pageEndpoints({ brand, minPasswordLength: config.minPasswordLength }),
    ...healthEndpoints(services.store, () => answering.closing),
    ...(metrics === null
      ? []
      : [metricsEndpoint(metrics, config.metricsToken, resources, services, limitInvalidTokens)]),
  ];
  const without = withoutEndpoint(endpoints);
  const paths = loggedPaths(endpoints);
  const answering = { log, paths, logRequest: requestLog(log, paths, clientAddress), closing: false };
  const sockets = new Set<Socket>();
  const createHttp = (listener: RequestListener) => createHttpServer(config, sockets, listener);
  let others: readonly HttpServer[] = [];
  const app = Fastify({
    genReqId: requestId,
    requestIdHeader: false,
    bodyLimit: config.maxBodyBytes,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    frameworkErrors(error, request, reply) {
      request.arrivedAt = performance.now();
      respondError(request, reply, refusal(request) ?? error);
    },
    serverFactory: createHttp,
    // createHttpServer handles clientError.
    clientErrorHandler() {},
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: config.maxUrlBytes,
      // Operations parse the query string themselves.
      querystringParser: (text) => text as never,
    },
  }) as unknown as FastifyInstance;
  app.decorate('answering', answering);
  app.decorateRequest('arrivedAt', 0);
  app.decorateRequest('authenticated', null);
  app.decorateRequest('pathValues', null);

  /** The error to refuse a request with before its route is called; undefined if it is accepted. */
  function refusal(request: FastifyRequest): ApiError | undefined {
    if (answering.closing) return new ApiError('service_unavailable');
    return checkRequest(request.raw, config);
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', (request, _reply, done) => {
    request.arrivedAt = performance.now();
    done();
  });
  if (config.corsOrigins.length > 0) allowOrigins(app, config.corsOrigins, endpoints, without.answer);
  // After the plugin, so that a page of an allowed origin may read why its request is refused.
  app.after(() => {
    app.addHook('onRequest', (request, _reply, done) => done(refusal(request)));
  });
  if (metrics !== null) measureRequests(app, metrics);

  app.setErrorHandler((error, request, reply) => {
    // If there is no route, the answer is 404 or 405, even if Fastify has refused the body.
    const isOurs = error instanceof ApiError;
    return respondError(request, reply, request.is404 && !isOurs ? without.error(request) : error);
  });
  app.setNotFoundHandler(without.answer);
  mountEndpoints(app, endpoints);

  return {
    app,
    async listen() {
      const address = await app.listen({ host: config.host, port: config.port, backlog });
      if (config.host === 'localhost') others = await listenOnOthers(app, createHttp);
      return address;
    },
    async close() {
      answering.closing = true;
      const servers = [app.server, ...others];
      const deadline = setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
      }, config.shutdownTimeoutMs);
      const longReads = setTimeout(() => services.store.endLongReads(), longReadsEndMs);
      await drainConnections(servers, sockets);
      for (const server of others) server.close();
      await app.close();
      clearTimeout(deadline);
      clearTimeout(longReads);
      // A request that is cut off ends when its socket closes. Its log line is written at the end of that turn.
      await Promise.all([...sockets].map((socket) => once(socket, 'close')));
      await setImmediate();
    },
  };
}

const backlog = 4096;
/** After the signal to stop: shorter reads are answered, and the others with 503, so that nobody waits long for the stop. */
const longReadsEndMs = 1000;

/** `localhost` may have an IPv4 and an IPv6 address. Fastify listens on the first; this listens on the other one. */
async function listenOnOthers(
  app: FastifyInstance,
  createHttp: (listener: RequestListener) => HttpServer,
): Promise<HttpServer[]> {
  const { address: first, port } = app.server.address() as AddressInfo;
  const servers: HttpServer[] = [];
  for (const { address } of await lookup('localhost', { all: true })) {
    if (address === first) continue;
    const server = createHttp(app.routing).listen({ host: address, port, backlog });
    // Skips an address on which this machine cannot listen.
    await once(server, 'listening').then(
      () => servers.push(server),
      () => {},
    );
  }
  return servers;
}
