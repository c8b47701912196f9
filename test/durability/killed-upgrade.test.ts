// A database of the version before, with a hundred thousand users, becomes one of this version, also if the process that
// upgrades it is killed in the middle. The result is compared with the old rows by SQL.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Config } from '../../src/config.ts';
import { databaseFile, isPostgres, openStore } from '../../src/open-store.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { people } from '../../src/resources/people/people.ts';
import { users } from '../../src/resources/users/users.ts';
import { knownMigrations } from '../../src/store/migrations/migrations.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { fillDatabaseBefore } from '../support/many-members.ts';
import { until } from '../support/postgres-outage.ts';
import { startMuster } from '../support/spawn-muster.ts';

const userCount = 100_000;

/** Ten times as long as an upgrade takes on an idle machine. */
const upgradeMs = 60_000;

onEachEngine((engine) => {
  test('E9 a database with a hundred thousand users is upgraded in seconds, also after it was killed in the middle', {
    timeout: 600_000,
  }, async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    await fillDatabaseBefore(config, { users: userCount, organizations: 2000 });
    await keepOldRows(config);

    await (isPostgres(config) ? killOnServer(t, config) : killOnFile(config));

    const startedAt = performance.now();
    const { code, stderr } = await migrating(config).finished;
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(performance.now() - startedAt < upgradeMs);
    assert.deepEqual(await migrationsIn(config), knownMigrations);
    for (const [claim, contradiction] of Object.entries(contradictions))
      assert.equal(await countOf(config, contradiction), 0, claim);
    await assertCounted(config);
    await assertFound(t, config);
  });
});

/** Half of the users have a token: of a program, or of a sign-in. */
const tokens = `INSERT INTO tokens (hash, user_id, kind, name, created_at, expires_at)
  SELECT 'hash' || id, id, CASE WHEN id % 6 = 0 THEN 'session' ELSE 'api' END, 'Token ' || id, id,
    CASE WHEN id % 10 = 0 THEN 1900000000000 + id END
  FROM users WHERE id % 2 = 0`;

async function keepOldRows(config: Config): Promise<void> {
  await onTables(config, tokens);
  await onTables(config, 'CREATE TABLE old_tokens AS SELECT * FROM tokens');
  await onTables(config, 'CREATE TABLE old_memberships AS SELECT * FROM memberships');
  await onTables(
    config,
    'CREATE TABLE old_users AS SELECT id, revision, updated_at, default_organization_id FROM users',
  );
  await onTables(config, 'CREATE INDEX old_memberships_user_id ON old_memberships (user_id)');
  await onTables(config, `CREATE TABLE old_collections AS SELECT * FROM collections`);
}

/** What must not be there after the upgrade. */
const contradictions = {
  'accounts keep ids, revisions, times and defaults': `old_users LEFT JOIN users ON users.id = old_users.id
    WHERE users.revision IS DISTINCT FROM old_users.revision
      OR users.updated_at IS DISTINCT FROM old_users.updated_at
      OR users.default_organization_id IS DISTINCT FROM old_users.default_organization_id`,
  'an account was created when it joined first, or changed': `users WHERE created_at IS DISTINCT FROM (
    SELECT CASE WHEN min(created_at) < users.updated_at THEN min(created_at) ELSE users.updated_at END
    FROM old_memberships WHERE user_id = users.id)`,
  'memberships keep roles and times, and have no end': `old_memberships
    LEFT JOIN organization_memberships AS kept
      ON kept.organization_id = old_memberships.organization_id AND kept.user_id = old_memberships.user_id
    WHERE kept.role IS DISTINCT FROM old_memberships.role
      OR kept.created_at IS DISTINCT FROM old_memberships.created_at
      OR kept.updated_at <> kept.created_at OR kept.revision <> 1 OR kept.expires_at IS NOT NULL`,
  'the version before still sees them': `old_memberships LEFT JOIN memberships
      ON memberships.organization_id = old_memberships.organization_id
        AND memberships.user_id = old_memberships.user_id
    WHERE memberships.role IS DISTINCT FROM old_memberships.role
      OR memberships.created_at IS DISTINCT FROM old_memberships.created_at`,
  'tokens became sessions': `old_tokens LEFT JOIN sessions ON sessions.id = old_tokens.id
    WHERE sessions.hash IS DISTINCT FROM old_tokens.hash OR sessions.user_id <> old_tokens.user_id
      OR sessions.machine <> (old_tokens.kind = 'api') OR sessions.name IS DISTINCT FROM old_tokens.name
      OR sessions.created_at <> old_tokens.created_at
      OR sessions.token_expires_at IS DISTINCT FROM old_tokens.expires_at
      OR sessions.machine <> (sessions.last_activity_at IS NULL)
      OR sessions.revision <> 1 OR sessions.read_only OR sessions.membership_id IS NOT NULL`,
  'the version before still sees them as tokens': `old_tokens LEFT JOIN tokens
      ON tokens.hash = old_tokens.hash AND tokens.id = old_tokens.id AND tokens.user_id = old_tokens.user_id
    WHERE tokens.kind IS DISTINCT FROM old_tokens.kind OR tokens.name <> old_tokens.name
      OR tokens.expires_at IS DISTINCT FROM old_tokens.expires_at`,
  'ids of memberships are in the order of joining': `(
      SELECT created_at, lag(created_at) OVER (ORDER BY id) AS previous FROM organization_memberships
    ) AS joined WHERE created_at < previous`,
  'ids of people are too': `(
      SELECT joined_at, lag(joined_at) OVER (ORDER BY id) AS previous FROM people
    ) AS joined WHERE joined_at < previous`,
  'each membership has its person, who shows it and the account': `organization_memberships AS joined
    LEFT JOIN people ON people.id = joined.person_id
    LEFT JOIN users ON users.id = joined.user_id
    WHERE people.user_id IS DISTINCT FROM users.id OR people.organization_id IS DISTINCT FROM joined.organization_id
      OR people.role IS DISTINCT FROM joined.role OR people.joined_at IS DISTINCT FROM joined.created_at
      OR people.created_at <> users.created_at OR people.revision <> 1 OR NOT people.is_user
      OR people.access_expires_at IS NOT NULL OR people.deactivated_at IS NOT NULL
      ${[
        'email',
        'email_key',
        'first_name',
        'first_name_key',
        'last_name',
        'last_name_key',
        'two_factor_auth',
      ]
        .map((name) => `OR people.${name} <> users.${name}`)
        .join(' ')}`,
} as const;

async function assertCounted(config: Config): Promise<void> {
  const joined = await countOf(config, 'old_memberships');
  for (const [name, count] of [
    ['users', userCount],
    ['people', joined],
    ['organization_memberships', joined],
    ['memberships', joined],
    ['sessions', userCount / 2],
  ] as const)
    assert.equal(await countOf(config, name), count, name);
  for (const name of ['users', 'people', 'organization_memberships', 'sessions'])
    assert.equal(
      await numberOf(config, `SELECT sum(row_count) AS number FROM collections WHERE name = '${name}'`),
      await countOf(config, name),
      name,
    );
  // Nothing that is shown has changed, so the tags of lists stay.
  const version = (table: string) =>
    numberOf(config, `SELECT sum(version) AS number FROM ${table} WHERE name = 'users'`);
  assert.equal(await version('collections'), await version('old_collections'));
}

/** The text index has all people, and triggers are on: a new name is copied and found. */
async function assertFound(t: TestContext, config: Config): Promise<void> {
  const store = await openStore(config);
  t.after(() => store.close());
  const found = (word: string) => store.read.records(people).count({ words: [word] }, null);
  assert.equal(await found('first77'), await countOf(config, `people WHERE first_name_key LIKE 'first77%'`));
  assert.equal(await found('person99999@'), await countOf(config, 'old_memberships WHERE user_id = 99999'));
  const before = await store.read.records(people).state();
  await store.write(({ records }) => records(users).update(7, { first_name: 'Renamed' }));
  assert.equal(await found('renamed'), await countOf(config, 'organization_memberships WHERE user_id = 7'));
  const after = await store.read.records(people).state();
  assert.equal(after.rowCount, before.rowCount);
  assert.ok(after.changeCount > before.changeCount);
  assert.equal((await store.read.records(memberships).state()).rowCount, after.rowCount);
}

const countOf = (config: Config, what: string) => numberOf(config, `SELECT count(*) AS number FROM ${what}`);

async function numberOf(config: Config, query: string): Promise<number> {
  const [row] = await onTables(config, query);
  return Number(row!.number);
}

async function migrationsIn(config: Config) {
  const rows = await onTables(config, 'SELECT name FROM kysely_migration ORDER BY name');
  return rows.map(({ name }) => name);
}

function migrating(config: Config) {
  const { dataDir, databaseUrl } = config;
  return startMuster(['migrate'], {
    env: isPostgres(config) ? { MUSTER_DATABASE_URL: databaseUrl } : { MUSTER_DATA_DIR: dataDir },
  });
}

/** Kills the process when its transaction has already written so many bytes to the write-ahead log, but not committed. */
async function killOnFile(config: Config): Promise<void> {
  const log = `${databaseFile(config)}-wal`;
  const before = await migrationsIn(config);
  for (const megabytes of [1, 60]) {
    const upgrade = migrating(config);
    await until(async () => (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > megabytes * 1e6);
    upgrade.signal('SIGKILL');
    assert.equal((await upgrade.finished).signal, 'SIGKILL');
    assert.deepEqual(await migrationsIn(config), before);
  }
}

/** Kills the process while its transaction waits: after its first trigger, and when the table of tokens is gone. */
async function killOnServer(t: TestContext, config: Config): Promise<void> {
  const holder = new pg.Client({ connectionString: config.databaseUrl });
  // The database is dropped before the client is closed.
  holder.on('error', () => {});
  await holder.connect();
  t.after(() => holder.end());
  const isThere = async (condition: string) => {
    const others = `datname = current_database() AND application_name = 'muster'`;
    const { rows } = await holder.query(`SELECT 1 FROM pg_stat_activity WHERE ${others} AND ${condition}`);
    return rows.length > 0;
  };
  const before = await migrationsIn(config);
  await holder.query(`
    CREATE SCHEMA held;
    CREATE FUNCTION held.hold() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF tg_tag = 'CREATE TRIGGER' OR EXISTS (SELECT FROM pg_views WHERE viewname = 'tokens') THEN
          PERFORM pg_advisory_xact_lock(1);
        END IF;
      END $$`);
  for (const tag of ['CREATE TRIGGER', 'CREATE VIEW']) {
    await holder.query(
      `CREATE EVENT TRIGGER hold ON ddl_command_end WHEN TAG IN ('${tag}') EXECUTE FUNCTION held.hold()`,
    );
    await holder.query('SELECT pg_advisory_lock(1)');
    const upgrade = migrating(config);
    await until(() => isThere(`wait_event_type = 'Lock' AND query LIKE '${tag}%'`));
    upgrade.signal('SIGKILL');
    assert.equal((await upgrade.finished).signal, 'SIGKILL');
    // The server notices the dead client when it sends to it.
    await holder.query('SELECT pg_advisory_unlock(1)');
    await until(async () => !(await isThere('true')));
    await holder.query('DROP EVENT TRIGGER hold');
    assert.deepEqual(await migrationsIn(config), before);
  }
}
