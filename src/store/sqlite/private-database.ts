// A database file, what stands beside it, and its folder are for the service's own user alone.

import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isPrivate, makePrivate, makePrivateFile, makePrivateFolder } from '../../platform/private-files.ts';
import { NoDatabase } from '../migrations/migrate.ts';
import type { DatabaseWatch } from '../sql/engine.ts';
import { companions, migrationsOf, regularFile } from './existing-file.ts';

/** Where the workers on a database count requests. */
export const requestCounterFile = (file: string) => `${file}-rates`;

/** The database and the files beside it, whether they exist or not. */
export function filesOf(file: string): string[] {
  return [file, requestCounterFile(file)].flatMap((path) =>
    ['', ...companions].map((suffix) => path + suffix),
  );
}

/** Makes the file if absent, for its owner alone: SQLite gives its companions the same mode. @throws FileError */
export function prepareFile(file: string): void {
  try {
    if (regularFile(file).size > 0) migrationsOf(file);
  } catch (error) {
    if (!(error instanceof NoDatabase)) throw error;
    makePrivateFolder(dirname(file));
    makePrivateFile(file);
  }
}

/** Takes from others on this machine what an existing database and its own folder give them. */
export function keepPrivate(file: string, { warn }: DatabaseWatch): void {
  const folder = isOwnFolder(file) ? [dirname(file)] : [];
  for (const path of [...folder, ...filesOf(file)]) {
    if (isPrivate(path)) continue;
    try {
      makePrivate(path);
      warn?.(`${path} could be used by others on this machine; now its owner alone can use it`);
    } catch (error) {
      warn?.(`${path} can be used by others on this machine: ${(error as Error).message}`);
    }
  }
}

/** Whether the folder holds nothing but the database and what stands beside it; any other may be shared, such as /tmp. */
function isOwnFolder(file: string): boolean {
  try {
    return readdirSync(dirname(file)).every((name) => name.startsWith(basename(file)));
  } catch {
    // A folder may be one to write in and not to list.
    return false;
  }
}
