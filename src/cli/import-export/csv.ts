// Reads and writes CSV (RFC 4180). A broken quote makes only its own row unreadable, not the rows after it.

import { type Line, maxRecordBytes, tooLong } from './read-lines.ts';

/** A row with the number of its first line, and its cells, or the reason why it cannot be read. */
export type CsvRow = { readonly line: number; readonly size: number } & (
  | { readonly cells: readonly string[] }
  | { readonly problem: string }
);

export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join()}\n`;
}

/**
 * Yields rows. Each must have as many cells as the header line. After a broken row, reading continues at the next line. If
 * the header line is broken, it is the only row.
 */
export async function* readCsv(batches: AsyncIterable<readonly Line[]>): AsyncGenerator<CsvRow> {
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
    const { cells, take } = csvRecord();
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
      yield { line, size, problem: state.problem };
      if (width === undefined) return;
      at++;
    } else if (inner.some((one) => namesAccount(one, width!))) {
      // Refuses all of these lines, because the text of a cell could otherwise create accounts.
      yield { line, size, problem: `${openQuote} that contains whole rows, up to line ${line + taken - 1}` };
      for (const { number } of inner.filter((one) => !isBlank(one)))
        yield { line: number, size: 0, problem: `is inside the quotes that line ${line} opens` };
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

/** Whether a line looks like a row with an email, ignoring quotes. */
function namesAccount(line: Line, width: number): boolean {
  if ('problem' in line) return false;
  const cells = line.text.replaceAll('"', '').split(',');
  return cells.length >= width && cells.some((cell) => /^\s*[^\s@]+@[^\s@]+\s*$/.test(cell));
}

type RecordState = 'open' | 'complete' | { readonly problem: string };

/** Parses a record line by line. The state is `open` while a quoted cell continues on the next line. */
function csvRecord(): { readonly cells: string[]; take(line: string): RecordState } {
  const cells: string[] = [];
  /** The lines of the quoted cell that is not closed yet. */
  let open: string[] | null = null;

  return {
    cells,
    take(line) {
      let at = 0;
      for (;;) {
        if (open !== null || line[at] === '"') {
          const from: number = open === null ? at + 1 : at;
          const end = closingQuote(line, from);
          open ??= [];
          open.push(end === -1 ? line.slice(from) : line.slice(from, end));
          if (end === -1) return 'open';
          cells.push(open.join('\n').replaceAll('""', '"'));
          open = null;
          at = end + 1;
          if (at === line.length || (line[at] === '\r' && at === line.length - 1)) return 'complete';
          if (line[at] !== ',') return { problem: 'has text after a closing quote' };
          at++;
        } else {
          const comma = line.indexOf(',', at);
          const cell = comma === -1 ? line.slice(at).replace(/\r$/, '') : line.slice(at, comma);
          if (cell.includes('"')) return { problem: 'has a quote in a cell that is not quoted' };
          if (cell.includes('\r'))
            return { problem: 'has a CR in a cell that is not quoted; lines end with LF or CR LF' };
          cells.push(cell);
          if (comma === -1) return 'complete';
          at = comma + 1;
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
