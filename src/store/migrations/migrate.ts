// Migrations go forward only. Each is a list of statements per engine, or brings rows to today's rules; Kysely's Migrator
// keeps the account of them.

import {
  type Kysely,
  type Migration as KyselyMigration,
  type MigrationProvider,
  Migrator,
  sql,
} from 'kysely';
import type { Engine } from '../sql/engine.ts';
import { knownMigrations, type Migrations } from './migrations.ts';
import { rekeyUsers } from './rekey-users.ts';

/** Nothing of Muster's is there, and a start would make it. */
export class NoDatabase extends Error {}

/**
 * Why this version may not touch a database with these migrations; null where it may bring it to its own version.
 * @param known the names of the migrations of this version
 */
export function refusal(found: readonly string[], known: readonly string[] = knownMigrations): string | null {
  const newer = found.filter((name) => !known.includes(name));
  if (newer.length === 0) return null;
  return newer.length === found.length
    ? 'it is the database of another program'
    : `it was made by a newer version (${newer.join(', ')}) of Muster: install that version`;
}

/** @throws Error where the database is not at this version */
export function assertCurrent(found: readonly string[], known: readonly string[]): void {
  const refused = refusal(found, known);
  if (refused !== null) throw new Error(refused);
  const missing = known.filter((name) => !found.includes(name));
  if (missing.length > 0)
    throw new Error(
      `it is not at this version (${missing.join(', ')} is missing): stop what runs on it, make a backup, and \`muster migrate\` brings it there`,
    );
}

function provider(engine: Engine['name'], wanted: Migrations): MigrationProvider {
  const entries = Object.entries(wanted).map(([name, migration]): [string, KyselyMigration] => [
    name,
    {
      async up(db) {
        for (const statement of migration[engine] ?? []) await sql.raw(statement).execute(db);
        if (migration.rekeysUsers) await rekeyUsers(db, engine);
      },
    },
  ]);
  return { getMigrations: async () => Object.fromEntries(entries) };
}

/**
 * Brings a database to this version. The caller holds the transaction and the lock.
 * @param found the names of the migrations that the database has
 * @returns the names of the migrations that ran
 * @throws Error when the database was made by a newer version, or a statement fails
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
