// Indexes the short texts of rows that have changed. Triggers note these rows, see short-texts.ts.

import { sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { TextChange } from './engine.ts';
import type { QueryContext, Select, Untyped } from './page.ts';
import type { ResourceTable } from './resource-table.ts';
import { gramsOf } from './short-texts.ts';

/** A row, or a note of it, with the texts of the columns that are searched. */
export type TextRow = Readonly<Record<string, string | null>> & { readonly id: number };

export function searchedTexts({ searchColumns }: ResourceTable, row: TextRow): readonly string[] {
  return searchColumns.map((name) => row[name] ?? '');
}

/** Whether a note says that the index does not have the row. */
export function isNotIndexed({ searchColumns }: ResourceTable, row: TextRow): boolean {
  return searchColumns.every((name) => row[name] === null);
}

export interface TextRange {
  readonly from: number;
  /** The first id that is not wanted. */
  readonly to?: number;
  readonly limit?: number;
  /** By default true; false for the texts of the rows as they are now. */
  readonly withNotes?: boolean;
}

/**
 * The texts under which the index must have each row, in the order of ids: those of its note, or else those of the row. Only
 * the job changes them: whoever changes a row notes the texts that it had.
 */
export async function indexedTexts(
  { db, table }: Pick<QueryContext, 'db' | 'table'>,
  { from, to, limit, withNotes = true }: TextRange,
): Promise<readonly TextRow[]> {
  const noted = `${table.name}_unindexed`;
  const within = (name: string) => sql`${sql.ref(`${name}.id`)} >= ${from}
    ${to === undefined ? sql`` : sql`and ${sql.ref(`${name}.id`)} < ${to}`}`;
  const texts = (name: string) =>
    sql`select ${sql.join(['id', ...table.searchColumns].map((column) => sql.ref(`${name}.${column}`)))}
      from ${sql.table(name)} where ${within(name)}`;
  const isNoted = sql`exists (select 1 from ${sql.table(noted)} where ${sql.ref(`${noted}.id`)} = ${sql.ref(table.id)})`;
  const rest = withNotes ? sql`and not ${isNoted} union all ${texts(noted)}` : sql``;
  const { rows } = await sql<TextRow>`
    ${texts(table.name)} ${rest} order by id ${limit === undefined ? sql`` : sql`limit ${limit}`}
  `.execute(db);
  return rows;
}

export function hasUnindexed({ db, table, query }: QueryContext): Awaitable<boolean> {
  const first = query('unindexed', [], () => db.selectFrom(`${table.name}_unindexed`).select('id').limit(1));
  return chain(first, (rows) => rows.length > 0);
}

/** Indexes the first rows, in a transaction. @returns their number */
export async function indexTexts({ db, engine, table }: QueryContext, limit: number): Promise<number> {
  const noted = `${table.name}_unindexed`;
  const columns = ['id', ...table.searchColumns];
  const first = db.selectFrom(noted).select(columns).orderBy('id').limit(limit) as Select;
  // A transaction that changes one of them now notes it again.
  const before = (await (engine.locksRows ? first.forUpdate().skipLocked() : first).execute()) as TextRow[];
  if (before.length === 0) return 0;
  const ids = before.map(({ id }) => id);
  const now = (await db.selectFrom(table.name).select(columns).where('id', 'in', ids).execute()) as TextRow[];
  const rows = new Map(now.map((row) => [row.id, row]));
  const textsOf = (row: TextRow) => searchedTexts(table, row);
  const isEmpty = (row: TextRow) => isNotIndexed(table, row);
  const changes = before.map((row): TextChange => {
    const current = rows.get(row.id);
    return {
      id: row.id,
      before: isEmpty(row) ? null : gramsOf(textsOf(row)),
      after: current === undefined ? null : gramsOf(textsOf(current)),
    };
  });
  await engine.shortTexts.change(db as Untyped, table.name, changes);
  await db.deleteFrom(noted).where('id', 'in', ids).execute();
  return before.length;
}
