// Measures what the renaming of a large organization costs other writes: the longest PATCH of a user meanwhile, and the
// time until every member has a new `updated_at`. Run `node bench/rename.ts`, on both engines.

import { parseArgs } from 'node:util';
import { startDatabase } from './databases.ts';
import { fill, token } from './fill.ts';
import { startMuster } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    members: { type: 'string', default: '100000' },
    database: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
  },
});
const members = Number(options.members);
const maxWriteMs = 500;
const maxFollowSeconds = 60;

for (const name of options.database) await measureOn(name as 'sqlite' | 'postgres');

async function measureOn(name: 'sqlite' | 'postgres'): Promise<void> {
  const database = await startDatabase(name);
  try {
    await fill(database.environment, members);
    await database.settle();
    const server = await startMuster(database.folder, database.environment);
    const api = apiAt(server.port);

    const alone: number[] = [];
    const aloneUntil = performance.now() + 5000;
    while (performance.now() < aloneUntil) alone.push(await api.changeUser());

    const renamedAt = new Date().toISOString();
    const startedAt = performance.now();
    await api.patch('organizations', 1, { name: `Renamed ${startedAt}` });
    const renameMs = performance.now() - startedAt;
    const meanwhile: number[] = [];
    const follow = { isOver: false };
    const followed = api.waitUntilNoneIsOlder(renamedAt).finally(() => {
      follow.isOver = true;
    });
    while (!follow.isOver) meanwhile.push(await api.changeUser());
    const followSeconds = ((await followed) - startedAt) / 1000;
    await server.stop();

    console.log(`${name}, ${members} members, node ${process.version}`);
    console.log(`rename answered after                ${renameMs.toFixed(1)} ms`);
    console.log(`every member has a new updated_at    after ${followSeconds.toFixed(1)} s`);
    console.log(
      `longest other write, before          ${Math.max(...alone).toFixed(1)} ms of ${alone.length}`,
    );
    console.log(
      `longest other write, meanwhile       ${Math.max(...meanwhile).toFixed(1)} ms of ${meanwhile.length}`,
    );
    if (Math.max(...meanwhile) > maxWriteMs) fail(`a write took more than ${maxWriteMs} ms`);
    if (followSeconds > maxFollowSeconds) fail(`the members took more than ${maxFollowSeconds} s`);
  } finally {
    await database.stop();
  }
}

function apiAt(port: number) {
  const base = `http://127.0.0.1:${port}/api/v2`;
  const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/vnd.api+json' };
  let written = 0;

  async function patch(type: string, id: number, attributes: Record<string, string>): Promise<void> {
    const body = JSON.stringify({ data: { type, id: String(id), attributes } });
    const response = await fetch(`${base}/${type}/${id}`, { method: 'PATCH', headers, body });
    if (response.status !== 200) throw new Error(`PATCH: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
  return {
    patch,
    /** @returns milliseconds until the response */
    async changeUser(): Promise<number> {
      const startedAt = performance.now();
      written++;
      await patch('users', 2 + ((written * 7919) % (members - 1)), { first_name: `Given${written}` });
      return performance.now() - startedAt;
    },
    /** @returns when no user has an `updated_at` before this time, by the monotonic clock */
    async waitUntilNoneIsOlder(time: string): Promise<number> {
      for (;;) {
        const url = `${base}/users?filter[updated_at][lt]=${encodeURIComponent(time)}&page[size]=1`;
        const { data } = (await (await fetch(url, { headers })).json()) as { data: unknown[] };
        if (data.length === 0) return performance.now();
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
  };
}

function fail(failure: string): void {
  console.log(`NOT MET: ${failure}`);
  process.exitCode = 1;
}
