// PostgreSQL that is slow, locked, out of connections, read-only or down: the responses meanwhile, and the recovery.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { assertError } from '../support/assert-error.ts';
import { engines } from '../support/chosen-engines.ts';
import {
  ask,
  assertNoSurprise,
  assertUnavailable,
  connectTo,
  create,
  createPerson,
  isReady,
  nameOf,
  noTimeouts,
  rename,
  serveOn,
  type TimedAnswer,
  until,
} from '../support/postgres-outage.ts';
import { makePostgres, type PostgresServer } from '../support/postgres-server.ts';
import type { Environment } from '../support/spawn-muster.ts';

const timeout = 180_000;
const defaults = readConfig({}, {});

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  // One server for all tests, with a database for each: none of them kills it.
  const folder = mkdtempSync(join(tmpdir(), 'muster-outages-'));
  let server: PostgresServer;
  let databases = 0;
  before(async () => {
    server = await makePostgres(folder);
    await server.start();
  });
  after(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A service on an empty database, and a connection of another client to it. */
  async function setUp(t: TestContext, env: Environment = {}, prepare = '') {
    const url = await createDatabase(t);
    const outside = await connectTo(t, url);
    if (prepare !== '')
      await outside.query(prepare.replace('DATABASE', `DATABASE ${new URL(url).pathname.slice(1)}`));
    const muster = await serveOn(t, url, env);
    return { muster, outside, backends: () => backendsOf(outside) };
  }

  async function createDatabase(t: TestContext): Promise<string> {
    const name = `outage_${++databases}`;
    const admin = await connectTo(t, server.url());
    await admin.query(`CREATE DATABASE ${name}`);
    return server.url(name);
  }

  test('who waits too long for a connection is refused, the others go on', { timeout }, async (t) => {
    // Longer than the default, so that a shorter wait shows that the setting is not obeyed.
    const patienceMs = defaults.databaseConnectTimeoutMs + 500;
    const { muster, outside } = await setUp(t, {
      ...noTimeouts,
      MUSTER_DATABASE_POOL: '3',
      MUSTER_DATABASE_CONNECT_TIMEOUT_MS: String(patienceMs),
    });
    const people = [await createPerson(muster), await createPerson(muster), await createPerson(muster)];
    await outside.query('BEGIN; SELECT id FROM users FOR UPDATE');

    const held = people.slice(0, 2).map((id) => rename(muster, id, 'held'));
    await waiting(outside, 2);
    for (let i = 0; i < 20; i++) assert.equal((await ask(muster, 'GET', '/api/v2/users')).status, 200);
    held.push(rename(muster, people[2]!, 'held'));
    await waiting(outside, 3);
    const refused = await Promise.all([
      ask(muster, 'GET', '/api/v2/users'),
      create(muster),
      ask(muster, 'GET', '/health/ready'),
    ]);
    for (const answer of refused) {
      assertUnavailable(answer);
      assert.ok(answer.ms >= patienceMs - 50, `${answer.ms} ms`);
    }
    assert.equal((await ask(muster, 'GET', '/health/live')).status, 200);

    await outside.query('ROLLBACK');
    assert.deepEqual(
      (await Promise.all(held)).map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal((await create(muster)).status, 201);
    assertNoSurprise(muster);
  });

  test('transactions that cannot be serialized are done again', { timeout }, async (t) => {
    const serializable = "ALTER DATABASE SET default_transaction_isolation = 'serializable'";
    const { muster, outside } = await setUp(t, {}, serializable);
    const id = await createPerson(muster);
    const { headers } = await ask(muster, 'GET', `/api/v2/users/${id}`);
    const etag = headers.get('etag')!;
    const plain = await Promise.all(Array.from({ length: 24 }, (_, i) => rename(muster, id, `number ${i}`)));
    assert.deepEqual(
      plain.map(({ status }) => status).filter((status) => status !== 200),
      [],
    );
    const conditional = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        rename(muster, id, `once ${i}`, { 'If-Match': i < 12 ? etag : '*' }),
      ),
    );
    assert.deepEqual([...new Set(conditional.map(({ status }) => status))].sort(), [200, 412]);
    const made = await Promise.all(Array.from({ length: 16 }, () => create(muster)));
    assert.deepEqual([...new Set(made.map(({ status }) => status))], [201]);
    // Those that a precondition refuses are not among them.
    await until(async () => (await statistic(outside, 'xact_rollback')) > 0);
    t.diagnostic(`${await statistic(outside, 'xact_rollback')} transactions were rolled back`);
    assertNoSurprise(muster);
  });

  test('with the settings as they are', { timeout }, async (t) => {
    // PostgreSQL looks for a deadlock once, so long after a wait has begun: the other client must wait by then.
    const { muster, outside, backends } = await setUp(t, {}, "ALTER DATABASE SET deadlock_timeout = '3s'");
    const id = await createPerson(muster);

    await t.test(
      'a server that is read-only takes no writes, and takes them again when it is not',
      async () => {
        const set = async (value: string) => {
          await outside.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
          await outside.query('SELECT pg_reload_conf()');
          await until(
            async () =>
              (await outside.query('SHOW default_transaction_read_only')).rows[0]
                .default_transaction_read_only === value,
          );
        };
        await set('on');
        try {
          for (let i = 0; i < 12; i++) assertUnavailable(await rename(muster, id, 'refused'));
          assertUnavailable(await create(muster));
          assert.equal(await nameOf(muster, id), 'name');
        } finally {
          await set('off');
        }
        await Promise.all(
          Array.from({ length: 8 }, async () => assert.equal((await create(muster)).status, 201)),
        );
        assert.equal((await rename(muster, id, 'written')).status, 200);
      },
    );

    await t.test('a transaction that a deadlock has ended is done again', async () => {
      // The other client has a long deadlock timeout, so that the service's transaction is the victim.
      await outside.query("SET deadlock_timeout = '1min'; BEGIN; LOCK TABLE collections IN EXCLUSIVE MODE");
      const renamed = rename(muster, id, 'after all');
      await waiting(outside, 1);
      await outside.query(`SELECT id FROM users WHERE id = ${id} FOR UPDATE`);
      await outside.query('COMMIT');
      assert.equal((await renamed).status, 200);
      assert.equal(await nameOf(muster, id), 'after all');
      await until(async () => (await statistic(outside, 'deadlocks')) > 0);
    });

    await t.test('connections that the server ends are replaced', async () => {
      const id = await createPerson(muster);
      const end = async () => {
        const pids = await backends();
        await outside.query('SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) pid', [pids]);
        await until(async () => (await backends()).every((pid) => !pids.includes(pid)));
      };
      for (let i = 0; i < 3; i++) {
        await end();
        // The end of the connection arrives as fast as a response would.
        await sleep(50);
        assert.equal(await nameOf(muster, id), 'name');
        assert.equal((await rename(muster, id, 'name')).status, 200);
      }
      await outside.query(`BEGIN; SELECT id FROM users WHERE id = ${id} FOR UPDATE`);
      const cut = rename(muster, id, 'cut off');
      await waiting(outside, 1);
      await end();
      assertUnavailable(await cut);
      await outside.query('ROLLBACK');
      assert.equal(await nameOf(muster, id), 'name');
      assert.equal((await rename(muster, id, 'whole')).status, 200);
    });

    assertNoSurprise(muster);
    await t.test('an error that is not known is a bare 500, and its cause is in the log', async () => {
      await outside.query('ALTER TABLE users RENAME COLUMN first_name TO lost');
      const answer = await rename(muster, id, 'nobody');
      const [error] = assertError(answer, 500, 'server_error');
      assert.deepEqual(error!.meta, {});
      assert.doesNotMatch(answer.text, /first_name|column|select|update|postgres/i);
      const { err } = (await muster.logged('request failed')) as { err: { message: string } };
      assert.match(err.message, /first_name/);
      await outside.query('ALTER TABLE users RENAME COLUMN lost TO first_name');
      assert.equal((await rename(muster, id, 'somebody')).status, 200);
    });
  });

  test('with little patience', { timeout }, async (t) => {
    const { muster, outside, backends } = await setUp(t, {
      MUSTER_DATABASE_POOL: '2',
      MUSTER_DATABASE_TIMEOUT_MS: '300',
      MUSTER_DATABASE_CONNECT_TIMEOUT_MS: '300',
    });
    const id = await createPerson(muster);

    await t.test(
      'a statement that takes too long is refused with nothing written, and its connection serves on',
      async () => {
        const before = await ask(muster, 'GET', `/api/v2/users/${id}`);
        const pids = await backends();

        await outside.query(`BEGIN; SELECT id FROM users WHERE id = ${id} FOR UPDATE`);
        assertRefusedInTime(await rename(muster, id, 'too late'));
        await outside.query('ROLLBACK');
        const unchanged = await ask(muster, 'GET', `/api/v2/users/${id}`);
        assert.equal(unchanged.text, before.text);
        assert.equal(unchanged.headers.get('etag'), before.headers.get('etag'));

        await outside.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
        assertRefusedInTime(await ask(muster, 'GET', '/api/v2/users'));
        assertRefusedInTime(await create(muster));
        await outside.query('ROLLBACK');

        assert.equal((await rename(muster, id, 'in time')).status, 200);
        assert.equal(await nameOf(muster, id), 'in time');
        const now = await backends();
        assert.ok(
          pids.every((pid) => now.includes(pid)),
          'no connection was thrown away',
        );
      },
    );

    await t.test('E2 a server that says nothing any more keeps nobody waiting for ever', async () => {
      server.freeze();
      try {
        const answers = await Promise.all([
          ...Array.from({ length: 8 }, () => rename(muster, id, 'unheard')),
          ...Array.from({ length: 4 }, () => ask(muster, 'GET', '/health/ready')),
        ]);
        for (const answer of answers) assertUnavailable(answer);
        t.diagnostic(`the longest took ${Math.round(Math.max(...answers.map(({ ms }) => ms)))} ms`);
        assert.equal((await ask(muster, 'GET', '/health/live')).status, 200);
        assertUnavailable(await ask(muster, 'GET', '/health/ready'));
      } finally {
        server.thaw();
      }
      await until(() => isReady(muster));
      assert.equal((await rename(muster, id, 'heard')).status, 200);
    });
    assertNoSurprise(muster);
  });
});

/** Refused when the setting says, 300 ms, and not when the default says, which is more than thirty times as long. */
function assertRefusedInTime(answer: TimedAnswer): void {
  assertUnavailable(answer);
  assert.ok(answer.ms < defaults.databaseTimeoutMs, `${answer.ms} ms`);
}

/** The connections of the service. */
async function backendsOf(outside: pg.Client): Promise<number[]> {
  // Within a transaction, the statistics view would not change.
  await outside.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await outside.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster'`,
  );
  return rows.map(({ pid }) => pid);
}

/** Waits until this many statements of the service wait for a lock. */
async function waiting(outside: pg.Client, count: number): Promise<void> {
  await until(async () => {
    await outside.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await outside.query(
      `SELECT count(*)::integer AS count FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'muster' AND wait_event_type = 'Lock'`,
    );
    return rows[0].count === count;
  });
}

async function statistic(outside: pg.Client, name: string): Promise<number> {
  const { rows } = await outside.query(
    `SELECT ${name}::integer AS value FROM pg_stat_database WHERE datname = current_database()`,
  );
  return rows[0].value;
}
