// Files of accounts with long characters and lines, and their way through `users import`.

import assert from 'node:assert/strict';
import type { FileFormat } from './account-files.ts';
import type { CommandLine } from './command-line.ts';
import { runMuster } from './spawn-muster.ts';

export const nobody = { rows: 0, created: 0, existing: 0, refused: 0 };

/** As many accounts on lines that end with CR LF, with characters of two to four bytes. */
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

/** Of the first account. */
export const firstLine = (format: FileFormat) => (format === 'csv' ? 2 : 1);

/** @returns what an import prints. @throws AssertionError where it refuses a row */
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
