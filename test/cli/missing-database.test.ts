// A mistyped path, or a database of another version: commands report it, and create and change nothing.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import pg from 'pg';
import { knownMigrations } from '../../src/store/migrations/migrations.ts';
import { commandLine } from '../support/command-line.ts';
import { type EngineName, emptyPostgres, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { runResident } from '../support/resident-commands.ts';
import { type Environment, runMuster, spawnMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;

/** All commands except serve, migrate and restore, which create a database. */
const commands: readonly (readonly string[])[] = [
  ['info'],
  ['check'],
  ['users', 'list'],
  ['users', 'show', '1'],
  ['users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'],
  ['users', 'update', '1', 'first_name=Ann'],
  ['users', 'delete', '1'],
  ['users', 'export', '-'],
  ['export', '-'],
  ['users', 'import', '/dev/null', '--format', 'csv'],
  ['organizations', 'create', 'One'],
  ['organizations', 'list'],
  ['members', 'list'],
  ['members', 'show', '1', '1'],
  ['members', 'add', '1', '1'],
  ['members', 'update', '1', '1', 'role=admin'],
  ['members', 'remove', '1', '1'],
  ['people', 'list'],
  ['people', 'show', '1'],
  ['tokens', 'create', '1'],
  ['tokens', 'list'],
  ['tokens', 'revoke', '1'],
  ['demo', '--users', '3'],
];

interface Place {
  readonly env: Environment;
  /** The names of files or tables that exist. */
  found(): Promise<string[]>;
}

async function emptyPlace(t: TestContext, engine: EngineName): Promise<Place> {
  if (engine === 'postgres') {
    const url = await emptyPostgres(t);
    const tables = `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
    return {
      env: { MUSTER_DATABASE_URL: url },
      found: async () => (await onPostgres(url, tables)).map(({ name }) => name),
    };
  }
  const folder = await temporaryFolder(t);
  return {
    // Workers count requests in a file beside the database; commands do not need it.
    env: { MUSTER_DATA_DIR: join(folder, 'mistyped'), MUSTER_WORKERS: '4' },
    found: async () => readdirSync(folder, { recursive: true }) as string[],
  };
}

async function onPostgres(url: string, sql: string): Promise<any[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Changes the names of a database's migrations. */
async function onMigrations(env: Environment, sql: string): Promise<void> {
  if (env.MUSTER_DATABASE_URL !== undefined) return void (await onPostgres(env.MUSTER_DATABASE_URL, sql));
  const database = new DatabaseSync(join(env.MUSTER_DATA_DIR!, 'muster.db'));
  database.exec(sql);
  database.close();
}

async function inTurns<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < list.length; i += 3) await Promise.all(list.slice(i, i + 3).map(work));
}

onEachEngine((engine) => {
  test('a command on a path without a database says so, ends with 1, and makes nothing', {
    timeout,
  }, async (t) => {
    const { env, found } = await emptyPlace(t, engine);
    await inTurns(commands, async (args) => {
      const { code, stdout, stderr } = await runResident({ args, env });
      assert.equal(code, 1, args.join(' '));
      assert.match(stdout + stderr, /does not exist; |contains no tables of Muster; /, args.join(' '));
      assert.match(stdout + stderr, /`muster serve`|--create/);
      if (args[0] === 'check') return;
      assert.equal(stdout, '');
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    });
    assert.deepEqual(await found(), []);
  });

  test('migrate makes a database, and so do demo and import with --create', { timeout }, async (t) => {
    for (const args of [
      ['migrate'],
      ['demo', '--users', '3', '--create'],
      ['users', 'import', '/dev/null', '--format', 'csv', '--create'],
    ]) {
      const { env } = await emptyPlace(t, engine);
      const { code, stderr } = await runMuster(args, { env });
      assert.equal(code, 0, stderr);
      assert.equal((await runMuster(['info'], { env })).code, 0);
      // And again, now that there is one.
      assert.equal((await runMuster(args, { env })).code, 0);
    }
  });

  test('a database of an older version is left to `muster migrate`', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const [before, last] = knownMigrations.slice(-2) as [string, string];
    // As if the migration had not run: the command checks nothing else.
    await onMigrations(muster.env, `DELETE FROM kysely_migration WHERE name = '${last}'`);
    await inTurns(
      commands.filter(([name]) => name !== 'check'),
      async (args) => {
        const complaint = await muster.fail(...args, ...(args[0] === 'demo' ? ['--create'] : []));
        assert.match(complaint, /is not at this version \(.+ is missing\).+`muster migrate`/);
        assert.ok(complaint.includes(last));
      },
    );
    const checked = await muster.attempt('check', '--port', '0');
    await onMigrations(muster.env, `DELETE FROM kysely_migration WHERE name = '${before}'`);
    const twice = await muster.attempt('check', '--port', '0');
    const refused = await muster.fail('info');
    // Others use the database again.
    for (const name of [before, last])
      await onMigrations(muster.env, `INSERT INTO kysely_migration VALUES ('${name}', '2026')`);
    assert.equal(checked.code, 0);
    assert.ok(checked.stdout.includes(`is of an older version (${last} is missing)`), checked.stdout);
    assert.ok(twice.stdout.includes(`is of an older version (${before}, ${last} are missing)`), twice.stdout);
    assert.ok(refused.includes(`(${before}, ${last} are missing)`), refused);
  });

  test('a database of a newer version is called that, and its migration is named', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const name = '9999-of-the-future';
    await onMigrations(muster.env, `INSERT INTO kysely_migration VALUES ('${name}', '2100')`);
    for (const args of [['serve', '--port', '0'], ['migrate'], ['info'], ['users', 'list']])
      assert.match(await muster.fail(...args), /made by a newer version \(9999-of-the-future\) of Muster/);
    await onMigrations(muster.env, `DELETE FROM kysely_migration WHERE name = '${name}'`);
  });
});

describe('on files', { concurrency: 2 }, () => {
  test('what is no database is named for what it is, by every command', { timeout }, async (t) => {
    const folder = await temporaryFolder(t);
    const file = (name: string) => join(folder, name);
    writeFileSync(file('text'), 'not a database. '.repeat(500));
    writeFileSync(file('empty'), '');
    mkdirSync(file('folder'));
    symlinkSync('nowhere', file('dangling'));
    const other = new DatabaseSync(file('other'));
    other.exec('CREATE TABLE things (id INTEGER)');
    other.close();
    const before = readdirSync(folder).sort();
    for (const [name, complaint] of [
      ['text', /text is not a database$/m],
      ['empty', /empty is empty/],
      ['folder', /folder is a folder, not a database$/m],
      ['dangling', /dangling is a symbolic link to nowhere, which does not exist$/m],
      ['other', /other is the database of another program$/m],
      ['text/muster.db', /text\/muster\.db cannot be reached: not a directory$/m],
    ] as const) {
      const muster = await commandLine(t, { MUSTER_DATABASE_URL: `sqlite:${file(name)}` });
      await inTurns(
        [
          ['info'],
          ['users', 'list'],
          ['backup', file('backup')],
          ['restore', file(name)],
          ['move', '--from', `sqlite:${file(name)}`, '--to', `sqlite:${file('target')}`],
          // A first start that is killed at once leaves an empty file.
          ...(name === 'empty' ? [] : [['migrate'], ['serve', '--port', '0']]),
        ],
        async (args) => assert.match(await muster.fail(...args), complaint, args.join(' ')),
      );
      assert.equal((await muster.attempt('check')).code, 1, name);
    }
    assert.deepEqual(readdirSync(folder).sort(), before);
    assert.match(readFileSync(file('text'), 'utf8'), /^not a database/);
  });

  test('a damaged database can be restored over, and is kept', { timeout }, async (t) => {
    const muster = await commandLine(t);
    const backup = join(muster.dataDir, 'backup.db');
    await muster.run('backup', backup);
    const file = join(muster.dataDir, 'muster.db');
    writeFileSync(file, 'no database any more. '.repeat(500), { mode: 0o644 });
    const kept = /^kept_the_old_one_as +(.+)$/m.exec(await muster.run('restore', backup))![1]!;
    assert.match(readFileSync(kept, 'utf8'), /^no database any more/);
    assert.equal((await muster.json('info')).users, 0);
    assert.match(await muster.fail('restore', file), /is the database itself, not a backup/);
  });

  test('check names what serve refuses: a file or a folder that cannot be written', {
    timeout,
    skip: process.getuid!() === 0 && 'root may write everywhere',
  }, async (t) => {
    for (const [name, mode] of [
      ['muster.db', 0o400],
      ['.', 0o500],
    ] as const) {
      const muster = await commandLine(t, { MUSTER_PORT: '0' });
      const before = readdirSync(muster.dataDir);
      chmodSync(join(muster.dataDir, name), mode);
      const refused = await muster.fail('serve');
      assert.match(refused, /cannot be written: permission denied/);
      assert.match(await muster.fail('users', 'list'), /cannot be written: permission denied/);
      const { code, stdout } = await muster.attempt('check', '--json');
      assert.equal(code, 1);
      assert.match(stdout, /cannot be written: permission denied/);
      assert.deepEqual(readdirSync(muster.dataDir), before);
      chmodSync(muster.dataDir, 0o700);
    }
  });

  test('check --strict passes on a healthy service that runs', { timeout }, async (t) => {
    const strong = {
      MUSTER_MIN_PASSWORD_LENGTH: '15',
      MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
    };
    const service = await spawnMuster(t, { env: strong });
    const env = { ...strong, MUSTER_DATA_DIR: service.dataDir, MUSTER_PORT: new URL(service.url).port };
    const muster = await commandLine(t, env);
    const found = await muster.json('check', '--strict');
    assert.deepEqual(
      found.map(({ level, subject }: Record<string, string>) => [level, subject]),
      [['notice', 'MUSTER_BOOTSTRAP_*']],
    );
    const weak = await commandLine(t, { ...env, MUSTER_RATE_LIMIT: '0' });
    assert.equal((await weak.attempt('check', '--strict')).code, 1);
  });
});
