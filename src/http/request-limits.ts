// What a request may look like before anything else is asked of it.

import type { IncomingMessage } from 'node:http';
import { ApiError } from '../errors.ts';

export interface RequestLimits {
  readonly maxUrlBytes: number;
  readonly maxHeaderBytes: number;
}

/** @throws ApiError uri_too_long, headers_too_large, malformed_request, unsupported_media_type */
export function checkRequest(request: IncomingMessage, limits: RequestLimits): void {
  const { rawHeaders, headers } = request;
  if (request.url!.length > limits.maxUrlBytes) throw new ApiError('uri_too_long');
  let bytes = 0;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Each field has ": " and a line end besides.
    bytes += name.length + rawHeaders[i + 1]!.length + 4;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (bytes > limits.maxHeaderBytes) throw new ApiError('headers_too_large');
  // RFC 9112 section 3.2: without a Host, or with two, 400.
  if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1') || request.httpVersion === '0.9')
    throw new ApiError('malformed_request', {
      detail: 'A request has one Host header',
      headers: { Connection: 'close' },
    });
  const encoding = headers['content-encoding'];
  // RFC 9110 section 15.5.16: the answer says which codings would do.
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity')
    throw new ApiError('unsupported_media_type', {
      detail: 'Unsupported content coding',
      headers: { 'Accept-Encoding': 'identity' },
    });
}

let count = 0;
const processPart = `${process.pid.toString(36)}${Date.now().toString(36)}`;

/** The caller's own id where it is harmless to log, or a new one. */
export function requestId(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && given.length <= 128 && /^[\w.:-]+$/.test(given)) return given;
  return `${processPart}-${(++count).toString(36)}`;
}
