// The output of commands: a table for people, or JSON for programs.

import type { Zone } from '../model/zone.ts';
import { columnsOf, padColumns, visible, visibleJson } from './terminal-text.ts';

/** A command cannot be done. The message says why, and what the user can do. */
export class CommandError extends Error {}

export interface OutputOptions {
  readonly json?: boolean;
}

/** A point in time. JSON shows it as milliseconds since 1970, a table as ISO 8601. */
export class Time {
  readonly epochMs: number;
  readonly zone: Zone;

  constructor(epochMs: number, zone: Zone) {
    this.epochMs = epochMs;
    this.zone = zone;
  }
}

/** A value that is stored as JSON text. Printed unchanged, because parsing it could round its numbers. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Cell = string | number | boolean | null | Time | JsonText;
export type OutputRow = Readonly<Record<string, Cell>>;

export function time(epochMs: number | null, zone: Zone): Time | null {
  return epochMs === null ? null : new Time(epochMs, zone);
}

function forPeople(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Time) return cell.zone.format(cell.epochMs);
  return visible(cell instanceof JsonText ? cell.text : String(cell));
}

function forPrograms(row: OutputRow): string {
  const members = Object.entries(row).map(([name, cell]) => {
    const value =
      cell instanceof JsonText ? cell.text : JSON.stringify(cell instanceof Time ? cell.epochMs : cell);
    return `${JSON.stringify(name)}:${value}`;
  });
  return visibleJson(`{${members.join()}}`);
}

/** Prints all rows at once. */
export function printRows(rows: readonly OutputRow[], output: OutputOptions): void {
  const writer = rowWriter(output);
  writer.add(rows);
  writer.end();
}

/** Prints rows page by page, any number of them. The first page decides the width of the columns. */
export async function printPages(
  pages: AsyncIterable<readonly OutputRow[]>,
  output: OutputOptions,
): Promise<void> {
  const writer = rowWriter(output);
  for await (const page of pages) writer.add(page);
  writer.end();
}

/** Number of rows that are written together. The first ones decide the width of the columns. */
const pageSize = 500;

function rowWriter({ json }: OutputOptions) {
  let count = 0;
  let names: string[] = [];
  let widths: number[] = [];
  const lineOf = (cells: readonly string[]) =>
    `${cells
      .map((cell, i) => padColumns(cell, widths[i]!))
      .join('  ')
      .trimEnd()}\n`;

  function addPage(rows: readonly OutputRow[]): void {
    const isFirst = count === 0;
    count += rows.length;
    if (json) {
      process.stdout.write(`${isFirst ? '[' : ','}${rows.map(forPrograms).join()}`);
      return;
    }
    if (isFirst) names = Object.keys(rows[0]!);
    const lines = rows.map((row) => names.map((name) => forPeople(row[name] ?? null)));
    if (isFirst) {
      lines.unshift(names);
      widths = names.map((_, i) => lines.reduce((width, line) => Math.max(width, columnsOf(line[i]!)), 0));
    }
    process.stdout.write(lines.map(lineOf).join(''));
  }

  return {
    add(rows: readonly OutputRow[]) {
      for (let i = 0; i < rows.length; i += pageSize) addPage(rows.slice(i, i + pageSize));
    },
    end() {
      if (json) process.stdout.write(count === 0 ? '[]\n' : ']\n');
      else if (count === 0) process.stdout.write('\n');
    },
  };
}

export function printRecord(record: OutputRow, { json }: OutputOptions): void {
  if (json) {
    process.stdout.write(`${forPrograms(record)}\n`);
    return;
  }
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  for (const [name, value] of Object.entries(record))
    process.stdout.write(`${name.padEnd(width)}  ${forPeople(value)}\n`);
}

/** Prints on standard error that the list is longer than what is shown. */
export function printCut(shown: number, total: number, what: string): void {
  if (shown < total) process.stderr.write(`Showing ${shown} of ${total} ${what}; use --limit to show more\n`);
}
