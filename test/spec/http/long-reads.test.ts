// Reads that may take long run beside the others, within limits.

import assert from 'node:assert/strict';
import { access, rename } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { databaseFile, openEngine, openStore } from '../../../src/open-store.ts';
import { users } from '../../../src/resources/users/users.ts';
import { StoreUnavailable } from '../../../src/store/errors.ts';
import type { Engine } from '../../../src/store/sql/engine.ts';
import type { LongReadOutcome, LongReadWatch } from '../../../src/store/sql/long-reads.ts';
import { assertError } from '../../support/assert-error.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { serveStore } from '../../support/start-app.ts';

/** Counts outcomes, and waits until so many reads run and wait. */
function recordingWatch() {
  const outcomes: LongReadOutcome[] = [];
  const waiters = new Set<() => void>();
  let state = '0 run, 0 wait';
  const watch: LongReadWatch = {
    ended: (outcome) => void outcomes.push(outcome),
    now(running, waiting) {
      state = `${running} run, ${waiting} wait`;
      for (const look of waiters) look();
    },
  };
  const until = (wanted: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (state !== wanted) return;
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
      look();
    });
  return { watch, outcomes, until };
}

/** A list for which each user is compared with many texts. */
function longList(letter: string, count = 900): string {
  const texts = Array.from({ length: count }, (_, i) => `${letter}${i}`);
  return `/api/v2/users?sort=last_name,first_name&page[size]=1&filter[first_name][not_contain]=${texts}`;
}

/** With so many users, a long list takes far longer than what a test does meanwhile. */
const moreUsers = 20_000;
/** A list with so few texts counts as long, and yet is answered soon. */
const fewTexts = 20;

const generous = { maxSearchedTexts: '1000', maxUnindexedTexts: '1000', maxFilterValues: '1000' };

async function manyUsers(
  t: TestContext,
  engine: EngineName,
  { users: count = 2000, statementTimeoutMs = 60_000, longReads = 1 } = {},
) {
  const config = await clearedConfig(t, engine);
  const recorded = recordingWatch();
  const open = async (timeoutMs: number) => {
    const settings = { ...config, longReads, statementTimeoutMs: timeoutMs };
    const store = await openStore(settings, { longReadWatch: recorded.watch });
    t.after(() => store.close());
    return store;
  };
  const row = {
    updated_at: 1,
    sysadmin: false,
    sysadmin_permissions: '[]',
    first_name: 'a'.repeat(250),
    last_name: 'Lee',
  };
  const filling = await open(60_000);
  await filling.write(async (transaction) => {
    for (let first = 0; first < count; first += 500)
      await transaction
        .records(users)
        .insertMany(Array.from({ length: 500 }, (_, i) => ({ ...row, email: `p${first + i}@example.com` })));
  });
  const serving = await serveStore(t, filling, generous);
  const sysadmin = await serving.createUser({ sysadmin: true });
  const app = await serveStore(t, await open(statementTimeoutMs), generous);
  const get = (path: string) => app.request('GET', path, { token: sysadmin.token });
  /** Sends lists that take long, and notes how each ends. */
  const ask = (token: string, letters: Iterable<string>, clients: AbortController, count?: number) =>
    [...letters].map((letter) =>
      fetch(app.url + longList(letter, count), {
        headers: { 'X-Auth-Token': token },
        signal: clients.signal,
      }).then(
        ({ status }) => `${letter} ${status}`,
        () => 'gone',
      ),
    );
  return { app, get, ask, serving, sysadmin, ...recorded };
}

onEachEngine((engine) => {
  test('answers a request that came later while a long list is still read', async (t) => {
    const { get, sysadmin, until } = await manyUsers(t, engine);
    const answered: string[] = [];
    const list = get(longList('z')).then((answer) => {
      answered.push('list');
      return answer;
    });
    await until('1 run, 0 wait');
    assert.equal((await get(`/api/v2/users/${sysadmin.id}`)).status, 200);
    answered.push('user');
    const { status, body } = await list;
    assert.deepEqual([status, body.meta.total_count], [200, 2001]);
    assert.deepEqual(answered, ['user', 'list']);
  });

  test('refuses long lists with 503 while too many wait, and ends those whose clients went', async (t) => {
    const { app, get, ask, sysadmin, outcomes, until } = await manyUsers(t, engine, { users: moreUsers });
    const clients = new AbortController();
    const lists = ask(sysadmin.token, 'abcdefghi', clients);
    await until('1 run, 8 wait');
    const refused = await get(longList('z'));
    assertError(refused, 503, 'service_unavailable');
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.ok(app.log.some(({ reason }) => reason === '1 long reads are running and 8 are waiting'));
    assert.equal((await get(`/api/v2/users/${sysadmin.id}`)).status, 200);

    clients.abort();
    assert.deepEqual(await Promise.all(lists), Array(9).fill('gone'));
    await until('0 run, 0 wait');
    assert.deepEqual(outcomes, ['shed', ...Array(9).fill('gone')]);
    assert.equal((await get(longList('z', fewTexts))).status, 200);
    assert.ok(!app.log.some(({ level }) => Number(level) >= 50), 'nothing is logged as an error');
  });

  test('a caller with one long list is answered before another caller who has asked for many', async (t) => {
    const { ask, serving, sysadmin, until } = await manyUsers(t, engine, { users: moreUsers, longReads: 2 });
    const other = await serving.createUser({ sysadmin: true });
    const clients = new AbortController();
    const ended: string[] = [];
    const greedy = ask(sysadmin.token, 'abcdefghijklmnopq', clients).map(async (list) =>
      ended.push(await list),
    );
    await until('1 run, 16 wait');
    const [list] = ask(other.token, 'z', clients, fewTexts);
    assert.equal(await list, 'z 200');
    assert.ok(ended.length < greedy.length, 'the first caller still waits');
    clients.abort();
    await Promise.all(greedy);
    await until('0 run, 0 wait');
  });

  test('E11 when the service stops, lists that take long go on for a second, and are then answered with 503', async (t) => {
    const { app, ask, serving, sysadmin, until } = await manyUsers(t, engine, {
      users: moreUsers,
      longReads: 2,
    });
    const other = await serving.createUser({ sysadmin: true });
    const clients = new AbortController();
    const long = ask(sysadmin.token, 'abcdefghijklmnop', clients);
    await until('1 run, 15 wait');
    const arrived = until('2 run, 15 wait');
    const [short] = ask(other.token, 'z', clients, fewTexts);
    await arrived;
    const stoppedAt = performance.now();
    const closed = app.close();
    // On a busy machine, also the short one may take longer than the second.
    const end = await short;
    assert.ok(end === 'z 200' || performance.now() - stoppedAt > 900, `${end} too early`);
    await closed;
    assert.equal(await long.at(-1), 'p 503');
    await until('0 run, 0 wait');
  });

  test('answers one list of many short texts in groups, although nine reads may run and wait', async (t) => {
    const { get } = await manyUsers(t, engine);
    const letters = [...'abcdefghij'];
    const any = letters.map((letter, i) => `filter[${i}][first_name][contains]=${letter}`).join('&');
    const nested = 'filter[0][$op]=and&filter[0][0][$op]=or&filter[0][0][0][first_name][contains]=a';
    for (const groups of [any, nested, `${nested}&filter[1][last_name][contains]=${'zq,'.repeat(500)}x`])
      for (const sort of ['id', 'last_name']) {
        const list = `/api/v2/users?filter[$op]=or&${groups}&sort=${sort}&page[size]=1`;
        const { status, body } = await get(list);
        assert.equal(status, 200, list);
        assert.ok(body.meta.total_count >= 2000, list);
      }
  });

  test('answers 503 for a list that takes too long, and then serves on', async (t) => {
    const { app, get, sysadmin, outcomes } = await manyUsers(t, engine, {
      statementTimeoutMs: engine === 'sqlite' ? 20 : 250,
    });
    assertError(await get(longList('z')), 503, 'service_unavailable');
    assert.deepEqual(outcomes, ['timed_out']);
    assert.ok(app.log.some(({ reason }) => /^A read took longer than \d+ ms$/.test(String(reason))));
    assert.equal((await get(`/api/v2/users/${sysadmin.id}`)).status, 200);
    // On a busy machine, this one may take too long too.
    while ((await get('/api/v2/users?filter[last_name]=Lee&page[size]=1')).status !== 200);
  });

  test('ends a statement in the database when its time or its client is over', async (t) => {
    const { watch, outcomes, until } = recordingWatch();
    const config = { ...(await clearedConfig(t, engine)), longReads: 1, statementTimeoutMs: 200 };
    const database = await openEngine(config, { isServing: true, longReadWatch: watch });
    t.after(() => database.close());
    const read = database.longReadsOn(database.reader)!;
    await assert.rejects(read(endless(database)), { message: 'A read took longer than 200 ms' });
    await until('0 run, 0 wait');

    const client = new AbortController();
    const abandoned = assert.rejects(
      read(endless(database), () => ({ caller: 1, gone: client.signal })),
      { name: 'Error' },
    );
    client.abort();
    await abandoned;
    await until('0 run, 0 wait');
    assert.deepEqual(outcomes, ['timed_out', 'gone']);
    const one = sql<{ one: number }>`select 1 as one`.compile(database.reader);
    // On a busy machine, this one may take too long too.
    const rows = async (): Promise<unknown> => {
      try {
        return await read(one);
      } catch (error) {
        if (error instanceof StoreUnavailable) return rows();
        throw error;
      }
    };
    assert.deepEqual(await rows(), [{ one: 1 }]);
  });

  test('ends a statement in the database also when its client goes as it begins', async (t) => {
    const { watch, outcomes, until } = recordingWatch();
    const config = { ...(await clearedConfig(t, engine)), longReads: 1, statementTimeoutMs: 3_600_000 };
    const database = await openEngine(config, { isServing: true, longReadWatch: watch });
    t.after(() => database.close());
    const read = database.longReadsOn(database.reader)!;
    // Each a statement of its own, which the database has to parse.
    const texts = (turns: number) => Array.from({ length: 900 + turns }, (_, i) => `text ${i}`);
    for (let turns = 0; turns < 20; turns++) {
      const client = new AbortController();
      const abandoned = assert.rejects(
        read(endless(database, texts(turns)), () => ({ caller: 1, gone: client.signal })),
      );
      for (let i = 0; i < turns; i++) await setImmediate();
      client.abort();
      await abandoned;
      await until('0 run, 0 wait');
    }
    assert.deepEqual(outcomes, Array(20).fill('gone'));
  });
});

test('a long read of a database file that is gone ends with 503, and makes no new file', async (t) => {
  const config = await clearedConfig(t, 'sqlite');
  const database = await openEngine(config, { isServing: true });
  t.after(() => database.close());
  const one = sql<{ one: number }>`select 1 as one`.compile(database.reader);
  const file = databaseFile(config);
  await rename(file, `${file}.moved`);
  const read = database.longReadsOn(database.reader)!;
  await assert.rejects(read(one), StoreUnavailable);
  await assert.rejects(access(file));
  await rename(`${file}.moved`, file);
  assert.deepEqual(await read(one), [{ one: 1 }]);
});

/** @param texts that the database reads before it runs the statement */
function endless(engine: Engine, texts: readonly string[] = []) {
  const check = engine.interruptible('numbers.n');
  const query =
    check === null
      ? sql`select pg_sleep(3600), array[${sql.join(texts)}]::text[]`
      : sql`with recursive numbers (n) as (select 1 union all select n + 1 from numbers)
          select count(*) from numbers where ${check}`;
  return query.compile(engine.reader);
}
