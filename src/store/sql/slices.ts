// Slices of ids of a resource whose records are added and never change: how many records match in a slice, and which.
// Whoever counts millions does it slice by slice, and keeps what it has counted.

import { sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Filter } from '../../model/query.ts';
import type { Resource } from '../../model/resource.ts';
import type { IdRange, PageRow, Visible } from '../store.ts';
import { filterShape, filterSql } from './filter.ts';
import { idBounds } from './id-bounds.ts';
import type { QueryContext, Select } from './page.ts';
import { isShortPart, readerFor } from './read-cost.ts';
import { conditionOf, indexOfWalk, maxWalksAtOnce, walkedPage } from './walked-page.ts';
import { largestFirst, mayOverlap, type Walk, walkOfAll, walksOf } from './walks.ts';

/** See RecordReader.countWithin. */
export function countWithin(
  context: QueryContext,
  filter: Filter | null,
  visible: Visible,
  { above, upTo }: IdRange,
): Awaitable<number> {
  const { resource } = context.table;
  // The largest are counted by their index alone, and the others without the records of those before them.
  const walks = largestFirst(resource, walksInSlice(resource, visible, filter));
  return chain(idBounds(context, filter), (bounds) => {
    const range = {
      above: Math.max(above, bounds.above ?? above),
      upTo: Math.min(upTo, (bounds.below ?? upTo + 1) - 1),
    };
    if (range.above >= range.upTo) return 0;
    return countWalks(readingPart(context, filter, visible, range.upTo - range.above), walks, range);
  });
}

/**
 * Somebody with thousands of organizations has as many walks, but a slice has a few thousand records: then it is cheaper to
 * look at each of these.
 */
function walksInSlice(resource: Resource, visible: Visible, filter: Filter | null): readonly Walk[] {
  const walks = walksOf(resource, visible, filter);
  return walks.length > maxWalksAtOnce ? [walkOfAll(visible, filter)] : walks;
}

/** Counts the records of each walk without those of the walks before it. */
function countWalks(
  { db, engine, table, query }: QueryContext,
  walks: readonly Walk[],
  { above, upTo }: IdRange,
): Awaitable<number> {
  if (walks.length === 0) return 0;
  const values: unknown[] = [];
  const counted = walks.map((walk, i) => {
    const earlier = walks.slice(0, i).filter((other) => mayOverlap(other, walk));
    const shape = [walk, ...earlier].map((one) => filterShape(conditionOf(one), values)).join('-');
    return { walk, earlier, shape };
  });
  const fixed = values.length;
  values.push(above, upTo);
  const key = `counts ${counted.map(({ shape }) => shape).join('|')}`;
  const found = query<{ count: number }>(key, values, (parameters) => {
    let taken = 0;
    const takeParameter = () => parameters[taken++]!;
    const [first, last] = parameters.slice(fixed);
    const counts = counted.map(({ walk, earlier }) => {
      // The range comes first: of several bounds of the same column, SQLite uses the first.
      const walked = db.selectFrom(
        engine.walked(table.name, indexOfWalk(table.name, walk)) as never,
      ) as Select;
      let rows = walked
        .where(table.id, '>', first)
        .where(table.id, '<=', last)
        .where(filterSql(conditionOf(walk), table, engine, takeParameter));
      for (const other of earlier)
        rows = rows.where(
          sql<boolean>`(${filterSql(conditionOf(other), table, engine, takeParameter)}) is not true`,
        );
      return rows.select(sql<number>`count(*)`.as('count'));
    });
    return db.selectNoFrom(sql<number>`${sql.join(counts, sql` + `)}`.as('count'));
  });
  return chain(found, ([row]) => Number(row!.count));
}

/** See RecordReader.rowsWithin. */
export function rowsWithin(
  context: QueryContext,
  filter: Filter | null,
  visible: Visible,
  { above, upTo }: IdRange,
  { skip, take }: { readonly skip: number; readonly take: number },
): Awaitable<PageRow[]> {
  const [limit, atMost] = [powerOf2(skip + take), powerOf2(upTo - above)];
  const sort = [{ attribute: 'id', descending: false }];
  const part = { sort, after: null, limit, bounds: { above, below: upTo + 1 }, atMost };
  const reading = readingPart(context, filter, visible, upTo - above);
  const rows = walkedPage(reading, walksInSlice(context.table.resource, visible, filter), part);
  return chain(rows, (found) => found.slice(skip, skip + take));
}

/** The context for a slice of so many rows: with many conditions it may take long. */
function readingPart(
  context: QueryContext,
  filter: Filter | null,
  visible: Visible,
  rows: number,
): QueryContext {
  const { query } = readerFor(context, isShortPart(filter, visible, Math.min(rows, context.size.rows)));
  return { ...context, query };
}

/** The next power of 2, so that few statements are prepared. */
function powerOf2(number: number): number {
  return 2 ** Math.ceil(Math.log2(number));
}
