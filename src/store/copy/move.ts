// Copies all data of a service from one database to another, on the same engine or on another.
//
// Rows are copied in the order of their keys, one page in each transaction. So an interrupted move leaves the first
// rows of each table. The next move checks that these are the same in both, and continues after them.

import type { Resource } from '../../model/resource.ts';
import type { Engine } from '../sql/engine.ts';
import type { CarriedTable } from '../sql/tables.ts';
import { carriedTables, countRows, keyOf, largestKey, page, type StoredValue } from './carried-rows.ts';
import { type Comparison, compareTable } from './compare-tables.ts';
import { inserter } from './insert-rows.ts';

export type Step = 'check' | 'move' | 'compare';

export interface MoveWatcher {
  /** @param rows number of rows that the step will process */
  begin(step: Step, rows: number): void;
  /** @param rows number of rows that were processed since the last call */
  done(rows: number): void;
}

/** The target has rows that are not the first rows of the source. */
export class ForeignData extends Error {
  constructor(table: string, key: readonly StoredValue[]) {
    super(`${table} ${key.join('/')} is not the same in both databases`);
  }
}

/**
 * Copies all rows from the source to the target. The target will not generate an id again that either database has
 * generated.
 * @param resources all resources, for their tables
 * @returns the comparison of each table at the end; they differ if another process wrote to either database meanwhile
 * @throws ForeignData before anything is written; StoreUnavailable
 */
export async function move(
  source: Engine,
  target: Engine,
  resources: readonly Resource[],
  watcher: MoveWatcher,
): Promise<Comparison[]> {
  const tables = await carriedTables(source, resources);
  const onRows = watcher.done;
  const [here, there] = [await countAll(source, tables), await countAll(target, tables)];
  if (there > 0) {
    watcher.begin('check', there);
    for (const table of tables) {
      const { firstDifference } = await compareTable(table, source, target, {
        untilTargetEnds: true,
        onRows,
      });
      if (firstDifference !== null) throw new ForeignData(table.name, firstDifference);
    }
  }
  if (here > there) watcher.begin('move', here - there);
  for (const table of tables) await moveTable(table, source, target, onRows);
  watcher.begin('compare', here);
  const comparisons: Comparison[] = [];
  for (const table of tables)
    comparisons.push(await compareTable(table, source, target, { untilTargetEnds: false, onRows }));
  return comparisons;
}

async function countAll(engine: Engine, tables: readonly CarriedTable[]): Promise<number> {
  let rows = 0;
  for (const table of tables) rows += await countRows(engine.reader, table);
  return rows;
}

async function moveTable(
  table: CarriedTable,
  source: Engine,
  target: Engine,
  onRows: (rows: number) => void,
): Promise<void> {
  const insert = inserter(table.name, 'skip');
  let rows = await page(source.reader, table, await largestKey(target.reader, table));
  while (rows.length > 0) {
    // Reads the next page while this one is written.
    const [next] = await Promise.all([
      page(source.reader, table, keyOf(table, rows.at(-1)!)),
      target.write((db) => insert(db, rows)),
    ]);
    onRows(rows.length);
    rows = next;
  }
  if (!table.move.givesIds) return;
  // Ids of deleted rows must not be generated again either.
  const given = await source.lastId(table.name);
  await target.write((db) => target.advanceSequence(db, table.name, given));
}
