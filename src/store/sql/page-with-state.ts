// For a database server: the page of a list that looks up one record by a unique attribute, and the state of the list.

import type { Kysely, RawBuilder } from 'kysely';
import type { PageRow, StateWithPage } from '../store.ts';
import { type StateRow, selectStates, toState } from './collection-states.ts';
import type { Database } from './engine.ts';
import { findsTogether, type RunAll } from './find-together.ts';
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
 * Page and state are of one snapshot: a page that is older than the state would be kept under an ETag that outlives it.
 * @param rowsOf selects the rows of the table with what they show of others
 */
export function pagesWithState(
  db: Database,
  table: ResourceTable,
  rowsOf: (from: Select) => Select,
  all: RunAll,
  pageRowOf: (row: StoredRecord) => PageRow,
) {
  const { name } = table;
  function select(isWanted: RawBuilder<boolean>): Select {
    const state = selectStates(db).where('name', '=', name).as('state');
    const from = (db as Kysely<Untyped>).selectFrom(state).leftJoin(name, (join) => join.on(isWanted));
    return rowsOf(from as Select).select([
      'state.version as state_version',
      'state.shown_version as state_shown_version',
      'state.row_count as state_row_count',
    ]);
  }
  function answerOf(row: Found | undefined, [first]: readonly Found[]): StateWithPage {
    const state = toState(
      name,
      first && {
        name,
        version: first.state_version,
        shown_version: first.state_shown_version,
        row_count: first.state_row_count,
      },
    );
    if (row === undefined) return { state, page: [] };
    const { found_by, state_version, state_shown_version, state_row_count, ...record } = row;
    return { state, page: [pageRowOf(record as StoredRecord)] };
  }
  return findsTogether('state and', table, all, select, answerOf);
}
