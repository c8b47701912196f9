// The sequences that generate ids (sqlite.org/autoinc.html).

import { sql } from 'kysely';
import type { Database, Engine } from '../sql/engine.ts';
import type { Statements } from './connections.ts';

/**
 * AUTOINCREMENT continues after the largest id by itself. For `given`, the table sqlite_sequence is updated, which
 * SQLite allows.
 */
export const advanceSequence: Engine['advanceSequence'] = async (db: Database, table, given = 0) => {
  if (given === 0) return;
  await sql`update sqlite_sequence set seq = max(seq, ${given}) where name = ${table}`.execute(db);
  await sql`
    insert into sqlite_sequence (name, seq) select ${table}, ${given}
    where not exists (select 1 from sqlite_sequence where name = ${table})
  `.execute(db);
};

export const nextId: Engine['nextId'] = (table) => sql<number>`
  row_number() over () + coalesce((select seq from sqlite_sequence where name = ${sql.lit(table)}), 0)
`;

export function lastId(statement: Statements, table: string): number {
  const [row] = statement('SELECT seq FROM sqlite_sequence WHERE name = ?').all(table);
  return (row as { seq: number } | undefined)?.seq ?? 0;
}
