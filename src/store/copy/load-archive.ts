// Imports the rows of an archive into a database. First all rows are read and compared with what is there: the database
// must be empty, or contain only what an interrupted import of the same archive has written, which are the first rows of
// each table. Then the others are inserted, one page in each transaction.

import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { Resource } from '../../model/resource.ts';
import { reasonOf, StoreUnavailable } from '../errors.ts';
import type { Engine } from '../sql/engine.ts';
import { allTables, type CarriedTable } from '../sql/tables.ts';
import { ArchiveProblem, type Manifest, type ManifestFile } from './archive-manifest.ts';
import { archivedColumns, isArchived } from './archived-columns.ts';
import { LineProblem, lineReader, lineWriter } from './archived-rows.ts';
import { countRows, keyOf, pages, rowsPerPage, type StoredRow } from './carried-rows.ts';
import { type Inserter, inserter } from './insert-rows.ts';
import type { ArchiveFile } from './write-archive.ts';

export interface LoadWatcher {
  /** @param rows number of rows that the step will process */
  begin(step: 'check' | 'import', rows: number): void;
  /** @param rows number of rows that were processed since the last call */
  done(rows: number): void;
}

/** The database has rows that are not the first rows of the archive. */
export class OtherData extends Error {
  constructor(table: string, row: string) {
    super(`${table} ${row}`);
  }
}

export interface LoadedTable {
  readonly table: string;
  /** In the archive. */
  readonly rows: number;
  /** Which were not there before. */
  readonly imported: number;
}

/**
 * @param open opens the archive from the beginning; its manifest was verified
 * @param signal stops the import after the current page
 * @throws ArchiveProblem, OtherData, StoreUnavailable, the errors of `open`, and the reason of the signal. Before the
 * step `import` nothing is written
 */
export async function loadArchive(
  open: () => AsyncIterable<ArchiveFile>,
  manifest: Manifest,
  engine: Engine,
  resources: readonly Resource[],
  watcher: LoadWatcher,
  signal: AbortSignal,
): Promise<LoadedTable[]> {
  const tables = allTables(resources).filter(isArchived);
  const existing = new Map<string, number>();
  for (const table of tables) existing.set(table.name, await countRows(engine.reader, table));
  const all = manifest.tables.reduce((sum, { rows }) => sum + rows, 0);
  watcher.begin('check', all);
  await compareFirstRows(readParts(open(), manifest, tables), tables, existing, engine, watcher, signal);

  const here = [...existing.values()].reduce((sum, rows) => sum + rows, 0);
  watcher.begin('import', all - here);
  const left = new Map(existing);
  const inserters = new Map(tables.map(({ name }) => [name, inserter(name, 'fail')]));
  for await (const part of readParts(open(), manifest, tables)) {
    const { name } = part.table;
    const skipped = Math.min(left.get(name)!, part.rows.length);
    left.set(name, left.get(name)! - skipped);
    await insertPart(part, skipped, inserters.get(name)!, engine, watcher, signal);
  }
  await engine.write(async (db) => {
    for (const { name, last_id: lastId } of manifest.tables)
      if (lastId !== null) await engine.advanceSequence(db, name, lastId);
  });
  return manifest.tables.map(({ name, rows }) => ({
    ...{ table: name, rows, imported: rows - existing.get(name)! },
  }));
}

interface Part {
  readonly file: string;
  readonly table: CarriedTable;
  readonly rows: readonly StoredRow[];
}

/** Reads the parts again, and verifies the checksum of each again: the file may have changed. */
async function* readParts(
  files: AsyncIterable<ArchiveFile>,
  manifest: Manifest,
  tables: readonly CarriedTable[],
): AsyncGenerator<Part> {
  const listed = new Map(
    manifest.tables.flatMap(({ name, columns, files }) => {
      const table = tables.find((one) => one.name === name)!;
      const read = lineReader(table, Object.keys(columns));
      return files.map((file) => [file.name, { file, table, read }]);
    }),
  );
  const changed = () => new ArchiveProblem('it has changed while it was read, or is a pipe: name a file');
  for await (const { name, content } of files) {
    const part = listed.get(name);
    if (part === undefined) continue;
    listed.delete(name);
    if (hash('sha256', content, 'hex') !== part.file.sha256) throw changed();
    yield { file: name, table: part.table, rows: rowsIn(content, part.file, part.read) };
  }
  if (listed.size > 0) throw changed();
}

function rowsIn(
  content: Buffer,
  { name, rows }: ManifestFile,
  read: (line: string) => StoredRow,
): StoredRow[] {
  if (!isUtf8(content)) throw new ArchiveProblem(`${name} is not UTF-8`);
  const lines = content.toString().split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length !== rows)
    throw new ArchiveProblem(`${name} has ${lines.length} lines, and the manifest counts ${rows}`);
  return lines.map((line, i) => {
    try {
      return read(line);
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      throw new ArchiveProblem(`${name}, line ${i + 1}: ${error.message}`, { cause: error });
    }
  });
}

/** @throws OtherData if the rows that are there are not the first ones of the archive */
async function compareFirstRows(
  parts: AsyncIterable<Part>,
  tables: readonly CarriedTable[],
  existing: ReadonlyMap<string, number>,
  engine: Engine,
  watcher: LoadWatcher,
  signal: AbortSignal,
): Promise<void> {
  const left = new Map(existing);
  const open = new Map<string, AsyncIterator<StoredRow>>();
  for await (const { table, rows } of parts) {
    signal.throwIfAborted();
    const { name } = table;
    const lineOf = lineWriter(archivedColumns(table));
    const there = open.get(name) ?? eachRow(engine, table);
    open.set(name, there);
    for (const row of rows.slice(0, left.get(name))) {
      const { value } = await there.next();
      if (value === undefined || lineOf(value) !== lineOf(row)) throw otherData(table, value ?? row);
    }
    left.set(name, Math.max(left.get(name)! - rows.length, 0));
    watcher.done(rows.length);
  }
  for (const table of tables) {
    if (left.get(table.name) === 0) continue;
    const { value } = await (open.get(table.name) ?? eachRow(engine, table)).next();
    throw otherData(table, value!);
  }
}

function otherData(table: CarriedTable, row: StoredRow): OtherData {
  return new OtherData(table.name, keyOf(table, row).join('/'));
}

async function* eachRow(engine: Engine, table: CarriedTable): AsyncGenerator<StoredRow, undefined> {
  for await (const rows of pages(engine.reader, table)) yield* rows;
}

async function insertPart(
  { file, rows }: Part,
  skipped: number,
  insert: Inserter,
  engine: Engine,
  watcher: LoadWatcher,
  signal: AbortSignal,
): Promise<void> {
  for (let start = skipped; start < rows.length; start += rowsPerPage) {
    signal.throwIfAborted();
    const some = rows.slice(start, start + rowsPerPage);
    await engine
      .write((db) => insert(db, some))
      .catch((cause) => {
        if (cause instanceof StoreUnavailable) throw cause;
        const lines = `${start + 1} to ${start + some.length}`;
        throw new ArchiveProblem(`${file}, lines ${lines}, cannot be written: ${reasonOf(cause)}`, { cause });
      });
    watcher.done(some.length);
  }
}
