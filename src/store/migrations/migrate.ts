// Runs migrations. They only go forward. Each is a list of statements for each engine, or updates rows to the current
// rules. Kysely's Migrator records which have run.

import {
  type Kysely,
  type Migration as KyselyMigration,
  type MigrationProvider,
  Migrator,
  sql,
} from 'kysely';
import type { Engine } from '../sql/engine.ts';
import { foldOrganizationNames } from './fold-organization-names.ts';
import { knownMigrations, type Migrations } from './migrations.ts';
import { rekeyUsers } from './rekey-users.ts';

/**
 * The reason why this version must not use a database with these migrations; null if it may migrate it.
 * @param known the names of the migrations of this version
 */
export function refusal(found: readonly string[], known: readonly string[] = knownMigrations): string | null {
  const newer = found.filter((name) => !known.includes(name));
  if (newer.length === 0) return null;
  return newer.length === found.length
    ? 'it is the database of another program'
    : `it was made by a newer version (${newer.join(', ')}) of Muster: install that version`;
}

/** For example `0002-b, 0003-c are missing`; null if the database has all migrations of this version. */
export function missingMigrations(
  found: readonly string[],
  known: readonly string[] = knownMigrations,
): string | null {
  const missing = known.filter((name) => !found.includes(name));
  return missing.length === 0 ? null : `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
}

/** @throws Error if the database is not at this version */
export function assertCurrent(found: readonly string[], known: readonly string[]): void {
  const refused = refusal(found, known);
  if (refused !== null) throw new Error(refused);
  const missing = missingMigrations(found, known);
  if (missing !== null)
    throw new Error(
      `it is not at this version (${missing}): stop the service, make a backup, then run \`muster migrate\``,
    );
}

function provider(engine: Engine['name'], wanted: Migrations): MigrationProvider {
  const entries = Object.entries(wanted).map(([name, migration]): [string, KyselyMigration] => [
    name,
    {
      async up(db) {
        for (const statement of migration[engine] ?? []) await sql.raw(statement).execute(db);
        if (migration.rekeysUsers) await rekeyUsers(db, engine);
        if (migration.foldsOrganizationNames) await foldOrganizationNames(db, engine);
      },
    },
  ]);
  return { getMigrations: async () => Object.fromEntries(entries) };
}

/**
 * Migrates a database to this version. The caller must hold the transaction and the lock.
 * @param found names of the migrations that the database has
 * @returns names of the migrations that ran
 * @throws Error if the database was made by a newer version, or a statement fails
 */
export async function migrate<T>(
  db: Kysely<T>,
  engine: Engine['name'],
  found: readonly string[],
  wanted: Migrations,
): Promise<string[]> {
  const refused = refusal(found, Object.keys(wanted));
  if (refused !== null) throw new Error(refused);
  const migrator = new Migrator({ db, provider: provider(engine, wanted), disableTransactions: true });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}
