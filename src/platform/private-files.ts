// Creates files and folders that only their owner can access (modes 0600 and 0700), whatever the umask is.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { undoIfInterrupted } from './interruption.ts';

const fileMode = 0o600;
const folderMode = 0o700;
const othersBits = 0o077;

/** A file or folder cannot be used. The message names it. */
export class FileError extends Error {}

/** The file already exists, but must not. */
export class FileExists extends FileError {}

/**
 * Creates a folder and its missing parents. An existing folder keeps its mode, because it may be shared, such as /tmp. Does
 * not use Node's recursive mkdir, which loops for ever where the system forbids it, for example below /proc.
 * @returns a function that removes the folders that were created, as long as they are empty
 * @throws FileError
 */
export function makePrivateFolder(folder: string): () => void {
  if (existsSync(folder)) return () => {};
  const removeAbove = makePrivateFolder(dirname(folder));
  try {
    mkdirSync(folder, folderMode);
    chmodSync(folder, folderMode);
  } catch (error) {
    // Another process created it at the same time.
    if (codeOf(error) === 'EEXIST') return removeAbove;
    removeAbove();
    throw new FileError(`the folder ${folder} cannot be created: ${reasonOfFile(error)}`, { cause: error });
  }
  return () => {
    try {
      rmdirSync(folder);
    } catch {
      // It is not empty: another process uses it.
      return;
    }
    removeAbove();
  };
}

/** Creates an empty file unless it exists. @throws FileError */
export function makePrivateFile(file: string): void {
  try {
    const descriptor = openSync(file, 'wx', fileMode);
    fchmodSync(descriptor, fileMode);
    closeSync(descriptor);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unwritable(file, error);
  }
}

/** Whether only the owner can access a file or folder. True if it does not exist. */
export function isPrivate(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined || (found.mode & othersBits) === 0;
}

/** Sets the mode of an existing file to 0600, of a folder to 0700. @throws FileError */
export function makePrivate(path: string): void {
  try {
    chmodSync(path, statSync(path).isDirectory() ? folderMode : fileMode);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A file that is being written, under a temporary name. */
export interface Draft {
  readonly path: string;
  write(content: string | Uint8Array): Promise<void>;
}

/**
 * Writes a temporary file beside the target, and renames it to the target when it is complete and on disk. So nobody reads
 * half a file, and an error or a signal leaves no file behind. Does not follow a symbolic link at the target.
 * @param options.overwrite replaces a regular file; without it, an existing target is an error
 * @throws FileError, and whatever `write` throws
 */
export async function writePrivateFile(
  target: string,
  options: { readonly overwrite: boolean },
  write: (draft: Draft) => Promise<void>,
): Promise<void> {
  assertReplaceable(target, options.overwrite);
  const path = `${target}.${randomBytes(4).toString('hex')}.partial`;
  const remove = () => rmSync(path, { force: true });
  // Registered before the file is created, because a signal may arrive in between.
  const forget = undoIfInterrupted(remove);
  const handle = await open(path, 'wx', fileMode).catch((error) => {
    forget();
    throw unwritable(target, error);
  });
  try {
    await onDisk(target, () => handle.chmod(fileMode));
    const append = (content: string | Uint8Array) => onDisk(target, () => handle.appendFile(content));
    await write({ path, write: append });
    await onDisk(target, () => handle.sync());
    await handle.close();
    publish(path, target, options.overwrite);
  } catch (error) {
    await handle.close().catch(() => {});
    remove();
    throw error;
  } finally {
    forget();
  }
}

/**
 * Creates a file with these contents, unless it exists. It appears complete and on disk. If several processes do so at
 * once, one of them creates it.
 * @param owned a file: if root creates the file, it gets the owner of that one
 * @throws FileError
 */
export function publishPrivateFile(target: string, text: string, owned: string): void {
  const path = `${target}.${randomBytes(4).toString('hex')}.partial`;
  const remove = () => rmSync(path, { force: true });
  const forget = undoIfInterrupted(remove);
  try {
    const descriptor = openSync(path, 'wx', fileMode);
    try {
      fchmodSync(descriptor, fileMode);
      if (process.getuid?.() === 0) {
        const { uid, gid } = statSync(owned);
        fchownSync(descriptor, uid, gid);
      }
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    publish(path, target, false);
  } catch (error) {
    if (error instanceof FileExists) return;
    throw error instanceof FileError ? error : unwritable(target, error);
  } finally {
    remove();
    forget();
  }
}

async function onDisk(target: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unwritable(target, error);
  }
}

/** @throws FileError */
function assertReplaceable(target: string, overwrite: boolean): void {
  if (target === '') throw new FileError('the file name is empty');
  let found: Stats | undefined;
  try {
    found = lstatSync(target, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(target, error);
  }
  if (found === undefined) return;
  if (found.isDirectory()) throw new FileError(`${target} is a folder: name a file in it`);
  if (found.isSymbolicLink()) throw new FileError(`${target} is a symbolic link: name the file itself`);
  if (!found.isFile()) throw new FileError(`${target} is not a regular file`);
  if (!overwrite) throw exists(target);
}

/** The error codes of link() on a file system without hard links, such as vfat. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function publish(path: string, target: string, overwrite: boolean): void {
  try {
    // A rename would replace a file that was created meanwhile; a link fails.
    if (overwrite || !linked(path, target)) {
      assertReplaceable(target, overwrite);
      renameSync(path, target);
    }
    syncFolder(dirname(target));
  } catch (error) {
    throw error instanceof FileError ? error : unwritable(target, error);
  }
}

function linked(path: string, target: string): boolean {
  try {
    linkSync(path, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw exists(target);
    if (noHardLinks.has(codeOf(error))) return false;
    throw error;
  }
  unlinkSync(path);
  return true;
}

/** Calls fsync on a folder, so that new names in it survive a crash. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function exists(target: string): FileError {
  return new FileExists(`${target} exists already`);
}

function unwritable(file: string, cause: unknown): FileError {
  if (codeOf(cause) === 'ENOENT')
    return new FileError(`${file} cannot be written: the folder ${dirname(file)} does not exist`, { cause });
  return new FileError(`${file} cannot be written: ${reasonOfFile(cause)}`, { cause });
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

/** The readable part of a file system error: `no space left on device` of `ENOSPC: no space left on device, write`. */
export function reasonOfFile(error: unknown): string {
  const { message } = error as Error;
  return /^E[A-Z0-9]+: (.+?), \w+(?: |$)/.exec(message)?.[1] ?? message;
}
