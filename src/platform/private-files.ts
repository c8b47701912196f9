// Every file and folder that Muster makes is for its owner alone, whatever the umask is and whatever was there before.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
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
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { undoIfInterrupted } from './interruption.ts';

const fileMode = 0o600;
const folderMode = 0o700;
const othersBits = 0o077;

/** A file that cannot be used, in a sentence that names it. */
export class FileError extends Error {}

/** A file that must not be there, and is. */
export class FileExists extends FileError {}

/**
 * Makes a folder with those above it. One that exists keeps its mode: it may be shared, such as /tmp. Node's own way never
 * ends where the system does not let it, as below /proc.
 * @returns removes those that were made and are empty
 * @throws FileError
 */
export function makePrivateFolder(folder: string): () => void {
  if (existsSync(folder)) return () => {};
  const removeAbove = makePrivateFolder(dirname(folder));
  try {
    mkdirSync(folder, folderMode);
    chmodSync(folder, folderMode);
  } catch (error) {
    // Another process was quicker.
    if (codeOf(error) === 'EEXIST') return removeAbove;
    removeAbove();
    throw new FileError(`the folder ${folder} cannot be made: ${reasonOfFile(error)}`, { cause: error });
  }
  return () => {
    try {
      rmdirSync(folder);
    } catch {
      // Not empty: another process uses it.
      return;
    }
    removeAbove();
  };
}

/** Makes an empty file where there is none. @throws FileError */
export function makePrivateFile(file: string): void {
  try {
    const descriptor = openSync(file, 'wx', fileMode);
    fchmodSync(descriptor, fileMode);
    closeSync(descriptor);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unwritable(file, error);
  }
}

/** Whether nobody but the owner can use a file or a folder; what does not exist is private. */
export function isPrivate(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined || (found.mode & othersBits) === 0;
}

/** Takes from all but the owner what they may do with an existing file or folder. @throws FileError */
export function makePrivate(path: string): void {
  try {
    chmodSync(path, statSync(path).isDirectory() ? folderMode : fileMode);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A file before it has its name. */
export interface Draft {
  readonly path: string;
  write(text: string): Promise<void>;
}

/**
 * Writes a file beside its target, and gives it the target's name when it is complete and on disk: nobody ever sees half
 * of it, and a failure or a signal leaves nothing behind. Never follows a symbolic link at the target.
 * @param options.overwrite replaces a regular file; otherwise an existing target is refused
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
  // Before there is a file: a signal may come while it is made.
  const forget = undoIfInterrupted(remove);
  const handle = await open(path, 'wx', fileMode).catch((error) => {
    forget();
    throw unwritable(target, error);
  });
  try {
    await onDisk(target, () => handle.chmod(fileMode));
    const append = (text: string) => onDisk(target, () => handle.appendFile(text));
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

async function onDisk(target: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unwritable(target, error);
  }
}

/** @throws FileError */
function assertReplaceable(target: string, overwrite: boolean): void {
  if (target === '') throw new FileError('a file needs a name');
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

/** Linux and others without hard links on a file system, as vfat, say it in one of these. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function publish(path: string, target: string, overwrite: boolean): void {
  try {
    // A link is refused where the name was taken meanwhile; a rename would replace it.
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

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
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

/** `no space left on device` of `ENOSPC: no space left on device, write`. */
export function reasonOfFile(error: unknown): string {
  const { message } = error as Error;
  return /^E[A-Z0-9]+: (.+?), \w+(?: |$)/.exec(message)?.[1] ?? message;
}
