// For a database server: look-ups by a unique column. Those of one turn are one statement for each column.

import { type RawBuilder, sql } from 'kysely';
import type { Awaitable } from '../../model/awaitable.ts';
import { batched } from './batched.ts';
import type { Parameter } from './compiled-queries.ts';
import type { Select } from './page.ts';
import type { ResourceTable } from './resource-table.ts';
import type { StoredRecord } from './stored-rows.ts';

export type LookUpKey = string | number;

/** Runs a query of a shape. */
export type RunAll = (
  key: string,
  values: readonly unknown[],
  build: (slots: readonly Parameter[]) => Select,
) => Awaitable<StoredRecord[]>;

/**
 * @param what begins the keys of the queries
 * @param answerOf takes the row that was found for a look-up, and those of all
 */
export function findsTogether<R extends { readonly found_by: LookUpKey | null }, A>(
  what: string,
  table: ResourceTable,
  all: RunAll,
  select: (isWanted: RawBuilder<boolean>) => Select,
  answerOf: (row: R | undefined, rows: readonly R[]) => A,
): (column: string, key: LookUpKey) => Promise<A> {
  const finders = new Map<string, (key: LookUpKey) => Promise<A>>();
  function finderBy(name: string) {
    const column = table.column(name);
    return batched(async (keys: readonly LookUpKey[]) => {
      const rows = (await all(`${what} ${name} of many`, [keys], ([wanted]) =>
        select(isAny(column, name === 'id' ? 'bigint' : 'text', wanted!)).select(`${column} as found_by`),
      )) as unknown as R[];
      const byKey = new Map(rows.map((row) => [row.found_by, row]));
      return keys.map((key) => answerOf(byKey.get(key), rows));
    });
  }
  return (column, key) => {
    const find = finders.get(column) ?? finderBy(column);
    finders.set(column, find);
    return find(key);
  };
}

/**
 * The subquery hides the number of keys: otherwise PostgreSQL would plan the statement for each small number, which takes longer
 * than to run it.
 */
function isAny(column: string, type: 'text' | 'bigint', keys: Parameter) {
  const array = sql.raw(`${type}[]`);
  return sql<boolean>`${sql.ref(column)} = any((select ${keys}::${array})::${array})`;
}
