// Closes the connections of a server that stops, without losing requests that clients have already sent.

import type { Server as HttpServer } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** Longer than a request takes to arrive, and longer than a busy client leaves a connection idle. */
const graceMs = 250;
const pollMs = 10;

/**
 * Accepts no new connections and waits for `graceMs`. Requests that arrive meanwhile are answered with `Connection: close`.
 * Then closes idle connections. Closing them at once would reset a connection on which the client has already sent its next
 * request (RFC 9112 section 9.5).
 * @param sockets the open sockets of the servers; the caller removes those that close
 */
export async function drainConnections(
  servers: readonly HttpServer[],
  sockets: ReadonlySet<Socket>,
): Promise<void> {
  // close() of an HTTP server would close idle connections at once, so this calls close() of net.Server.
  for (const server of servers) NetServer.prototype.close.call(server);
  const end = performance.now() + graceMs;
  while (sockets.size > 0 && performance.now() < end) await sleep(pollMs);
  // Lets Node read what has arrived.
  await setImmediate();
  for (const server of servers) server.closeIdleConnections();
}
