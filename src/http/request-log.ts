// One line a request, in pino's form and on pino's stream, put together here: pino's own way costs as much as the lookup
// of a token. The lines of one turn of the event loop are written at once.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Logger, stdSerializers, symbols } from 'pino';

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
    const actor = request.authenticated?.actor;
    // The id is of harmless characters, and the method is a token of HTTP.
    lines.push(
      `{"level":30,"time":${Date.now()},"id":"${request.id}","method":"${request.raw.method}","path":"${loggedPath(request.raw.url!)}","status":${reply.statusCode},"user_id":${actor?.userId ?? null},"token_id":${actor?.tokenId ?? null},"ms":${ms},"msg":"request"}\n`,
    );
  };
}

/** The longest segment of a path that is shown: ids are shorter, tokens are longer. */
const maxSegment = 20;

/** The path, never the query, in which a token may stand; segments as long as a token are masked. */
export function loggedPath(url: string): string {
  // What is no path may hold a user and a password.
  if (!url.startsWith('/')) return '…';
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  const masked = path.length > maxSegment ? path.replaceAll(/[^/]{21,}/g, '…') : path;
  const shown = masked.length > 200 ? `${masked.slice(0, 200)}…` : masked;
  return /^[\w/.-]*$/.test(shown) ? shown : JSON.stringify(shown).slice(1, -1);
}

/** What went wrong while a request was answered, for the log: nothing of its URL that `loggedPath` would hide. */
export function loggedError(thrown: unknown, url: string): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { type, message, stack, code } = stdSerializers.err(thrown) as unknown as Record<string, string>;
  const hidden = hiddenTexts(url);
  const mask = (text: string) => hidden.reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
  return { type, message: mask(message!), stack: mask(stack!), ...(code !== undefined && { code }) };
}

/** Longest first: as they stand in the URL, and decoded. */
function hiddenTexts(url: string): string[] {
  const [path = '', ...query] = url.split('?');
  const segments = path.split('/').filter((segment) => segment.length > maxSegment);
  const values = query.join('?').split(/[&=]/);
  const texts = [
    url.length > maxSegment ? url : '',
    ...segments,
    ...values.filter(({ length }) => length > 7),
  ];
  return [...new Set([...texts, ...texts.map(decoded)])]
    .filter((text) => text !== '')
    .sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
