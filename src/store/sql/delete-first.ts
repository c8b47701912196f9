// Deletes rows whose time has come, in small batches.

import { type RawBuilder, sql } from 'kysely';
import type { Database, Engine } from './engine.ts';

interface Deletion {
  readonly table: string;
  /** The columns of the primary key. */
  readonly key: readonly string[];
  /** Which rows: also checked when the row is deleted, because it may have changed since it was found. */
  readonly isOver: RawBuilder<boolean>;
  /** The indexed column by which the first rows are found. */
  readonly order: string;
  readonly limit: number;
}

/**
 * Deletes at most `limit` rows in one statement, in the order of a column. Leaves rows that another transaction has locked.
 * @returns the number of deleted rows
 */
export async function deleteFirst(
  db: Database,
  { locksRows }: Pick<Engine, 'locksRows'>,
  { table, key, isOver, order, limit }: Deletion,
): Promise<number> {
  const keys = sql.join(key.map((column) => sql.ref(column)));
  const { numAffectedRows } = await sql`
    delete from ${sql.table(table)} where ${isOver} and (${keys}) in (
      select ${keys} from ${sql.table(table)} where ${isOver} order by ${sql.ref(order)} limit ${sql.lit(limit)}
      ${locksRows ? sql`for update skip locked` : sql``}
    )
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}
