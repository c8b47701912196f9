// Migrates a database file to this version at the start.

import type { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { migrate } from '../migrations/migrate.ts';
import type { Migrations } from '../migrations/migrations.ts';
import { statementCache, translating } from './connections.ts';
import { migrationsOn } from './existing-file.ts';
import { kysely } from './kysely.ts';

/**
 * If two processes start at once, one migrates. The other waits for the write lock and then finds nothing to do. If
 * the database is already current, no lock is taken, because another process may hold it for long.
 */
export async function migrateSqlite(database: DatabaseSync, migrations: Migrations): Promise<void> {
  const found = new Set(migrationsOn(database));
  if (isDeepStrictEqual(found, new Set(Object.keys(migrations)))) return;
  translating(() => database.exec('BEGIN IMMEDIATE'));
  try {
    await migrate(kysely(statementCache(database)), 'sqlite', migrationsOn(database), migrations);
    database.exec('COMMIT');
  } catch (error) {
    // After an error such as a full disk, SQLite has already rolled back.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
