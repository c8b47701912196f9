// The HTTP server: Fastify, with every answer of its own replaced by one of ours.

import { once } from 'node:events';
import type { ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import cors from '@fastify/cors';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { ApiError, type ErrorCode } from '../errors.ts';
import type { Services } from '../resources/call.ts';
import { catalog } from '../resources/catalog.ts';
import { healthPaths, healthRoutes } from './health.ts';
import { type Metrics, metricsRoute } from './metrics.ts';
import { rateLimiter } from './rate-limit.ts';
import { checkRequest, requestId } from './request-limits.ts';
import { requestLog } from './request-log.ts';
import { allowedMethods, resourceRoutes } from './resource-routes.ts';
import { commonHeaders, rawError, respondError } from './respond.ts';

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
  metrics: Metrics | null,
): Server {
  const answering = { log, logRequest: requestLog(log), closing: false };
  const app = Fastify({
    genReqId: requestId,
    requestIdHeader: false,
    bodyLimit: config.maxBodyBytes,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    frameworkErrors(error, request, reply) {
      commonHeaders(request, reply);
      respondError(request, reply, error);
    },
    clientErrorHandler,
    http: httpOptions(config),
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: config.maxUrlBytes,
      // Operations read the query themselves, strictly.
      querystringParser: (text) => text as never,
    },
  }) as unknown as FastifyInstance;
  app.decorate('answering', answering);
  app.decorateRequest('arrivedAt', 0);
  app.server.maxConnections = config.maxConnections;
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.server.on(
    'checkExpectation',
    (_request, response) => void response.socket?.end(rawError('expectation_failed')),
  );

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', (request, reply, done) => {
    commonHeaders(request, reply);
    if (answering.closing) {
      done(new ApiError('service_unavailable', { headers: { 'Retry-After': '1' } }));
      return;
    }
    checkRequest(request.raw, config);
    done();
  });
  if (config.corsOrigins.length > 0) allowOrigins(app, config.corsOrigins);
  if (metrics !== null) metricsRoute(app, metrics, config.metricsToken, services);

  app.setErrorHandler((error, request, reply) => {
    // Where there is no route, what the framework says of the body is of no interest.
    const isOurs = error instanceof ApiError;
    return respondError(request, reply, request.is404 && !isOurs ? noRoute(request) : error);
  });
  app.setNotFoundHandler((request, reply) => respondError(request, reply, noRoute(request)));
  healthRoutes(app, services.store, () => answering.closing);
  resourceRoutes(app, catalog, services, rateLimiter(config.rateLimit, services.store.rates));

  return {
    app,
    listen: () => app.listen({ host: config.host, port: config.port, backlog: 4096 }),
    async close() {
      answering.closing = true;
      const deadline = setTimeout(() => app.server.closeAllConnections(), config.shutdownTimeoutMs);
      await app.close();
      clearTimeout(deadline);
      // What is cut off is told to its request when the socket is closed, and its line is written at the end of that turn.
      await Promise.all([...sockets].map((socket) => once(socket, 'close')));
      await setImmediate();
    },
  };
}

function httpOptions(config: Config): ServerOptions {
  return {
    // Above our own limits, which have answers of their own: 414 for the URL, 431 for the fields.
    maxHeaderSize: config.maxUrlBytes + config.maxHeaderBytes + 65_536,
    // At most the request's own time, or a stalled client would keep its socket for longer than that.
    requestTimeout: config.requestTimeoutMs,
    headersTimeout: config.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, config.requestTimeoutMs),
    // A missing Host is answered by us, with a body.
    requireHostHeader: false,
  };
}

/** A path that exists has other methods (405); anything else does not exist, and nobody is told what does. */
function noRoute(request: FastifyRequest): ApiError {
  const path = request.url.split('?', 1)[0]!.replace(/\/$/, '');
  const known = [...new Set(catalog.map((route) => route.path))].find((pattern) =>
    new RegExp(`^${pattern.replaceAll('{id}', '[^/]+')}$`).test(path),
  );
  if (known !== undefined)
    return new ApiError('method_not_allowed', {
      headers: { Allow: allowedMethods(catalog, known).join(', ') },
    });
  if ((healthPaths as readonly string[]).includes(path))
    return new ApiError('method_not_allowed', { headers: { Allow: 'HEAD, GET' } });
  return new ApiError('record_not_found');
}

function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  // The plugin answers OPTIONS of every path; what does not exist does not exist there either.
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' && route.url === '*')
      route.handler = (request, reply) => respondError(request, reply, noRoute(request));
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

const parserErrors: Readonly<Record<string, ErrorCode>> = {
  HPE_INVALID_METHOD: 'not_implemented',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** What never became a request: the parser's own refusals. */
function clientErrorHandler(error: Error & { code?: string; rawPacket?: unknown }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  let code = parserErrors[error.code ?? ''] ?? 'malformed_request';
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    // The request line alone, or the fields: the first line of what arrived tells.
    code = 'headers_too_large';
    if (
      Buffer.isBuffer(error.rawPacket) &&
      /^[A-Z]+ \/[^\n]{8192}/.test(error.rawPacket.toString('latin1', 0, 8300))
    )
      code = 'uri_too_long';
  }
  socket.end(rawError(code));
}
