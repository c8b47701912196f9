// Node's HTTP server, on which Fastify runs. Sets its limits, and answers requests that Node's parser refuses with an error
// document.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Config } from '../config.ts';
import type { ErrorCode } from '../errors.ts';
import { hasBody, toOriginForm } from './request-limits.ts';
import { rawError } from './respond.ts';

const slash = 0x2f;

/** @param sockets receives every open socket of the server; closed ones are removed */
export function createHttpServer(config: Config, sockets: Set<Socket>, listener: RequestListener): Server {
  const server = createServer(
    {
      // Above our own limits, so that checkRequest can answer 414 for the URL and 431 for the fields.
      maxHeaderSize: config.maxUrlBytes + config.maxHeaderBytes + 65_536,
      // The same limit for the header, because Node's default is longer and a stalled client would keep its socket.
      requestTimeout: config.requestTimeoutMs,
      headersTimeout: config.requestTimeoutMs,
      keepAliveTimeout: config.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, config.requestTimeoutMs),
      // checkRequest answers a missing Host, with an error document.
      requireHostHeader: false,
      // An upgrade with a body is read as a normal request. checkRequest makes it the last one of its connection.
      shouldUpgradeCallback: (request) => !hasBody(request),
    },
    (request, response) => {
      if (request.url!.charCodeAt(0) !== slash) toOriginForm(request);
      listener(request, response);
    },
  );
  server.maxConnections = config.maxConnections;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', answerParserError);
  // An unknown Expect header: handled like a request, so that checkRequest answers it.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('upgrade', (request, socket, head) =>
    takeOver(socket, () => readWithoutUpgrade(server, request, socket, head)),
  );
  // CONNECT asks for a tunnel (RFC 9110 section 9.3.6). Only proxies support it.
  server.on('connect', (_request, socket) => takeOver(socket, () => socket.end(rawError('not_implemented'))));
  return server;
}

type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** Calls `next` when all earlier requests of the connection are answered. */
function whenAnswered(socket: HttpSocket, next: () => void): void {
  const pending = socket._httpMessage;
  if (pending) pending.once('close', () => whenAnswered(socket, next));
  else if (socket.writable) next();
}

/** Takes over a socket that Node no longer handles, and adds the listener for errors that it then lacks. */
function takeOver(socket: Duplex, next: () => void): void {
  socket.on('error', () => socket.destroy());
  whenAnswered(socket as HttpSocket, next);
}

/**
 * Ignores an Upgrade header, which RFC 9110 section 7.8 allows. Node stops parsing the connection after such a request. So
 * this puts the request without that header back into the socket, with all bytes after it, and starts a new parser.
 */
function readWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const value = rawHeaders[i + 1]!;
    if (name === 'connection') text += `Connection: ${withoutUpgrade(value)}\r\n`;
    else if (name !== 'upgrade') text += `${rawHeaders[i]}: ${value}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function withoutUpgrade(options: string): string {
  const others = options.split(',').filter((option) => option.trim().toLowerCase() !== 'upgrade');
  return others.join(',').trim();
}

/** The error code for each error of Node's parser. Any other parser error is malformed_request. */
const parserErrors: Readonly<Record<string, ErrorCode>> = {
  HPE_INVALID_METHOD: 'not_implemented',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  // The client begins with HTTP/2.
  HPE_PAUSED_H2_UPGRADE: 'http_version_not_supported',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  /** The last packet that arrived, and how many bytes of it were parsed. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

function answerParserError(error: ParserError, stream: Duplex): void {
  const socket = stream as HttpSocket;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // Bytes after the last request of a connection are ignored.
  if (error.code === 'HPE_CLOSED_CONNECTION' || socket.isCutOff) return;
  const pending = socket._httpMessage;
  // No response is pending, or the error is in the body of a request whose response has not begun.
  if (!pending || (!pending.req.complete && !pending.headersSent)) socket.end(rawError(codeOf(error)));
  // The error is in the body of a request whose response has begun: close the connection after that response.
  else if (!pending.req.complete) pending.once('close', () => socket.end());
  else whenAnswered(socket, () => socket.end(rawError(codeOf(error))));
}

function codeOf({ code = '', reason, rawPacket, bytesParsed = 0 }: ParserError): ErrorCode {
  const packet = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '';
  // Either the URL or the header fields are too long: the length of the first line shows which.
  if (code === 'HPE_HEADER_OVERFLOW')
    return /^[A-Z]+ \/[^\n]{8192}/.test(packet) ? 'uri_too_long' : 'headers_too_large';
  if (code === 'HPE_INVALID_VERSION' || code === 'HPE_INVALID_CONSTANT') {
    const start = packet.lastIndexOf('\n', bytesParsed) + 1;
    const line = packet.slice(start).split(/\r?\n/, 1)[0]!;
    if (!/ HTTP\/1\.[01]$/.test(line) && /\S \S+ [A-Z]+\/\S+$/i.test(line))
      return 'http_version_not_supported';
    return reason?.startsWith('Invalid method') ? 'not_implemented' : 'malformed_request';
  }
  return parserErrors[code] ?? 'malformed_request';
}
