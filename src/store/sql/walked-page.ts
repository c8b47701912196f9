// A page of a resource with millions of records, sorted by id: the first records of several walks along indexes. Each
// walk reads one page at most, so a page costs the same wherever it begins.

import { sql } from 'kysely';
import { type Awaitable, all, chain } from '../../model/awaitable.ts';
import type { Filter, Query, SortKey, SortTerm } from '../../model/query.ts';
import type { PageRow, Visible, WalkedPage } from '../store.ts';
import { afterCursor, placeOf } from './after-cursor.ts';
import { filterShape, filterSql } from './filter.ts';
import { type IdBounds, idBounds } from './id-bounds.ts';
import type { QueryContext, Select, Untyped } from './page.ts';
import { factColumns, withFacts } from './resource-table.ts';
import { type Walk, walksOf } from './walks.ts';

/** SQLite takes 500 SELECTs in one statement (sqlite.org/limits.html). */
export const maxWalksAtOnce = 50;

interface Part {
  readonly sort: readonly SortTerm[];
  readonly after: SortKey | null;
  readonly limit: number;
  readonly bounds: IdBounds;
}

/** @param part sorted by id */
export function walkedPage(context: QueryContext, walks: readonly Walk[], part: Part): Awaitable<PageRow[]> {
  if (walks.length === 0) return [];
  const pages: Awaitable<PageRow[]>[] = [];
  for (let i = 0; i < walks.length; i += maxWalksAtOnce)
    pages.push(walk(context, walks.slice(i, i + maxWalksAtOnce), part));
  if (pages.length === 1) return pages[0]!;
  const direction = part.sort[0]!.descending ? -1 : 1;
  return chain(all(pages), (found) => {
    const byId = new Map(found.flat().map((row) => [row.id, row]));
    return [...byId.values()].sort((a, b) => direction * (a.id - b.id)).slice(0, part.limit);
  });
}

/**
 * How many rows a page looks at, for conditions that no index decides. One page of them takes a few milliseconds; of all
 * rows of a large organization it could take seconds, in which SQLite answers nobody else.
 */
export const maxRowsLookedAt = 5000;

/** See RecordReader.walk. */
export function boundedPage(
  context: QueryContext,
  { filter, sort, page }: Query,
  visible: Visible,
): Awaitable<WalkedPage> {
  const { size } = page;
  const after = page.by === 'cursor' ? page.after : null;
  const walks = walksOf(context.table.resource, visible, filter);
  return chain(idBounds(context, filter), (bounds) => {
    const part = { sort, after, limit: size + 1, bounds };
    return chain(horizonOf(context, walks, part), (horizon) =>
      chain(walkedPage(context, walks, { ...part, bounds: within(part, horizon) }), (found) => {
        const rows = found.slice(0, size);
        if (found.length > size) return { rows, next: rows.at(-1)!.sortKey };
        return { rows, next: horizon === null ? null : [horizon] };
      }),
    );
  });
}

/** The bounds of a part that ends at the horizon, which belongs to it. */
function within({ sort, bounds }: Part, horizon: number | null): IdBounds {
  if (horizon === null) return bounds;
  return sort[0]!.descending ? { ...bounds, above: horizon - 1 } : { ...bounds, below: horizon + 1 };
}

/**
 * The last id that the page looks at, so that it looks at a limited number of rows on each walk; null if it may look at
 * all. If an index decides everything, each row matches, and no horizon is needed.
 */
function horizonOf(context: QueryContext, walks: readonly Walk[], part: Part): Awaitable<number | null> {
  if (walks.every(({ others }) => others.length === 0)) return null;
  // The same for similar numbers of walks, so that few statements are prepared.
  const skipped = Math.ceil(maxRowsLookedAt / 2 ** Math.ceil(Math.log2(walks.length))) - 1;
  const bare = walks.map(({ along }) => ({ along, others: [] }));
  const ends = bare.map((one) => walk(context, [one], { ...part, limit: 1 }, skipped));
  return chain(all(ends), (found) => {
    const ids = found.flat().map(({ id }) => id);
    if (ids.length === 0) return null;
    return part.sort[0]!.descending ? Math.max(...ids) : Math.min(...ids);
  });
}

/** @param skipped rows of each walk to skip */
function walk(
  { db, engine, table, query }: QueryContext,
  walks: readonly Walk[],
  { sort, after, limit, bounds }: Part,
  skipped = 0,
): Awaitable<PageRow[]> {
  const direction = sort[0]!.descending ? 'desc' : 'asc';
  const values: unknown[] = [];
  const shapes = walks.map((walk) => filterShape(conditionOf(walk), values));
  const fixed = values.length;
  const limits = [bounds.above, bounds.below, ...(after ?? [])];
  values.push(...limits);
  const key = `walks ${shapes.join('|')} ${direction} ${limits.map((one) => (one === null ? '0' : 'v')).join('')} ${limit} ${skipped}`;

  const found = query<Record<string, Untyped>>(key, values, (parameters) => {
    let taken = 0;
    const takeParameter = () => parameters[taken++]!;
    const [above, below, ...ofCursor] = parameters.slice(fixed);
    const place = after && placeOf(after, ofCursor);
    const columns = [table.id, table.column('revision'), ...factColumns(table, table.name)];
    const firstOf = (one: Walk): Select => {
      const from = engine.walked(table.name, indexOfWalk(table.name, one));
      let rest = db
        .selectFrom(from as never)
        .where(filterSql(conditionOf(one), table, engine, takeParameter)) as Select;
      if (bounds.above !== null) rest = rest.where(table.id, '>', above);
      if (bounds.below !== null) rest = rest.where(table.id, '<', below);
      if (place !== null) rest = rest.where(afterCursor(table, sort, place, table.id));
      const ordered = rest.orderBy(table.id, direction).limit(sql.lit(limit));
      return skipped === 0 ? ordered : ordered.offset(sql.lit(skipped));
    };
    if (walks.length === 1) return firstOf(walks[0]!).select(columns);
    const [first, ...others] = walks.map((one) =>
      db.selectFrom(firstOf(one).select(table.id).as('walked')).select('id'),
    );
    const ids = others.reduce((union, one) => union.union(one as never), first as Select);
    return db
      .selectFrom(ids.orderBy('id', direction).limit(sql.lit(limit)).as('page'))
      .innerJoin(table.name, table.id, 'page.id')
      .select(columns)
      .orderBy(table.id, direction);
  });
  return chain(found, (rows) =>
    rows.map((row) => withFacts(table, row, { id: row.id, revision: row.revision, sortKey: [row.id] })),
  );
}

/** The index along which the rows of the walk are read; null for that of ids. */
export function indexOfWalk(table: string, { along }: Walk): string | null {
  return along === null || along.attribute === 'id' ? null : `${table}_${along.attribute}`;
}

export function conditionOf({ along, others }: Walk): Filter {
  return { all: along === null ? others : [along, ...others] };
}
