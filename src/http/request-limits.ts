// What a request may look like before anything else is asked of it.

import type { IncomingMessage } from 'node:http';
import { ApiError } from '../errors.ts';

export interface RequestLimits {
  readonly maxUrlBytes: number;
  readonly maxHeaderBytes: number;
}

declare module 'node:net' {
  interface Socket {
    /** A request before had no sure end: what follows may be part of it, and is never looked at. */
    isCutOff?: true;
  }
}

/** @returns what the request is refused with, undefined where it may go on */
export function checkRequest(request: IncomingMessage, limits: RequestLimits): ApiError | undefined {
  const { rawHeaders, headers, httpVersion, socket } = request;
  if (socket.isCutOff) return malformed('An earlier request of this connection had no sure end');
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return cutOff(request, new ApiError('http_version_not_supported', { headers: closing }));
  if (request.url!.length > limits.maxUrlBytes) return new ApiError('uri_too_long');
  let bytes = 0;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Each field has ": " and a line end besides.
    bytes += name.length + rawHeaders[i + 1]!.length + 4;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (bytes > limits.maxHeaderBytes) return new ApiError('headers_too_large');
  // RFC 9112 section 3.2: without a Host, or with two, 400.
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1'))
    return cutOff(request, malformed('A request has one Host header'));
  const transferEncoding = headers['transfer-encoding'];
  // RFC 9112 section 6.1: 501 for a coding that is not understood.
  if (transferEncoding !== undefined && transferEncoding.trim().toLowerCase() !== 'chunked')
    return cutOff(
      request,
      new ApiError('not_implemented', {
        detail: 'The only transfer coding that is implemented is chunked',
        headers: closing,
      }),
    );
  // RFC 9112 section 6.1: HTTP/1.0 knows no chunks, so a proxy of that age saw another end of this request.
  if (transferEncoding !== undefined && httpVersion === '1.0') socket.isCutOff = true;
  // Node reads nothing more of a connection after it, see createHttpServer.
  if (headers.upgrade !== undefined && /upgrade/i.test(headers.connection ?? '')) socket.isCutOff = true;
  const expected = headers.expect;
  // RFC 9110 section 10.1.1: the only expectation there is; Node has answered it.
  if (expected !== undefined && httpVersion === '1.1' && expected.toLowerCase() !== '100-continue')
    return cutOff(request, new ApiError('expectation_failed', { headers: closing }));
  const encoding = headers['content-encoding'];
  // RFC 9110 section 15.5.16: the answer says which codings would do.
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity')
    return new ApiError('unsupported_media_type', {
      detail: 'Unsupported content coding',
      headers: { 'Accept-Encoding': 'identity' },
    });
}

const closing = { Connection: 'close' };

function malformed(detail: string): ApiError {
  return new ApiError('malformed_request', { detail, headers: closing });
}

/** The answer is the last one of its connection, and requests that came with this one are not looked at. */
function cutOff({ socket }: IncomingMessage, error: ApiError): ApiError {
  socket.isCutOff = true;
  return error;
}

/**
 * RFC 9112 section 3.2.2: of a URL in absolute form, which clients send to proxies, the path counts, and its host
 * replaces the Host header.
 */
export function toOriginForm(request: IncomingMessage): void {
  const match = /^https?:\/\/([^/?#]+)(.*)/i.exec(request.url!);
  if (match === null) return;
  const [, authority, rest] = match as unknown as [string, string, string];
  request.headers.host = authority;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
}

export function hasBody({ headers }: { headers: IncomingMessage['headers'] }): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

let count = 0;
const processPart = `${process.pid.toString(36)}${Date.now().toString(36)}`;

/** The caller's own id where it is harmless to log, or a new one. */
export function requestId(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && given.length <= 128 && /^[\w.:-]+$/.test(given)) return given;
  return `${processPart}-${(++count).toString(36)}`;
}
