// Another process holds the write lock of SQLite: only writes wait for it.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { writeAccounts } from '../support/account-files.ts';
import { assertError } from '../support/assert-error.ts';
import { type MusterProcess, runMuster, spawnMuster, startMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const timeout = 180_000;
/** Far longer than a test may take. */
const never = '3600000';

/**
 * Takes the write lock, from this process, which is not the one under test.
 * @returns a function that releases it
 */
function holdLock(t: TestContext, dataDir: string, file = 'muster.db'): () => void {
  // A service also writes after its start, for its jobs.
  const database = new DatabaseSync(join(dataDir, file), { timeout });
  database.exec('BEGIN IMMEDIATE');
  const release = () => {
    if (database.isOpen) database.close();
  };
  t.after(release);
  return release;
}

const rename = ({ url, token }: MusterProcess, first_name: string, id = '1') =>
  send(url, 'PATCH', `/api/v2/users/${id}`, { token: token!, body: document({ first_name }) });

async function nameOf({ url, token }: MusterProcess): Promise<string> {
  const { body } = await send(url, 'GET', '/api/v2/users/1', { token: token! });
  return body.data.attributes.first_name;
}

/** Reads of every kind, sequentially; each must get a response while the lock is held. */
async function readAll({ url, token }: MusterProcess): Promise<void> {
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    const headers = { Authorization: 'Bearer metrics-token-metrics' };
    const response = await fetch(url + path, { headers });
    assert.equal(response.status, 200, path);
    await response.text();
  }
  for (const path of ['/api/v2/users', '/api/v2/users/1', '/api/v2/users?filter[query]=admin'])
    assert.equal((await send(url, 'GET', path, { token: token! })).status, 200, path);
}

const env = { MUSTER_METRICS_TOKEN: 'metrics-token-metrics', MUSTER_RATE_LIMIT: '0' };

describe('while another process holds the write lock', { concurrency: 3 }, () => {
  for (const args of [[], ['--workers', '2']]) {
    test(`every read is answered and a write waits, ${args.join(' ') || 'alone'}`, { timeout }, async (t) => {
      const muster = await spawnMuster(t, { args, env: { ...env, MUSTER_BUSY_TIMEOUT_MS: never } });
      const release = holdLock(t, muster.dataDir);
      let answered = 0;
      const writes = Array.from({ length: 20 }, (_, i) =>
        rename(muster, `name ${i}`).then(({ status }) => {
          answered++;
          return status;
        }),
      );
      // The lock is released only after these reads: if a write blocked one of them, the test would hang.
      for (let i = 0; i < 10; i++) await readAll(muster);
      assert.equal(answered, 0);
      assert.equal(await nameOf(muster), 'First');
      release();
      assert.deepEqual(
        await Promise.all(writes),
        writes.map(() => 200),
      );
      assert.match(await nameOf(muster), /^name \d+$/);
    });
  }

  test('all writes are answered 503 when their patience ends, not one after the other', {
    timeout,
  }, async (t) => {
    const [patienceMs, count] = [1000, 40];
    const settings = { ...env, MUSTER_BUSY_TIMEOUT_MS: String(patienceMs) };
    const muster = await spawnMuster(t, { env: settings });
    const release = holdLock(t, muster.dataDir);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => rename(muster, `name ${i}`)));
    const tookMs = performance.now() - startedAt;
    for (const answer of answers) {
      assertError(answer, 503, 'service_unavailable');
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    }
    assert.ok(tookMs >= patienceMs, `${tookMs} ms`);
    assert.ok(tookMs < (count / 2) * patienceMs, `${tookMs} ms`);
    assert.equal(await nameOf(muster), 'First');
    // The reason is in the log, in words.
    const { reason } = await muster.logged('database unavailable');
    assert.match(String(reason), /^Another process holds the write lock of the database/);
    release();
    assert.equal((await rename(muster, 'Later')).status, 200);
    assert.equal(await nameOf(muster), 'Later');
  });

  test('a write has its own patience, from its arrival', { timeout }, async (t) => {
    const patienceMs = 2000;
    const settings = { ...env, MUSTER_BUSY_TIMEOUT_MS: String(patienceMs) };
    const muster = await spawnMuster(t, { env: settings });
    holdLock(t, muster.dataDir);
    const ends: number[] = [];
    const write = async (name: string) => {
      const startedAt = performance.now();
      assert.equal((await rename(muster, name)).status, 503);
      ends.push(performance.now() - startedAt);
    };
    const startedAt = performance.now();
    const first = write('first');
    // The others arrive so much later that their deadlines differ from the first one's.
    while (performance.now() - startedAt < patienceMs / 2) await readAll(muster);
    await Promise.all([first, write('second'), write('third')]);
    for (const tookMs of ends) assert.ok(tookMs >= patienceMs, `${tookMs} ms`);
  });

  test('a patience of 0 refuses at once', { timeout }, async (t) => {
    const muster = await spawnMuster(t, { env: { ...env, MUSTER_BUSY_TIMEOUT_MS: '0' } });
    const release = holdLock(t, muster.dataDir);
    assertError(await rename(muster, 'Ann'), 503, 'service_unavailable');
    release();
    assert.equal((await rename(muster, 'Ann')).status, 200);
  });

  test('a service that is told to stop answers the write when the lock is given back', {
    timeout,
  }, async (t) => {
    const muster = await spawnMuster(t, {
      env: { ...env, MUSTER_BUSY_TIMEOUT_MS: never, MUSTER_SHUTDOWN_TIMEOUT_MS: never },
    });
    const release = holdLock(t, muster.dataDir);
    const write = rename(muster, 'in time');
    await readAll(muster);
    muster.signal('SIGTERM');
    await muster.logged('stopping');
    release();
    assert.equal((await write).status, 200);
    assert.deepEqual(await muster.exited, { code: 0, signal: null });
  });

  test('a service whose job waits for the lock ends in time when it is told to stop', {
    timeout,
  }, async (t) => {
    const before = await spawnMuster(t);
    await before.stop();
    const { dataDir } = before;
    const database = new DatabaseSync(join(dataDir, 'muster.db'));
    // As if the job had never run, so that the next start claims its lease.
    database.exec('DELETE FROM leases');
    database.close();
    holdLock(t, dataDir);
    const muster = await spawnMuster(t, {
      env: {
        ...env,
        ...{ MUSTER_DATA_DIR: dataDir, MUSTER_BUSY_TIMEOUT_MS: never, MUSTER_SHUTDOWN_TIMEOUT_MS: '300' },
      },
    });
    assert.equal((await fetch(`${muster.url}/health/ready`)).status, 200);
    assert.deepEqual(await muster.stop(), { code: 0, signal: null });
  });

  test('a service that is told to stop ends in time where the lock is never given back', {
    timeout,
  }, async (t) => {
    const muster = await spawnMuster(t, {
      env: { ...env, MUSTER_BUSY_TIMEOUT_MS: never, MUSTER_SHUTDOWN_TIMEOUT_MS: '300' },
    });
    const release = holdLock(t, muster.dataDir);
    const write = rename(muster, 'never').catch((error: unknown) => error);
    await readAll(muster);
    assert.deepEqual(await muster.stop(), { code: 0, signal: null });
    assert.ok((await write) instanceof Error);
    release();
    const { stdout } = await runMuster(['users', 'show', '1', '--json'], {
      env: { MUSTER_DATA_DIR: muster.dataDir },
    });
    assert.equal(JSON.parse(stdout).first_name, 'First');
  });

  test('commands that read answer, and a service starts; commands that write say why they do not', {
    timeout,
  }, async (t) => {
    const before = await spawnMuster(t);
    await before.stop();
    const { dataDir } = before;
    holdLock(t, dataDir);
    for (const args of [['users', 'list'], ['info'], ['users', 'show', '1']]) {
      const settings = { MUSTER_DATA_DIR: dataDir, MUSTER_BUSY_TIMEOUT_MS: never };
      const { code, stderr } = await runMuster(args, { env: settings });
      assert.equal(stderr, '');
      assert.equal(code, 0, args.join(' '));
    }
    const muster = await spawnMuster(t, {
      env: { ...env, MUSTER_DATA_DIR: dataDir, MUSTER_BOOTSTRAP_TOKEN: before.token! },
    });
    await readAll(muster);
    const settings = { MUSTER_DATA_DIR: dataDir, MUSTER_BUSY_TIMEOUT_MS: '300' };
    const { code, stderr } = await runMuster(['organizations', 'create', 'Late'], { env: settings });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^muster: .*Another process holds the write lock of the database and did not release it in time\n$/,
    );
  });

  test('a first start that cannot make its tables says why', { timeout }, async (t) => {
    const before = await spawnMuster(t);
    await before.stop();
    const database = new DatabaseSync(join(before.dataDir, 'muster.db'));
    database.exec(`DELETE FROM kysely_migration WHERE name > '0002'; BEGIN IMMEDIATE`);
    t.after(() => database.close());
    const { code, stderr } = await runMuster(['migrate'], {
      env: { MUSTER_DATA_DIR: before.dataDir, MUSTER_BUSY_TIMEOUT_MS: '300' },
    });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^muster: MUSTER_DATA_DIR cannot be used: Another process holds the write lock of the database/,
    );
    assert.doesNotMatch(stderr, /^ +at /m);
  });

  test('workers answer requests while the file of their counts is locked', { timeout }, async (t) => {
    const muster = await spawnMuster(t, {
      args: ['--workers', '2'],
      env: { ...env, MUSTER_RATE_LIMIT: '1000', MUSTER_BUSY_TIMEOUT_MS: never },
    });
    holdLock(t, muster.dataDir, 'muster.db-rates');
    for (let i = 0; i < 10; i++) await readAll(muster);
    assert.equal((await rename(muster, 'Ann')).status, 200);
  });
});

test('every write is answered 200 while an import commits one batch after the other', {
  timeout: 180_000,
}, async (t) => {
  const muster = await spawnMuster(t, { env });
  const people = Array.from({ length: 20_000 }, (_, i) => ({
    email: `person${i}@example.com`,
    first_name: 'Ann',
    last_name: 'Lee',
  }));
  const file = writeAccounts(muster.dataDir, 'people', 'csv', people);
  const settings = { MUSTER_DATA_DIR: muster.dataDir };
  const { finished } = startMuster(['users', 'import', file, '--organization', '1', '--json'], {
    env: settings,
  });
  let isImporting = true;
  const imported = finished.finally(() => {
    isImporting = false;
  });
  for (let i = 0; isImporting; i++) {
    const name = `name ${i}`;
    assert.equal((await rename(muster, name)).status, 200);
    assert.equal(await nameOf(muster), name);
  }
  const { code, stdout, stderr } = await imported;
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).created, people.length);
});
