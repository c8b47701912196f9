// Request counters: in the memory of one process, in a file for several workers, in a database server for all
// instances.

import assert from 'node:assert/strict';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { memoryRequestCounter } from '../../src/store/memory-request-counter.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import { serverRequestCounter } from '../../src/store/postgres/request-counter.ts';
import { fileRequestCounter } from '../../src/store/sqlite/request-counter.ts';
import type { RequestCounter } from '../../src/store/store.ts';
import { assertError } from '../support/assert-error.ts';
import { emptyPostgres, engines, temporaryFolder } from '../support/engines.ts';
import { connectTo, until, waitingProcesses } from '../support/postgres-outage.ts';
import { serveStore } from '../support/start-app.ts';

interface Shared {
  /** A counter with the same counts, as in another process. */
  open(): Promise<RequestCounter>;
  /** Number of rows in the table of counts. */
  query(statement: string): Promise<Record<string, number>[]>;
}

async function inFile(t: TestContext): Promise<Shared> {
  const file = join(await temporaryFolder(t), 'rates');
  return {
    async open() {
      const requestCounter = fileRequestCounter(file, { busyTimeoutMs: 60_000, sweepMs: 0 });
      t.after(() => requestCounter.close());
      return requestCounter;
    },
    async query(statement) {
      const database = new DatabaseSync(file);
      const rows = database.prepare(statement).all();
      database.close();
      return rows as Record<string, number>[];
    },
  };
}

async function onServer(t: TestContext): Promise<Shared> {
  const url = await emptyPostgres(t);
  return {
    async open() {
      const engine = await openPostgres(url, readConfig({ databaseUrl: url }, {}));
      t.after(() => engine.close());
      return serverRequestCounter(engine, 0);
    },
    async query(statement) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(statement);
      await client.end();
      return rows;
    },
  };
}

const shared = { 'in a file': inFile, ...(engines.includes('postgres') && { 'on a server': onServer }) };

const times = <T>(count: number, work: (i: number) => T | Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

/** In seconds. A window that ends during no test. */
const day = 86_400;

const admitted = (waits: readonly number[]) => waits.filter((wait) => wait === 0).length;

async function assertCounts(requestCounter: RequestCounter): Promise<void> {
  assert.equal(admitted(await times(10, () => requestCounter.count(1, 3))), 3);
  assert.equal(admitted(await times(10, (i) => requestCounter.count(2 + (i % 2), 3))), 6);
  for (const token of [1, 2, 3]) {
    const wait = await requestCounter.count(token, 3);
    assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 10, String(wait));
    assert.equal(await requestCounter.count(token, 1000), 0);
  }
}

test('in memory each token is counted by itself, and without a promise', async () => {
  const requestCounter = memoryRequestCounter();
  assert.equal(requestCounter.count(9, 1), 0);
  await assertCounts(requestCounter);
});

/** A negative key: not a token. */
async function assertWindows(requestCounter: RequestCounter): Promise<void> {
  assert.equal(admitted(await times(4, () => requestCounter.count(-1, 3, day))), 3);
  assert.equal(admitted(await times(4, () => requestCounter.count(1, 3))), 3);
  const [long, short] = [await requestCounter.count(-1, 3, day), await requestCounter.count(1, 3)];
  assert.ok(long > day - 60 && long <= day, String(long));
  assert.ok(short >= 1 && short <= 10, String(short));
}

test('in memory each window has its own length', () => assertWindows(memoryRequestCounter()));

test('in memory there is an end to the keys that are kept, and the oldest go first', async () => {
  const requestCounter = memoryRequestCounter();
  for (let key = 1; key <= 500_000; key++) requestCounter.count(key, 1);
  assert.notEqual(requestCounter.count(1, 1), 0);
  assert.equal(requestCounter.count(500_001, 1), 0);
  assert.notEqual(requestCounter.count(2, 1), 0);
  assert.equal(requestCounter.count(1, 1), 0);
});

for (const [where, make] of Object.entries(shared))
  describe(where, () => {
    test('each window has its own length', async (t) => {
      const { open, query } = await make(t);
      const requestCounter = await open();
      await assertWindows(requestCounter);
      await query('UPDATE request_counts SET started_at = started_at - 20000');
      assert.equal(await requestCounter.count(1, 3), 0);
      assert.notEqual(await requestCounter.count(-1, 3, day), 0);
    });

    test('each token is counted by itself', async (t) => {
      await assertCounts(await (await make(t)).open());
    });

    test('two that count at once miss none and count none twice', async (t) => {
      const { open, query } = await make(t);
      const both = [await open(), await open()];
      for (let round = 0; round < 10; round++)
        await times(40, (i) => both[i % 2]!.count(1 + (i % 5), 1_000_000, day));
      const waits = await times(200, (i) => both[i % 2]!.count(6, 77, day));
      assert.equal(admitted(waits), 77);
      const rows = await query('SELECT key, count FROM request_counts ORDER BY key');
      assert.deepEqual(
        rows.map(({ key, count }) => [Number(key), count]),
        [...[1, 2, 3, 4, 5].map((token) => [token, 80]), [6, 200]],
      );
    });

    test('a new window begins when ten seconds are over, or where the clock was set back', async (t) => {
      const { open, query } = await make(t);
      const requestCounter = await open();
      for (const shift of [-10_001, 20_000]) {
        await times(3, () => requestCounter.count(1, 2));
        assert.notEqual(await requestCounter.count(1, 2), 0);
        await query(`UPDATE request_counts SET started_at = started_at + ${shift}`);
        assert.equal(await requestCounter.count(1, 2), 0);
        assert.deepEqual(
          (await query('SELECT count FROM request_counts')).map(({ count }) => count),
          [1],
        );
      }
      await query('UPDATE request_counts SET started_at = started_at - 8000, count = 2');
      assert.ok((await requestCounter.count(1, 2)) <= 2);
    });

    test('windows that are long over are forgotten', async (t) => {
      const { open, query } = await make(t);
      const rates = await open();
      await query('INSERT INTO request_counts VALUES (7, 0, 10000, 5), (8, 0, 10000, 5)');
      for (let i = 0; i < 100; i++) {
        await rates.count(1, 10);
        const rows = await query('SELECT key FROM request_counts');
        if (rows.length === 1) return;
      }
      assert.fail('They are still there');
    });
  });

test('a file that is gone or damaged is made anew, for nobody else to read', async (t) => {
  const file = join(await temporaryFolder(t), 'rates');
  const options = { busyTimeoutMs: 60_000 };
  for (const damage of [
    () => {},
    () => rmSync(file),
    () => writeFileSync(file, 'no database '.repeat(1000)),
    () => writeFileSync(file, ''),
  ]) {
    damage();
    const rates = fileRequestCounter(file, options);
    assert.equal(await rates.count(1, 10), 0);
    rates.close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  }
});

test('two that count at once on a server where all is serializable wait for each other', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const { open, query } = await onServer(t);
  await (await open()).count(1, 10);
  const [row] = await query('SELECT current_database() AS name');
  await query(`ALTER DATABASE ${row!.name} SET default_transaction_isolation = 'serializable'`);
  const both = [await open(), await open()];
  for (let round = 0; round < 20; round++) await times(20, (i) => both[i % 2]!.count(2, 1_000_000, day));
  assert.equal((await query('SELECT count FROM request_counts WHERE key = 2'))[0]!.count, 400);
});

test('a key whose row is locked does not hold up the others', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const databaseUrl = await emptyPostgres(t);
  const engine = await openPostgres(
    databaseUrl,
    readConfig({ databaseUrl, databaseTimeoutMs: '3600000' }, {}),
  );
  t.after(() => engine.close());
  const requestCounter = serverRequestCounter(engine);
  await requestCounter.count(1, 10);
  const [other, watcher] = [await connectTo(t, databaseUrl), await connectTo(t, databaseUrl)];
  await other.query('BEGIN; SELECT FROM request_counts WHERE key = 1 FOR UPDATE');
  const held = requestCounter.count(1, 10);
  await until(async () => (await waitingProcesses(watcher)).length === 1);
  assert.equal(await requestCounter.count(2, 10), 0);
  await other.query('COMMIT');
  assert.equal(await held, 0);
});

test('a request that the server does not count in time is answered 503, and the next one is counted', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const databaseUrl = await emptyPostgres(t);
  const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '300' }, {}));
  t.after(() => store.close());
  const [limited, free] = [
    await serveStore(t, store, { rateLimit: '5' }),
    await serveStore(t, store, { rateLimit: '0' }),
  ];
  const { token } = await limited.createUser();
  const ask = (app = limited) => app.request('GET', '/api/v2/users', { token });
  assert.equal((await ask()).status, 200);

  const other = new pg.Client({ connectionString: databaseUrl });
  await other.connect();
  await other.query('BEGIN; LOCK TABLE request_counts IN ACCESS EXCLUSIVE MODE');
  assertError(await ask(), 503, 'service_unavailable');
  await assert.rejects(async () => store.requestCounter.count(1, 5), StoreUnavailable);
  // Without a limit, the counter is not called.
  assert.equal((await ask(free)).status, 200);
  await other.end();
  assert.equal((await ask()).status, 200);
});
