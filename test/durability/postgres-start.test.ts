// Starts that must fail, starts that are interrupted during a migration, and a failover to another primary.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { engines } from '../support/chosen-engines.ts';
import { temporaryFolder } from '../support/engines.ts';
import {
  ask,
  assertNoSurprise,
  assertUnavailable,
  connectTo,
  create,
  createPerson,
  nameOf,
  noTimeouts,
  rename,
  serveOn,
  settingsOn,
  startPostgres,
  until,
} from '../support/postgres-outage.ts';
import { makePostgres, type PostgresServer } from '../support/postgres-server.ts';
import { type Finished, runMuster, startMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;
const secret = 'a-secret-of-the-database';

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('a database that cannot be used stops the start, and the reason names the setting and no secret', {
    timeout,
  }, async (t) => {
    const server = await startPostgres(t);
    const admin = await connectTo(t, server.url());
    await requirePasswords(server, admin);
    await admin.query(`CREATE ROLE guarded LOGIN PASSWORD 'another-secret'`);
    await admin.query(
      `CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
    await admin.query('CREATE DATABASE newer');
    const newer = await connectTo(t, server.url('newer'));
    await newer.query('CREATE TABLE kysely_migration (name text, timestamp text)');
    await newer.query(
      `INSERT INTO kysely_migration VALUES ('0001-accounts', '2020-01-01T00:00:00.000Z'),
        ('9999-of-the-future', '2100-01-01T00:00:00.000Z')`,
    );
    const url = (database: string, user = 'muster') =>
      `postgres://${user}:${secret}@127.0.0.1:${server.port}/${database}`;

    const reasons: [string, RegExp][] = [
      [`postgres://muster:${secret}@localhost:1/postgres`, /ECONNREFUSED/],
      [`postgres://muster:${secret}@nowhere.invalid/postgres`, /ENOTFOUND|EAI_AGAIN/],
      [url('missing'), /database "missing" does not exist/],
      [url('latin'), /the database is in LATIN1, but must be in UTF8/],
      [url('newer'), /9999-of-the-future/],
    ];
    for (const [databaseUrl, reason] of reasons)
      await assert.rejects(
        openStore(readConfig({}, { MUSTER_DATABASE_URL: databaseUrl })),
        ({ message }: Error) => {
          assertReason(message, reason);
          return true;
        },
      );
    const serve = (databaseUrl: string) =>
      runMuster(['serve'], { env: { ...settingsOn(databaseUrl), MUSTER_PORT: '0' } });
    assertRefused(
      await serve(url('postgres', 'guarded')),
      /password authentication failed for user "guarded"/,
    );
    assertRefused(await serve(`postgres://muster:${secret}@127.0.0.1:1/postgres`), /ECONNREFUSED/);
  });

  for (const cut of ['the process', 'the server'] as const) {
    test(`a migration that ends with ${cut} leaves nothing, and the next start does it`, {
      timeout,
    }, async (t) => {
      const server = await startPostgres(t);
      const holder = await connectTo(t, server.url());
      await stopMigrations(holder);
      const env = { ...settingsOn(server.url()), MUSTER_PORT: '0' };
      const started = startMuster(['serve'], { env });
      await until(() => someoneWaits(holder));

      if (cut === 'the process') {
        started.signal('SIGKILL');
        await started.finished;
        // The server notices the dead client when it sends to it.
        await holder.query('SELECT pg_advisory_unlock(1)');
      } else {
        await server.kill();
        assertRefused(await started.finished, /terminated|ECONNRESET/);
        await server.start();
      }
      const outside = await connectTo(t, server.url());
      await until(async () => !(await someoneMigrates(outside)));
      assert.deepEqual(await tablesOf(outside), []);
      await outside.query('DROP EVENT TRIGGER hold');

      const muster = await serveOn(t, server.url());
      assert.equal((await create(muster)).status, 201);
      assertNoSurprise(muster);
    });
  }

  test('a start waits for the migration of another one, however long it takes', { timeout }, async (t) => {
    const server = await startPostgres(t);
    const holder = await connectTo(t, server.url());
    await stopMigrations(holder);
    const env = { MUSTER_DATABASE_TIMEOUT_MS: '100' };
    const starts = Promise.all([serveOn(t, server.url(), env), serveOn(t, server.url(), env)]);
    await until(() => someoneWaits(holder));
    // Longer than the timeouts of requests and of the driver.
    await until(async () => {
      const { rows } = await holder.query(
        `SELECT 1 FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '1200 ms'`,
      );
      return rows.length === 2;
    });
    await holder.query('SELECT pg_advisory_unlock(1)');
    for (const muster of await starts) {
      assert.equal((await create(muster)).status, 201);
      assertNoSurprise(muster);
    }
  });

  test('a standby is refused as a primary until it has become one', { timeout }, async (t) => {
    const primary = await startPostgres(t);
    const muster = await serveOn(t, primary.url(), noTimeouts);
    const id = await createPerson(muster);
    await primary.stop();
    // At the address of the primary, as if a host name had moved.
    const standby = await makePostgres(await temporaryFolder(t), {
      standbyOf: primary,
      settings: { port: String(primary.port) },
    });
    await standby.start();
    t.after(() => standby.kill());

    assertUnavailable(await ask(muster, 'GET', '/health/ready'));
    assertUnavailable(await ask(muster, 'GET', '/api/v2/users'));
    assertUnavailable(await rename(muster, id, 'refused'));
    const second = await runMuster(['serve'], { env: { ...settingsOn(standby.url()), MUSTER_PORT: '0' } });
    assertRefused(second, /the server is a standby; connect to the primary/);

    const outside = await connectTo(t, standby.url());
    await outside.query('SELECT pg_promote()');
    await until(async () => (await rename(muster, id, 'written')).status === 200);
    assert.equal(await nameOf(muster, id), 'written');
    assertNoSurprise(muster);
  });
});

function assertRefused({ code, stdout, stderr }: Finished, reason: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /^muster: .*\n$/);
  assertReason(stderr.slice('muster: '.length), reason);
}

function assertReason(message: string, reason: RegExp): void {
  assert.match(message, /^MUSTER_DATABASE_URL cannot be used: /);
  assert.match(message, reason);
  assert.doesNotMatch(message, new RegExp(secret));
}

async function requirePasswords(server: PostgresServer, admin: pg.Client): Promise<void> {
  const file = join(server.dataFolder, 'pg_hba.conf');
  writeFileSync(file, `host all guarded all scram-sha-256\n${readFileSync(file, 'utf8')}`);
  await admin.query('SELECT pg_reload_conf()');
}

/** Blocks each migration at its first trigger, until released. */
async function stopMigrations(holder: pg.Client): Promise<void> {
  await holder.query(`
    CREATE SCHEMA held;
    CREATE FUNCTION held.hold() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(1); END $$;
    CREATE EVENT TRIGGER hold ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION held.hold();
    SELECT pg_advisory_lock(1)`);
}

async function someoneWaits(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_stat_activity WHERE application_name = 'muster' AND wait_event_type = 'Lock' AND query LIKE '%TRIGGER%'`,
  );
  return rows.length > 0;
}

async function someoneMigrates(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'muster'`);
  return rows.length > 0;
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
  return rows.map(({ tablename }) => tablename);
}
