// `muster users export`: writes all accounts to a file that `users import` can read.

import { once } from 'node:events';
import { writeCell } from '../../model/cell.ts';
import type { Row } from '../../model/resource.ts';
import { zone } from '../../model/zone.ts';
import { FileExists, writePrivateFile } from '../../platform/private-files.ts';
import { users } from '../../resources/users/users.ts';
import type { Store } from '../../store/store.ts';
import { CommandError } from '../print.ts';
import { progressBar } from '../progress.ts';
import { csvLine } from './csv.ts';
import { pagesOfRows } from './pages-of-rows.ts';

export type ExportFormat = 'csv' | 'ndjson';

export interface ExportCommandOptions {
  readonly format?: ExportFormat;
  readonly hashes?: boolean;
  /** Replaces the file if it exists. */
  readonly overwrite?: boolean;
}

type Write = (text: string) => Promise<void>;

const utc = zone('UTC');

/** @param file a path, or - for standard output */
export async function exportCommand(
  store: Store,
  file: string,
  {
    format = /\.csv$/i.test(file) ? 'csv' : 'ndjson',
    hashes = false,
    overwrite = false,
  }: ExportCommandOptions,
): Promise<void> {
  if (file === '-') await writeAccounts(store, print, format, hashes);
  else
    await writePrivateFile(file, { overwrite }, (draft) =>
      writeAccounts(store, draft.write, format, hashes),
    ).catch(explain);
}

function explain(error: unknown): never {
  if (!(error instanceof FileExists)) throw error;
  throw new CommandError(`${error.message}; use --overwrite to replace it`, { cause: error });
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Writes every account in the order of ids, with its memberships, and with its password hash if `hashes` is set. */
async function writeAccounts(
  store: Store,
  write: Write,
  format: ExportFormat,
  hashes: boolean,
): Promise<void> {
  const head = ['id', ...users.columns, 'memberships', ...(hashes ? ['password_hash'] : [])];
  const { rowCount } = await store.read.records(users).state();
  const progress = progressBar(rowCount);
  const organizations = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  if (format === 'csv') await write(csvLine(head));
  let done = 0;
  for await (const rows of pagesOfRows(store, users)) {
    const ids = rows.map(({ id }) => id);
    const memberships = Map.groupBy(await store.read.memberships.listAllOf(ids), ({ user_id }) => user_id);
    const known = hashes ? await store.read.passwords.listOf(ids) : new Map<number, string>();
    const lines = rows.map((row) => {
      const own = (memberships.get(row.id) ?? []).map(
        ({ organization_id, role, created_at, expires_at }) => ({
          organization_id,
          organization_name: organizations.get(organization_id),
          role,
          created_at: utc.format(created_at),
          expires_at: expires_at === null ? null : utc.format(expires_at),
        }),
      );
      const hash = known.get(row.id) ?? null;
      return format === 'csv' ? csvRow(row, own, hashes ? hash : undefined) : jsonLine(row, own, hash);
    });
    await write(lines.join(''));
    done += rows.length;
    progress.update(done, done);
  }
  progress.stop();
}

function csvRow(row: Row, memberships: readonly object[], hash: string | null | undefined): string {
  const cells = users.columns.map((name) => writeCell(users.attributes[name]!.kind, row[name]!, utc));
  // Not empty, because the import sets an empty default organization to that of the first membership.
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
