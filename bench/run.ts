// `npm run bench`: compares the service with the physical limit of the machine, in the same run. See bench/README.md.

import { parseArgs } from 'node:util';
import {
  type BenchDatabase,
  type DatabaseName,
  databaseNames,
  existingDatabase,
  startDatabase,
} from './databases.ts';
import { fill, token } from './fill.ts';
import { isMet, type Measured, measure, median, type Row, request } from './measure.ts';
import { benchRows } from './rows.ts';
import { type RunningServer, startLoad, startMuster, startYardstick } from './servers.ts';
import { behindProxy } from './sign-ins.ts';
import { hasWrk, wrk } from './wrk.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '0.5' },
    database: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
    only: { type: 'string' },
    /** An existing database with so many users, see `existingDatabase`. */
    folder: { type: 'string' },
    url: { type: 'string' },
  },
});
const users = Number(options.users);
const get = request('GET', '/api/v2/users/1', token);
const load = startLoad();
try {
  const { folder, url } = options;
  if (folder !== undefined || url !== undefined) await measureOn(existingDatabase({ folder, url }), true);
  else
    for (const name of options.database) {
      if (!(databaseNames as readonly string[]).includes(name))
        throw new Error(`--database must be one of ${databaseNames.join(', ')}`);
      await measureOn(await startDatabase(name as DatabaseName));
    }
} finally {
  load.stop();
}

async function measureOn(database: BenchDatabase, isFilled = false): Promise<void> {
  try {
    if (!isFilled) await create(database);
    // The first start after a checkout strips the types and caches the result, which takes memory. The second is measured.
    await (await start(database, 'first')).stop();
    const server = await start(database, 'second');
    const measured: Measured[] = [];
    for (const row of selected(await benchRows(database, users), options.only)) {
      const body = await bodyOf(row.requests[0]!, server.port);
      const yardstick = await startYardstick(database.folder, body, row.work);
      const result = await measure(row, yardstick, server, load, {
        rounds: Number(options.rounds),
        seconds: Number(options.seconds),
        sleeps: database.name !== 'sqlite',
      });
      measured.push({ ...result, bar: barOf(row, measured) });
      await yardstick.stop();
    }
    print(database.name, measured);
    if (hasWrk() && options.only === undefined) await measureByWrk(database, server);
    await server.stop();
  } finally {
    await database.stop();
  }
}

async function create(database: BenchDatabase): Promise<void> {
  const filling = performance.now();
  await fill(database.environment, users);
  console.log(
    `${database.name}: ${users} users created in ${((performance.now() - filling) / 1000).toFixed(1)} s`,
  );
  await database.settle();
}

/** One user by id again, as another load generator sees it: all users in turn, so that few are in memory. */
async function measureByWrk(database: BenchDatabase, server: RunningServer): Promise<void> {
  const yardstick = await startYardstick(database.folder, await bodyOf(get, server.port));
  const run = ({ port }: RunningServer) => wrk({ port, users, token, connections: 64, seconds: 2 });
  await run(server);
  const pairs = Array.from({ length: 5 }, () => ({ limit: run(yardstick), ours: run(server) }));
  await yardstick.stop();
  const ratio = median(pairs.map(({ limit, ours }) => ours.requestsPerSecond / limit.requestsPerSecond));
  const requestsPerSecond = median(pairs.map(({ ours }) => ours.requestsPerSecond));
  const p99Ms = median(pairs.map(({ ours }) => ours.p99Ms));
  console.log(
    `by wrk, all users by id in turn, 64 connections: ${Math.round(requestsPerSecond)} requests/s, ratio ${ratio.toFixed(3)}, p99 ${p99Ms.toFixed(2)} ms`,
  );
}

/** Also the rows that the selected ones are compared with. */
function selected(rows: readonly Row[], only: string | undefined): Row[] {
  if (only === undefined) return [...rows];
  const asked = rows.filter(({ name }) => name.includes(only));
  const compared = new Set(asked.map(({ shareOf }) => shareOf?.row));
  return rows.filter((row) => asked.includes(row) || compared.has(row.name));
}

/** @param measured the results so far */
function barOf({ bar, shareOf }: Row, measured: readonly Measured[]): number | null {
  if (shareOf === undefined) return bar;
  return measured.find(({ name }) => name === shareOf.row)!.ratio * shareOf.atLeast;
}

async function start(database: BenchDatabase, which: string): Promise<RunningServer> {
  const startedAt = performance.now();
  const server = await startMuster(database.folder, { ...behindProxy, ...database.environment });
  await bodyOf(get, server.port);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
  console.log(
    `${which} start: first response after ${seconds} s, RSS ${Math.round(server.residentMiB())} MiB`,
  );
  return server;
}

/** The service's response to the first request of a row. The yardstick answers with the same bytes. */
async function bodyOf(request: string, port: number): Promise<string> {
  const [method, path] = request.split(' ');
  const [head, body] = request.split('\r\n\r\n');
  // The others are made by fetch.
  const headers = [...head!.matchAll(/^(X-[^:]*|Content-Type): (.*)$/gim)].map(([, name, value]) => [
    name!,
    value!,
  ]);
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: method!,
    headers: Object.fromEntries(headers),
    ...(body && { body }),
  });
  return response.text();
}

function print(database: string, measured: readonly Measured[]): void {
  console.log(`${database}, ${users} users, node ${process.version}`);
  console.table(
    measured.map((m) => ({
      row: m.name,
      'requests/s': Math.round(m.requestsPerSecond),
      ratio: m.ratio.toFixed(3),
      bar: m.bar === null ? (m.maxP50Ms === null ? '' : `p50 ${m.maxP50Ms} ms`) : shortest(m.bar),
      met: isMet(m) ? (m.bar === null && m.maxP50Ms === null ? '' : 'yes') : 'NO',
      'cpu ratio': m.cpuRatio.toFixed(3),
      'cpu µs': m.cpuMicroseconds.toFixed(1),
      'p50 ms': m.p50Ms.toFixed(2),
      'p99 ms': m.p99Ms.toFixed(2),
      'RSS MiB': Math.round(m.residentMiB),
    })),
  );
  if (!measured.every(isMet)) process.exitCode = 1;
}

function shortest(bar: number): string {
  return String(Number(bar.toFixed(3)));
}
