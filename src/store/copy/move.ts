// All of a service's data from one database into another, be they of one engine or of two.
//
// Rows go over in the order of their keys, a page in a transaction, so what an interrupted move leaves is a beginning of
// each table. The next one makes sure that it is, and goes on behind it.

import type { CompiledQuery, Kysely } from 'kysely';
import type { Database, Engine } from '../sql/engine.ts';
import {
  type CarriedTable,
  carriedTables,
  countRows,
  keyOf,
  largestKey,
  page,
  rowsPerPage,
  type StoredRow,
  type StoredValue,
} from './carried-tables.ts';
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
 * Reads the source, and writes to the target.
 * @returns what both hold in the end; it differs where somebody else wrote meanwhile
 * @throws ForeignData before anything is written; StoreUnavailable
 */
export async function move(source: Engine, target: Engine, watcher: MoveWatcher): Promise<Comparison[]> {
  const onRows = watcher.done;
  const [here, there] = [await countAll(source), await countAll(target)];
  if (there > 0) {
    watcher.begin('check', there);
    for (const table of carriedTables) {
      const { firstDifference } = await compareTable(table, source, target, {
        untilTargetEnds: true,
        onRows,
      });
      if (firstDifference !== null) throw new ForeignData(table.name, firstDifference);
    }
  }
  if (here > there) watcher.begin('move', here - there);
  for (const table of carriedTables) await moveTable(table, source, target, onRows);
  watcher.begin('compare', here);
  const comparisons: Comparison[] = [];
  for (const table of carriedTables)
    comparisons.push(await compareTable(table, source, target, { untilTargetEnds: false, onRows }));
  return comparisons;
}

async function countAll(engine: Engine): Promise<number> {
  let rows = 0;
  for (const table of carriedTables) rows += await countRows(engine, table);
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
  const { givesIds } = table;
  if (givesIds === null) return;
  // Ids of rows that were deleted do not come again either.
  const given = await source.lastId(givesIds);
  await target.write((db) => target.advanceSequence(db, givesIds, given));
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
