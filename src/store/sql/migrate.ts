// Migrations go forward only. Each is a list of statements per engine; Kysely's Migrator keeps the account of them.

import { type Kysely, type Migration, type MigrationProvider, Migrator, sql } from 'kysely';
import type { Engine } from './engine.ts';
import * as accounts from './migrations/0001-accounts.ts';
import * as descendingAccessEnd from './migrations/0002-descending-access-end.ts';
import * as requestRates from './migrations/0003-request-rates.ts';
import * as idempotencyKeys from './migrations/0004-idempotency-keys.ts';

type Statements = Partial<Record<Engine['name'], readonly string[]>>;

const migrations: Readonly<Record<string, Statements>> = {
  '0001-accounts': accounts,
  '0002-descending-access-end': descendingAccessEnd,
  '0003-request-rates': requestRates,
  '0004-idempotency-keys': idempotencyKeys,
};

/** The names of all migrations that this version knows. */
export const knownMigrations = Object.keys(migrations);

function provider(engine: Engine['name']): MigrationProvider {
  const entries = Object.entries(migrations).map(([name, statements]): [string, Migration] => [
    name,
    {
      async up(db) {
        for (const statement of statements[engine] ?? []) await sql.raw(statement).execute(db);
      },
    },
  ]);
  return { getMigrations: async () => Object.fromEntries(entries) };
}

/**
 * Brings a database to this version. The caller holds the transaction and the lock.
 * @returns the names of the migrations that ran
 * @throws Error when the database was made by a newer version, or a statement fails
 */
export async function migrate<T>(db: Kysely<T>, engine: Engine['name']): Promise<string[]> {
  const migrator = new Migrator({ db, provider: provider(engine), disableTransactions: true });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}
