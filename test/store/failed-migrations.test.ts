// A failed migration is rolled back completely, so the next start begins from there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { readConfig } from '../../src/config.ts';
import { openEngine, openStore } from '../../src/open-store.ts';
import { knownMigrations, migrations } from '../../src/store/migrations/migrations.ts';
import { onTables, tablesOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';

const migrationsOf = async (config: ReturnType<typeof readConfig>) =>
  (await onTables(config, 'SELECT name FROM kysely_migration ORDER BY name')).map(({ name }) => name);

onEachEngine((engine) => {
  test('a migration that fails takes back those that ran before it in the same start, and works when the reason is gone', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const first = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0004'));
    await (await openEngine(config, { migrations: first })).close();
    // Blocks the table that 0005 creates.
    await onTables(config, 'CREATE TABLE email_attempts (user_id INTEGER)');
    const before = { tables: await tablesOf(config), migrations: await migrationsOf(config) };

    await assert.rejects(openStore(config), /email_attempts.* already exists/);
    assert.deepEqual({ tables: await tablesOf(config), migrations: await migrationsOf(config) }, before);
    await onTables(config, 'DROP TABLE email_attempts');
    await (await openStore(config)).close();
    assert.deepEqual(await migrationsOf(config), knownMigrations);
  });
});
