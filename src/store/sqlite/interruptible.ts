// Ends a running statement of SQLite from another thread. Node's driver has no interrupt, so the statement asks from time to
// time whether it continues.

import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

/**
 * True for each row. For one in 1024 rows it calls a function of the connection, which throws when the read is to end, see
 * read-thread.ts. A call for each row would take half as long as the row itself.
 */
export const interruptible: NonNullable<Engine['interruptible']> = (id) =>
  sql<boolean>`(${sql.ref(id)} & 1023 <> 0 or continues())`;
