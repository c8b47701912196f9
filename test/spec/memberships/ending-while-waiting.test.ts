// A membership that ends while a write waits for a lock gives no right any more.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '../../../src/config.ts';
import type { Role } from '../../../src/model/actor.ts';
import { openStore } from '../../../src/open-store.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { assertError } from '../../support/assert-error.ts';
import { emptyDatabase, emptyPostgres, engines } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { serveStore, type TestApp } from '../../support/start-app.ts';

const minute = 60_000;

async function prepare(app: TestApp, role: Role) {
  const organizationId = await app.createOrganization('Acme');
  const member = await app.createUser({ organizationId });
  const caller = await app.createUser();
  const end = app.clock.now + minute;
  await app.store.write((transaction) =>
    setMember(transaction, organizationId, caller.id, role, app.clock.now, end),
  );
  const write = (method: string) =>
    app.request(method, `/api/v2/organizations/${organizationId}`, {
      token: caller.token,
      ...(method === 'PATCH' && {
        body: { data: { type: 'organizations', attributes: { name: 'Changed', subdomain: 'taken' } } },
      }),
    });
  const row = () => app.store.read.records(organizations).find(organizationId);
  return { organizationId, member, caller, end, write, row };
}

describe('on postgres', { skip: !engines.includes('postgres'), timeout: 180_000 }, () => {
  async function setUp(t: TestContext, role: Role) {
    const databaseUrl = await emptyPostgres(t);
    const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '60000' }, {}));
    t.after(() => store.close());
    const [client, watcher] = [0, 1].map(() => new pg.Client({ connectionString: databaseUrl }));
    // Their connections are closed when the database is dropped at the end of the test.
    for (const one of [client!, watcher!]) await one.on('error', () => {}).connect();
    const app = await serveStore(t, store);
    const isBlocked = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const waiting = async () => {
      while ((await watcher!.query(isBlocked)).rows.length === 0) await sleep(10);
    };
    return {
      app,
      sql: (statement: string) => client!.query(statement),
      waiting,
      ...(await prepare(app, role)),
    };
  }

  type Setup = Awaited<ReturnType<typeof setUp>>;
  const waits: readonly [what: string, method: string, lock: (setup: Setup) => string][] = [
    [
      'an update that waits for the organization',
      'PATCH',
      ({ organizationId: id }) => `SELECT FROM organizations WHERE id = ${id} FOR UPDATE`,
    ],
    [
      "an update that waits for the caller's account",
      'PATCH',
      ({ caller: { id } }) => `SELECT FROM users WHERE id = ${id} FOR UPDATE`,
    ],
    [
      'an update that waits for a subdomain that is being taken',
      'PATCH',
      () =>
        `INSERT INTO organizations (name, created_at, subdomain, subdomain_key) VALUES ('x', 0, 'taken', 'taken')`,
    ],
    [
      'a deletion that waits for a member',
      'DELETE',
      ({ member: { id } }) => `SELECT FROM users WHERE id = ${id} FOR UPDATE`,
    ],
  ];
  for (const [what, method, lock] of waits)
    test(`${what} is refused where the membership of its caller ends meanwhile`, async (t) => {
      const setup = await setUp(t, 'owner');
      const { app, end, write, row, sql, waiting } = setup;
      const before = await row();
      for (const time of [end, end - 1]) {
        app.clock.now = end - minute;
        await sql(`BEGIN; ${lock(setup)}`);
        const written = write(method);
        await waiting();
        app.clock.now = time;
        await sql('ROLLBACK');
        if (time < end) assert.equal((await written).status, method === 'PATCH' ? 200 : 204);
        else {
          assertError(await written, 404, 'record_not_found');
          assert.deepEqual(await row(), before);
        }
      }
      assert.notDeepEqual(await row(), before);
    });
});

test('on sqlite, an update that waits for the write of another process is refused where the membership of its caller ends meanwhile', {
  skip: !engines.includes('sqlite'),
}, async (t) => {
  const open = await emptyDatabase(t, 'sqlite', { workers: 2 });
  const [app, other] = [await serveStore(t, await open()), await open()];
  const { caller, end, write, row } = await prepare(app, 'owner');
  const before = await row();
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const held = other.write(() => {
    begun.resolve();
    return ended.promise;
  });
  await begun.promise;
  const written = write('PATCH');
  // The update has arrived before them.
  for (let i = 0; i < 5; i++)
    assert.equal((await app.request('GET', '/api/v2/organizations', { token: caller.token })).status, 200);
  app.clock.now = end;
  ended.resolve();
  await held;
  assertError(await written, 404, 'record_not_found');
  assert.deepEqual(await row(), before);
});
