// Reads all entries of a text index (sqlite.org/fts5.html, the fts5vocab virtual table module).

import { type RawBuilder, sql } from 'kysely';
import type { Database, EntrySum } from '../sql/engine.ts';

/** The number of an entry's row in sums, see compare-texts.ts. */
export const idNumber = '((doc & 67108863) * (doc & 67108863) % 67108859 + 1)';

/**
 * The sums of all texts in an index.
 * @param snapshot its connection ends with it
 * @param number SQL for the number of an entry
 */
export async function entrySums(
  snapshot: Database,
  index: string,
  number: string,
): Promise<readonly EntrySum[]> {
  const run = async (statement: RawBuilder<unknown>) => (await statement.execute(snapshot)).rows;
  const entries = sql.raw(`${index}_entries`);
  // A table of this connection only, but SQLite takes it for a change of the database.
  await run(sql`pragma query_only = off`);
  await run(sql`create virtual table temp.${entries} using fts5vocab('main', ${sql.lit(index)}, 'instance')`);
  await run(sql`pragma query_only = on`);
  const sums = sql`select term as text, count(*) as entries, sum(${sql.raw(number)}) as sum
    from temp.${entries} group by term`;
  return (await run(sums)) as EntrySum[];
}
