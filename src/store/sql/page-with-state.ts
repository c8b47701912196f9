// For a database server: the page of a list that looks up one record by a unique attribute, and the state of the list.

import { type Kysely, sql } from 'kysely';
import type { Awaitable } from '../../model/awaitable.ts';
import type { PageRow, StateWithPage } from '../store.ts';
import { batched } from './batched.ts';
import { type StateRow, selectStates, toState } from './collection-states.ts';
import type { Parameter } from './compiled-queries.ts';
import type { Database } from './engine.ts';
import type { IdentityLookup } from './filter.ts';
import type { Select, Untyped } from './page.ts';
import type { ResourceTable } from './resource-table.ts';
import type { StoredRecord } from './stored-rows.ts';

/** The counters of the collection, and the row with its key; all of the row is null if none was found. */
type Found = StoredRecord & {
  readonly found_by: string | null;
  readonly state_version: StateRow['version'];
  readonly state_shown_version: StateRow['shown_version'];
  readonly state_row_count: StateRow['row_count'];
};

/**
 * Page and state are of one snapshot: a page that is older than the state would be kept under an ETag that outlives it. The
 * look-ups of one turn are one statement.
 * @param rowsOf selects the rows of the table with what they show of others
 * @param all runs a query
 */
export function pagesWithState(
  db: Database,
  table: ResourceTable,
  rowsOf: (from: Select) => Select,
  all: (
    key: string,
    values: readonly unknown[],
    build: (slots: readonly Parameter[]) => Select,
  ) => Awaitable<StoredRecord[]>,
  pageRowOf: (row: StoredRecord) => PageRow,
): (identity: IdentityLookup) => Promise<StateWithPage> {
  const finders = new Map<string, (key: string) => Promise<StateWithPage>>();

  function select(column: string, name: Parameter, keys: Parameter): Select {
    const state = selectStates(db).where('name', '=', name as never);
    const from = (db as Kysely<Untyped>)
      .selectFrom(state.as('state'))
      .leftJoin(table.name, (join) => join.on(isAny(table.column(column), 'text', keys)));
    return rowsOf(from as Select).select([
      `${table.column(column)} as found_by`,
      'state.version as state_version',
      'state.shown_version as state_shown_version',
      'state.row_count as state_row_count',
    ]);
  }

  async function findAll(column: string, keys: readonly string[]): Promise<readonly StateWithPage[]> {
    const found = (await all(`state and ${column} of many`, [table.name, keys], ([name, wanted]) =>
      select(column, name!, wanted!),
    )) as Found[];
    const [first] = found;
    const state = toState(
      table.name,
      first && {
        name: table.name,
        version: first.state_version,
        shown_version: first.state_shown_version,
        row_count: first.state_row_count,
      },
    );
    const byKey = new Map(
      found.map(({ found_by, state_version, state_shown_version, state_row_count, ...record }) => [
        found_by,
        record as StoredRecord,
      ]),
    );
    return keys.map((key) => {
      const row = byKey.get(key);
      return { state, page: row === undefined ? [] : [pageRowOf(row)] };
    });
  }

  return ({ column, key }) => {
    let find = finders.get(column);
    if (find === undefined) {
      find = batched((keys: readonly string[]) => findAll(column, keys));
      finders.set(column, find);
    }
    return find(key);
  };
}

/**
 * The subquery hides the number of keys: otherwise PostgreSQL would plan the statement for each small number, which takes longer
 * than to run it.
 * @param column qualified
 */
export function isAny(column: string, type: 'text' | 'bigint', keys: Parameter) {
  const array = sql.raw(`${type}[]`);
  return sql<boolean>`${sql.ref(column)} = any((select ${keys}::${array})::${array})`;
}
