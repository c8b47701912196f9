// The tables of SQLite: every attribute has its column, and any number of processes can open a file of any version at
// once.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { readConfig } from '../../src/config.ts';
import { users } from '../../src/resources/users/users.ts';
import { knownMigrations, migrations } from '../../src/store/migrations/migrations.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { temporaryFolder } from '../support/engines.ts';

const config = readConfig({}, {});

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
}

async function migratedFile(t: TestContext): Promise<string> {
  const file = join(await temporaryFolder(t), 'muster.db');
  await (await openSqlite(file, config)).close();
  return file;
}

async function inspect<T>(t: TestContext, sql: string): Promise<T[]> {
  const database = new DatabaseSync(await migratedFile(t));
  t.after(() => database.close());
  return database.prepare(sql).all() as T[];
}

test('every attribute of users that is stored has its column, of its type', async (t) => {
  const rows = await inspect<Column>(t, 'PRAGMA table_info(users)');
  const columns = new Map(rows.map((column) => [column.name, column]));
  const types = { integer: 'INTEGER', boolean: 'INTEGER', text: 'TEXT' };
  for (const name of users.columns) {
    const { kind, nullable } = users.attributes[name]!;
    const column = columns.get(name);
    assert.ok(column, `${name} has no column`);
    assert.equal(column.type, types[kind.column], name);
    assert.equal(column.notnull, nullable ? 0 : 1, name);
    if (kind.folded) assert.equal(columns.get(`${name}_key`)?.type, 'TEXT', `${name} has no folded column`);
  }
});

test('every column of users is an attribute, or belongs to one', async (t) => {
  const rows = await inspect<Column>(t, 'PRAGMA table_info(users)');
  const own = ['id', 'revision'];
  const folded = users.columns
    .filter((name) => users.attributes[name]!.kind.folded)
    .map((name) => `${name}_key`);
  assert.deepEqual(rows.map(({ name }) => name).sort(), [...own, ...users.columns, ...folded].sort());
});

test('every attribute that may not be null is required, has a first value or is set by the server', () => {
  const open = users.columns.filter((name) => {
    const { nullable, required, default: initial } = users.attributes[name]!;
    return !nullable && !required && initial === undefined;
  });
  assert.deepEqual(open, ['updated_at']);
});

test('every attribute that is filtered or sorted by has an index that begins with it', async (t) => {
  const rows = await inspect<{ column: string }>(
    t,
    `SELECT info.name AS column FROM pragma_index_list('users') AS list
      JOIN pragma_index_info(list.name) AS info WHERE info.seqno = 0`,
  );
  const indexed = new Set(rows.map(({ column }) => column));
  const wanted = new Set([...users.filters.keys(), ...users.sorts.keys()]);
  const missing = [...wanted].filter((name) => {
    const folded = users.attributes[name]?.kind.folded;
    return name !== 'id' && !indexed.has(folded ? `${name}_key` : name);
  });
  assert.deepEqual(missing, []);
});

test('a database that is opened again is migrated no further, and keeps what it holds', async (t) => {
  const file = await migratedFile(t);
  const names = () => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare('SELECT name FROM kysely_migration ORDER BY name').all();
    const schema = database.prepare('SELECT sql FROM sqlite_master ORDER BY name').all();
    database.close();
    return { names: rows.map(({ name }) => name), schema };
  };
  const before = names();
  assert.deepEqual(before.names, knownMigrations);
  for (let i = 0; i < 2; i++) await (await openSqlite(file, config)).close();
  assert.deepEqual(names(), before);
});

test('texts of an older file are found after an upgrade, and changes of them too', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0019'));
  await (await openSqlite(file, { ...config, migrations: before })).close();
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  const insert = (name: string) =>
    database.exec(`INSERT INTO organizations (name, name_key, created_at) VALUES ('${name}', '${name}', 1)`);
  const found = (text: string) =>
    database
      .prepare('SELECT rowid AS id FROM organizations_search WHERE organizations_search MATCH ?')
      .all(text).length;
  insert('before');
  await (await openSqlite(file, config)).close();
  insert('afterwards');
  database.exec(`UPDATE organizations SET name_key = 'renamed' WHERE name = 'before'`);
  assert.deepEqual(['bef', 'renam', 'wards'].map(found), [0, 1, 1]);
  for (const table of ['users', 'people', 'organizations'])
    database.exec(`INSERT INTO ${table}_search (${table}_search, rank) VALUES ('integrity-check', 1)`);
});

test('a database of a newer version is refused, and left as it is', async (t) => {
  const file = await migratedFile(t);
  const database = new DatabaseSync(file);
  database.exec("INSERT INTO kysely_migration VALUES ('9999-of-the-future', '2100-01-01T00:00:00.000Z')");
  await assert.rejects(openSqlite(file, config), /9999-of-the-future/);
  const { count } = database.prepare('SELECT count(*) AS count FROM kysely_migration').get()!;
  assert.equal(count, knownMigrations.length + 1);
  // And no process holds a lock on it.
  database.exec("DELETE FROM kysely_migration WHERE name = '9999-of-the-future'");
  database.close();
  await (await openSqlite(file, config)).close();
});

test('a file that is no database is refused, and left as it is', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const content = 'not a database, but somebody wants to keep it. '.repeat(100);
  writeFileSync(file, content);
  await assert.rejects(openSqlite(file, config), /not a database/);
  assert.equal(readFileSync(file, 'utf8'), content);
});

test('the file is opened so that a commit is on disk when it returns', async (t) => {
  const file = await migratedFile(t);
  const engine = await openSqlite(file, config);
  t.after(() => engine.close());
  const [mode] = await engine.query<{ journal_mode: string }>({
    sql: 'PRAGMA journal_mode',
    parameters: [],
  } as any);
  const [synchronous] = await engine.query<{ synchronous: number }>({
    ...{ sql: 'PRAGMA synchronous', parameters: [] },
  } as any);
  assert.equal(mode!.journal_mode, 'wal');
  assert.equal(synchronous!.synchronous, 2);
});

test('processes that open one new file at once all work on it, and one of them migrates', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const source = new URL('../../src/', import.meta.url).href;
  const program = `
    import { readConfig } from '${source}config.ts';
    import { users } from '${source}resources/users/users.ts';
    import { sqlStore } from '${source}store/sql-store.ts';
    import { openSqlite } from '${source}store/sqlite/engine.ts';
    const [file, name] = process.argv.slice(1);
    const store = sqlStore(await openSqlite(file, readConfig({}, {})), [users]);
    for (let i = 0; i < 20; i++)
      await store.write((transaction) =>
        transaction.records(users).insert({ email: name + i + '@email.com', first_name: name, last_name: 'x', updated_at: 0 }),
      );
    await store.close();
  `;
  const run = promisify(execFile);
  const options = ['--input-type=module-typescript', '--eval', program];
  await Promise.all(['a', 'b', 'c'].map((name) => run(process.execPath, [...options, file, name])));
  const store = sqlStore(await openSqlite(file, config), [users]);
  t.after(() => store.close());
  assert.equal((await store.read.records(users).state()).rowCount, 60);
  for (const name of ['a', 'b', 'c']) {
    const filter = { attribute: 'first_name', operator: 'eq', values: [name] } as const;
    assert.equal(await store.read.records(users).count(filter, null), 20);
  }
});
