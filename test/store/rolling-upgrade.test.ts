// A rolling upgrade: the first new instance migrates the database while instances of the previous version still use
// it. So a migration may only add things, and must keep what the previous version reads and writes.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openEngine, openStore } from '../../src/open-store.ts';
import { resources } from '../../src/resources/resources.ts';
import { type Migrations, migrations } from '../../src/store/migrations/migrations.ts';
import { allTables } from '../../src/store/sql/tables.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { document, serveStore } from '../support/start-app.ts';

/** The last migration of the previous version. */
const lastBefore = '0007-lighter-updates';

/** Without the tables in which SQLite keeps a text index (shadow tables): only FTS5 itself uses these. */
const columnsSql: Readonly<Record<EngineName, string>> = {
  sqlite: `SELECT tables.name AS "table", columns.name AS "column",
      columns."notnull" = 0 OR columns.dflt_value IS NOT NULL OR columns.pk > 0 AS may_be_left_out
    FROM pragma_table_list AS tables JOIN pragma_table_info(tables.name) AS columns
    WHERE tables.schema = 'main' AND tables.type <> 'shadow'`,
  postgres: `SELECT table_name AS "table", column_name AS "column",
      is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES' AS may_be_left_out
    FROM information_schema.columns WHERE table_schema = 'public'`,
};

onEachEngine((engine) => {
  /** Whether a column is optional in an INSERT, by table and name. */
  async function columnsAfter(config: Config, wanted: Migrations): Promise<Map<string, boolean>> {
    await (await openEngine(config, { migrations: wanted })).close();
    const rows = await onTables(config, columnsSql[engine]);
    return new Map(
      rows.map(({ table, column, may_be_left_out }) => [`${table}.${column}`, !!may_be_left_out]),
    );
  }

  test('a migration leaves every table and column in place that the version before uses', async (t: TestContext) => {
    const config = await emptyDatabaseConfig(t, engine);
    const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => name <= lastBefore));
    const before = await columnsAfter(config, older);
    const after = await columnsAfter(config, migrations);
    assert.deepEqual(
      [...before.keys()].filter((column) => !after.has(column)),
      [],
      'are gone',
    );
    const tables = new Set([...before.keys()].map((column) => column.split('.')[0]));
    const added = [...after].filter(([column]) => !before.has(column) && tables.has(column.split('.')[0]));
    assert.ok(added.length > 0);
    assert.deepEqual(
      added.filter(([, mayBeLeftOut]) => !mayBeLeftOut).map(([column]) => column),
      [],
      'have no default, and the version before gives no value',
    );
  });

  test('a service goes on when the next version adds a column to every table', async (t: TestContext) => {
    const config = await emptyDatabaseConfig(t, engine);
    const app = await serveStore(t, await openStore(config));
    const organizationId = await app.createOrganization('One');
    const { token } = await app.createUser({ sysadmin: true, organizationId });
    const path = '/api/v2/users';
    /** Statements are prepared at their first use, so each one runs before and after the migration. */
    const useAll = async (name: string) => {
      const send = async (method: string, to: string, attributes?: Record<string, unknown>, headers = {}) => {
        const body = attributes && document(attributes);
        const { status, text } = await app.request(method, to, { token, headers, ...(body && { body }) });
        assert.ok(status < 300, `${method} ${to}: ${status} ${text}`);
        return text === '' ? null : JSON.parse(text);
      };
      const names = { first_name: name, last_name: 'Lee', password: 'correct horse battery' };
      const created = await send(
        'POST',
        path,
        { ...names, email: `${name}@email.com`, default_organization_id: organizationId },
        { 'idempotency-key': name },
      );
      const one = `${path}/${created.data.id}`;
      await send('PATCH', one, { last_name: `Of ${name}` });
      await send('PATCH', one, { email: `${name}.lee@email.com`, default_organization_id: organizationId });
      for (const query of [
        '',
        '?filter[query]=lee',
        '?page[after]=&page[size]=1',
        '?filter[default_organization_id]=1',
      ])
        await send('GET', `${path}${query}`);
      await send('GET', one, undefined, { 'x-organization-id': String(organizationId) });
      await send('DELETE', one);
    };
    await useAll('ann');
    for (const { name, engine: only } of allTables(resources))
      if (only === undefined || only === engine)
        await onTables(
          config,
          `ALTER TABLE ${name} ADD COLUMN of_the_next_version INTEGER NOT NULL DEFAULT 1`,
        );
    await useAll('bea');
  });
});
