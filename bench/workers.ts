// Compares the read rate of one worker with that of several, on one SQLite file.
//
//   node bench/workers.ts [users] [workers]

import { startDatabase } from './databases.ts';
import { fill } from './fill.ts';
import { median } from './measure.ts';
import { benchRows } from './rows.ts';
import { type RunningServer, startLoad, startMuster } from './servers.ts';

const users = Number(process.argv[2] ?? 10_000);
const workers = Number(process.argv[3] ?? 2);
const rounds = 9;
/** Required factor over one worker. Below 2, because the load generator and helper threads use the same cores. */
const bar = 1.5;
/** The rows to measure, and whether the factor is required. */
const measured: Readonly<Record<string, boolean>> = {
  'one user by id': false,
  'filter by exact email': true,
  'list of 30, any page by cursor': false,
};

const database = await startDatabase('sqlite');
const load = startLoad();
let met = true;
try {
  await fill(database.environment, users);
  const servers: RunningServer[] = [];
  for (const count of [1, workers])
    servers.push(
      await startMuster(database.folder, { MUSTER_WORKERS: String(count), ...database.environment }),
    );
  // Only now, because the first start creates the secret for cursors, which the rows need.
  for (const row of await benchRows(database, users)) {
    if (!(row.name in measured)) continue;
    const rates: number[][] = [[], []];
    const cores: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [i, server] of servers.entries()) {
        const { port } = server;
        const before = server.cpuSeconds();
        const result = await load.run({
          port,
          requests: row.requests,
          connections: 32,
          seconds: 1,
          sleeps: true,
          pipelined: 8,
        });
        // The first rounds warm up.
        if (round < 2) continue;
        rates[i]!.push(result.requestsPerSecond);
        cores[i]!.push(server.cpuSeconds() - before);
      }
    }
    const [one, many] = rates.map(median) as [number, number];
    if (measured[row.name]) met &&= many / one >= bar;
    const [coresOfOne, coresOfMany] = cores.map(median) as [number, number];
    const described = (rate: number, used: number) =>
      `${Math.round(rate)}/s with ${used.toFixed(2)} cores (${((used / rate) * 1e6).toFixed(1)} µs of CPU)`;
    console.log(
      `${row.name}: one worker ${described(one, coresOfOne)}, ${workers} workers ${described(many, coresOfMany)}, factor ${(many / one).toFixed(2)}`,
    );
  }
  for (const server of servers) await server.stop();
} finally {
  load.stop();
  await database.stop();
}
if (!met) {
  console.error(`NOT MET: the factor is below ${bar}`);
  process.exitCode = 1;
}
