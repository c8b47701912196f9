// Indexes the short texts of rows that have changed. Triggers note these rows, see short-texts.ts.

import { type RawBuilder, sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { TextChange } from './engine.ts';
import type { QueryContext, Select, Untyped } from './page.ts';
import type { ResourceTable } from './resource-table.ts';
import { type Entry, gramsOf, type IndexedTexts, shortTextColumns } from './short-texts.ts';

/** A row, or a note of it, with the columns that are searched, see shortTextColumns. */
export type TextRow = Readonly<Record<string, string | number | null>> & { readonly id: number };

export function searchedTexts({ searchColumns }: ResourceTable, row: TextRow): readonly string[] {
  return searchColumns.map((name) => (row[name] ?? '') as string);
}

/** The entries of a row in the index of short texts. @param known leaves out those of this row */
export function entriesOf(
  table: ResourceTable,
  row: TextRow,
  known: TextRow | null = null,
): ReadonlySet<Entry> {
  return gramsOf(indexed(table, row), known && indexed(table, known));
}

function indexed(table: ResourceTable, row: TextRow): IndexedTexts {
  const { shortTextsWithin } = table.resource;
  return {
    texts: searchedTexts(table, row),
    within: shortTextsWithin === undefined ? null : (row[shortTextsWithin] as number),
  };
}

/** Whether a note says that the index does not have the row. */
export function isNotIndexed({ searchColumns }: ResourceTable, row: TextRow): boolean {
  return searchColumns.every((name) => row[name] === null);
}

type OnTable = Pick<QueryContext, 'db' | 'table'>;

/** The first id of a row or a note that is not below another; null if there is none. */
export async function firstTextId({ db, table }: OnTable, from: number): Promise<number | null> {
  const least = (name: string) => sql`select min(id) as id from ${sql.table(name)} where id >= ${from}`;
  const notes = table.resource.indexesShortTexts ? sql`union all ${least(`${table.name}_unindexed`)}` : sql``;
  const { rows } = await sql<{ id: number | null }>`
    select min(id) as id from (${least(table.name)} ${notes}) as each
  `.execute(db);
  return rows[0]!.id;
}

/**
 * The texts under which the index must have each row, in the order of ids: those of its note, or else those of the row. Only
 * the job changes them: whoever changes a row notes the texts that it had.
 * @param from the first id
 * @param to the first id that is not wanted
 */
export async function indexedTexts(
  { db, table }: OnTable,
  from: number,
  to: number,
): Promise<readonly TextRow[]> {
  const noted = `${table.name}_unindexed`;
  const isNoted = sql`exists (select 1 from ${sql.table(noted)} where ${sql.ref(`${noted}.id`)} = ${sql.ref(table.id)})`;
  const { rows } = await sql<TextRow>`
    ${texts(table, table.name, from, to)} and not ${isNoted}
    union all ${texts(table, noted, from, to)} order by id
  `.execute(db);
  return rows;
}

/** The texts of rows as they are now. */
export async function currentTexts(
  { db, table }: OnTable,
  from: number,
  to: number,
): Promise<readonly TextRow[]> {
  return (await sql<TextRow>`${texts(table, table.name, from, to)} order by id`.execute(db)).rows;
}

/** @param name the table, or that of its notes */
function texts({ resource }: ResourceTable, name: string, from: number, to: number): RawBuilder<unknown> {
  const column = (one: string) => sql.ref(`${name}.${one}`);
  return sql`select ${sql.join(['id', ...shortTextColumns(resource)].map(column))} from ${sql.table(name)}
    where ${column('id')} >= ${from} and ${column('id')} < ${to}`;
}

export function hasUnindexed({ db, table, query }: QueryContext): Awaitable<boolean> {
  const first = query('unindexed', [], () => db.selectFrom(`${table.name}_unindexed`).select('id').limit(1));
  return chain(first, (rows) => rows.length > 0);
}

/** Indexes the first rows, in a transaction. @returns their number */
export async function indexTexts({ db, engine, table }: QueryContext, limit: number): Promise<number> {
  const notes = `${table.name}_unindexed`;
  const columns = ['id', ...shortTextColumns(table.resource)];
  const first = db.selectFrom(notes).select(columns).orderBy('id').limit(limit) as Select;
  // A transaction that changes one of them now notes it again.
  const noted = (await (engine.locksRows ? first.forUpdate().skipLocked() : first).execute()) as TextRow[];
  if (noted.length === 0) return 0;
  const ids = noted.map(({ id }) => id);
  const now = (await db.selectFrom(table.name).select(columns).where('id', 'in', ids).execute()) as TextRow[];
  const rows = new Map(now.map((row) => [row.id, row]));
  const changes = noted.map((note): TextChange => {
    const before = isNotIndexed(table, note) ? null : note;
    const after = rows.get(note.id) ?? null;
    return {
      id: note.id,
      removed: before && entriesOf(table, before, after),
      added: after && entriesOf(table, after, before),
    };
  });
  await engine.shortTexts.change(db as Untyped, table.name, changes);
  await db.deleteFrom(notes).where('id', 'in', ids).execute();
  return noted.length;
}
