// Measures what idle connections cost. Opens many connections, sends one request on each, and keeps them open. Run
// `node bench/idle.ts`; it ends by itself.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fill, token } from './fill.ts';
import { request } from './measure.ts';
import { type RunningServer, startLoad, startMuster } from './servers.ts';

const { values: options } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, hold: { type: 'string', default: '10' } },
});
const count = Number(options.connections);
const holdSeconds = Number(options.hold);

// The limit of file descriptors, which the server inherits. Node raises the soft limit to the hard limit by itself.
const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()) || Infinity;
if (limit < count + 200) {
  console.log(
    `skipped: ${count} connections need more than ${limit} file descriptors. Run as root: ulimit -n ${count + 200}`,
  );
  process.exit(0);
}

const wire = request('GET', '/api/v2/users/1', token);

async function openAndAsk(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(wire);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  const status = chunk.toString('latin1', 9, 12);
  if (status !== '200') throw new Error(`The status is ${status}, not 200`);
  return socket;
}

interface Sample {
  readonly when: string;
  readonly 'RSS MiB': number;
  readonly descriptors: number;
}

const folder = mkdtempSync(join(tmpdir(), 'muster-idle-'));
const load = startLoad();
const sockets: Socket[] = [];
try {
  await fill({ MUSTER_DATA_DIR: folder }, 1000);
  const server = await startMuster(folder, {});
  const order = { port: server.port, requests: [wire], connections: 1, seconds: 3 };
  // Warm-up, so that memory that is added later is that of the connections.
  await load.run({ ...order, connections: 32 });
  const samples = [sample('before', server)];
  const startedAt = performance.now();
  while (sockets.length < count) {
    const size = Math.min(200, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => openAndAsk(server.port)))));
  }
  const openSeconds = (performance.now() - startedAt) / 1000;
  samples.push(sample(`${count} open`, server));
  const cpuBefore = server.cpuSeconds();
  await wait(holdSeconds * 1000);
  const idleCpu = (server.cpuSeconds() - cpuBefore) / holdSeconds;
  samples.push(sample(`idle for ${holdSeconds} s`, server));
  const among = await load.run(order);
  const alive = sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;

  for (const socket of sockets) socket.destroy();
  for (let i = 0; i < 50 && server.descriptors() > samples[0]!.descriptors; i++) await wait(100);
  samples.push(sample('closed', server));

  console.log(`node ${process.version}, ${count} connections, opened in ${openSeconds.toFixed(1)} s`);
  console.table(samples);
  console.log(`open connections at the end         ${alive}`);
  console.log(`CPU of the server while idle        ${(idleCpu * 100).toFixed(1)} % of a core`);
  console.log(`p99 of another client               ${among.p99Ms.toFixed(2)} ms`);
  const [before, open] = samples as [Sample, Sample];
  const eachKiB = ((open['RSS MiB'] - before['RSS MiB']) * 1024) / count;
  console.log(`memory for each connection          ${eachKiB.toFixed(1)} KiB`);
  const leaked = samples.at(-1)!.descriptors - before.descriptors;
  await server.stop();
  if (alive !== count || leaked > 0) {
    console.log(`NOT MET: ${count - alive} connections were lost, ${leaked} descriptors leaked`);
    process.exitCode = 1;
  } else console.log('met');
} finally {
  for (const socket of sockets) socket.destroy();
  load.stop();
  rmSync(folder, { recursive: true });
}

function sample(when: string, server: RunningServer): Sample {
  return { when, 'RSS MiB': Math.round(server.residentMiB()), descriptors: server.descriptors() };
}
