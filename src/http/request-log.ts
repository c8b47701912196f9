// Logs one line for each request, in pino's format and to pino's stream. The line is built here, because pino itself takes
// as long as the lookup of a token. The lines of one turn of the event loop are written together.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Logger, symbols } from 'pino';
import type { ClientAddress } from './client-address.ts';
import type { LoggedPaths } from './logged-paths.ts';

/** Called when the response is passed to the socket. */
export type LogRequest = (request: FastifyRequest, reply: FastifyReply) => void;

export function requestLog(log: Logger, paths: LoggedPaths, clientAddress: ClientAddress): LogRequest {
  if (!log.isLevelEnabled('info')) return () => {};
  const stream = (log as unknown as Record<symbol, { write(text: string): void }>)[symbols.streamSym]!;
  let lines: string[] = [];
  const flush = () => {
    stream.write(lines.join(''));
    lines = [];
  };
  return (request, reply) => {
    if (lines.length === 0) setImmediate(flush);
    const ms = Math.round((performance.now() - request.arrivedAt) * 1000) / 1000;
    const actor = request.authenticated?.actor;
    // No escaping: the id, the address and the method cannot contain quotes or backslashes; `paths` escapes the path.
    lines.push(
      `{"level":30,"time":${Date.now()},"id":"${request.id}","method":"${request.raw.method}","path":"${paths.path(request.raw.url!)}","status":${reply.statusCode},"user_id":${actor?.userId ?? null},"token_id":${actor?.sessionId ?? null},"address":"${clientAddress(request.raw)}","ms":${ms},"msg":"request"}\n`,
    );
  };
}
