// Reads files of accounts of any size, record by record: CSV with a header line, or NDJSON (one JSON object on each line).

import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { readCell } from '../../model/cell.ts';
import { JsonError, readJson, repeatedMember } from '../../model/json.ts';
import { anyJson } from '../../model/kinds.ts';
import { reasonOfFile } from '../../platform/private-files.ts';
import type { ImportedRecord } from '../../resources/users/import-users.ts';
import { users } from '../../resources/users/users.ts';
import { CommandError } from '../print.ts';
import { type CsvRow, readCsv } from './csv.ts';
import type { Encoding } from './encoding.ts';
import { type Line, readLines } from './read-lines.ts';

export type FileFormat = 'csv' | 'ndjson';

export interface Source {
  readonly records: AsyncIterable<ImportedRecord>;
  /** The line on which the last record read so far begins, also if it was skipped; 0 before the first. */
  lastLine(): number;
  /** 0 if it is not known. */
  readonly totalBytes: number;
  readBytes(): number;
}

export interface SourceOptions {
  readonly format: FileFormat;
  readonly encoding?: Encoding | undefined;
  /** Records that begin before this line are skipped. */
  readonly fromLine: number;
  /** Ends the reading with an AbortError. */
  readonly signal: AbortSignal;
}

/** @param file a path, or - for standard input */
export function openSource(file: string, { format, encoding, fromLine, signal }: SourceOptions): Source {
  const name = file === '-' ? 'Standard input' : file;
  const totalBytes = file === '-' ? 0 : sizeOf(file);
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file);
  addAbortSignal(signal, stream);
  // The loop below throws the error. Without a listener, an error before the loop begins would end the process.
  stream.on('error', () => {});
  let bytes = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of stream) {
        bytes += piece.length;
        yield piece;
      }
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new CommandError(`${name} cannot be read: ${reasonOfFile(cause)}`, { cause });
    }
  }
  const lines = readLines(pieces(), encoding, name);
  let lastLine = 0;
  async function* fromLineOn(records: AsyncIterable<ImportedRecord>): AsyncGenerator<ImportedRecord> {
    for await (const record of records) {
      lastLine = record.line;
      if (record.line >= fromLine) yield record;
    }
  }
  return {
    records: fromLineOn(format === 'csv' ? csvRecords(readCsv(lines)) : jsonRecords(lines)),
    lastLine: () => lastLine,
    totalBytes,
    readBytes: () => bytes,
  };
}

/** @throws CommandError if the file cannot be read */
export function sizeOf(file: string): number {
  try {
    accessSync(file, constants.R_OK);
    const found = statSync(file);
    if (found.isDirectory()) throw new CommandError(`${file} cannot be read: it is a folder`);
    return found.size;
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`${file} cannot be read: ${reasonOfFile(cause)}`, { cause });
  }
}

export function formatOf(file: string): FileFormat {
  return /\.csv$/i.test(file) ? 'csv' : 'ndjson';
}

async function* csvRecords(rows: AsyncIterable<CsvRow>): AsyncGenerator<ImportedRecord> {
  let head: readonly string[] | undefined;
  for await (const row of rows) {
    if (head === undefined) head = headOf(row);
    else yield 'problem' in row ? row : { line: row.line, size: row.size, ...readCells(head, row.cells) };
  }
}

const isColumn = (name: string) =>
  Object.hasOwn(users.attributes, name) || ['id', 'password', 'password_hash', 'memberships'].includes(name);

/** @throws CommandError if the first row is not a valid header */
function headOf(row: CsvRow): readonly string[] {
  const refuse = (problem: string): never => {
    throw new CommandError(`line ${row.line}: the header line ${problem}`);
  };
  if ('problem' in row) return refuse(`${row.problem}; columns must be separated by commas`);
  const twice = row.cells.find((name, i) => name !== '' && row.cells.indexOf(name) < i);
  if (twice !== undefined) refuse(`contains the column ${JSON.stringify(twice.slice(0, 100))} twice`);
  if (!row.cells.some(isColumn))
    refuse('contains no known column, such as email; columns must be separated by commas');
  return row.cells;
}

/** Empty cells are skipped. */
function readCells(head: readonly string[], cells: readonly string[]) {
  const fields = new Map<string, unknown>();
  const problems: string[] = [];
  for (const [i, name] of head.entries()) {
    const text = cells[i]!;
    if (text === '') continue;
    if (name === '') problems.push(`cell ${i + 1} has no column name`);
    try {
      fields.set(name, readField(name, text));
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      problems.push(`${name} ${error.message}`);
    }
  }
  return problems.length > 0 ? { problem: problems.join(', ') } : { fields };
}

function readField(name: string, text: string): unknown {
  if (name === 'memberships') return readCell(anyJson, text);
  return Object.hasOwn(users.attributes, name) ? readCell(users.attributes[name]!.kind, text) : text;
}

async function* jsonRecords(batches: AsyncIterable<readonly Line[]>): AsyncGenerator<ImportedRecord> {
  for await (const lines of batches) {
    for (const line of lines) {
      if ('problem' in line) yield { line: line.number, size: 0, problem: line.problem };
      else if (line.text.trim() !== '')
        yield { line: line.number, size: line.text.length, ...readObject(line.text) };
    }
  }
}

function readObject(text: string) {
  let value: unknown;
  try {
    // A request body nests the same attributes two levels deeper.
    value = readJson(text, 2);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const hint = /^[^{[]*,/.test(text) ? '; if the file is CSV, add --format csv' : '';
    return { problem: `${error.message}${hint}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value))
    return { problem: 'is not an object' };
  const twice = repeatedMember(text);
  if (twice !== undefined) return { problem: `has ${JSON.stringify(twice.slice(0, 100))} twice` };
  return { fields: new Map(Object.entries(value)) };
}
