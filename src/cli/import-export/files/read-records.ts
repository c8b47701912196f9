// Opens a file of accounts of any size, and reads it record by record.

import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { reasonOfFile } from '../../../platform/private-files.ts';
import { CommandError } from '../../print.ts';
import type { AccountReader } from '../account-reader.ts';
import { type CsvForm, openCsv } from './csv-records.ts';
import type { Encoding } from './encoding.ts';
import { type ImportFormat, sizeOf } from './file-format.ts';
import type { FileRecord } from './file-record.ts';
import { openJson, type Paths, surveyJson } from './json-records.ts';
import { readLines } from './read-lines.ts';

/** How the records of a file are numbered: by lines, or by themselves where several can be on one line. */
export type Unit = 'line' | 'record';

/** How the file is written, so that a part of it can be written in the same way. */
export type Layout =
  | { readonly format: 'csv'; readonly delimiter: string; readonly head: readonly string[] }
  | { readonly format: 'json'; readonly isList: boolean; readonly around: Around | null }
  | { readonly format: 'ldif' };

/** The object around a list of accounts, and what accounts refer to in it, as the texts of lists by their names. */
export interface Around {
  readonly list: string;
  readonly others: ReadonlyMap<string, readonly string[]>;
}

export interface Source {
  readonly unit: Unit;
  readonly layout: Layout;
  readonly records: AsyncIterable<FileRecord>;
  /** The number of the last record read so far, also if it was skipped; 0 before the first. */
  lastRead(): number;
  /** 0 if it is not known. */
  readonly totalBytes: number;
  readBytes(): number;
}

export interface SourceOptions {
  readonly format: ImportFormat;
  readonly encoding?: Encoding | undefined;
  readonly delimiter?: string | undefined;
  readonly reader: AccountReader;
  /** JSON: the lists inside an object that the reader reads. */
  readonly paths?: Paths | undefined;
  readonly csvForm?: CsvForm | undefined;
  /** Records with smaller numbers are skipped. */
  readonly from: number;
  /** What `from` counts; null if the file decides. */
  readonly fromUnit: Unit | null;
  /** Ends the reading with an AbortError. */
  readonly signal: AbortSignal;
}

/**
 * @param file a path, or - for standard input
 * @throws CommandError if the file cannot be read, or its header line is not one
 */
export async function openSource(file: string, options: SourceOptions): Promise<Source> {
  const { format, encoding, delimiter, reader, from, fromUnit, signal, paths, csvForm } = options;
  const name = file === '-' ? 'Standard input' : file;
  const totalBytes = file === '-' ? 0 : sizeOf(file);
  if (reader.isReadTwice && file !== '-') {
    const first = await openSource(file, { ...options, reader: { ...reader, isReadTwice: false } });
    for await (const _ of first.records);
  }
  let bytes = 0;
  let isRead = false;
  /** Begins to read the file. */
  function pieces(): AsyncIterable<Buffer> {
    if (isRead && file === '-')
      throw new CommandError(
        'Standard input can be read only once, and accounts refer to other parts: save it to a file first',
      );
    isRead = true;
    bytes = 0;
    const stream: Readable = file === '-' ? process.stdin : createReadStream(file);
    addAbortSignal(signal, stream);
    // The loop below throws the error. Without a listener, an error before the loop begins would end the process.
    stream.on('error', () => {});
    return (async function* () {
      try {
        for await (const piece of stream) {
          bytes += piece.length;
          yield piece;
        }
      } catch (cause) {
        if (signal.aborted) throw cause;
        throw new CommandError(`${name} cannot be read: ${reasonOfFile(cause)}`, { cause });
      }
    })();
  }
  let lastRead = 0;
  async function* fromOn(records: AsyncIterable<FileRecord>): AsyncGenerator<FileRecord> {
    for await (const record of records) {
      lastRead = record.line;
      if (record.line >= from) yield record;
    }
  }
  const common = { lastRead: () => lastRead, totalBytes, readBytes: () => bytes };
  if (format === 'csv' || format === 'tsv') {
    requireUnit('line', fromUnit, name);
    const lines = readLines(pieces(), encoding, name);
    const given = delimiter ?? (format === 'tsv' ? '\t' : undefined);
    const csv = await openCsv(lines, given, reader.columns!, csvForm);
    const layout = { format: 'csv', delimiter: csv.delimiter, head: csv.head ?? [] } as const;
    return { ...common, unit: 'line', layout, records: fromOn(csv.records) };
  }
  if (format === 'ldif') {
    requireUnit('line', fromUnit, name);
    const records = reader.entries!(() => readLines(pieces(), encoding, name));
    return { ...common, unit: 'line', layout: { format: 'ldif' }, records: fromOn(records) };
  }
  const others = new Map<string, string[]>();
  if (reader.survey !== undefined)
    await surveyJson(
      pieces(),
      encoding,
      name,
      (path, value, text) => {
        if (!reader.survey!(path, value) || path.length !== 1) return;
        const known = others.get(path[0]!);
        if (known === undefined) others.set(path[0]!, [text]);
        else known.push(text);
      },
      paths,
    );
  const json = await openJson(pieces(), encoding, name, reader.object!, paths);
  const unit = json.layout === 'lines' ? 'line' : 'record';
  requireUnit(unit, fromUnit, name);
  const list = paths?.find(({ length }) => length === 1)?.[0];
  const around = others.size === 0 || list === undefined ? null : { list, others };
  const layout = { format: 'json', isList: json.layout !== 'lines', around } as const;
  return { ...common, unit, layout, records: fromOn(json.records) };
}

function requireUnit(unit: Unit, given: Unit | null, name: string): void {
  if (given === null || given === unit) return;
  throw new CommandError(
    unit === 'record'
      ? `${name} does not have one object on each line: use --from-record instead of --from-line`
      : `${name} has its records on lines of their own: use --from-line instead of --from-record`,
  );
}
