// Reads files of CSV with a header line.

import { CommandError } from '../print.ts';
import type { AccountReader } from './account-reader.ts';
import { type CsvRow, readCsv } from './csv.ts';
import { findDelimiter } from './delimiter.ts';
import type { FileRecord } from './file-record.ts';
import type { Line } from './read-lines.ts';

export interface CsvFile {
  /** Null if the file is empty. */
  readonly head: readonly string[] | null;
  readonly delimiter: string;
  readonly records: AsyncIterable<FileRecord>;
}

/**
 * Reads the header line, and then the rows.
 * @param given the delimiter of the option --delimiter
 * @throws CommandError if the first row is not a header line that the reader accepts
 */
export async function openCsv(
  batches: AsyncIterable<readonly Line[]>,
  given: string | undefined,
  reader: AccountReader,
): Promise<CsvFile> {
  const { delimiter, lines } = await findDelimiter(batches, given);
  const rows = readCsv(lines, delimiter);
  const first = await rows.next();
  if (first.done) return { head: null, delimiter, records: rowRecords(rows, () => ({ fields: new Map() })) };
  const row = first.value;
  if ('problem' in row) throw new CommandError(`line ${row.line}: the header line ${row.problem}`);
  return { head: row.cells, delimiter, records: rowRecords(rows, reader.columns(row.cells, row.line)) };
}

/** Skips rows without any text, which spreadsheets write below a table. */
async function* rowRecords(
  rows: AsyncIterable<CsvRow>,
  read: ReturnType<AccountReader['columns']>,
): AsyncGenerator<FileRecord> {
  for await (const row of rows) {
    if ('problem' in row) yield { ...row, original: { text: row.text } };
    else if (row.cells.some((cell) => cell !== ''))
      yield { line: row.line, size: row.size, ...read(row.cells), original: { cells: row.cells } };
  }
}
