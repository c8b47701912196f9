// Rights that are revoked while a write waits for a row lock of another PostgreSQL transaction.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import { users } from '../../../src/resources/users/users.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import { CallerChanged } from '../../../src/store/errors.ts';
import { emptyPostgres, engines } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { outcome } from '../../support/read-answers.ts';
import { type Answer, document, serveStore, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const minute = 60_000;

interface Setup {
  readonly app: TestApp;
  readonly caller: { readonly id: number; readonly token: string; readonly tokenId: number };
  readonly target: { readonly id: number };
  /** Another client of the database, which may have an open transaction. */
  sql(statement: string): Promise<pg.QueryResult>;
  /** Resolves when this many connections wait for a lock. */
  waiting(count: number): Promise<void>;
}

async function setUp(t: TestContext): Promise<Setup> {
  const databaseUrl = await emptyPostgres(t);
  // Long timeouts: requests wait for the test, which may be slow.
  const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '60000' }, {}));
  t.after(() => store.close());
  const clients = [0, 1].map(() => new pg.Client({ connectionString: databaseUrl }));
  // Their connections are closed when the database is dropped at the end of the test.
  for (const client of clients) await client.on('error', () => {}).connect();
  const [client, watcher] = clients as [pg.Client, pg.Client];
  const app = await serveStore(t, store);
  const { id } = await app.createUser({ sysadmin: true });
  const token = await app.createToken(id, { expiresAt: app.clock.now + minute });
  return {
    app,
    caller: { id, token, tokenId: (await store.read.sessions.list(id)).at(-1)!.id },
    target: await app.createUser(),
    sql: (statement) => client.query(statement),
    async waiting(count) {
      const blocked = `SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await watcher.query(blocked)).rows[0].count < count) await sleep(10);
    },
  };
}

/** A change in one statement, and one in a transaction of several. */
const changes = [{ first_name: 'Changed' }, { first_name: 'Changed', email: 'changed@email.com' }];

function patch({ app, caller }: Setup, id: number, attributes: Record<string, unknown>): Promise<Answer> {
  return app.request('PATCH', `${usersPath}/${id}`, { token: caller.token, body: document(attributes) });
}

async function nameOf({ app }: Setup, id: number): Promise<unknown> {
  return (await app.store.read.records(users).find(id))!.first_name;
}

const revoke = ({ app, caller }: Setup) => app.store.write(({ sessions }) => sessions.end(caller.tokenId));

describe('on postgres', { skip: !engines.includes('postgres'), timeout: 180_000 }, () => {
  for (const attributes of changes) {
    const what = Object.keys(attributes).join(' and ');

    test(`a change of one's own ${what} that waits for the row is refused where the token is revoked`, async (t) => {
      const setup = await setUp(t);
      const { caller, sql, waiting } = setup;
      await sql(`BEGIN; UPDATE users SET revision = revision WHERE id = ${caller.id}`);
      const changed = patch(setup, caller.id, attributes);
      await waiting(1);
      assert.equal(await revoke(setup), true);
      await sql('COMMIT');
      assert.equal(outcome(await changed), '401 invalid_auth_token');
      assert.equal(await nameOf(setup, caller.id), 'name');
    });

    for (const whose of ['own', "another's"]) {
      test(`a change of ${whose} ${what} that waits for the row is refused where the token expires`, async (t) => {
        const setup = await setUp(t);
        const { app, caller, target, sql, waiting } = setup;
        const { id } = whose === 'own' ? caller : target;
        await sql(`BEGIN; UPDATE users SET revision = revision WHERE id = ${id}`);
        const changed = patch(setup, id, attributes);
        await waiting(1);
        app.clock.now += minute;
        await sql('COMMIT');
        assert.equal(outcome(await changed), '401 invalid_auth_token');
        assert.equal(await nameOf(setup, id), 'name');
      });

      test(`a change of ${whose} ${what} waits for a revocation that is not committed`, async (t) => {
        for (const end of ['COMMIT', 'ROLLBACK']) {
          const setup = await setUp(t);
          const { caller, target, sql, waiting } = setup;
          const { id } = whose === 'own' ? caller : target;
          await sql(`BEGIN; DELETE FROM sessions WHERE id = ${caller.tokenId}`);
          const changed = patch(setup, id, attributes);
          await waiting(1);
          await sql(end);
          assert.equal((await changed).status, end === 'COMMIT' ? 401 : 200);
          assert.equal(await nameOf(setup, id), end === 'COMMIT' ? 'name' : 'Changed');
        }
      });
    }

    test(`a change of another's ${what} that waits holds up a revocation, which then comes after it`, async (t) => {
      const setup = await setUp(t);
      const { target, sql, waiting } = setup;
      await sql(`BEGIN; UPDATE users SET revision = revision WHERE id = ${target.id}`);
      const changed = patch(setup, target.id, attributes);
      await waiting(1);
      let nameThen: unknown;
      const revoked = revoke(setup).then(async () => {
        nameThen = await nameOf(setup, target.id);
      });
      await waiting(2);
      await sql('COMMIT');
      await revoked;
      assert.equal(nameThen, 'Changed');
      assert.equal((await changed).status, 200);
    });

    test(`a change of another's ${what} waits for a demotion that is not committed, and is refused`, async (t) => {
      const setup = await setUp(t);
      const { caller, target, sql, waiting } = setup;
      await sql(`BEGIN; UPDATE users SET sysadmin = false, revision = revision + 1 WHERE id = ${caller.id}`);
      const changed = patch(setup, target.id, attributes);
      await waiting(1);
      await sql('COMMIT');
      assert.equal(outcome(await changed), '404 record_not_found');
      assert.equal(await nameOf(setup, target.id), 'name');
    });
  }

  for (const gone of ['caller', 'target'] as const) {
    test(`a change in an organization is refused where the ${gone} leaves it while the change waits`, async (t) => {
      const setup = await setUp(t);
      const { app, caller, target, sql, waiting } = setup;
      const organizationId = await app.createOrganization();
      await app.store.write(async (transaction) => {
        await transaction.records(users).update(caller.id, { sysadmin: gone === 'target' });
        for (const { id } of [caller, target])
          await setMember(transaction, organizationId, id, 'member', app.clock.now);
      });
      const { id } = gone === 'caller' ? caller : target;
      await sql(`BEGIN; SELECT FROM users WHERE id = ${id} FOR UPDATE`);
      const changed = app.request('PATCH', `${usersPath}/${id}`, {
        token: caller.token,
        headers: { 'X-Organization-Id': String(organizationId) },
        body: document({ first_name: 'Changed' }),
      });
      await waiting(1);
      await sql(`DELETE FROM memberships WHERE user_id = ${id}; COMMIT`);
      assert.equal(outcome(await changed), gone === 'caller' ? '403 access_denied' : '404 record_not_found');
      assert.equal(await nameOf(setup, id), 'name');
    });
  }

  for (const end of ['DELETE FROM', 'UPDATE'] as const)
    test(`a change by a bound token waits for a membership that ends, and is refused: ${end}`, async (t) => {
      const setup = await setUp(t);
      const { app, caller, sql, waiting } = setup;
      const organizationId = await app.createOrganization();
      await app.store.write((transaction) =>
        setMember(transaction, organizationId, caller.id, 'member', app.clock.now),
      );
      const membershipId = (await app.store.read.memberships.idOf(organizationId, caller.id))!;
      const token = await app.createToken(caller.id, { membershipId });
      const set = end === 'UPDATE' ? `SET expires_at = ${app.clock.now}` : '';
      await sql(`BEGIN; ${end} organization_memberships ${set} WHERE id = ${membershipId}`);
      const changed = patch({ ...setup, caller: { ...caller, token } }, caller.id, { first_name: 'Changed' });
      await waiting(1);
      await sql('COMMIT');
      assert.equal(outcome(await changed), '401 invalid_auth_token');
      assert.equal(await nameOf(setup, caller.id), 'name');
    });

  test('a change that waits for a connection is refused where the token expires meanwhile', async (t) => {
    const databaseUrl = await emptyPostgres(t);
    const store = await openStore({ ...readConfig({ databaseUrl }, {}), databasePool: 1 });
    t.after(() => store.close());
    const { clock, createUser, createToken } = await serveStore(t, store);
    const { id } = await createUser();
    const token = await createToken(id, { expiresAt: clock.now + minute });
    const presented = [(await store.authenticate(hashToken(token), { resource: users, id }))!];
    const end = Promise.withResolvers<void>();
    let held: Promise<void> | undefined;
    const writes = store.writesAs({
      presented,
      clock: () => clock.now,
      idleMs: 1,
      target: { resource: users, id },
    });
    const changed = writes.changeRecord(users, id, async () => {
      const begun = Promise.withResolvers<void>();
      held = store.write(() => {
        begun.resolve();
        return end.promise;
      });
      await begun.promise;
      // After the change has asked for the connection.
      setImmediate(() => {
        clock.now += minute;
        end.resolve();
      });
      return { first_name: 'Changed' };
    });
    await assert.rejects(changed, CallerChanged);
    await held;
    assert.equal((await store.read.records(users).find(id))!.first_name, 'name');
  });

  test('changes and revocations of one account at once are never a deadlock', async (t) => {
    const setup = await setUp(t);
    const { app, caller, sql } = setup;
    for (let round = 0; round < 20; round++) {
      const tokens = await Promise.all(
        Array.from({ length: 6 }, () => app.createToken(caller.id, { machine: false })),
      );
      const answers = await Promise.all([
        ...tokens.map((token, i) =>
          app.request('PATCH', `${usersPath}/${caller.id}`, {
            token,
            body: document(i % 2 ? { first_name: `Ann ${i}` } : { email: `ann${i}@email.com` }),
          }),
        ),
        app.store.write(async (transaction) => {
          await transaction.records(users).findForUpdate(caller.id);
          await transaction.sessions.endSignIns(caller.id, caller.tokenId);
          return { status: 200 };
        }),
      ]);
      for (const { status } of answers) assert.ok(status === 200 || status === 401, String(status));
    }
    const { rows } = await sql(
      `SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`,
    );
    assert.equal(rows[0].deadlocks, 0);
  });
});
