// Whole database files: copied while they are written to, put back, and looked through.

import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { nobodyAdministers } from './administrators.ts';
import { knownMigrations } from './migrate.ts';

/** With those above it. Node's own way never ends where the system does not let it, as below /proc. @throws Error */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The files that go with a database. */
const companions = ['-wal', '-shm'];

/**
 * A copy of one moment, taken while others write. It is complete and on disk when the promise resolves, and there is no
 * file before.
 * @throws Error where the target exists, or the source is no database
 */
export async function backupSqlite(source: string, target: string): Promise<void> {
  if (existsSync(target)) throw new Error(`${target} exists already`);
  const partial = `${target}.partial`;
  const database = openExisting(source);
  try {
    rmSync(partial, { force: true });
    // Empty, and ours alone, before there is anything in it.
    closeSync(openSync(partial, 'wx', 0o600));
    // Reads one snapshot, and keeps no writer waiting.
    database.prepare('VACUUM INTO ?').run(partial);
  } finally {
    database.close();
  }
  // SQLite does not sync what VACUUM INTO writes (sqlite.org/lang_vacuum.html).
  sync(partial);
  renameSync(partial, target);
  sync(dirname(target));
}

/**
 * Puts a backup in the place of the database; what was there is kept beside it.
 * @returns where the old database is now, or null where there was none
 * @throws Error where the backup is damaged or newer than this version, or a service has the database open
 */
export async function restoreSqlite(backup: string, target: string): Promise<string | null> {
  const problems = integrityProblems(backup);
  if (problems.length > 0) throw new Error(`${backup} is damaged: ${problems[0]}`);
  const newer = migrationsOf(backup).filter((name) => !knownMigrations.includes(name));
  if (newer.length > 0) throw new Error(`${backup} was made by a newer version (${newer.join(', ')})`);

  makeFolder(dirname(target));
  if (existsSync(target)) assertUnused(target);
  const incoming = `${target}.restoring`;
  rmSync(incoming, { force: true });
  closeSync(openSync(incoming, 'wx', 0o600));
  copyFileSync(backup, incoming);
  const database = new DatabaseSync(incoming);
  // Revisions count on from those of the backup, so tags of answers given since then must not come again.
  database.exec(`DELETE FROM secrets WHERE name = 'etags'`);
  database.close();
  sync(incoming);

  let kept: string | null = null;
  if (existsSync(target)) {
    kept = `${target}.before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(target, kept);
  }
  for (const suffix of companions) rmSync(target + suffix, { force: true });
  renameSync(incoming, target);
  sync(dirname(target));
  return kept;
}

/** What the database's own check finds wrong; empty where it is sound. */
export function integrityProblems(file: string): string[] {
  let database: DatabaseSync | undefined;
  try {
    database = openExisting(file);
    const found = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    const orphans = database.prepare('PRAGMA foreign_key_check').all() as { table: string }[];
    const counted = database
      .prepare(
        `SELECT row_count AS kept, (SELECT count(*) FROM users) AS found FROM collections WHERE name = 'users'`,
      )
      .get() as { kept: number; found: number } | undefined;
    return [
      ...found.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
      ...orphans.map(({ table }) => `a row of ${table} refers to nothing`),
      ...(counted === undefined ? ['it is not a Muster database'] : []),
      ...(counted && counted.kept !== counted.found
        ? [`${counted.kept} users are counted, ${counted.found} are there`]
        : []),
    ];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    database?.close();
  }
}

/** Whether there are sysadmins and none of them can administer. */
export function isUnadministered(file: string): boolean {
  const database = openExisting(file);
  try {
    return database.prepare(nobodyAdministers).get() !== undefined;
  } finally {
    database.close();
  }
}

export function migrationsOf(file: string): string[] {
  const database = openExisting(file);
  try {
    const rows = database.prepare('SELECT name FROM kysely_migration ORDER BY name').all() as {
      name: string;
    }[];
    return rows.map(({ name }) => name);
  } finally {
    database.close();
  }
}

function openExisting(file: string): DatabaseSync {
  if (!existsSync(file)) throw new Error(`${file} does not exist`);
  return new DatabaseSync(file, { timeout: 5000 });
}

/** Leaving the WAL needs the file to itself: SQLite refuses it where anyone else has it open. */
function assertUnused(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    throw new Error(`${file} is in use: stop the service first`, { cause });
  } finally {
    database.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
