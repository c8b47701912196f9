// What a start does to a database file: bring it to this version.

import type { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { migrate } from '../migrations/migrate.ts';
import type { Migrations } from '../migrations/migrations.ts';
import { statementCache, translating } from './connections.ts';
import { migrationsOn } from './existing-file.ts';
import { kysely } from './kysely.ts';

/**
 * Of two processes that start at once, one migrates, and the other waits for the write lock and finds nothing to do. If
 * there is nothing to do from the beginning, no lock is taken: another process may be writing for long.
 */
export async function migrateSqlite(database: DatabaseSync, migrations: Migrations): Promise<void> {
  const found = new Set(migrationsOn(database));
  if (isDeepStrictEqual(found, new Set(Object.keys(migrations)))) return;
  translating(() => database.exec('BEGIN IMMEDIATE'));
  try {
    await migrate(kysely(statementCache(database)), 'sqlite', migrationsOn(database), migrations);
    database.exec('COMMIT');
  } catch (error) {
    // A full disk has rolled it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
