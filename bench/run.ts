// `npm run bench`: what the service does against the physical limit, in the same run. See bench/README.md.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, token } from './fill.ts';
import { type Measured, measure, type Row, request } from './measure.ts';
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

const ids = Array.from({ length: 5000 }, (_, i) => 1 + ((i * 7919) % users));
const rows: Row[] = [
  {
    name: 'one user by id',
    bar: 0.6,
    requests: ids.map((id) => request('GET', `/api/v2/users/${id}`, token)),
  },
  { name: 'list of 30', bar: 0.2, requests: [request('GET', '/api/v2/users', token)] },
  {
    name: 'filter by exact email',
    bar: 0.3,
    requests: ids.map((id) => request('GET', `/api/v2/users?filter[email]=person${id}@example.com`, token)),
  },
];

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const load = startLoad();
try {
  await fill(folder, users);
  const server = await startMuster({ MUSTER_DATA_DIR: folder });
  const measured: Measured[] = [];
  for (const row of rows.filter(({ name }) => options.only === undefined || name.includes(options.only))) {
    const yardstick = await startYardstick(folder, await bodyOf(row, server.port));
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
async function bodyOf({ requests }: Row, port: number): Promise<string> {
  const [method, path] = requests[0]!.split(' ');
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: method!,
    headers: { 'X-Auth-Token': token },
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
      bar: m.bar ?? '',
      met: m.bar === null ? '' : m.ratio >= m.bar ? 'yes' : 'NO',
      'cpu ratio': m.cpuRatio.toFixed(3),
      'cpu µs': m.cpuMicroseconds.toFixed(1),
      'p50 ms': m.p50Ms.toFixed(2),
      'p99 ms': m.p99Ms.toFixed(2),
      'RSS MiB': Math.round(m.residentMiB),
    })),
  );
  if (measured.some((m) => m.bar !== null && m.ratio < m.bar)) process.exitCode = 1;
}
