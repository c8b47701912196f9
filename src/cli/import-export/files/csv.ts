// Reads and writes CSV (RFC 4180). A broken quote makes only its own row unreadable, not the rows after it.

import { type Line, maxRecordBytes, tooLong } from './read-lines.ts';

/**
 * A row with the number of its first line, and its cells, or the reason why it cannot be read, with the text of that line
 * (empty if it cannot be decoded).
 */
export type CsvRow = { readonly line: number; readonly size: number } & (
  | { readonly cells: readonly string[] }
  | { readonly problem: string; readonly text: string }
);

/** Cells with spaces around them are quoted too, because readers may drop spaces that are not in quotes. */
export function csvLine(cells: readonly string[], delimiter = ',', end = '\n'): string {
  const needsQuotes = (cell: string) =>
    /["\r\n]/.test(cell) || cell.includes(delimiter) || cell !== cell.trim();
  return `${cells.map((cell) => (needsQuotes(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)}${end}`;
}

/**
 * Yields rows. Each must have as many cells as the header line. After a broken row, reading continues at the next line. If
 * the header line is broken, it is the only row. Spaces around cells are dropped, but not those inside quotes.
 * @param newRecord parses a row
 */
export async function* readCsv(
  batches: AsyncIterable<readonly Line[]>,
  delimiter = ',',
  newRecord: () => RowRecord = () => csvRecord(delimiter),
): AsyncGenerator<CsvRow> {
  const source = batches[Symbol.asyncIterator]();
  let lines: readonly Line[] = [];
  let at = 0;
  let width: number | undefined;

  /** The line `ahead` lines after the current one; null after the end of the file. */
  async function lineAt(ahead: number): Promise<Line | null> {
    while (at + ahead >= lines.length) {
      const next = await source.next();
      if (next.done) return null;
      lines = [...lines.slice(at), ...next.value];
      at = 0;
    }
    return lines[at + ahead]!;
  }

  /** Reads the record that begins at the current line, and counts its lines. */
  async function nextRecord() {
    const { cells, take } = newRecord();
    let taken = 0;
    let size = 0;
    let state: RecordState = 'open';
    while (state === 'open') {
      const line = await lineAt(taken);
      if (line === null) state = { problem: `${openQuote} that is never closed` };
      else if ('problem' in line)
        state = { problem: `${openQuote} before line ${line.number}, which ${line.problem}` };
      else {
        size += line.text.length + 1;
        taken++;
        state = size > maxRecordBytes ? { problem: `${openQuote} and ${tooLong}` } : take(line.text);
      }
    }
    if (state === 'complete') width ??= cells.length;
    if (state === 'complete' && cells.length !== width)
      state = { problem: `has ${count(cells.length, 'cell')}, but the header line has ${width}` };
    return { cells, taken, size, state };
  }

  for (let first = await lineAt(0); first !== null; first = await lineAt(0)) {
    const line = first.number;
    if (isBlank(first)) {
      at++;
      continue;
    }
    const { cells, taken, size, state } =
      'problem' in first ? { cells: [], taken: 1, size: 0, state: first } : await nextRecord();
    const inner = lines.slice(at + 1, at + taken);
    if (state !== 'complete') {
      yield { line, size, problem: state.problem, text: textOf(first) };
      if (width === undefined) return;
      at++;
    } else if (inner.some((one) => namesAccount(one, width!, delimiter))) {
      // Refuses all of these lines, because the text of a cell could otherwise create accounts.
      const problem = `${openQuote} that contains whole rows, up to line ${line + taken - 1}`;
      yield { line, size, problem, text: textOf(first) };
      for (const one of inner.filter((each) => !isBlank(each))) {
        const inside = `is inside the quotes that line ${line} opens`;
        yield { line: one.number, size: 0, problem: inside, text: textOf(one) };
      }
      at += taken;
    } else {
      yield { line, size, cells };
      at += taken;
    }
  }
}

const openQuote = 'opens a quote';
const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

const isBlank = (line: Line) => 'text' in line && (line.text === '' || line.text === '\r');

const textOf = (line: Line) => ('text' in line ? line.text : '');

/** Whether a line looks like a row with an email, ignoring quotes. */
function namesAccount(line: Line, width: number, delimiter: string): boolean {
  if ('problem' in line) return false;
  const cells = line.text.replaceAll('"', '').split(delimiter);
  return cells.length >= width && cells.some((cell) => /^\s*[^\s@]+@[^\s@]+\s*$/.test(cell));
}

type RecordState = 'open' | 'complete' | { readonly problem: string };

/** Parses a record line by line. */
export interface RowRecord {
  readonly cells: string[];
  /** The state is `open` while a quoted cell continues on the next line. */
  take(line: string): RecordState;
}

export function csvRecord(delimiter: string): RowRecord {
  const cells: string[] = [];
  /** The lines of the quoted cell that is not closed yet. */
  let open: string[] | null = null;

  function afterSpaces(line: string, from: number): number {
    let at = from;
    while ((line[at] === ' ' || line[at] === '\t' || line[at] === '\u00a0') && line[at] !== delimiter) at++;
    return at;
  }

  return {
    cells,
    take(line) {
      let at = 0;
      for (;;) {
        const start: number = open === null ? afterSpaces(line, at) : at;
        if (open !== null || line[start] === '"') {
          const from = open === null ? start + 1 : at;
          const end = closingQuote(line, from);
          open ??= [];
          open.push(end === -1 ? line.slice(from) : line.slice(from, end));
          if (end === -1) return 'open';
          cells.push(open.join('\n').replaceAll('""', '"'));
          open = null;
          at = afterSpaces(line, end + 1);
          if (at === line.length || (line[at] === '\r' && at === line.length - 1)) return 'complete';
          if (line[at] !== delimiter) return { problem: 'has text after a closing quote' };
          at++;
        } else {
          const next = line.indexOf(delimiter, at);
          const cell = next === -1 ? line.slice(at).replace(/\r$/, '') : line.slice(at, next);
          if (cell.includes('"')) return { problem: 'has a quote in a cell that is not quoted' };
          if (cell.includes('\r'))
            return { problem: 'has a CR in a cell that is not quoted; lines end with LF or CR LF' };
          cells.push(cell.trim());
          if (next === -1) return 'complete';
          at = next + 1;
        }
      }
    },
  };
}

/** Index of the quote that ends a cell, or -1. Two quotes in a row are an escaped quote. */
function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at;
}
