// A migration that fails leaves the database as it was, whatever it had done before: the next start begins from there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { knownMigrations } from '../../src/store/migrations/migrate.ts';
import { onTables, tablesOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';

const migrationsOf = async (config: ReturnType<typeof readConfig>) =>
  (await onTables(config, 'SELECT name FROM kysely_migration ORDER BY name')).map(({ name }) => name);

onEachEngine((engine) => {
  test('a migration that fails takes back those that ran before it in the same start, and works when the reason is gone', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    await (await openStore(config)).close();
    // As it was before 0004, but for a table that stands where 0005 makes its own.
    const later = knownMigrations.filter((name) => name >= '0004');
    for (const name of later) await onTables(config, `DELETE FROM kysely_migration WHERE name = '${name}'`);
    await onTables(config, 'DROP TABLE idempotency_keys');
    const before = { tables: await tablesOf(config), migrations: await migrationsOf(config) };

    await assert.rejects(openStore(config), /email_attempts.* already exists/);
    assert.deepEqual({ tables: await tablesOf(config), migrations: await migrationsOf(config) }, before);
    await onTables(config, 'DROP TABLE email_attempts');
    await (await openStore(config)).close();
    assert.deepEqual(await migrationsOf(config), knownMigrations);
  });
});
