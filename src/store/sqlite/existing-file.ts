// Checks an existing database file, and opens it so that no other files are left beside it.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { FileError, reasonOfFile } from '../../platform/private-files.ts';
import { NoDatabase } from '../errors.ts';

/** Suffixes of the files that SQLite creates beside a database file. */
export const companions = ['-wal', '-shm'];

/**
 * The names of the migrations of an existing database.
 * @throws NoDatabase, FileError; Error if it is not a database of Muster
 */
export function migrationsOf(file: string): string[] {
  const database = openExisting(file);
  try {
    assertOurs(database, file);
    return migrationsOn(database);
  } catch (error) {
    throw named(file, error);
  } finally {
    database.close();
  }
}

/** @throws NoDatabase, FileError */
export function assertOurs(database: DatabaseSync, file: string): void {
  const tables = database.prepare('SELECT name FROM sqlite_schema').all();
  if (tables.length === 0) throw new NoDatabase(`${file} is empty`);
  if (!tables.some(({ name }) => name === 'kysely_migration'))
    throw new FileError(`${file} is the database of another program`);
}

/** Empty if nothing has been migrated yet. */
export function migrationsOn(database: DatabaseSync): string[] {
  const tables = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'`).all();
  if (tables.length === 0) return [];
  const rows = database.prepare('SELECT name FROM kysely_migration ORDER BY name').all();
  return rows.map(({ name }) => name as string);
}

/** Opens the file for reading, see locationOf. */
export function openExisting(file: string): DatabaseSync {
  const { location, readOnly } = locationOf(file);
  try {
    return new DatabaseSync(location, { timeout: 5000, readOnly });
  } catch (error) {
    throw named(file, error);
  }
}

/**
 * How to open a database so that no files are left beside it. A read-only connection would leave the write-ahead log
 * behind, and without write permission a database in WAL mode cannot be read.
 * @throws NoDatabase, FileError
 */
export function locationOf(file: string): { location: string; readOnly: boolean } {
  const usesLog = assertDatabase(file);
  if (unwritableReason(file) === null) return { location: file, readOnly: false };
  if (!usesLog) return { location: file, readOnly: true };
  if (existsSync(`${file}-wal`))
    throw new FileError(`${unwritableReason(file)}, but reading ${file}-wal needs it`);
  // sqlite.org/uri.html: immutable means that no process changes the file, so SQLite uses no locks and no log.
  return { location: `${pathToFileURL(file).href}?immutable=1`, readOnly: true };
}

/** The reason why the file, or its folder (for the write-ahead log), cannot be written; null if both can. */
export function unwritableReason(file: string): string | null {
  for (const [path, access] of [
    [file, constants.W_OK],
    [dirname(file), constants.W_OK | constants.X_OK],
  ] as const) {
    try {
      accessSync(path, access);
    } catch (error) {
      return `${path} cannot be written: ${reasonOfFile(error)}`;
    }
  }
  return null;
}

/**
 * sqlite.org/fileformat.html: the first bytes of a database, and the offset of the byte that says whether it is in
 * WAL mode.
 */
const magic = 'SQLite format 3\0';
const writeVersionAt = 18;

/**
 * @returns whether the database is in WAL mode
 * @throws NoDatabase, FileError
 */
function assertDatabase(file: string): boolean {
  const found = regularFile(file);
  if (found.size === 0) throw new NoDatabase(`${file} is empty`);
  const head = Buffer.alloc(100);
  try {
    const descriptor = openSync(file, 'r');
    readSync(descriptor, head);
    closeSync(descriptor);
  } catch (error) {
    throw new FileError(`${file} cannot be read: ${reasonOfFile(error)}`, { cause: error });
  }
  if (head.toString('latin1', 0, magic.length) !== magic) throw new FileError(`${file} is not a database`);
  return head[writeVersionAt] === 2;
}

/** @throws NoDatabase, FileError */
export function regularFile(file: string): Stats {
  let found: Stats | undefined;
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() && !existsSync(file))
      throw new FileError(`${file} is a symbolic link to ${readlinkSync(file)}, which does not exist`);
    found = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(`${file} cannot be reached: ${reasonOfFile(error)}`, { cause: error });
  }
  if (found === undefined) throw new NoDatabase(`${file} does not exist`);
  if (found.isDirectory()) throw new FileError(`${file} is a folder, not a database`);
  if (!found.isFile()) throw new FileError(`${file} is not a database`);
  return found;
}

/** Adds the name of the file to errors of SQLite, whose messages have none. */
export function named(file: string, error: unknown): unknown {
  if ((error as { code?: unknown }).code !== 'ERR_SQLITE_ERROR') return error;
  return new FileError(`${file} cannot be used: ${(error as Error).message}`, { cause: error });
}
