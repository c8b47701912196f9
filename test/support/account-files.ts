// Import files of accounts, as other systems export them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';

export const fileFormats = ['csv', 'ndjson'] as const;
export type FileFormat = (typeof fileFormats)[number];

type Fields = Readonly<Record<string, unknown>>;

/** Writes one record per line; CSV begins with a header line. Returns the path. */
export function writeAccounts(
  folder: string,
  name: string,
  format: FileFormat,
  rows: readonly Fields[],
): string {
  const file = join(folder, `${name}.${format}`);
  writeFileSync(file, format === 'csv' ? csv(rows) : rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

/** The line of the nth record, counted from 0. */
export function lineOf(format: FileFormat, n: number): number {
  return n + (format === 'csv' ? 2 : 1);
}

function csv(rows: readonly Fields[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: unknown) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  return stringify([
    columns,
    ...rows.map((row) => columns.map((name) => cell(Object.hasOwn(row, name) ? row[name] : undefined))),
  ]);
}
