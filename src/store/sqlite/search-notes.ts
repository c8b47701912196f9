// Trigrams of records with copies are written at the end of a commit, once for all writes that share it, and so are those of
// the copies. FTS5 writes what it has collected at each savepoint, and at each row whose id is lower than the last one: for
// each write alone, that is an eighth of the CPU time of an update. The table `<table>_search_notes` has the rows that have
// changed in the transaction, with the texts under which the index still has them, and the row 0 while triggers are to note.
// Between transactions it is empty, so other processes, and other versions, write trigrams with each row.

import { CompiledQuery } from 'kysely';
import type { Database, Engine, SharedTask } from '../sql/engine.ts';
import type { ResourceTable } from '../sql/resource-table.ts';
import type { GroupCommit } from './group-commit.ts';
import type { QueryNowIn } from './short-texts.ts';

/** Between these rows, others have a turn. */
const rowsAtOnce = 100;

/** The statements of one table. */
interface Notes {
  readonly begin: CompiledQuery;
  /** Writes the first rows, in the order of ids, and of each the entries that go before those that come. */
  readonly write: CompiledQuery;
  /** Forgets these, and returns them. */
  readonly forget: CompiledQuery;
  readonly end: CompiledQuery;
}

function notesOf(table: string, columns: readonly string[]): Notes {
  const notes = `${table}_search_notes`;
  const texts = columns.join();
  const first = `SELECT * FROM ${notes} WHERE id > 0 ORDER BY id LIMIT ${rowsAtOnce}`;
  return {
    begin: CompiledQuery.raw(`INSERT INTO ${notes} (id) VALUES (0) ON CONFLICT DO NOTHING`),
    write: CompiledQuery.raw(`
      WITH noted AS (${first})
      INSERT INTO ${table}_search (${table}_search, rowid, ${texts})
        SELECT 'delete', id, ${texts} FROM noted
        UNION ALL SELECT NULL, id, ${texts} FROM ${table} WHERE id IN (SELECT id FROM noted)
        ORDER BY 2, 1 DESC`),
    forget: CompiledQuery.raw(`DELETE FROM ${notes} WHERE id IN (SELECT id FROM (${first})) RETURNING id`),
    end: CompiledQuery.raw(`DELETE FROM ${notes}`),
  };
}

/** Of a resource with copies: of its table, and of that of the copies, which is searched by the same columns. */
function allNotes({ name, resource, searchColumns }: ResourceTable): readonly Notes[] {
  if (resource.copies === undefined) return [];
  return [name, resource.copies.table].map((table) => notesOf(table, searchColumns));
}

interface Queries {
  readonly queryNowIn: QueryNowIn;
  readonly queryIn: Engine['queryIn'];
  readonly commits: Pick<GroupCommit, 'isShared' | 'leave'>;
}

export function searchNotes({ queryNowIn, queryIn, commits }: Queries): NonNullable<Engine['indexesLater']> {
  const known = new WeakMap<ResourceTable, readonly Notes[]>();

  const task: SharedTask<readonly Notes[]> = async (db, parts) => {
    const run = queryIn(db)!;
    for (const { write, forget, end } of [...new Set(parts)].flat()) {
      for (let written = rowsAtOnce; written === rowsAtOnce; ) {
        await run(write);
        written = (await run(forget)).length;
      }
      await run(end);
    }
  };

  return (db, table) => {
    if (!commits.isShared()) return;
    let notes = known.get(table);
    if (notes === undefined) {
      notes = allNotes(table);
      known.set(table, notes);
    }
    if (notes.length === 0) return;
    for (const { begin } of notes) queryNowIn(db)!(begin);
    commits.leave(task, notes);
  };
}

/** For an index that is made of the rows as they are now. */
export async function forgetNotes(db: Database, table: string): Promise<void> {
  const notes = `${table}_search_notes`;
  const run = (text: string) => db.executeQuery(CompiledQuery.raw(text));
  const { rows } = await run(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '${notes}'`);
  if (rows.length > 0) await run(`DELETE FROM ${notes} WHERE id > 0`);
}
