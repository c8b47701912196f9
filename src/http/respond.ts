// Sends responses: headers that all responses have, and errors in the format of the face.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ApiError, type ErrorCode, errorKinds, errorObject } from '../errors.ts';
import type { Reply } from '../resources/operation.ts';
import { ReaderGone, StoreUnavailable } from '../store/errors.ts';
import type { Face } from './face.ts';
import { jsonApiFace } from './jsonapi/jsonapi-face.ts';
import type { LoggedPaths } from './logged-paths.ts';
import { requestId } from './request-limits.ts';
import type { LogRequest } from './request-log.ts';

declare module 'fastify' {
  interface FastifyInstance {
    answering: Answering;
  }
  interface FastifyRequest {
    /** In milliseconds, from `performance.now()`. */
    arrivedAt: number;
  }
}

/** What sending a response needs. */
export interface Answering {
  readonly log: Logger;
  readonly paths: LoggedPaths;
  readonly logRequest: LogRequest;
  /** The service is stopping: each connection closes after its current response. */
  readonly closing: boolean;
}

/** RFC 9111: only the client may cache a response, and it must revalidate it before each use. */
const cacheControl = 'private, no-cache';

/** Headers of every response. */
export function commonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  request.arrivedAt = performance.now();
  reply.header('x-request-id', request.id);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('vary', 'Accept');
}

export function respond(
  reply: FastifyReply,
  { status, body, etag, location, mediaType, headers }: Reply,
  face: Face = jsonApiFace,
): FastifyReply {
  reply.code(status);
  reply.header('cache-control', cacheControl);
  if (etag !== undefined) reply.header('etag', etag);
  if (location !== undefined) reply.header('location', location);
  if (body !== null) reply.header('content-type', mediaType ?? face.contentType);
  if (headers !== undefined) reply.headers(headers);
  return finish(reply.request, reply, body);
}

export function respondError(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  // The client closed the connection, while it sent the body or waited: not an error of the server, so it is not logged as
  // one.
  const error = isBrokenOff(request, thrown) ? new ApiError('malformed_request') : toApiError(thrown);
  const { log, paths } = reply.server.answering;
  if (error.status === 500) {
    const { method } = request.raw;
    const url = request.raw.url!;
    log.error(
      { id: request.id, method, path: paths.path(url), err: paths.error(thrown, url) },
      'request failed',
    );
  }
  if (thrown instanceof StoreUnavailable)
    log.warn({ id: request.id, reason: thrown.message }, 'database unavailable');
  const face = request.routeOptions.config.face ?? jsonApiFace;
  reply.code(error.status).headers(error.headers);
  reply.header('cache-control', 'no-store');
  reply.header('content-type', face.contentType);
  // RFC 9110 section 11.6.1: a 401 names the authentication scheme.
  if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="muster"');
  return finish(request, reply, face.writeErrors(error.errors));
}

function isBrokenOff({ raw }: FastifyRequest, thrown: unknown): boolean {
  return thrown instanceof ReaderGone || (raw.errored !== null && raw.errored === thrown);
}

function finish(request: FastifyRequest, reply: FastifyReply, body: Reply['body']): FastifyReply {
  const { closing, logRequest } = reply.server.answering;
  if (closing || request.raw.socket.isCutOff) reply.header('connection', 'close');
  logRequest(request, reply);
  return body === null ? reply.send() : reply.send(body);
}

/** Errors of Fastify that a request can cause, with our error codes. Any other error is server_error. */
export const frameworkErrors: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_NOT_FOUND: 'record_not_found',
  FST_ERR_BAD_URL: 'record_not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  // The method QUERY without a Content-Type or a body. No route has this method.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'unsupported_media_type',
  FST_ERR_ROUTE_MISSING_CONTENT: 'malformed_request',
  FST_ERR_HANDLER_TIMEOUT: 'service_unavailable',
};

function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string' && Object.hasOwn(frameworkErrors, code))
    return new ApiError(frameworkErrors[code]!, { cause: thrown });
  if (thrown instanceof StoreUnavailable) return new ApiError('service_unavailable', { cause: thrown });
  return new ApiError('server_error', { cause: thrown });
}

/** A whole error response for the socket, if Node could not parse the request. Close the socket after it. */
export function rawError(code: ErrorCode): string {
  const { status, title } = errorKinds[code];
  const { contentType } = jsonApiFace;
  const body = jsonApiFace.writeErrors([errorObject(code)]);
  return [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId({ headers: {} })}`,
    'X-Content-Type-Options: nosniff',
    'Vary: Accept',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
