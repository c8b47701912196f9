// Indexes the short texts of rows that have changed. Triggers note these rows, see short-texts.ts.

import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { TextChange } from './engine.ts';
import type { QueryContext, Select, Untyped } from './page.ts';
import { gramsOf } from './short-texts.ts';

type Noted = Readonly<Record<string, string | null>> & { readonly id: number };

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
  const before = (await (engine.locksRows ? first.forUpdate().skipLocked() : first).execute()) as Noted[];
  if (before.length === 0) return 0;
  const ids = before.map(({ id }) => id);
  const now = (await db.selectFrom(table.name).select(columns).where('id', 'in', ids).execute()) as Noted[];
  const rows = new Map(now.map((row) => [row.id, row]));
  const textsOf = (row: Noted) => table.searchColumns.map((name) => row[name] ?? '');
  const isEmpty = (row: Noted) => table.searchColumns.every((name) => row[name] === null);
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
