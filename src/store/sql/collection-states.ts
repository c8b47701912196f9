// Reads the counters of collections, which triggers raise with each change.

import { sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { CollectionState } from '../store.ts';
import { batched } from './batched.ts';
import { CommitScopedCache } from './commit-scoped-cache.ts';
import { compiledQueries, type KnownQueries, runOn } from './compiled-queries.ts';
import type { Database, Engine } from './engine.ts';

export interface StateRow {
  readonly name: string;
  readonly version: number;
  readonly shown_version: number;
  readonly row_count: number;
}

/**
 * Outside transactions, a state is cached until anyone commits; on a database server, the lists of one turn share a
 * statement.
 * @returns a function that takes the name of a table
 */
export function collectionStates(
  db: Database,
  engine: Engine,
  known: KnownQueries,
): (name: string) => Awaitable<CollectionState> {
  const query = compiledQueries(known, runOn(engine, db as never));
  function readState(name: string): Awaitable<CollectionState> {
    const rows = query<StateRow>('state', [name], ([slot]) =>
      selectStates(db).where('name', '=', slot as never),
    );
    return chain(rows, ([row]) => toState(name, row));
  }
  // A transaction must read its own snapshot.
  if (db !== engine.reader) return readState;
  if (engine.queryNow === null)
    return batched(async (names: readonly string[]) => {
      const rows = await query<StateRow>('states', [[...new Set(names)]], ([slot]) =>
        selectStates(db).where(sql<boolean>`name = any(${slot}::text[])`),
      );
      const byName = new Map(rows.map((row) => [row.name, row]));
      return names.map((name) => toState(name, byName.get(name)));
    });
  const cache = new CommitScopedCache<string, CollectionState>(engine);
  return (name) =>
    cache.get(name) ??
    chain(readState(name), (state) => {
      cache.set(name, state);
      return state;
    });
}

/** The counters of each collection. A collection has several rows, which are added up. */
export function selectStates(db: Database) {
  return db
    .selectFrom('collections')
    .select('name')
    .select(({ fn }) =>
      (['version', 'shown_version', 'row_count'] as const).map((name) => fn.sum(name).as(name)),
    )
    .groupBy('name');
}

export function toState(name: string, row: StateRow | undefined): CollectionState {
  if (row === undefined) throw new Error(`The table collections has no row '${name}'`);
  return {
    changeCount: Number(row.version),
    shownCount: Number(row.shown_version),
    rowCount: Number(row.row_count),
  };
}
