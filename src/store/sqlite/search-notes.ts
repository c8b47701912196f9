// Trigrams of users and people are written at the end of a commit, once for all writes that share it. FTS5 writes what it has
// collected at each savepoint, and at each row whose id is lower than the last one: for each write alone, that costs as
// much as the rest of an update. The table `search_notes` has the rows that have changed in the transaction, with the texts
// under which the index still has them, and a row without a name while triggers are to note. Between transactions it is
// empty, so other processes, and other versions, write trigrams with each row.

import { CompiledQuery } from 'kysely';
import type { Database, Engine, SharedTask } from '../sql/engine.ts';
import type { GroupCommit } from './group-commit.ts';
import type { QueryNowIn } from './short-texts.ts';

/** The tables whose triggers note rows, see the migration `0031-search-notes`. */
const notedTables: readonly string[] = ['users', 'people'];

const columns = ['first_name_key', 'last_name_key', 'email_key'].join();

/** Between these rows, others have a turn. */
const rowsAtOnce = 100;

const begin = CompiledQuery.raw(`INSERT INTO search_notes (name, id) VALUES ('', 0) ON CONFLICT DO NOTHING`);
const end = CompiledQuery.raw('DELETE FROM search_notes');

const first = (table: string) =>
  `SELECT * FROM search_notes WHERE name = '${table}' ORDER BY id LIMIT ${rowsAtOnce}`;

/** In the order of ids, and of each the entries that go before those that come. */
const write = (table: string) =>
  CompiledQuery.raw(`
    WITH noted AS (${first(table)})
    INSERT INTO ${table}_search (${table}_search, rowid, ${columns})
      SELECT 'delete', id, ${columns} FROM noted
      UNION ALL SELECT NULL, id, ${columns} FROM ${table} WHERE id IN (SELECT id FROM noted)
      ORDER BY 2, 1 DESC`);

const forget = (table: string) =>
  CompiledQuery.raw(
    `DELETE FROM search_notes WHERE name = '${table}' AND id IN (SELECT id FROM (${first(table)})) RETURNING id`,
  );

/** For an index that is made of the rows as they are now. */
export async function forgetNotes(db: Database, table: string): Promise<void> {
  if (!notedTables.includes(table)) return;
  await db.executeQuery(CompiledQuery.raw('DELETE FROM search_notes WHERE name = ?', [table]));
}

interface Queries {
  readonly queryNowIn: QueryNowIn;
  readonly queryIn: Engine['queryIn'];
  readonly commits: Pick<GroupCommit, 'isShared' | 'leave'>;
}

export function searchNotes({ queryNowIn, queryIn, commits }: Queries): NonNullable<Engine['indexesLater']> {
  const task: SharedTask<null> = async (db) => {
    const run = queryIn(db)!;
    for (const table of notedTables) {
      for (let written = rowsAtOnce; written === rowsAtOnce; ) {
        await run(write(table));
        written = (await run(forget(table))).length;
      }
    }
    await run(end);
  };
  return (db, table) => {
    if (!notedTables.includes(table) || !commits.isShared()) return;
    queryNowIn(db)!(begin);
    commits.leave(task, null);
  };
}
