// Checks the form of a request before anything else: HTTP version, sizes, Host, transfer coding, Expect.

import type { IncomingMessage } from 'node:http';
import { ApiError } from '../errors.ts';

export interface RequestLimits {
  readonly maxUrlBytes: number;
  readonly maxHeaderBytes: number;
}

declare module 'node:net' {
  interface Socket {
    /**
     * The end of an earlier request is uncertain, so the bytes after it may belong to it (request smuggling). The
     * connection closes after the response, and later requests on it are refused.
     */
    isCutOff?: true;
  }
}

/** @returns the error to refuse the request with; undefined if it is accepted */
export function checkRequest(request: IncomingMessage, limits: RequestLimits): ApiError | undefined {
  const { rawHeaders, headers, httpVersion, socket } = request;
  if (socket.isCutOff)
    return malformed('The end of an earlier request on this connection is uncertain; use a new connection');
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return cutOff(request, new ApiError('http_version_not_supported', { headers: closing }));
  if (request.url!.length > limits.maxUrlBytes) return new ApiError('uri_too_long');
  let bytes = 0;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // 4 for the ": " and the line end of each field.
    bytes += name.length + rawHeaders[i + 1]!.length + 4;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (bytes > limits.maxHeaderBytes) return new ApiError('headers_too_large');
  // RFC 9112 section 3.2: 400 if there is no Host header, or more than one.
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1'))
    return cutOff(request, malformed('A request must have exactly one Host header'));
  const transferEncoding = headers['transfer-encoding'];
  // RFC 9112 section 6.1: 501 for an unknown transfer coding.
  if (transferEncoding !== undefined && transferEncoding.trim().toLowerCase() !== 'chunked')
    return cutOff(
      request,
      new ApiError('not_implemented', {
        detail: 'The only supported transfer coding is chunked',
        headers: closing,
      }),
    );
  // RFC 9112 section 6.1: HTTP/1.0 has no chunks, so an old proxy may see the end of this request elsewhere.
  if (transferEncoding !== undefined && httpVersion === '1.0') socket.isCutOff = true;
  // Node does not parse the connection after an upgrade request, see createHttpServer.
  if (headers.upgrade !== undefined && /upgrade/i.test(headers.connection ?? '')) socket.isCutOff = true;
  const expectation = headers.expect;
  // RFC 9110 section 10.1.1: 100-continue is the only expectation. Node has answered it.
  if (expectation !== undefined && httpVersion === '1.1' && expectation.toLowerCase() !== '100-continue')
    return cutOff(request, new ApiError('expectation_failed', { headers: closing }));
  const encoding = headers['content-encoding'];
  // RFC 9110 section 15.5.16: Accept-Encoding in the response lists the supported codings.
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity')
    return new ApiError('unsupported_media_type', {
      detail: 'Unsupported content coding; send the body uncompressed',
      headers: { 'Accept-Encoding': 'identity' },
    });
}

const closing = { Connection: 'close' };

function malformed(detail: string): ApiError {
  return new ApiError('malformed_request', { detail, headers: closing });
}

/** Closes the connection after this response. Further requests on it are ignored. */
function cutOff({ socket }: IncomingMessage, error: ApiError): ApiError {
  socket.isCutOff = true;
  return error;
}

/**
 * Clients send an absolute URL to a proxy. This keeps its path, and its host replaces the Host header (RFC 9112 section
 * 3.2.2).
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

/** X-Request-Id of the client if it is safe to log, else a new id. */
export function requestId(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && given.length <= 128 && /^[\w.:-]+$/.test(given)) return given;
  return `${processPart}-${++count}`;
}
