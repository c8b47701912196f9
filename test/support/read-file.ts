// Reads a file of accounts as `users import` does, without a database.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importFormatOf } from '../../src/cli/import-export/files/file-format.ts';
import { openSource, type SourceOptions } from '../../src/cli/import-export/files/read-records.ts';
import { ownAccounts } from '../../src/cli/import-export/own-accounts.ts';

type Options = Partial<SourceOptions> & Parameters<typeof ownAccounts>[0];

/** The number of each record, with its fields or its problem. */
export async function readAccounts(
  folder: string,
  name: string,
  bytes: string | Buffer,
  options: Options = {},
): Promise<[number, Record<string, unknown> | string][]> {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const source = await openSource(file, {
    format: importFormatOf(file),
    reader: ownAccounts(options),
    from: 1,
    fromUnit: null,
    signal: new AbortController().signal,
    ...options,
  });
  const read: [number, Record<string, unknown> | string][] = [];
  for await (const record of source.records)
    read.push([record.line, 'fields' in record ? Object.fromEntries(record.fields) : reasonOf(record)]);
  return read;
}

function reasonOf(record: { readonly problem: string } | { readonly skipped: string }): string {
  return 'problem' in record ? record.problem : `skipped: ${record.skipped}`;
}
