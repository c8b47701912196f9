// Copies of attributes in other tables, such as those of an account in its people. A trigger keeps them. It copies to all
// rows in one statement: on SQLite, everything waits for that. So if there are many, they are changed before the record,
// in statements of a few rows, between which others have a turn. The transaction is the same.

import { type RawBuilder, sql } from 'kysely';
import type { Row } from '../../model/resource.ts';
import type { QueryContext } from './page.ts';
import { foldedColumn } from './resource-table.ts';

/** Fewer than these are left to the trigger. */
export const copiesAtOnce = 100;

type OnTable = Pick<QueryContext, 'db' | 'engine' | 'table' | 'query'>;

/** The attributes that change and have copies, for which a trigger is not enough. */
function copiedAttributes(
  { engine, table }: Pick<OnTable, 'engine' | 'table'>,
  values: Row,
): readonly string[] {
  // A database server does the work of the trigger elsewhere.
  if (engine.queryNow === null) return [];
  return table.resource.copies?.attributes.filter((name) => name in values) ?? [];
}

/**
 * Makes a condition of the update: the trigger can copy to all rows. Null if nothing is copied. Usually there are few, so
 * the update itself looks.
 */
export function hasFewCopies(
  on: Pick<OnTable, 'engine' | 'table'>,
  values: Row,
): (() => RawBuilder<boolean>) | null {
  if (copiedAttributes(on, values).length === 0) return null;
  const { table: other, by } = on.table.resource.copies!;
  return () => sql`not exists (select 1 from ${sql.table(other)} where ${sql.ref(`${other}.${by}`)} = ${sql.ref(on.table.id)}
    limit 1 offset ${sql.lit(copiesAtOnce)})`;
}

/**
 * Called in a transaction, before a record with more copies is updated.
 * @param values the columns that change, with the folded ones
 */
export async function copyFirst(
  { db, engine, table, query }: OnTable,
  id: number,
  values: Row,
): Promise<void> {
  const names = copiedAttributes({ engine, table }, values)
    .flatMap((name) => [name, foldedColumn(name)])
    .filter((name) => name in values);
  const { table: other, by, within } = table.resource.copies!;

  /** The last row of the next statement; null if no more than `copiesAtOnce` are left. */
  async function boundary(before: number): Promise<number | null> {
    const [row] = await query<{ within: number }>('copies', [id, before], ([owner, end]) =>
      db
        .selectFrom(other)
        .select(`${within} as within`)
        .where(by, '=', owner)
        .where(within, '<', end)
        .orderBy(within, 'desc')
        .limit(1)
        .offset(copiesAtOnce),
    );
    return row?.within ?? null;
  }

  function copy(from: number, before: number) {
    const changed = names.map((name) => values[name]!);
    return query(`copy ${names.join()}`, [...changed, id, from, before], (parameters) => {
      const [owner, first, end] = parameters.slice(names.length);
      return db
        .updateTable(other)
        .set({
          ...Object.fromEntries(names.map((name, i) => [name, parameters[i]])),
          revision: sql`revision + 1`,
        })
        .where(by, '=', owner)
        .where(within, '>=', first)
        .where(within, '<', end);
    });
  }

  // From the last to the first: the trigger does nothing if the first row has the new values.
  let before = Number.MAX_SAFE_INTEGER;
  let from = await boundary(before);
  while (from !== null) {
    await copy(from, before);
    before = from;
    from = await boundary(before);
    if (from === null) await copy(0, before);
  }
}
