// Writes everything that belongs to the accounts as files of an archive: rows in lines of JSON, then the manifest and the
// checksums. All rows are of one moment, while the service goes on writing. Only one part of a table is in memory.

import { hash } from 'node:crypto';
import type { Resource } from '../../model/resource.ts';
import type { Database, Engine } from '../sql/engine.ts';
import { allTables, type CarriedTable, isCarried } from '../sql/tables.ts';
import {
  type Manifest,
  type ManifestFile,
  type ManifestTable,
  manifestName,
  manifestText,
  readmeName,
  sumsName,
} from './archive-manifest.ts';
import { archivedColumns, isArchived } from './archived-columns.ts';
import { lineWriter } from './archived-rows.ts';
import { carriedTables, countRows, pages } from './carried-rows.ts';

export interface ArchiveFile {
  /** A path with slashes. */
  readonly name: string;
  readonly content: Buffer;
}

export interface ArchiveContents {
  /** All resources, for their tables. */
  readonly resources: readonly Resource[];
  /** Why tables are left out that archives could contain, by their names. */
  readonly leftOut: Readonly<Record<string, string>>;
  readonly musterVersion: string;
  readonly createdAt: number;
  /** The text of README.txt. */
  readonly readme: string;
}

export interface ArchiveWatcher {
  /** @param rows number of all rows */
  begin(rows: number): void;
  /** @param rows number of rows since the last call */
  done(rows: number): void;
}

/** A part ends when it has so many characters. */
const maxPartSize = 4 * 1024 * 1024;

/**
 * @param add called with one file after the other
 * @returns the tables that it has written
 */
export async function writeArchive(
  engine: Engine,
  { resources, leftOut, musterVersion, createdAt, readme }: ArchiveContents,
  add: (file: ArchiveFile) => Promise<void>,
  watcher: ArchiveWatcher,
): Promise<readonly ManifestTable[]> {
  const carried = await carriedTables(engine, resources);
  const archived = carried.filter((table) => isArchived(table) && leftOut[table.name] === undefined);
  const sums: string[] = [];
  const addSummed = async (name: string, content: Buffer) => {
    const sha256 = hash('sha256', content, 'hex');
    sums.push(`${sha256}  ${name}\n`);
    await add({ name, content });
    return { name, bytes: content.length, sha256 };
  };
  await addSummed(readmeName, Buffer.from(readme));
  const written = await engine.snapshot(async (reader) => {
    let rows = 0;
    for (const table of archived) rows += await countRows(reader, table);
    watcher.begin(rows);
    const files: ManifestFile[][] = [];
    for (const table of archived) files.push(await writeTable(table, reader, addSummed, watcher));
    return files;
  });
  const tables: ManifestTable[] = [];
  for (const [i, table] of archived.entries()) {
    const files = written[i]!;
    tables.push({
      name: table.name,
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      // Read after the rows, so that no row has a greater id. The snapshot would not show it: sequences have none.
      last_id: table.move.givesIds ? await engine.lastId(table.name) : null,
      columns: archivedColumns(table),
      files,
    });
  }
  const manifest: Omit<Manifest, 'format' | 'format_version'> = {
    muster_version: musterVersion,
    created_at: new Date(createdAt).toISOString(),
    tables,
    left_out: { ...reasonsOf(resources), ...leftOut },
  };
  await addSummed(manifestName, Buffer.from(manifestText(manifest)));
  await add({ name: sumsName, content: Buffer.from(sums.join('')) });
  return tables;
}

/** Why tables are never in archives; without those that hold nothing that could be carried. */
export function reasonsOf(resources: readonly Resource[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    allTables(resources).flatMap((table) => {
      const reason = isCarried(table) ? table.move.notExported : undefined;
      return reason === undefined ? [] : [[table.name, reason]];
    }),
  );
}

async function writeTable(
  table: CarriedTable,
  reader: Database,
  add: (name: string, content: Buffer) => Promise<Omit<ManifestFile, 'rows'>>,
  watcher: ArchiveWatcher,
): Promise<ManifestFile[]> {
  const lineOf = lineWriter(archivedColumns(table));
  const files: ManifestFile[] = [];
  let lines: string[] = [];
  let size = 0;
  const flush = async () => {
    if (lines.length === 0) return;
    const name = `${table.name}/${String(files.length + 1).padStart(6, '0')}.ndjson`;
    const { bytes, sha256 } = await add(name, Buffer.from(lines.join('')));
    files.push({ name, rows: lines.length, bytes, sha256 });
    lines = [];
    size = 0;
  };
  for await (const rows of pages(reader, table)) {
    for (const row of rows) {
      const line = lineOf(row);
      lines.push(line);
      size += line.length;
      if (size >= maxPartSize) await flush();
    }
    watcher.done(rows.length);
  }
  await flush();
  return files;
}
