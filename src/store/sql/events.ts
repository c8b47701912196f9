// Collects the audit events of a transaction and writes them at its end, see Transaction.record. Those of transactions that
// share a commit are written together.

import { type Kysely, sql } from 'kysely';
import type { Row } from '../../model/resource.ts';
import type { Trail, Transaction } from '../store.ts';
import { compiledQueries, type KnownQueries, runOn } from './compiled-queries.ts';
import type { Database, Engine, SharedTask } from './engine.ts';
import { timeColumns } from './id-bounds.ts';
import type { Untyped } from './page.ts';

type Work<T> = (transaction: Transaction) => Promise<T>;

export const recordNothing: Transaction['record'] = () => {};

/**
 * @param queries where the statements are kept
 * @returns a function that runs the work of a transaction, then writes the events that it recorded. If the work is
 * retried, it starts with no events. Without a trail, the transaction is used unchanged, with `recordNothing`.
 */
export function eventRecorder(
  engine: Engine,
  trail: Trail | null,
  queries: KnownQueries,
): <T>(db: Database, transaction: Transaction, work: Work<T>) => Promise<T> {
  if (trail === null) return (_db, transaction, work) => work(transaction);
  const insert: SharedTask<readonly Row[]> = (db, recorded) =>
    insertEvents(db, engine, trail, queries, recorded.flat());
  return async (db, transaction, work) => {
    const rows: Row[] = [];
    const value = await work({ ...transaction, record: (event) => void rows.push(trail.rowOf(event())) });
    if (rows.length === 0) return value;
    if (engine.leave === null) await insert(db, [rows]);
    else engine.leave(insert, rows);
    return value;
  };
}

const maxRowsAtOnce = 256;

/** Few statements are prepared: on SQLite, they have 256, 128, ... rows. */
async function insertEvents(
  db: Database,
  engine: Engine,
  { resource }: Trail,
  queries: KnownQueries,
  rows: readonly Row[],
): Promise<void> {
  const { type } = resource;
  const query = compiledQueries(queries, runOn(engine, db as never));
  for (let start = 0; start < rows.length; ) {
    const size = Math.min(2 ** Math.floor(Math.log2(rows.length - start)), maxRowsAtOnce);
    const names = Object.keys(rows[start]!);
    const given = engine.givenRows(
      Object.fromEntries(names.map((name) => [name, resource.attributes[name]!.kind.column])),
      rows.slice(start, start + size),
    );
    await query(`record ${given.shape}`, given.values, (parameters) => {
      const times = Object.entries(timeColumns(type, engine.now));
      // Once for all rows: the time of the latest event is read from an index.
      return (db as Kysely<Untyped>)
        .insertInto(type)
        .columns([...names, ...times.map(([name]) => name)])
        .expression(
          sql`with clock as materialized (select ${sql.join(times.map(([, value]) => value))})
            select * from (${given.query(parameters)}) as given cross join clock`,
        );
    });
    start += size;
  }
}
