// Whole database files: copied while they are written to, and put back.

import { existsSync, linkSync, realpathSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { FileError, makePrivate, makePrivateFolder, writePrivateFile } from '../../platform/private-files.ts';
import { NoDatabase, refusal } from '../migrations/migrate.ts';
import { companions, locationOf, migrationsOf, regularFile } from './existing-file.ts';
import { integrityProblems } from './inspect.ts';

/**
 * A copy of one moment, taken while others write. It is complete and on disk when the promise resolves, and there is no
 * file before.
 * @throws FileError where the target exists or cannot be written; Error where the source is no database of Muster
 */
export async function backupSqlite(source: string, target: string): Promise<void> {
  migrationsOf(source);
  await writePrivateFile(target, { overwrite: false }, ({ path }) => copyDatabase(source, path, target));
}

/** In a thread of its own, so that a signal ends the process meanwhile; the source cannot be interrupted in SQLite. */
const copying = `
  const { workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(workerData.location, { timeout: 5000, readOnly: workerData.readOnly });
  try {
    // Reads one snapshot, and keeps no writer waiting.
    database.prepare('VACUUM INTO ?').run(workerData.path);
  } finally {
    database.close();
  }
`;

/** @param path an empty file. SQLite does not sync what it writes there (sqlite.org/lang_vacuum.html). */
async function copyDatabase(source: string, path: string, target: string): Promise<void> {
  const worker = new Worker(copying, { eval: true, workerData: { ...locationOf(source), path } });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', (error: Error) =>
      reject(new FileError(`${target} cannot be written: ${error.message}`, { cause: error })),
    );
    worker.once('exit', () => resolve());
  });
}

/**
 * Puts a backup in the place of the database; what was there is kept beside it.
 * @returns where the old database is now, or null where there was none
 * @throws Error where the backup is damaged or newer than this version, or a service has the database open
 */
export async function restoreSqlite(backup: string, target: string): Promise<string | null> {
  const refused = refusal(soundMigrationsOf(backup));
  if (refused !== null) throw new FileError(`${backup} cannot be restored: ${refused}`);
  const old = existingTarget(target);
  if (old === realpathSync(backup)) throw new FileError(`${backup} is the database itself, not a backup`);
  if (old !== null) assertUnused(old);
  const removeFolders = makePrivateFolder(dirname(target));

  const file = old ?? target;
  const kept = `${file}.before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  await writePrivateFile(file, { overwrite: true }, async ({ path }) => {
    await copyDatabase(backup, path, target);
    forgetTags(path);
    if (old !== null) keepBeside(old, kept);
  }).catch((error) => {
    removeFolders();
    throw error;
  });
  return old === null ? null : kept;
}

/** @throws NoDatabase, FileError, and Error where the file is damaged */
function soundMigrationsOf(backup: string): string[] {
  const problems = integrityProblems(backup);
  if (problems.length > 0) throw new FileError(`${backup} is damaged: ${problems[0]}`);
  return migrationsOf(backup);
}

/** Where a symbolic link leads to, so that the file is replaced and not the link. @throws FileError */
function existingTarget(target: string): string | null {
  try {
    regularFile(target);
    return realpathSync(target);
  } catch (error) {
    if (!(error instanceof NoDatabase)) throw error;
    return existsSync(target) ? realpathSync(target) : null;
  }
}

/** Revisions count on from those of the backup, so tags of answers given since then must not come again. */
function forgetTags(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA journal_mode = MEMORY; DELETE FROM secrets WHERE name = 'etags'`);
  } finally {
    database.close();
  }
}

/** The old name stays until the new file takes it, where the file system has hard links. */
function keepBeside(file: string, kept: string): void {
  try {
    linkSync(file, kept);
  } catch {
    renameSync(file, kept);
  }
  makePrivate(kept);
  // A damaged database may have left them: they belong to it, and must not meet the new one.
  for (const suffix of companions) if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix);
}

/** SQLITE_BUSY and SQLITE_LOCKED (sqlite.org/rescode.html). */
const held = new Set([5, 6]);

/** Leaving the WAL needs the file to itself: SQLite refuses it where anyone else has it open. A damaged one is not open. */
function assertUnused(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    if (held.has(Number((cause as { errcode?: number }).errcode) & 0xff))
      throw new FileError(`${file} is in use: stop the service first`, { cause });
    // What cannot be opened has no readers; the restore keeps it as it is.
  } finally {
    database.close();
  }
}
