// Keeps a database file, the files beside it, and its folder private to the user that runs the service.

import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isPrivate, makePrivate, makePrivateFile, makePrivateFolder } from '../../platform/private-files.ts';
import { NoDatabase } from '../errors.ts';
import type { DatabaseWatch } from '../sql/engine.ts';
import { companions, migrationsOf, regularFile } from './existing-file.ts';
import { linkSecretFile } from './link-secret-file.ts';

/** The file in which the workers of a database count requests. */
export const requestCounterFile = (file: string) => `${file}-rates`;

/** The database and the files beside it, whether they exist or not. */
export function filesOf(file: string): string[] {
  const databases = [file, requestCounterFile(file)];
  return [
    ...databases.flatMap((path) => ['', ...companions].map((suffix) => path + suffix)),
    linkSecretFile(file),
  ];
}

/**
 * Creates the file if absent, accessible to its owner only. SQLite creates the files beside it with the same mode.
 * @throws FileError
 */
export function prepareFile(file: string): void {
  try {
    if (regularFile(file).size > 0) migrationsOf(file);
  } catch (error) {
    if (!(error instanceof NoDatabase)) throw error;
    makePrivateFolder(dirname(file));
    makePrivateFile(file);
  }
}

/** Removes the permissions of other users from an existing database and its own folder. */
export function keepPrivate(file: string, { warn }: DatabaseWatch): void {
  const folder = isOwnFolder(file) ? [dirname(file)] : [];
  for (const path of [...folder, ...filesOf(file)]) {
    if (isPrivate(path)) continue;
    try {
      makePrivate(path);
      warn?.(`${path} was accessible to others on this machine; now only its owner can access it`);
    } catch (error) {
      warn?.(`${path} is accessible to others on this machine: ${(error as Error).message}`);
    }
  }
}

/**
 * Whether the folder contains only the database and the files beside it. Any other folder may be shared, for example
 * /tmp.
 */
function isOwnFolder(file: string): boolean {
  try {
    return readdirSync(dirname(file)).every((name) => name.startsWith(basename(file)));
  } catch {
    // The folder may be writable but not readable.
    return false;
  }
}
