// Measures what stalled clients cost the other clients. Many sockets send half the header of a request and then nothing,
// while another process measures `GET /users/1`. Run `node bench/stalled.ts`; it ends soon after the request timeout.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, token } from './fill.ts';
import { request } from './measure.ts';
import { startLoad, startMuster } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    sockets: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    'request-timeout-ms': { type: 'string', default: '30000' },
  },
});
const count = Number(options.sockets);
const seconds = Number(options.seconds);
const timeoutMs = Number(options['request-timeout-ms']);
const maxP99Ms = 200;
// The server checks for late requests once a second.
const graceMs = 2000;

interface Ending {
  readonly status: string;
  readonly afterMs: number;
}

/** Sends half a header, and resolves with the socket and how the server ends it. */
async function stall(port: number): Promise<{ socket: Socket; ending: Promise<Ending> }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /api/v2/users/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-');
  const startedAt = performance.now();
  const ending = new Promise<Ending>((resolve) => {
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () =>
      resolve({ status: answer.slice(9, 12) || 'no response', afterMs: performance.now() - startedAt }),
    );
  });
  return { socket, ending };
}

const folder = mkdtempSync(join(tmpdir(), 'muster-stalled-'));
const load = startLoad();
try {
  await fill({ MUSTER_DATA_DIR: folder }, 1000);
  const server = await startMuster(folder, {
    MUSTER_REQUEST_TIMEOUT_MS: String(timeoutMs),
  });
  const order = {
    port: server.port,
    requests: [request('GET', '/api/v2/users/1', token)],
    connections: 1,
    seconds,
  };
  await load.run({ ...order, seconds: 1 });
  const alone = await load.run(order);

  const stalled: Awaited<ReturnType<typeof stall>>[] = [];
  while (stalled.length < count)
    stalled.push(...(await Promise.all(Array.from({ length: 100 }, () => stall(server.port)))));
  const descriptors = server.descriptors();
  const among = await load.run(order);

  const watchdog = setTimeout(() => {
    for (const { socket } of stalled) socket.destroy();
  }, timeoutMs + graceMs);
  const endings = await Promise.all(stalled.map(({ ending }) => ending));
  clearTimeout(watchdog);
  const statuses = Object.groupBy(endings, ({ status }) => status);
  const after = endings.map(({ afterMs }) => afterMs);

  console.log(`node ${process.version}, ${count} stalled sockets, request timeout ${timeoutMs} ms`);
  console.log(`p99 without stalled sockets          ${alone.p99Ms.toFixed(2)} ms (p50 ${alone.p50Ms} ms)`);
  console.log(`p99 with stalled sockets             ${among.p99Ms.toFixed(2)} ms (p50 ${among.p50Ms} ms)`);
  console.log(`requests/s without and with          ${rate(alone)} and ${rate(among)}`);
  console.log(`statuses                             ${JSON.stringify(among.statuses)}`);
  console.log(`file descriptors of the server       ${descriptors}`);
  for (const [status, list] of Object.entries(statuses))
    console.log(`stalled sockets answered             ${status}: ${list!.length}`);
  console.log(
    `stalled sockets closed after         ${Math.round(Math.min(...after))} to ${Math.round(Math.max(...after))} ms`,
  );
  const failures = [
    ...(among.p99Ms < maxP99Ms ? [] : [`p99 is not below ${maxP99Ms} ms`]),
    ...(statuses['408']?.length === count ? [] : ['not every stalled socket was answered 408']),
    ...(Math.max(...after) < timeoutMs + graceMs ? [] : ['not every stalled socket was closed in time']),
  ];
  await server.stop();
  report(failures);
} finally {
  load.stop();
  rmSync(folder, { recursive: true });
}

function rate({ requestsPerSecond }: { requestsPerSecond: number }): number {
  return Math.round(requestsPerSecond);
}

function report(failures: readonly string[]): void {
  for (const failure of failures) console.log(`NOT MET: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
  else console.log('met');
}
