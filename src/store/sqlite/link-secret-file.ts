// The secret of links in mails, in a file beside the database: whoever gets a copy of the database cannot make tokens.

import { readFileSync, type Stats, statSync } from 'node:fs';
import { FileError, publishPrivateFile, reasonOfFile } from '../../platform/private-files.ts';

/** @param file the database */
export const linkSecretFile = (file: string) => `${file}-link-secret`;

export const minLinkSecretLength = 32;

/** @throws FileError if there is a file, but not a usable one */
export function readLinkSecret(file: string): string | null {
  const path = linkSecretFile(file);
  let found: Stats | undefined;
  let secret: string;
  try {
    found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return null;
    secret = found.isFile() ? readFileSync(path, 'utf8').trim() : '';
  } catch (error) {
    throw new FileError(`${path} cannot be read: ${reasonOfFile(error)}`, { cause: error });
  }
  if (!found.isFile()) throw new FileError(`${path} is not a regular file`);
  if ((found.mode & 0o077) !== 0)
    throw new FileError(`${path} can be accessed by others on this machine: run chmod 600`);
  if (secret.length < minLinkSecretLength)
    throw new FileError(
      `${path} has fewer than ${minLinkSecretLength} characters: restore it, or delete it to make a new one`,
    );
  return secret;
}

/**
 * Reads the secret, or creates it. If several processes do so at once, all get the same.
 * @param generate returns a new secret
 * @throws FileError
 */
export function keepLinkSecret(file: string, generate: () => string): string {
  const known = readLinkSecret(file);
  if (known !== null) return known;
  const path = linkSecretFile(file);
  publishPrivateFile(path, `${generate()}\n`, file);
  const made = readLinkSecret(file);
  if (made === null) throw new FileError(`${path} is a symbolic link to a file that does not exist`);
  return made;
}
