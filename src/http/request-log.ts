// One line a request, in pino's form and on pino's stream, put together here: pino's own way costs as much as the lookup
// of a token. The lines of one turn of the event loop are written at once.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Logger, symbols } from 'pino';

/** Called when the answer is given to the socket. */
export type LogRequest = (request: FastifyRequest, reply: FastifyReply) => void;

export function requestLog(log: Logger): LogRequest {
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
    // The id is of harmless characters, and the method is a token of HTTP.
    lines.push(
      `{"level":30,"time":${Date.now()},"id":"${request.id}","method":"${request.raw.method}","path":"${loggedPath(request.raw.url!)}","status":${reply.statusCode},"ms":${ms},"msg":"request"}\n`,
    );
  };
}

/** The path, and never the query: a token may stand there. One could stand in a path too, where nobody expects it. */
function loggedPath(url: string): string {
  const end = url.indexOf('?');
  const path = url.slice(0, end === -1 ? 200 : Math.min(end, 200));
  const shown = path.length > 20 ? path.replaceAll(/[^/]{21,}/g, '…') : path;
  return /^[\w/.-]*$/.test(shown) ? shown : JSON.stringify(shown).slice(1, -1);
}
