// The output of commands that write a file or, for `-`, to standard output.

import { once } from 'node:events';
import { FileExists, writePrivateFile } from '../platform/private-files.ts';
import { CommandError } from './print.ts';

export type Write = (content: string | Uint8Array) => Promise<void>;

/**
 * @param file a path, or - for standard output
 * @param overwrite replaces the file if it exists
 */
export async function writeOutput(
  file: string,
  overwrite: boolean,
  work: (write: Write) => Promise<void>,
): Promise<void> {
  if (file === '-') return work(print);
  await writePrivateFile(file, { overwrite }, ({ write }) => work(write)).catch((error) => {
    if (!(error instanceof FileExists)) throw error;
    throw new CommandError(`${error.message}; use --overwrite to replace it`, { cause: error });
  });
}

async function print(content: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(content)) await once(process.stdout, 'drain');
}
