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

export function respond(
  reply: FastifyReply,
  { status, body, etag, location, mediaType, headers }: Reply,
  face: Face = jsonApiFace,
): void {
  const fields = commonFields(reply.request, cacheControl);
  if (etag !== undefined) fields.push('etag', etag);
  if (location !== undefined) fields.push('location', location);
  if (body !== null) fields.push('content-type', mediaType ?? face.contentType);
  if (headers !== undefined) setFields(fields, headers);
  send(reply, status, fields, body);
}

export function respondError(request: FastifyRequest, reply: FastifyReply, thrown: unknown): void {
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
  const fields = commonFields(request, 'no-store');
  fields.push('content-type', face.contentType);
  // RFC 9110 section 11.6.1: a 401 names the authentication scheme.
  if (error.status === 401) fields.push('www-authenticate', 'Bearer realm="muster"');
  setFields(fields, error.headers);
  send(reply, error.status, fields, face.writeErrors(error.errors));
}

function isBrokenOff({ raw }: FastifyRequest, thrown: unknown): boolean {
  return thrown instanceof ReaderGone || (raw.errored !== null && raw.errored === thrown);
}

/** Headers of a response as node:http takes them: names in lower case and values in turn, each name once. */
type Fields = string[];

function commonFields({ id }: FastifyRequest, cacheControl: string): Fields {
  return [
    'x-request-id',
    id,
    'x-content-type-options',
    'nosniff',
    'vary',
    'Accept',
    'cache-control',
    cacheControl,
  ];
}

/** Sets headers, in place of those with the same names. */
function setFields(fields: Fields, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    const at = fields.findIndex((field, i) => i % 2 === 0 && field === lower);
    if (at < 0) fields.push(lower, value);
    else fields[at + 1] = value;
  }
}

/**
 * Sends by node:http itself. Fastify would put each header into an object, from which node:http takes it, and look at the body
 * for what it may be: a tenth of the CPU time of a request whose answer is cached.
 */
function send(reply: FastifyReply, status: number, fields: Fields, body: Reply['body']): void {
  const { raw, request } = reply;
  const { closing, logRequest } = reply.server.answering;
  setFields(fields, fieldsOfFastify(reply));
  if (closing || request.raw.socket.isCutOff) setFields(fields, { connection: 'close' });
  // RFC 9110 section 8.6: a 204 has no length, and that of a 304 would be that of the whole representation.
  if (status !== 204 && status !== 304)
    fields.push('content-length', body === null ? '0' : String(Buffer.byteLength(body)));
  raw.statusCode = status;
  logRequest(request, reply);
  raw.writeHead(status, fields);
  // Only now: if a header is refused, the answer is 500.
  reply.hijack();
  raw.end(body);
}

/**
 * What Fastify and its plugins have set: `Connection: close` if a body is not read to its end, the headers of CORS. They do not
 * know what else is in `Vary`.
 */
function fieldsOfFastify(reply: FastifyReply): Record<string, string> {
  const fields = reply.getHeaders() as Record<string, string>;
  if (fields.vary !== undefined) fields.vary = `Accept, ${fields.vary}`;
  return fields;
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
