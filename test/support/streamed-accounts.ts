// Files of accounts with long characters and lines, and their way through `users import`.

import assert from 'node:assert/strict';
import type { FileFormat } from './account-files.ts';
import type { CommandLine } from './command-line.ts';
import { runMuster } from './spawn-muster.ts';

export const nobody = { rows: 0, created: 0, existing: 0, refused: 0 };

/** Accounts on lines that end with CR LF, with characters of two to four bytes. */
export function textOf(format: FileFormat, names: readonly string[]): string {
  const lines = names.map((name) =>
    format === 'csv'
      ? `${name}@x.com,Zoë,"Čšž 😀"`
      : JSON.stringify({ email: `${name}@x.com`, first_name: 'Zoë', last_name: 'Čšž 😀' }),
  );
  return [...(format === 'csv' ? ['email,first_name,last_name'] : []), ...lines, ''].join('\r\n');
}

/** Of the first account. */
export const firstLine = (format: FileFormat) => (format === 'csv' ? 2 : 1);
export const people = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

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
