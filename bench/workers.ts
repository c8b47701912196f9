// What a second process brings: the same reads from one worker and from two, on one SQLite file, in turn.
//
//   node bench/workers.ts [users] [workers]

import { startDatabase } from './databases.ts';
import { fill } from './fill.ts';
import { median } from './measure.ts';
import { benchRows } from './rows.ts';
import { startLoad, startMuster } from './servers.ts';

const users = Number(process.argv[2] ?? 10_000);
const workers = Number(process.argv[3] ?? 2);
const rounds = 7;
/** Of one worker's; on rows that cost the service more than the load generator, which needs a core as well. */
const bar = 1.5;
const measured = ['filter by exact email', 'list of 30, any page by cursor'];

const database = await startDatabase('sqlite');
const load = startLoad();
let met = true;
try {
  await fill(database.environment, users);
  const servers = [];
  for (const count of [1, workers])
    servers.push(
      await startMuster(database.folder, { MUSTER_WORKERS: String(count), ...database.environment }),
    );
  // The first start makes the secret behind cursors.
  const rows = (await benchRows(database, users)).filter(({ name }) => measured.includes(name));
  for (const { name, requests } of rows) {
    const rates: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [i, { port }] of servers.entries()) {
        const result = await load.run({ port, requests, connections: 32, seconds: 1, sleeps: true });
        // The first round warms up.
        if (round > 0) rates[i]!.push(result.requestsPerSecond);
      }
    }
    const [one, many] = rates.map(median) as [number, number];
    met &&= many / one >= bar;
    console.log(
      `${name}: one worker ${Math.round(one)}/s, ${workers} workers ${Math.round(many)}/s, ${(many / one).toFixed(2)} times`,
    );
  }
  for (const server of servers) await server.stop();
} finally {
  load.stop();
  await database.stop();
}
if (!met) {
  console.error(`Below ${bar} times.`);
  process.exitCode = 1;
}
