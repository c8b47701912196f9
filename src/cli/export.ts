// `users export`.

import { once } from 'node:events';
import { createWriteStream, openSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { writeCell } from '../model/cell.ts';
import type { Row } from '../model/resource.ts';
import { zone } from '../model/zone.ts';
import { users } from '../resources/users/users.ts';
import type { Store } from '../store/store.ts';
import { csvLine } from './csv.ts';
import { pagesOfRows } from './pages-of-rows.ts';
import { CommandError } from './print.ts';
import { progressBar } from './progress.ts';
import { type FileFormat, formatOf } from './read-records.ts';

export interface ExportCommandOptions {
  readonly format?: FileFormat;
  readonly hashes?: boolean;
}

const utc = zone('UTC');

/** What import reads: every account by id, with its memberships, and its password's hash where asked for. */
export async function exportCommand(
  store: Store,
  file: string,
  { format = formatOf(file), hashes = false }: ExportCommandOptions,
): Promise<void> {
  const out = file === '-' ? process.stdout : createWriteStream(file, { fd: openForWriting(file) });
  const head = ['id', ...users.columns, 'memberships', ...(hashes ? ['password_hash'] : [])];
  const write = async (text: string) => {
    if (!out.write(text)) await once(out, 'drain');
  };
  const { rowCount } = await store.read.users.state();
  const progress = progressBar(rowCount);
  const organizations = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  if (format === 'csv') await write(csvLine(head));
  let done = 0;
  for await (const rows of pagesOfRows(store)) {
    const ids = rows.map(({ id }) => id as number);
    const memberships = Map.groupBy(await store.read.memberships.listOf(ids), ({ user_id }) => user_id);
    const known = hashes ? await store.read.passwords.listOf(ids) : new Map<number, string>();
    const lines = rows.map((row) => {
      const own = (memberships.get(row.id as number) ?? []).map(({ organization_id, role }) => ({
        organization_id,
        organization_name: organizations.get(organization_id),
        role,
      }));
      const hash = known.get(row.id as number) ?? null;
      return format === 'csv' ? csvRow(row, own, hashes ? hash : undefined) : jsonLine(row, own, hash);
    });
    await write(lines.join(''));
    done += rows.length;
    progress.update(done, done);
  }
  progress.stop();
  if (out !== process.stdout) {
    out.end();
    await finished(out);
  }
}

function openForWriting(file: string): number {
  try {
    return openSync(file, 'w', 0o600);
  } catch (cause) {
    throw new CommandError(`${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

function csvRow(row: Row, memberships: readonly object[], hash: string | null | undefined): string {
  const cells = users.columns.map((name) => writeCell(users.attributes[name]!.kind, row[name]!, utc));
  // To import, an empty cell means the first of the memberships.
  if (row.default_organization_id === null && memberships.length > 0)
    cells[users.columns.indexOf('default_organization_id')] = 'null';
  return csvLine([
    String(row.id),
    ...cells,
    JSON.stringify(memberships),
    ...(hash === undefined ? [] : [hash ?? '']),
  ]);
}

function jsonLine(row: Row, memberships: readonly object[], hash: string | null): string {
  const attributes = users.columns.map((name) => {
    const stored = row[name]!;
    return `"${name}":${stored === null ? 'null' : users.attributes[name]!.kind.write(stored, utc)}`;
  });
  const tail = hash === null ? '' : `,"password_hash":${JSON.stringify(hash)}`;
  return `{"id":"${row.id}",${attributes.join()},"memberships":${JSON.stringify(memberships)}${tail}}\n`;
}
