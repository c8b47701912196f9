// `users import` and `users export`.

import { once } from 'node:events';
import { createWriteStream, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { finished } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import type { Config } from '../config.ts';
import { writeCell } from '../model/cell.ts';
import type { Query } from '../model/query.ts';
import type { Row } from '../model/resource.ts';
import { zone } from '../model/zone.ts';
import { type ImportCounts, importUsers } from '../resources/users/import-users.ts';
import { users } from '../resources/users/users.ts';
import { passwordHasher } from '../security/passwords.ts';
import type { Store } from '../store/store.ts';
import { CommandError, type OutputOptions, printRecord } from './print.ts';
import { progressBar } from './progress.ts';
import { type FileFormat, formatOf, openSource } from './read-records.ts';

export interface ImportCommandOptions extends OutputOptions {
  readonly format?: FileFormat;
  readonly organization?: number;
  readonly fromLine: number;
}

export async function importCommand(
  store: Store,
  config: Config,
  file: string,
  { format = formatOf(file), organization, fromLine, json }: ImportCommandOptions,
): Promise<void> {
  if (organization !== undefined && (await store.read.organizations.find(organization)) === null)
    throw new CommandError(`There is no organization ${organization}`);
  let unreadable = 0;
  const onRefused = (line: number, reason: string) => process.stderr.write(`line ${line}: ${reason}\n`);
  const source = openSource(file, format, (line, reason) => {
    unreadable++;
    onRefused(line, reason);
  });
  const progress = progressBar(source.totalBytes);
  let doneLine = 0;
  let counts: ImportCounts;
  try {
    counts = await importUsers(fromLineOn(source.records, fromLine), {
      store,
      clock: Date.now,
      zone: zone(config.timeZone),
      passwords: passwordHasher(Number.POSITIVE_INFINITY, availableParallelism()),
      organizationId: organization ?? null,
      onRefused,
      onBatch({ rows }, line) {
        doneLine = line;
        progress.update(source.readBytes(), rows);
      },
    });
  } catch (error) {
    process.stderr.write(
      `\nStopped after line ${doneLine}; --from-line ${doneLine + 1} goes on from there.\n`,
    );
    throw error;
  } finally {
    progress.stop();
  }
  const { rows, created, existing, refused } = counts;
  printRecord(
    { rows: rows + unreadable, created, existing, refused: refused + unreadable },
    { ...(json && { json }) },
  );
  if (refused + unreadable > 0) process.exitCode = 1;
}

async function* fromLineOn<T extends { line: number }>(
  records: AsyncIterable<T>,
  first: number,
): AsyncIterable<T> {
  for await (const record of records) if (record.line >= first) yield record;
}

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
  if (format === 'csv') await write(stringify([head]));
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
      return format === 'csv' ? csvLine(row, own, hashes ? hash : undefined) : jsonLine(row, own, hash);
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

function csvLine(row: Row, memberships: readonly object[], hash: string | null | undefined): string {
  const cells = users.columns.map((name) => writeCell(users.attributes[name]!.kind, row[name]!, utc));
  return stringify([
    [row.id, ...cells, JSON.stringify(memberships), ...(hash === undefined ? [] : [hash ?? ''])],
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

/** All accounts by id, a few hundred at a time. */
export async function* pagesOfRows(store: Store): AsyncIterable<Row[]> {
  const sort = [{ attribute: 'id', descending: false }];
  let after: readonly number[] | null = null;
  for (;;) {
    const query: Query = { filter: null, sort, fields: null, page: { by: 'cursor', after, size: 500 } };
    const page = (await store.read.users.page(query, { sees: 'all' }, null)).slice(0, 500);
    const last = page.at(-1);
    if (last === undefined) return;
    yield await store.read.users.findMany(page.map(({ id }) => id));
    after = [last.id];
  }
}
