// Reads files of CSV, with or without a header line.

import { CommandError } from '../../print.ts';
import type { AccountReader } from '../account-reader.ts';
import { foldName, reasonsColumn } from '../column-names.ts';
import { type CsvRow, readCsv } from './csv.ts';
import { findDelimiter } from './delimiter.ts';
import type { FileRecord } from './file-record.ts';
import type { Line } from './read-lines.ts';
import { tabRecord } from './tab-record.ts';

export interface CsvFile {
  /** The names of the columns; null if the file is empty. */
  readonly head: readonly string[] | null;
  readonly delimiter: string;
  readonly records: AsyncIterable<FileRecord>;
}

/** The columns of a file that has no header line. */
export interface Head {
  readonly names: readonly string[];
  /** How many of them a file has at least; the others are newer. */
  readonly atLeast: number;
}

/** How the system writes CSV, see System. */
export interface CsvForm {
  readonly head?: Head | undefined;
  readonly escapesTabs?: boolean | undefined;
}

type ReadColumns = NonNullable<AccountReader['columns']>;

/**
 * Reads the header line, and then the rows.
 * @param given the delimiter of the option --delimiter
 * @throws CommandError if the first row is not a header line that the reader accepts
 */
export async function openCsv(
  batches: AsyncIterable<readonly Line[]>,
  given: string | undefined,
  columns: ReadColumns,
  { head: ofSystem, escapesTabs = false }: CsvForm = {},
): Promise<CsvFile> {
  const { delimiter, firstLine, lines } = await findDelimiter(batches, given);
  // Others that write tabs quote all cells. So does a file of refused rows, where it must.
  const isEscaped =
    escapesTabs &&
    delimiter === '\t' &&
    /^[^"]*\t[^"]*$/.test(firstLine) &&
    !firstLine.includes(reasonsColumn);
  const rows = readCsv(lines, delimiter, isEscaped ? tabRecord : undefined);
  const first = await rows.next();
  if (first.done) return { head: null, delimiter, records: rowRecords(rows, () => ({ fields: new Map() })) };
  const row = first.value;
  if ('problem' in row)
    throw new CommandError(`line ${row.line}: the ${ofSystem ? 'first' : 'header'} line ${row.problem}`);
  if (ofSystem === undefined || isHead(row.cells, ofSystem))
    return { head: row.cells, delimiter, records: rowRecords(rows, columns(row.cells, row.line)) };
  const { names, atLeast } = ofSystem;
  const count = row.cells.length;
  if (count < atLeast || count > names.length) {
    const shown = names.filter((name) => name !== '');
    throw new CommandError(
      `line ${row.line} has ${count} cells, but the file must have these ${shown.length} columns: ${shown.join(', ')}`,
    );
  }
  const head = names.slice(0, count);
  return { head, delimiter, records: rowRecords(withFirst(row, rows), columns(head, row.line)) };
}

/** A file of refused rows has a header line, with one more column. */
function isHead(cells: readonly string[], { names, atLeast }: Head): boolean {
  return names.slice(0, atLeast).every((name, i) => foldName(cells[i] ?? '') === foldName(name));
}

async function* withFirst(first: CsvRow, rows: AsyncIterable<CsvRow>): AsyncGenerator<CsvRow> {
  yield first;
  yield* rows;
}

/** Skips rows without any text, which spreadsheets write below a table. */
async function* rowRecords(
  rows: AsyncIterable<CsvRow>,
  read: ReturnType<ReadColumns>,
): AsyncGenerator<FileRecord> {
  for await (const row of rows) {
    if ('problem' in row) yield { ...row, original: { text: row.text } };
    else if (row.cells.some((cell) => cell !== ''))
      yield { line: row.line, size: row.size, ...read(row.cells), original: { cells: row.cells } };
  }
}
