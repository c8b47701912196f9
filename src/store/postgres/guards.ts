// Rows that transactions hold to run one after the other.

import { sql } from 'kysely';
import type { Database } from '../sql/engine.ts';

/** Written, not just locked, so that a transaction with an older snapshot fails and is tried again. */
export async function hold(db: Database, guard: string): Promise<void> {
  await sql`insert into guards (name) values (${guard})
    on conflict (name) do update set name = excluded.name`.execute(db);
}
