// Measures what a flood of wrong sign-ins costs those who are signed in, and whether somebody with a known address still
// gets in. Run `node bench/sign-in-flood.ts`, on both engines.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startDatabase } from './databases.ts';
import { fill } from './fill.ts';
import type { FloodResult } from './flood.ts';
import type { LoadResult } from './load.ts';
import { median, request } from './measure.ts';
import { type LoadGenerator, startLoad, startMuster } from './servers.ts';
import { behindProxy, emailOf, password, signInRequest, signInToken } from './sign-ins.ts';

const { values: options } = parseArgs({
  options: {
    'per-second': { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    database: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
  },
});
const perSecond = Number(options['per-second']);
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const users = 1000;
/** Half of the rate must be sent: below, it was no flood. */
const leastSent = 0.5;
/** The flood itself takes a part of the cores. */
const maxFactor = 3;
const maxSignInMs = 5000;

const patches = Array.from({ length: 50_000 }, (_, i) => {
  const body = JSON.stringify({ data: { type: 'users', attributes: { first_name: `Given${i}` } } });
  return request('PATCH', `/api/v2/users/${500 + (i % 500)}`, signInToken, { body });
});
const measured: Readonly<Record<string, readonly string[]>> = {
  'one user by id': Array.from({ length: users }, (_, i) =>
    request('GET', `/api/v2/users/${1 + i}`, signInToken),
  ),
  PATCH: patches,
};

const load = startLoad();
try {
  for (const name of options.database) await measureOn(name as 'sqlite' | 'postgres', load);
} finally {
  load.stop();
}

async function measureOn(name: 'sqlite' | 'postgres', load: LoadGenerator): Promise<void> {
  const database = await startDatabase(name);
  const flood = fork(join(import.meta.dirname, 'flood.ts'), { stdio: 'inherit' });
  try {
    await fill(database.environment, users);
    await database.settle();
    const server = await startMuster(database.folder, { ...behindProxy, ...database.environment });
    const { port } = server;
    await signIn(port);

    const results = new Map<string, { alone: LoadResult[]; meanwhile: LoadResult[] }>();
    const floods: FloodResult[] = [];
    const signInMs: number[] = [];
    const run = (requests: readonly string[]) =>
      load.run({ port, requests, connections: 4, seconds, sleeps: true });
    for (const requests of Object.values(measured)) await run(requests);
    for (let round = 0; round < rounds; round++)
      for (const [row, requests] of Object.entries(measured)) {
        const known = results.get(row) ?? { alone: [], meanwhile: [] };
        results.set(row, known);
        known.alone.push(await run(requests));
        flood.send({ port, perSecond });
        // Until the queue of hashes is full.
        await wait(500);
        const knownSignIn = signIn(port);
        known.meanwhile.push(await run(requests));
        signInMs.push(await knownSignIn);
        flood.send('stop');
        floods.push(((await once(flood, 'message')) as [FloodResult])[0]);
      }
    await server.stop();
    report(name, results, floods, signInMs);
  } finally {
    flood.kill();
    await database.stop();
  }
}

/** Signs in as one of the accounts that are flooded, from an address that the account has used. @returns milliseconds */
async function signIn(port: number): Promise<number> {
  const [, body] = signInRequest(emailOf(0), password, '').split('\r\n\r\n');
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/api/v2/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.api+json', 'X-Forwarded-For': '192.0.2.1' },
    body: body!,
  });
  if (response.status !== 201) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return performance.now() - startedAt;
}

function report(
  name: string,
  results: ReadonlyMap<string, { alone: LoadResult[]; meanwhile: LoadResult[] }>,
  floods: readonly FloodResult[],
  signInMs: readonly number[],
): void {
  const sent = median(floods.map(({ sentPerSecond }) => sentPerSecond));
  const statuses: Record<string, number> = {};
  for (const { statuses: found } of floods)
    for (const [status, count] of Object.entries(found)) statuses[status] = (statuses[status] ?? 0) + count;
  console.log(`${name}, node ${process.version}, ${Math.round(sent)} wrong sign-ins a second: `, statuses);
  if (sent < leastSent * perSecond) fail(`only ${Math.round(sent)} of ${perSecond} a second were sent`);
  for (const [row, { alone, meanwhile }] of results)
    for (const percentile of ['p50Ms', 'p99Ms'] as const) {
      const [before, during] = [alone, meanwhile].map((of) => median(of.map((result) => result[percentile])));
      const factor = median(meanwhile.map((result, i) => result[percentile] / alone[i]![percentile]));
      console.log(
        `${row}, ${percentile.slice(0, 3)}`.padEnd(24),
        `${before!.toFixed(2)} ms alone, ${during!.toFixed(2)} ms in the flood, ${factor.toFixed(2)} times`,
      );
      if (percentile === 'p50Ms' && factor > maxFactor)
        fail(`${row} takes more than ${maxFactor} times as long`);
    }
  console.log(
    `longest sign-in from a known address ${Math.max(...signInMs).toFixed(0)} ms of ${signInMs.length}`,
  );
  if (Math.max(...signInMs) > maxSignInMs) fail(`a sign-in took more than ${maxSignInMs} ms`);
}

function fail(failure: string): void {
  console.log(`NOT MET: ${failure}`);
  process.exitCode = 1;
}
