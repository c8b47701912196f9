// Node's HTTP server below Fastify: its limits, and an answer with our body to all that never becomes a request.

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

/** A server with all its listeners. */
export function createHttpServer(config: Config, sockets: Set<Socket>, listener: RequestListener): Server {
  const server = createServer(
    {
      // Above our own limits, which have answers of their own: 414 for the URL, 431 for the fields.
      maxHeaderSize: config.maxUrlBytes + config.maxHeaderBytes + 65_536,
      // At most the request's own time, or a stalled client would keep its socket for longer than that.
      requestTimeout: config.requestTimeoutMs,
      headersTimeout: config.requestTimeoutMs,
      keepAliveTimeout: config.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, config.requestTimeoutMs),
      // A missing Host is answered by us, with a body.
      requireHostHeader: false,
      // One with a body is read as it is; it is the last one of its connection, see checkRequest.
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
  // checkRequest refuses what is expected, like everything else that a request may not say.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('upgrade', (request, socket, head) =>
    handedOver(socket, () => readWithoutUpgrade(server, request, socket, head)),
  );
  // RFC 9110 section 9.3.6: only proxies open tunnels.
  server.on('connect', (_request, socket) =>
    handedOver(socket, () => socket.end(rawError('not_implemented'))),
  );
  return server;
}

type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** Requests that came before on the same connection are answered first. */
function whenAnswered(socket: HttpSocket, next: () => void): void {
  const pending = socket._httpMessage;
  if (pending) pending.once('close', () => whenAnswered(socket, next));
  else if (socket.writable) next();
}

/** A socket that Node leaves to us, without a listener for errors of its own. */
function handedOver(socket: Duplex, next: () => void): void {
  socket.on('error', () => socket.destroy());
  whenAnswered(socket as HttpSocket, next);
}

/**
 * RFC 9110 section 7.8: a server may ignore Upgrade. Node takes what follows that header for another protocol, so the
 * request is put back without it, and with all that came behind, for a parser of its own.
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
  const kept = options.split(',').filter((option) => option.trim().toLowerCase() !== 'upgrade');
  return kept.join(',').trim();
}

/** What the parser refuses, by the code of its error; everything else is malformed. */
const parserErrors: Readonly<Record<string, ErrorCode>> = {
  HPE_INVALID_METHOD: 'not_implemented',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  // The first line of HTTP/2.
  HPE_PAUSED_H2_UPGRADE: 'http_version_not_supported',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  /** What arrived last, and how far it was read. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

function answerParserError(error: ParserError, stream: Duplex): void {
  const socket = stream as HttpSocket;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // What follows the last request of a connection is not looked at.
  if (error.code === 'HPE_CLOSED_CONNECTION' || socket.isCutOff) return;
  const pending = socket._httpMessage;
  // The body of a request that is not answered yet.
  if (!pending || (!pending.req.complete && !pending.headersSent)) socket.end(rawError(codeOf(error)));
  // It is answered already, and no request has two answers.
  else if (!pending.req.complete) pending.once('close', () => socket.end());
  else whenAnswered(socket, () => socket.end(rawError(codeOf(error))));
}

function codeOf({ code = '', reason, rawPacket, bytesParsed = 0 }: ParserError): ErrorCode {
  const packet = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '';
  // The request line alone, or the fields: the first line of what arrived tells.
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
