// The sequences that generate ids.

import { sql } from 'kysely';
import type { Database, Engine } from '../sql/engine.ts';
import { hold } from './guards.ts';

/** The last generated id. The last_value of a new sequence is 1 although it has generated nothing. */
const givenIds = (table: string) =>
  sql<number>`(select case when is_called then last_value else 0 end from ${sql.table(`${table}_id_seq`)})`;

export async function lastId(db: Database, table: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`select ${givenIds(table)} as id`.execute(db);
  return rows[0]!.id;
}

export const nextId: Engine['nextId'] = (table) => sql<number>`nextval(${sql.lit(`${table}_id_seq`)})`;

/**
 * Under a lock: if two transactions ran at once, the later one could set the sequence back behind the ids of the
 * first.
 */
export const advanceSequence: Engine['advanceSequence'] = async (db, table, given = 0) => {
  await hold(db, 'ids');
  const last = sql`greatest(max(id), ${sql.lit(given)}::bigint)`;
  await sql`
    select setval(pg_get_serial_sequence(${table}, 'id'), ${last}) from ${sql.table(table)}
    having ${last} > ${givenIds(table)}
  `.execute(db);
};

/**
 * An INSERT locks the table before it takes an id, and keeps the lock until its transaction is visible to others. So
 * whoever has taken an id by now, and is not visible, holds the lock.
 */
export async function writersOf(db: Database, table: string): Promise<string[]> {
  const { rows } = await sql<{ writer: string }>`
    select virtualtransaction as writer from pg_locks
    where locktype = 'relation' and relation = ${table}::regclass and mode = 'RowExclusiveLock' and granted
      and database = (select oid from pg_database where datname = current_database())
  `.execute(db);
  return rows.map(({ writer }) => writer);
}
