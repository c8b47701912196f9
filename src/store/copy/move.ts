// All of a service's data from one database into another, be they of one engine or of two.
//
// Rows go over in the order of their keys, a page in a transaction, so what an interrupted move leaves is a beginning of
// each table. The next one makes sure that it is, and goes on behind it.

import type { CompiledQuery, Kysely } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import type { Database, Engine } from '../sql/engine.ts';
import type { CarriedTable } from '../sql/tables.ts';
import {
  carriedTables,
  countRows,
  keyOf,
  largestKey,
  page,
  rowsPerPage,
  type StoredRow,
  type StoredValue,
} from './carried-rows.ts';
import { type Comparison, compareTable } from './compare-tables.ts';

export type Step = 'check' | 'move' | 'compare';

export interface MoveWatcher {
  /** @param rows that the step will go through */
  begin(step: Step, rows: number): void;
  /** So many rows more. */
  done(rows: number): void;
}

/** The target holds rows that are not the first ones of the source. */
export class ForeignData extends Error {
  constructor(table: string, key: readonly StoredValue[]) {
    super(`${table} ${key.join('/')} is not the same in both`);
  }
}

/**
 * Reads the source, and writes to the target. Ids that either has given come no second time.
 * @param resources whose tables are there besides those that every database has
 * @returns what both hold in the end; it differs where somebody else wrote meanwhile
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
  for (const table of tables) rows += await countRows(engine, table);
  return rows;
}

async function moveTable(
  table: CarriedTable,
  source: Engine,
  target: Engine,
  onRows: (rows: number) => void,
): Promise<void> {
  const insert = inserter(table.name);
  let rows = await page(source, table, await largestKey(target, table));
  while (rows.length > 0) {
    // The next page is read while this one is written.
    const [next] = await Promise.all([
      page(source, table, keyOf(table, rows.at(-1)!)),
      target.write((db) => insert(db, rows)),
    ]);
    onRows(rows.length);
    rows = next;
  }
  if (!table.move.givesIds) return;
  // Ids of rows that were deleted do not come again either.
  const given = await source.lastId(table.name);
  await target.write((db) => target.advanceSequence(db, table.name, given));
}

/** SQLite takes no more in one statement (SQLITE_MAX_VARIABLE_NUMBER); PostgreSQL takes twice as many. */
const maxParameters = 32_766;

/**
 * Writes rows as they are, unless they are there already. Booleans need no care: PostgreSQL reads 0 and 1 as such, and
 * the engine of SQLite turns them into numbers.
 */
function inserter(table: string) {
  const statements = new Map<number, CompiledQuery>();
  return async (database: Database, rows: readonly StoredRow[]): Promise<void> => {
    const db = database as unknown as Kysely<Record<string, Record<string, unknown>>>;
    const columns = Object.keys(rows[0]!);
    const most = Math.min(rowsPerPage, Math.floor(maxParameters / columns.length));
    for (let start = 0; start < rows.length; start += most) {
      const some = rows.slice(start, start + most);
      // To compile so many parameters costs more than to insert them; the text depends on their number alone.
      let statement = statements.get(some.length);
      if (statement === undefined) {
        const stand = Object.fromEntries(columns.map((column) => [column, 0]));
        statement = db
          .insertInto(table)
          .values(Array<typeof stand>(some.length).fill(stand))
          .onConflict((conflict) => conflict.doNothing())
          .compile();
        statements.set(some.length, statement);
      }
      const parameters = some.flatMap((row) => columns.map((column) => row[column]));
      await db.executeQuery({ ...statement, parameters });
    }
  };
}
