// `npm run bench`: what the service does against the physical limit, in the same run. See bench/README.md.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, token } from './fill.ts';
import { isMet, type Measured, measure, request } from './measure.ts';
import { benchRows } from './rows.ts';
import { startLoad, startMuster, startYardstick } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});
const users = Number(options.users);

const get = request('GET', '/api/v2/users/1', token);
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const load = startLoad();
try {
  const filling = performance.now();
  await fill(folder, users);
  console.log(`${users} users made in ${((performance.now() - filling) / 1000).toFixed(1)} s`);
  const starting = performance.now();
  const server = await startMuster(folder, {});
  await bodyOf(get, server.port);
  console.log(`from the start to the first answer ${((performance.now() - starting) / 1000).toFixed(2)} s`);
  const rows = await benchRows(folder, users);
  const measured: Measured[] = [];
  for (const row of rows.filter(({ name }) => options.only === undefined || name.includes(options.only))) {
    const yardstick = await startYardstick(folder, await bodyOf(row.requests[0]!, server.port));
    measured.push(
      await measure(row, yardstick, server, load, {
        rounds: Number(options.rounds),
        seconds: Number(options.seconds),
      }),
    );
    await yardstick.stop();
  }
  await server.stop();
  print(measured);
} finally {
  load.stop();
  rmSync(folder, { recursive: true });
}

/** What the service answers to a row's first request: the yardstick answers the same bytes. */
async function bodyOf(request: string, port: number): Promise<string> {
  const [method, path] = request.split(' ');
  const body = request.split('\r\n\r\n')[1];
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: method!,
    headers: { 'X-Auth-Token': token, ...(body && { 'Content-Type': 'application/vnd.api+json' }) },
    ...(body && { body }),
  });
  return response.text();
}

function print(measured: readonly Measured[]): void {
  console.log(`${users} users, node ${process.version}`);
  console.table(
    measured.map((m) => ({
      row: m.name,
      'requests/s': Math.round(m.requestsPerSecond),
      ratio: m.ratio.toFixed(3),
      bar: m.bar ?? (m.maxP50Ms === null ? '' : `p50 ${m.maxP50Ms} ms`),
      met: m.bar === null && m.maxP50Ms === null ? '' : isMet(m) ? 'yes' : 'NO',
      'cpu ratio': m.cpuRatio.toFixed(3),
      'cpu µs': m.cpuMicroseconds.toFixed(1),
      'p50 ms': m.p50Ms.toFixed(2),
      'p99 ms': m.p99Ms.toFixed(2),
      'RSS MiB': Math.round(m.residentMiB),
    })),
  );
  if (!measured.every(isMet)) process.exitCode = 1;
}
