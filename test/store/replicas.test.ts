// Reads from a real standby of a real primary. The test pauses its replay.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { operatorOf } from '../../src/cli/accounts/operator.ts';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { joinOrganization } from '../../src/resources/memberships/join-organization.ts';
import { createRecord } from '../../src/resources/operations/create.ts';
import { updateRecord } from '../../src/resources/operations/update.ts';
import type { Writer, WriteServices } from '../../src/resources/operations/write-rules.ts';
import { userRules } from '../../src/resources/users/user-rules.ts';
import type { Store } from '../../src/store/store.ts';
import { engines } from '../support/chosen-engines.ts';
import { temporaryFolder } from '../support/engines.ts';
import { makePostgres, type PostgresServer } from '../support/postgres-server.ts';
import { serveStore, type TestApp } from '../support/start-app.ts';

interface Setup {
  readonly standby: PostgresServer;
  readonly app: TestApp;
  /** Starts another instance on the same servers. */
  readonly other: TestApp;
  askPrimary(statement: string): Promise<void>;
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** The total of a list for this token. */
  total(of: TestApp, token: string): Promise<number>;
  /** Runs a command on the primary, without settings of replicas. */
  readonly operator: {
    readonly store: Store;
    write<T>(work: (services: WriteServices, writer: Writer) => Promise<T>): Promise<T>;
  };
  /** Warnings of the first instance. */
  readonly warnings: readonly string[];
}

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('lists come from the standby, and an account sees what it wrote, through any instance', async (t) => {
    const { app, other, total, pauseReplay, resumeReplay } = await setUp(t);
    const writer = await app.createUser({ sysadmin: true });
    const reader = await app.createUser({ sysadmin: true });
    await caughtUp(() => total(app, reader.token), 2);

    await pauseReplay();
    const data = { type: 'users', attributes: { email: 'new@example.com', first_name: 'N', last_name: 'E' } };
    const created = await app.request('POST', '/api/v2/users', { token: writer.token, body: { data } });
    assert.equal(created.status, 201);
    assert.equal(await total(app, reader.token), 2, 'the standby answers, which does not know it yet');
    assert.equal(await total(app, writer.token), 3, 'the primary answers the one who wrote');
    assert.equal(await total(other, writer.token), 3, 'also through an instance that did not take the write');

    await resumeReplay();
    await caughtUp(() => total(app, reader.token), 3);
    await caughtUp(() => total(other, reader.token), 3);
  });

  test('an account sees at once what a command has changed of it, by a process that knows no replica', async (t) => {
    const { app, total, pauseReplay, operator } = await setUp(t);
    const admin = await app.createUser({ sysadmin: true });
    const reader = await app.createUser({ sysadmin: true });
    await caughtUp(() => total(app, admin.token), 2);
    await caughtUp(() => total(app, reader.token), 2);
    await pauseReplay();

    const attributes = { email: 'new@example.com', first_name: 'N', last_name: 'E' };
    const made = await operator.write((services, writer) =>
      createRecord(userRules, services, writer, attributes),
    );
    const token = await app.createToken(made.id);
    assert.equal(await total(app, token), 1, 'a new account finds itself in the list');
    assert.equal(await total(app, reader.token), 2, 'the standby answers those whom it does not concern');

    await operator.write((services, writer) =>
      updateRecord(userRules, services, writer, admin.id, { first_name: 'Later' }),
    );
    assert.equal(await total(app, admin.token), 3, 'the primary answers the account that was changed');
    assert.equal(await total(app, reader.token), 2);
    const organizationId = await app.createOrganization();
    await operator.write(async (_services, writer) => {
      const membership = { organizationId, role: 'owner' } as const;
      await writer.write((transaction) => joinOrganization(transaction, writer, reader.id, membership, 1));
    });
    assert.equal(await total(app, reader.token), 3, 'and the account that has become a member');
  });

  test('a write is kept and told so where it cannot be noted for the replicas', async (t) => {
    const { app, askPrimary, warnings } = await setUp(t);
    const { token } = await app.createUser({ sysadmin: true });
    await askPrimary(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no notes today'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON write_positions FOR EACH ROW EXECUTE FUNCTION refuse();
    `);
    const data = { type: 'users', attributes: { email: 'new@example.com', first_name: 'N', last_name: 'E' } };
    const created = await app.request('POST', '/api/v2/users', { token, body: { data } });
    assert.equal(created.status, 201);
    assert.deepEqual(warnings, [
      'A replica may show an account a state before its last write: no notes today',
    ]);

    await askPrimary('DROP TRIGGER refuse ON write_positions');
    const path = `/api/v2/users/${created.body.data.id}`;
    assert.equal((await app.request('DELETE', path, { token })).status, 204);
    assert.equal(warnings.length, 1);
  });

  test('what the primary has decided holds, however far behind the standby is', async (t) => {
    const { app, pauseReplay } = await setUp(t);
    const admin = await app.createUser({ sysadmin: true });
    const reader = await app.createUser({ sysadmin: true });
    const member = await app.createUser();
    await caughtUp(() => listTotal(app, reader.token), 3);
    await pauseReplay();

    const path = `/api/v2/users/${member.id}`;
    const data = { type: 'users', id: String(member.id), attributes: { first_name: 'Later' } };
    assert.equal((await app.request('PATCH', path, { token: admin.token, body: { data } })).status, 200);
    const shown = await app.request('GET', path, { token: reader.token });
    assert.equal(shown.body.data.attributes.first_name, 'Later', 'a record is never an old one');

    const [token] = await app.store.read.sessions.list(reader.id);
    await app.store.write(({ sessions }) => sessions.end(token!.id));
    assert.equal((await app.request('GET', '/api/v2/users', { token: reader.token })).status, 401);
  });

  test('a standby that is lost is left out, and taken back when it is there again', async (t) => {
    const { app, standby, total, pauseReplay, warnings } = await setUp(t);
    const { token } = await app.createUser({ sysadmin: true });
    await caughtUp(() => total(app, token), 1);
    assert.deepEqual(warnings, []);

    await standby.kill();
    for (let i = 0; i < 20; i++) assert.equal(await total(app, token), 1);
    await app.createUser();
    assert.equal(await total(app, token), 2, 'the primary answers');

    await standby.start();
    while (warnings.length < 2) await sleep(20);
    await caughtUp(() => total(app, token), 2);
    await pauseReplay();
    await app.createUser();
    assert.equal(await total(app, token), 2, 'the standby answers again');
    assert.deepEqual(warnings, [
      'Replica 1 of MUSTER_DATABASE_REPLICA_URLS does not answer and is not used until it does',
      'Replica 1 of MUSTER_DATABASE_REPLICA_URLS answers again and is used',
    ]);
  });

  test('the primary answers while a standby has not replayed the migrations', async (t) => {
    const { app, total } = await setUp(t, (standby) => ask(standby, 'SELECT pg_wal_replay_pause()'));
    const { token } = await app.createUser({ sysadmin: true });
    for (let i = 0; i < 10; i++) {
      assert.equal(await total(app, token), 1);
      await sleep(50);
    }
  });

  test('a standby that was promoted is left out: it no longer follows the primary', async (t) => {
    const { app, standby, total } = await setUp(t);
    const { token } = await app.createUser({ sysadmin: true });
    await caughtUp(() => total(app, token), 1);
    await ask(standby.url(), 'SELECT pg_promote()');
    await app.createUser();
    await caughtUp(() => total(app, token), 2);
  });
});

/** @param prepare called with the URL of the standby, before the migrations */
async function setUp(
  t: TestContext,
  prepare: (standby: string) => Promise<unknown> = async () => {},
): Promise<Setup> {
  const primary = await makePostgres(await temporaryFolder(t));
  const standby = await makePostgres(await temporaryFolder(t), { standbyOf: primary });
  await primary.start();
  t.after(() => primary.kill());
  await standby.start();
  t.after(() => standby.kill());
  await prepare(standby.url());

  const config = readConfig({ databaseUrl: primary.url(), databaseReplicaUrls: standby.url() }, {});
  const warnings: string[] = [];
  const instance = async (warn?: (message: string) => void) => {
    const store = await openStore(config, { warn });
    t.after(() => store.close());
    return serveStore(t, store);
  };
  const app = await instance((message) => warnings.push(message));
  const withoutReplicas = readConfig({ databaseUrl: primary.url() }, {});
  const store = await openStore(withoutReplicas);
  t.after(() => store.close());
  const { services, writer } = operatorOf(store, withoutReplicas);
  const replay = (what: string) => ask(standby.url(), `SELECT pg_wal_replay_${what}()`);
  const pauseState = async () =>
    (await ask(standby.url(), 'SELECT pg_get_wal_replay_pause_state() AS state'))[0]!.state;
  return {
    standby,
    app,
    other: await instance(),
    operator: { store, write: (work) => work(services, writer) },
    askPrimary: async (statement) => void (await ask(primary.url(), statement)),
    async pauseReplay() {
      await replay('pause');
      // Takes effect after the record that is being replayed.
      while ((await pauseState()) !== 'paused') await sleep(20);
    },
    resumeReplay: async () => void (await replay('resume')),
    total: listTotal,
    warnings,
  };
}

async function listTotal(app: TestApp, token: string): Promise<number> {
  const { status, body } = await app.request('GET', '/api/v2/users', { token });
  assert.equal(status, 200);
  return body.meta.total_count;
}

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until the standby has caught up. */
async function caughtUp(total: () => Promise<number>, expected: number): Promise<void> {
  let inARow = 0;
  while (inARow < 5) {
    // Several reads: the primary may also answer, until the position of the standby has been polled.
    inARow = (await total()) === expected ? inARow + 1 : 0;
    await sleep(100);
  }
}
