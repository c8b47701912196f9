// Inserts many rows of any table.

import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from '../sql/engine.ts';
import { rowsPerPage, type StoredRow } from './carried-rows.ts';

/**
 * Maximum number of parameters of a statement in SQLite (SQLITE_MAX_VARIABLE_NUMBER); PostgreSQL allows twice as
 * many.
 */
const maxParameters = 32_766;

export type Inserter = (db: Database, rows: readonly StoredRow[]) => Promise<void>;

/**
 * Inserts rows unchanged. All rows of one call have the same columns. Booleans need no conversion: PostgreSQL accepts 0 and 1,
 * and the SQLite engine converts booleans to numbers.
 * @param existing what to do if a row is there already
 */
export function inserter(table: string, existing: 'skip' | 'fail'): Inserter {
  const statements = new Map<string, CompiledQuery>();
  return async (database, rows) => {
    const db = database as unknown as Kysely<Record<string, Record<string, unknown>>>;
    const columns = Object.keys(rows[0]!);
    const most = Math.min(rowsPerPage, Math.floor(maxParameters / columns.length));
    for (let start = 0; start < rows.length; start += most) {
      const some = rows.slice(start, start + most);
      // Cached by what decides the text: compiling so many parameters costs more than inserting them.
      const shape = `${some.length} ${columns.join()}`;
      let statement = statements.get(shape);
      if (statement === undefined) {
        const stand = Object.fromEntries(columns.map((column) => [column, 0]));
        const insert = db.insertInto(table).values(Array<typeof stand>(some.length).fill(stand));
        statement = (
          existing === 'skip' ? insert.onConflict((conflict) => conflict.doNothing()) : insert
        ).compile();
        statements.set(shape, statement);
      }
      const parameters = some.flatMap((row) => columns.map((column) => row[column]));
      await db.executeQuery({ ...statement, parameters });
    }
  };
}
