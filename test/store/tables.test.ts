// Compares the manifest of tables with a real database, after all migrations, and with an additional resource.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Config } from '../../src/config.ts';
import { openEngine, openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { archivedColumns, isArchived } from '../../src/store/copy/archived-columns.ts';
import { carriedTables } from '../../src/store/copy/carried-rows.ts';
import { loadArchive } from '../../src/store/copy/load-archive.ts';
import { move } from '../../src/store/copy/move.ts';
import { verifyArchive } from '../../src/store/copy/verify-archive.ts';
import { type ArchiveFile, writeArchive } from '../../src/store/copy/write-archive.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { resourceTable } from '../../src/store/sql/resource-table.ts';
import { allTables, inOrderOfReferences, isCarried, type Table } from '../../src/store/sql/tables.ts';
import { onTables } from '../support/database-rows.ts';
import { clearedConfig, type EngineName, emptyStore, engines, onEachEngine } from '../support/engines.ts';
import { gadgets } from '../support/toy/gadgets.ts';
import { withGadgets } from '../support/toy/with-gadgets.ts';

const { resources, migrations } = withGadgets;

/** Without index tables, and without Kysely's own tables. */
const tablesSql: Readonly<Record<EngineName, string>> = {
  sqlite: `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'`,
  postgres: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
};

/** One row for each column of a primary key. */
const keysSql: Readonly<Record<EngineName, string>> = {
  sqlite: `SELECT tables.name AS "table", columns.name AS "column" FROM sqlite_schema AS tables
    JOIN pragma_table_info(tables.name) AS columns WHERE columns.pk > 0 ORDER BY 1, columns.pk`,
  postgres: `SELECT table_name AS "table", column_name AS "column" FROM information_schema.key_column_usage
    JOIN information_schema.table_constraints USING (table_name, constraint_name, table_schema)
    WHERE constraint_type = 'PRIMARY KEY' AND table_schema = 'public' ORDER BY 1, ordinal_position`,
};

const sequencesSql: Readonly<Record<EngineName, string>> = {
  sqlite: `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'`,
  postgres: `SELECT tables.relname AS name FROM pg_class AS sequences
    JOIN pg_depend ON pg_depend.objid = sequences.oid AND pg_depend.deptype IN ('a', 'i')
    JOIN pg_class AS tables ON tables.oid = pg_depend.refobjid WHERE sequences.relkind = 'S'`,
};

async function names(config: Config, sql: string): Promise<string[]> {
  return (await onTables(config, sql)).map(({ name }) => String(name)).sort();
}

onEachEngine((engine) => {
  const here = (table: Table) => table.engine === undefined || table.engine === engine;
  const tables = allTables(resources).filter(here);

  async function opened(t: TestContext, config: Config): Promise<Engine> {
    const database = await openEngine(config, { migrations });
    t.after(() => database.close());
    return database;
  }

  async function migrated(t: TestContext): Promise<Config> {
    const config = await clearedConfig(t, engine, withGadgets);
    await (await openStore(config, {}, withGadgets)).close();
    return config;
  }

  test('every table of the database has an entry, and every entry is a table', async (t) => {
    const config = await migrated(t);
    const found = await names(config, tablesSql[engine]);
    assert.deepEqual(
      found.filter((name) => !name.startsWith('kysely_')),
      tables.map(({ name }) => name).sort(),
    );
  });

  test('every table that is moved is read by its primary key', async (t) => {
    const config = await migrated(t);
    const keys = new Map<string, string[]>();
    for (const { table, column } of await onTables(config, keysSql[engine]))
      keys.set(String(table), [...(keys.get(String(table)) ?? []), String(column)]);
    for (const { name, move } of tables.filter(isCarried)) assert.deepEqual(move.key, keys.get(name), name);
  });

  test('every column of a table in archives is described, unless it is made from another', async (t) => {
    const config = await migrated(t);
    const database = await opened(t, config);
    const archived = tables.filter(isArchived);
    const found = await database.columnsOf(archived.map(({ name }) => name));
    for (const table of archived) {
      const folded = table.resource === undefined ? [] : resourceTable(table.resource).foldedColumns;
      const described = Object.keys(archivedColumns(table));
      assert.deepEqual([...described, ...folded].sort(), [...found.get(table.name)!].sort(), table.name);
    }
  });

  test('every table that gives ids says so', async (t) => {
    const found = await names(await migrated(t), sequencesSql[engine]);
    const declared = tables.filter(isCarried).filter(({ move }) => move.givesIds);
    assert.deepEqual(found, declared.map(({ name }) => name).sort());
  });

  test('tables are moved in the order in which their rows may be written', async (t) => {
    const config = await migrated(t);
    const database = await opened(t, config);
    const moved = (await carriedTables(database, resources)).map(({ name }) => name);
    assert.deepEqual(
      [...moved].sort(),
      tables
        .filter(isCarried)
        .map(({ name }) => name)
        .sort(),
    );
    const [organizations, users, memberships, sessions] = [
      'organizations',
      'users',
      'organization_memberships',
      'sessions',
    ].map((name) => moved.indexOf(name));
    assert.ok(organizations! < users! && users! < memberships! && memberships! < sessions!, moved.join());
  });

  test('tables with rows from the beginning are those that say so', async (t) => {
    const config = await migrated(t);
    const filled: string[] = [];
    for (const { name } of tables) {
      const [row] = await onTables(config, `SELECT count(*) AS count FROM ${name}`);
      if (Number(row!.count) > 0) filled.push(name);
    }
    const declared = tables.filter(({ hasFirstRows }) => hasFirstRows);
    assert.deepEqual(filled.sort(), declared.map(({ name }) => name).sort());
  });

  const gadget = (contact: string, values = {}) => ({ name: 'Lamp', contact, updated_at: 1, ...values });

  test('the table of a further resource is counted and cleared by its definition alone', async (t) => {
    for (const contact of ['first@email.com', 'second@email.com'])
      await t.test(`with ${contact}`, async (inner) => {
        const store = await emptyStore(inner, engine, withGadgets);
        assert.equal((await store.info()).counts.gadgets, 0);
        await store.write(({ records }) => records(gadgets).insert(gadget(contact)));
        assert.equal((await store.info()).counts.gadgets, 1);
        assert.equal((await store.read.records(gadgets).state()).rowCount, 1);
      });
  });

  /** Two gadgets, and one that was deleted. */
  async function withGadgetsIn(t: TestContext): Promise<Config> {
    const config = await migrated(t);
    const store = await openStore(config, {}, withGadgets);
    await store.write(async ({ records }) => {
      const person = { email: 'ann@email.com', first_name: 'Ann', last_name: 'Other', updated_at: 1 };
      const owner_id = await records(users).insert(person);
      const first = await records(gadgets).insert(gadget('first@email.com', { owner_id, enabled: true }));
      await records(gadgets).insert(gadget('second@email.com', { part_of_id: first, approved: false }));
      await records(gadgets).delete(await records(gadgets).insert(gadget('third@email.com')));
    });
    await store.close();
    return config;
  }

  for (const to of engines) {
    test(`the table of a further resource is moved to ${to} and compared by its definition alone`, async (t) => {
      const [from, target] = [await withGadgetsIn(t), await clearedConfig(t, to, withGadgets)];
      const [source, copy] = [await opened(t, from), await opened(t, target)];
      const watcher = { begin() {}, done() {} };
      const compared = (await move(source, copy, resources, watcher)).find(
        ({ table }) => table === 'gadgets',
      );
      assert.equal(compared!.firstDifference, null);
      assert.deepEqual([compared!.source.rows, compared!.target.rows], [2, 2]);
      const contacts = await onTables(target, 'SELECT contact FROM gadgets ORDER BY id');
      assert.deepEqual(
        contacts.map((row) => row.contact),
        ['first@email.com', 'second@email.com'],
      );
      assert.equal(await copy.lastId('gadgets'), 3);
      await onTables(target, `UPDATE gadgets SET name = 'Desk' WHERE id = 1 RETURNING id`);
      // On SQLite all reads of one turn share a snapshot, so start a new turn.
      await setImmediate();
      await assert.rejects(
        move(source, copy, resources, watcher),
        /^Error: gadgets 1 is not the same in both databases$/,
      );
    });

    test(`the table of a further resource is exported, and imported to ${to}, by its definition alone`, async (t) => {
      const [from, target] = [await withGadgetsIn(t), await clearedConfig(t, to, withGadgets)];
      const [source, copy] = [await opened(t, from), await opened(t, target)];
      const watcher = { begin() {}, done() {} };
      const files: ArchiveFile[] = [];
      const contents = { resources, leftOut: {}, musterVersion: '', createdAt: 0, readme: '' };
      await writeArchive(source, contents, async (file) => void files.push(file), watcher);
      const open = async function* () {
        yield* files;
      };
      const manifest = await verifyArchive(open(), allTables(resources));
      await loadArchive(open, manifest, copy, resources, watcher, new AbortController().signal);
      const gadgetsIn = (config: Config) => onTables(config, 'SELECT * FROM gadgets ORDER BY id');
      assert.equal((await gadgetsIn(from)).length, 2);
      assert.deepEqual(await gadgetsIn(target), await gadgetsIn(from));
      assert.equal(await copy.lastId('gadgets'), 3);
    });
  }
});

test('tables that refer to each other, or to one that stays behind, are refused', () => {
  const [first, second] = allTables([]);
  const around = [
    { table: first!.name, refersTo: second!.name },
    { table: second!.name, refersTo: first!.name },
  ];
  assert.throws(() => inOrderOfReferences([first!, second!], around), /refer to each other/);
  assert.throws(() => inOrderOfReferences([first!], around), /refer to each other/);
  assert.deepEqual(
    inOrderOfReferences([first!, second!], around.slice(0, 1)).map(({ name }) => name),
    [second!.name, first!.name],
  );
  const itself = [{ table: first!.name, refersTo: first!.name }];
  assert.deepEqual(inOrderOfReferences([first!], itself), [first]);
});
