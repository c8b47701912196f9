// Tokens of the version before become sessions. Its instances go on with the view `tokens` while the database has the
// tables of this version.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from '../../src/config.ts';
import { openEngine, openStore } from '../../src/open-store.ts';
import { sessions } from '../../src/resources/sessions/sessions.ts';
import { migrations } from '../../src/store/migrations/migrations.ts';
import type { Store } from '../../src/store/store.ts';
import { engines } from '../support/chosen-engines.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';

const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0016'));
const later = 1_900_000_000_000;

/** Tokens of the version before; those with the highest ids have been deleted. */
const tokens = `INSERT INTO tokens (id, hash, user_id, kind, name, created_at, expires_at) VALUES
  (1, 'api', 1, 'api', 'nightly export', 5, NULL), (2, 'ending', 1, 'api', 'x', 6, ${later}),
  (3, 'here', 1, 'session', 'browser', 7, NULL), (7, 'there', 1, 'session', 'phone', 8, ${later}),
  (8, 'other', 2, 'session', 'x', 9, NULL), (40, 'gone', 2, 'api', 'x', 10, NULL)`;

async function fillBefore(config: Config): Promise<void> {
  await (await openEngine(config, { migrations: before })).close();
  for (const id of [1, 2])
    await onTables(
      config,
      `INSERT INTO users (id, updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key, flags,
          newsletter_consent, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision, locale)
        VALUES (${id}, 1, 'u${id}@email.com', 'u${id}@email.com', 'a', 'a', 'b', 'b', '{}', false, false, '[]', false,
          false, 'en_US')`,
    );
  await onTables(config, tokens);
  if (config.databaseUrl !== '') await onTables(config, `SELECT setval('tokens_id_seq', 40)`);
  await onTables(config, 'DELETE FROM tokens WHERE id = 40');
}

async function upgrade(t: TestContext, config: Config): Promise<Store> {
  const store = await openStore(config);
  t.after(() => store.close());
  return store;
}

/** The statements of the version before, with values. */
const olderVersion = (config: Config) => ({
  /** The token, or null if there is none or it has expired. */
  async authenticate(hash: string) {
    const [row] = await onTables(
      config,
      `SELECT tokens.id, tokens.kind, tokens.expires_at, tokens.user_id FROM tokens
        JOIN users AS account ON account.id = tokens.user_id WHERE tokens.hash = '${hash}'`,
    );
    const isValid =
      row !== undefined && (row.expires_at === null || Number(row.expires_at) > 1_800_000_000_000);
    return isValid ? row : null;
  },
  /** As a change of the password does. */
  endSignIns: (userId: number, exceptId: number) =>
    remove(config, `user_id = ${userId} AND kind = 'session' AND id <> ${exceptId}`),
  revoke: (id: number) => remove(config, `id = ${id}`),
});

async function remove(config: Config, condition: string): Promise<void> {
  await onTables(config, `DELETE FROM tokens WHERE ${condition}`);
  // Reads of one turn of the event loop see one state of the file.
  await nextTurn();
}

const leftIn = async (store: Store) => (await store.read.sessions.list(null)).map(({ id }) => id);

onEachEngine((engine: EngineName) => {
  test('tokens of the version before become sessions, and stay valid', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    await fillBefore(config);
    const begun = Date.now() - 1000;
    const store = await upgrade(t, config);
    const found = await store.read.records(sessions).findMany([1, 2, 3, 7, 8, 40]);
    assert.deepEqual(
      found.map(({ id, name, machine, read_only, created_at, token_expires_at }) => [
        ...[id, name, machine, read_only, created_at, token_expires_at],
      ]),
      [
        [1, 'nightly export', true, false, 5, null],
        [2, 'x', true, false, 6, later],
        [3, 'browser', false, false, 7, null],
        [7, 'phone', false, false, 8, later],
        [8, 'x', false, false, 9, null],
      ],
    );
    // Nobody who is signed in has been idle before the upgrade.
    for (const { machine, last_activity_at: at } of found)
      assert.ok(machine ? at === null : at! >= begun && at! <= Date.now() + 1000, String(at));
    for (const hash of ['api', 'ending', 'here', 'there', 'other'])
      assert.equal((await store.authenticate(hash, null))!.userId, hash === 'other' ? 2 : 1);
    assert.equal(await store.authenticate('gone', null), null);
    assert.equal((await store.read.records(sessions).state()).rowCount, 5);
    const made = { user_id: 2, hash: 'new', machine: true, created_at: 11 };
    assert.equal(await store.write((transaction) => transaction.sessions.create(made)), 41);
  });

  test('the version before goes on with tokens, but not with those that it cannot restrict', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    await fillBefore(config);
    const store = await upgrade(t, config);
    const older = olderVersion(config);
    for (const [hash, kind] of [
      ['api', 'api'],
      ['here', 'session'],
    ] as const)
      assert.equal((await older.authenticate(hash))?.kind, kind);
    await onTables(config, `INSERT INTO organizations (id, name, created_at) VALUES (5, 'One', 1)`);
    await onTables(
      config,
      `INSERT INTO organization_memberships (id, organization_id, user_id, role, created_at, updated_at)
        VALUES (6, 5, 1, 'member', 1, 1)`,
    );
    const create = (hash: string, more: object) =>
      store.write((transaction) =>
        transaction.sessions.create({ user_id: 1, hash, machine: false, created_at: 12, ...more }),
      );
    const readOnly = await create('read-only', { read_only: true });
    const bound = await create('bound', { machine: true, membership_id: 6 });
    const signIn = await create('new', {});
    assert.equal(await older.authenticate('read-only'), null);
    assert.equal(await older.authenticate('bound'), null);
    assert.equal((await older.authenticate('new'))?.id, signIn);

    // Its changes of passwords end all sign-ins but one, also those that it does not accept.
    const { changeCount } = await store.read.records(sessions).state();
    await older.endSignIns(1, 3);
    assert.deepEqual(await leftIn(store), [1, 2, 3, 8, bound]);
    assert.equal(await store.authenticate('read-only', null), null, String(readOnly));
    const state = await store.read.records(sessions).state();
    assert.equal(state.rowCount, 5);
    assert.ok(state.changeCount > changeCount);
    await older.revoke(bound);
    await older.revoke(1);
    assert.deepEqual(await leftIn(store), [2, 3, 8]);
    assert.equal(await store.authenticate('api', null), null);
  });
});

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('statements that the version before has prepared go on, and lock what they locked', async (t) => {
    const config = await emptyDatabaseConfig(t, 'postgres');
    await fillBefore(config);
    const client = new pg.Client({ connectionString: config.databaseUrl });
    await client.on('error', () => {}).connect();
    const authenticate = {
      name: 'authenticate',
      text: `SELECT tokens.id, tokens.kind, tokens.expires_at, tokens.name, account.sysadmin FROM tokens
        JOIN users AS account ON account.id = tokens.user_id WHERE tokens.hash = $1
        FOR SHARE OF account FOR KEY SHARE OF tokens`,
      values: ['here'],
    };
    const first = (await client.query(authenticate)).rows;
    const store = await upgrade(t, config);
    await client.query('BEGIN');
    assert.deepEqual((await client.query(authenticate)).rows, first);
    const skipped = await onTables(
      config,
      'SELECT id FROM sessions WHERE user_id = 1 FOR UPDATE SKIP LOCKED',
    );
    assert.deepEqual(
      skipped.map(({ id }) => Number(id)),
      [1, 2, 7],
    );
    await client.query('COMMIT');
    await client.end();
    assert.equal((await store.authenticate('here', null))!.sessionId, 3);
  });
});
