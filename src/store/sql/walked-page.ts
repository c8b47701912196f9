// A page of a resource with millions of records, sorted by id: the first records of several walks along indexes. Each
// walk reads one page at most, so a page costs the same wherever it begins.

import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Awaitable, all, chain } from '../../model/awaitable.ts';
import type { Filter, Query, SortKey, SortTerm } from '../../model/query.ts';
import type { PageRow, Visible, WalkedPage } from '../store.ts';
import { filterShape, filterSql } from './filter.ts';
import { type IdBounds, idBounds } from './id-bounds.ts';
import type { ClientOf } from './long-reads.ts';
import type { QueryContext, Untyped } from './page.ts';
import { isShortWalk, readerFor } from './read-cost.ts';
import { factColumns, withFacts } from './resource-table.ts';
import { type Walk, walksOf } from './walks.ts';

/** SQLite takes 500 SELECTs in one statement (sqlite.org/limits.html). */
export const maxWalksAtOnce = 50;

/** Somebody with thousands of organizations has as many walks: between so many statements, other requests are answered. */
const statementsAtOnce = 4;

interface Part {
  readonly sort: readonly SortTerm[];
  readonly after: SortKey | null;
  readonly limit: number;
  readonly bounds: IdBounds;
  /** Rows of each walk to skip; by default none. */
  readonly skipped?: number;
  /** The number of rows of each walk within the bounds, if it is known to be limited. */
  readonly atMost?: number | null;
}

/** @param part sorted by id */
export function walkedPage(context: QueryContext, walks: readonly Walk[], part: Part): Awaitable<PageRow[]> {
  if (walks.length === 0) return [];
  if (walks.length <= maxWalksAtOnce) return walk(context, walks, part);
  const direction = part.sort[0]!.descending ? -1 : 1;
  return chain(pagesOf(context, walks, part), (found) => {
    const byId = new Map(found.flat().map((row) => [row.id, row]));
    return [...byId.values()].sort((a, b) => direction * (a.id - b.id)).slice(0, part.limit);
  });
}

/** The pages of the walks, several walks at a time. */
function pagesOf(context: QueryContext, walks: readonly Walk[], part: Part): Awaitable<readonly PageRow[][]> {
  const groups = groupsOf(walks, maxWalksAtOnce);
  const read = (some: readonly (readonly Walk[])[]) => all(some.map((group) => walk(context, group, part)));
  if (groups.length <= statementsAtOnce) return read(groups);
  const inTurns = async () => {
    const pages: PageRow[][] = [];
    for (const some of groupsOf(groups, statementsAtOnce)) {
      pages.push(...(await read(some)));
      await setImmediate();
    }
    return pages;
  };
  return inTurns();
}

function groupsOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
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
  client?: ClientOf,
): Awaitable<WalkedPage> {
  const { size } = page;
  const after = page.by === 'cursor' ? page.after : null;
  const walks = walksOf(context.table.resource, visible, filter);
  const isShort = isShortWalk(walks, Math.min(maxRowsLookedAt, context.size.rows));
  const reading = { ...context, query: readerFor(context, isShort, client).query };
  // The same for similar numbers of walks, so that few statements are prepared.
  const atMost = Math.ceil(maxRowsLookedAt / 2 ** Math.ceil(Math.log2(Math.max(walks.length, 1))));
  return chain(idBounds(context, filter), (bounds) => {
    const part = { sort, after, limit: size + 1, bounds, atMost };
    return chain(horizonOf(context, walks, part), (horizon) =>
      chain(walkedPage(reading, walks, { ...part, bounds: within(part, horizon) }), (found) => {
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
 * The last id that the page looks at, so that there are at most `atMost` rows of each walk until there; null if there
 * are no more of any. If an index decides everything, each row matches, and no horizon is needed.
 */
function horizonOf(
  context: QueryContext,
  walks: readonly Walk[],
  part: Part & { readonly atMost: number },
): Awaitable<number | null> {
  if (walks.every(({ others }) => others.length === 0)) return null;
  const bare = walks.map(({ along }) => ({ along, others: [] }));
  const end = walkedPage(context, bare, { ...part, limit: 1, skipped: part.atMost - 1 });
  return chain(end, ([row]) => row?.id ?? null);
}

function walk(
  { db, engine, table, query }: QueryContext,
  walks: readonly Walk[],
  { sort, after, limit, bounds, skipped = 0, atMost = null }: Part,
): Awaitable<PageRow[]> {
  const direction = sort[0]!.descending ? 'desc' : 'asc';
  const values: unknown[] = [];
  const shapes = walks.map((one) => filterShape(conditionOf(one), values));
  const fixed = values.length;
  values.push(...betweenIds(sort, after, bounds));
  const key = `walks ${shapes.join('|')} ${direction} ${limit} ${skipped} ${atMost}`;

  const found = query<Record<string, Untyped>>(key, values, (parameters) => {
    let taken = 0;
    const takeParameter = () => parameters[taken++]!;
    const [above, below] = parameters.slice(fixed).map((parameter) => sql`${parameter}`);
    const firstOf = ({ along, others }: Walk) =>
      engine.walk({
        table: table.name,
        along: along && { column: along.attribute, value: sql`${takeParameter()}` },
        above: above!,
        below: below!,
        direction,
        others: others.length === 0 ? null : filterSql({ all: others }, table, engine, takeParameter),
        atMost: others.length === 0 ? skipped + limit : atMost,
        limit,
        skipped,
      });
    const parts = walks.map((one) => sql`select id from (${firstOf(one)}) as walked`);
    const ids = sql<{
      id: number;
    }>`(${sql.join(parts, sql` union `)} order by id ${sql.raw(direction)} limit ${sql.lit(limit)})`;
    return db
      .selectFrom(ids.as('page'))
      .innerJoin(table.name, table.id, 'page.id')
      .select([table.id, table.column('revision'), ...factColumns(table, table.name)])
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

/** The ids between which the part is, both excluded. */
function betweenIds(sort: readonly SortTerm[], after: SortKey | null, bounds: IdBounds): [number, number] {
  const cursor = after === null ? null : (after[0] as number);
  const { descending } = sort[0]!;
  return [
    Math.max(bounds.above ?? 0, (descending ? null : cursor) ?? 0),
    Math.min(
      bounds.below ?? Number.MAX_SAFE_INTEGER,
      (descending ? cursor : null) ?? Number.MAX_SAFE_INTEGER,
    ),
  ];
}

export function conditionOf({ along, others }: Walk): Filter {
  return { all: along === null ? others : [along, ...others] };
}
