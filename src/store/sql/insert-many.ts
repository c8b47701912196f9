// Inserts many rows in one statement.

import type { Stored } from '../../model/kind.ts';
import type { Row } from '../../model/resource.ts';
import type { QueryContext } from './page.ts';

/**
 * Skips rows whose id or identity is taken, by an existing row or by another of these rows.
 * @param rows with every column of the table; either all have an id or none
 * @returns the id of each row, or null if it was skipped
 */
export async function insertMany(
  { db, engine, table, query }: QueryContext,
  rows: readonly Row[],
): Promise<(number | null)[]> {
  const names = Object.keys(rows[0]!);
  const given = engine.givenRows(Object.fromEntries(names.map((name) => [name, table.types[name]!])), rows);
  const inserted = await query<Record<string, Stored>>(
    `insert ${given.shape} ${names.join()}`,
    given.values,
    (parameters) =>
      db
        .insertInto(table.name)
        .columns(names)
        .expression(given.query(parameters))
        .onConflict((conflict) => conflict.doNothing())
        .returning(['id', ...table.identities]),
  );
  const keys = [...(names.includes('id') ? ['id'] : []), ...table.identities];
  // Rows of a table without identities all have the same key. They got ascending ids in their order.
  const idsByKey = new Map<string, number[]>();
  for (const row of inserted.sort((one, other) => Number(one.id) - Number(other.id))) {
    const key = keyOf(row, keys);
    const ids = idsByKey.get(key);
    if (ids === undefined) idsByKey.set(key, [row.id as number]);
    else ids.push(row.id as number);
  }
  return rows.map((row) => idsByKey.get(keyOf(row, keys))?.shift() ?? null);
}

function keyOf(row: Row, names: readonly string[]): string {
  return names.length === 1 ? String(row[names[0]!]) : JSON.stringify(names.map((name) => row[name]));
}
