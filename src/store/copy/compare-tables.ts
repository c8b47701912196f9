// Compares the rows of two databases, on the same engine or on different ones.

import { createHash } from 'node:crypto';
import type { Engine } from '../sql/engine.ts';
import type { CarriedTable } from '../sql/tables.ts';
import { keyOf, pages, type StoredRow, type StoredValue } from './carried-rows.ts';

export interface Side {
  readonly rows: number;
  /** SHA-256 over all rows in the order of their keys, in hexadecimal. */
  readonly checksum: string;
}

export interface Comparison {
  readonly table: string;
  readonly source: Side;
  readonly target: Side;
  /** The key of the first row that differs; null if none does. */
  readonly firstDifference: readonly StoredValue[] | null;
}

/**
 * Reads a table in both databases from beginning to end.
 * @param untilTargetEnds compares only as many rows of the source as the target has
 * @param onRows called with the number of rows of the source that were read
 */
export async function compareTable(
  table: CarriedTable,
  source: Engine,
  target: Engine,
  options: { untilTargetEnds: boolean; onRows: (rows: number) => void },
): Promise<Comparison> {
  const sides = [reading(source, table), reading(target, table)] as const;
  let firstDifference: readonly StoredValue[] | null = null;
  for (;;) {
    const [all, theirs] = await Promise.all([sides[0].next(), sides[1].next()]);
    const ours = options.untilTargetEnds ? all.slice(0, theirs.length) : all;
    if (ours.length === 0 && theirs.length === 0) break;
    const [ourLines, theirLines] = [sides[0].take(ours), sides[1].take(theirs)];
    // Both sides are in the order of their keys, so the first row that differs is the first difference.
    if (firstDifference === null) {
      const place = (ours.length < theirs.length ? theirLines : ourLines).findIndex(
        (_, i) => ourLines[i] !== theirLines[i],
      );
      const row = ours[place] ?? theirs[place];
      if (row !== undefined) firstDifference = keyOf(table, row);
    }
    options.onRows(ours.length);
  }
  return { table: table.name, source: sides[0].sum(), target: sides[1].sum(), firstDifference };
}

function reading(engine: Engine, table: CarriedTable) {
  const rest = pages(engine.reader, table);
  const hash = createHash('sha256');
  let rows = 0;
  return {
    /** The next page; empty after the last one. */
    next: async (): Promise<StoredRow[]> => (await rest.next()).value ?? [],
    /**
     * Adds rows to the count and the checksum.
     * @returns a line of text for each row
     */
    take(page: readonly StoredRow[]): string[] {
      const lines = linesOf(page);
      rows += page.length;
      for (const line of lines) hash.update(line);
      return lines;
    },
    sum: (): Side => ({ rows, checksum: hash.digest('hex') }),
  };
}

/**
 * The values of each row, in the order of the column names. SQLite stores booleans as 0 and 1, so they are converted
 * to numbers.
 */
function linesOf(page: readonly StoredRow[]): string[] {
  const columns = Object.keys(page[0] ?? {}).sort();
  return page.map((row) => {
    const values = columns.map((column) => {
      const value = row[column]!;
      return typeof value === 'boolean' ? Number(value) : value;
    });
    return `${JSON.stringify(values)}\n`;
  });
}
