// Import files with multi-byte characters and CR LF line ends, and their import.

import assert from 'node:assert/strict';
import type { FileFormat } from './account-files.ts';
import type { CommandLine } from './command-line.ts';
import { runMuster } from './spawn-muster.ts';

export const nobody = { rows: 0, created: 0, existing: 0, refused: 0 };

/** A file with this many accounts. Lines end with CR LF, and characters have two to four bytes. */
export function* linesOf(format: FileFormat, prefix: string, count: number): Generator<string> {
  if (format === 'csv') yield 'email,first_name,last_name\r\n';
  for (let i = 0; i < count; i++) {
    const account = { email: `${prefix}${i}@x.com`, first_name: 'Zoë', last_name: 'Čšž 😀' };
    const { email, first_name, last_name } = account;
    yield format === 'csv' ? `${email},${first_name},"${last_name}"\r\n` : `${JSON.stringify(account)}\r\n`;
  }
}

export const textOf = (format: FileFormat, prefix: string, count: number) =>
  [...linesOf(format, prefix, count)].join('');

/** The line of the first account. */
export const firstLine = (format: FileFormat) => (format === 'csv' ? 2 : 1);

/**
 * Imports the file.
 * @returns standard output
 * @throws AssertionError if a row is refused
 */
export async function imported(
  { env }: CommandLine,
  args: readonly string[],
  input?: AsyncIterable<Uint8Array>,
) {
  const run = ['users', 'import', ...args, '--json'];
  const { code, stdout, stderr } = await runMuster(run, { env, ...(input && { input }) });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
