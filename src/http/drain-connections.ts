// The end of a service as its clients see it: no connection is closed under a request that is on its way.

import type { Server as HttpServer } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** Longer than a request is on its way, and than a busy client leaves a connection unused. */
const graceMs = 250;
const lookMs = 10;

/**
 * Takes no new connection, and gives those that are there a moment: a request that arrives within it is answered, with
 * `Connection: close`. Connections that stay idle are closed behind it. A close at once would reset those whose next
 * request was sent already (RFC 9112, section 9.5).
 * @param sockets of the servers; those that are closed are gone from it
 */
export async function drainConnections(
  servers: readonly HttpServer[],
  sockets: ReadonlySet<Socket>,
): Promise<void> {
  // HTTP's own close() closes idle connections at once.
  for (const server of servers) NetServer.prototype.close.call(server);
  const end = performance.now() + graceMs;
  while (sockets.size > 0 && performance.now() < end) await sleep(lookMs);
  // What has arrived has been read now.
  await setImmediate();
  for (const server of servers) server.closeIdleConnections();
}
