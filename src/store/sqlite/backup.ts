// Backup of a database file while it is in use, and restore.

import { existsSync, linkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { FileError, makePrivate, makePrivateFolder, writePrivateFile } from '../../platform/private-files.ts';
import { NoDatabase } from '../errors.ts';
import { refusal } from '../migrations/migrate.ts';
import { companions, locationOf, migrationsOf, regularFile } from './existing-file.ts';
import { integrityProblems } from './inspect.ts';

/**
 * Copies a database at one moment (a snapshot), while others may write to it. When the promise resolves, the copy is
 * complete and on disk. Before that, the target file does not exist.
 * @throws FileError if the target exists or cannot be written; Error if the source is not a database of Muster
 */
export async function backupSqlite(source: string, target: string): Promise<void> {
  migrationsOf(source);
  await writePrivateFile(target, { overwrite: false }, ({ path }) => copyDatabase(source, path, target));
}

/** Runs in a worker thread, because SQLite cannot be interrupted: this way a signal can still end the process. */
const copying = `
  const { workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(workerData.location, { timeout: 5000, readOnly: workerData.readOnly });
  try {
    // Reads one snapshot, and does not block writers.
    database.prepare('VACUUM INTO ?').run(workerData.path);
  } finally {
    database.close();
  }
`;

/**
 * @param path an empty file. The caller must sync it: VACUUM INTO does not (sqlite.org/lang_vacuum.html)
 * @param target the final file, for the error message
 */
async function copyDatabase(source: string, path: string, target: string): Promise<void> {
  const worker = new Worker(copying, { eval: true, workerData: { ...locationOf(source), path } });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', (error: Error) => {
      // SQLite leaves its journal if the disk is full while it rolls back.
      rmSync(`${path}-journal`, { force: true });
      reject(new FileError(`${target} cannot be written: ${error.message}`, { cause: error }));
    });
    worker.once('exit', () => resolve());
  });
}

/**
 * Replaces the database with a backup. The old database is kept beside it.
 * @returns the path of the old database, or null if there was none
 * @throws Error if the backup is damaged or newer than this version, or another process has the database open
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
    deleteTagSecret(path);
    if (old !== null) keepBeside(old, kept);
  }).catch((error) => {
    removeFolders();
    throw error;
  });
  return old === null ? null : kept;
}

/** @throws NoDatabase, FileError; Error if the file is damaged */
function soundMigrationsOf(backup: string): string[] {
  const problems = integrityProblems(backup);
  if (problems.length > 0) throw new FileError(`${backup} is damaged: ${problems[0]}`);
  return migrationsOf(backup);
}

/**
 * The target of a symbolic link, so that the file is replaced and not the link.
 * @returns null if there is no file
 * @throws FileError
 */
function existingTarget(target: string): string | null {
  try {
    regularFile(target);
    return realpathSync(target);
  } catch (error) {
    if (!(error instanceof NoDatabase)) throw error;
    return existsSync(target) ? realpathSync(target) : null;
  }
}

/**
 * Deletes the secret for ETags, so that a new one is generated. After a restore, revisions continue from those of the
 * backup, and an ETag from before the restore could otherwise match different content.
 */
function deleteTagSecret(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA journal_mode = MEMORY; DELETE FROM secrets WHERE name = 'etags'`);
  } finally {
    database.close();
  }
}

/**
 * With a hard link, so that the old name exists until the new file replaces it. Without hard links in the file
 * system, by a rename.
 */
function keepBeside(file: string, kept: string): void {
  try {
    linkSync(file, kept);
  } catch {
    renameSync(file, kept);
  }
  makePrivate(kept);
  // Left by a damaged database. They belong to it, and must not be used with the new one.
  for (const suffix of companions) if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix);
}

/** SQLITE_BUSY and SQLITE_LOCKED (sqlite.org/rescode.html). */
const held = new Set([5, 6]);

/**
 * Leaving WAL mode needs exclusive access, so SQLite refuses it if another process has the file open. A damaged file
 * cannot be open.
 */
function assertUnused(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    if (held.has(Number((cause as { errcode?: number }).errcode) & 0xff))
      throw new FileError(`${file} is in use: stop the service first`, { cause });
    // A file that cannot be opened has no readers. The restore keeps it unchanged.
  } finally {
    database.close();
  }
}
