// Guards: rows that transactions lock to run one after the other.

import { sql } from 'kysely';
import type { Database } from '../sql/engine.ts';

/** Updates the row instead of only locking it, so that a transaction with an older snapshot fails and is retried. */
export async function hold(db: Database, guard: string): Promise<void> {
  await sql`insert into guards (name) values (${guard})
    on conflict (name) do update set name = excluded.name`.execute(db);
}
