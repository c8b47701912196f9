// Translates a Query into SQL: which records are visible and match the filter, in which order, and from which
// position.

import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Filter, Linked, Query, SortKey, SortTerm } from '../../model/query.ts';
import { attributeOf } from '../../model/resource.ts';
import type { PageRow, Visible } from '../store.ts';
import { afterCursor, placeOf } from './after-cursor.ts';
import type { Parameter, RunShape } from './compiled-queries.ts';
import type { Engine, ShortWalk } from './engine.ts';
import { flattened, readFirst } from './few-records.ts';
import { allOf, asTextSearch, filterShape, filterSql, isLinked, sortColumn } from './filter.ts';
import { idBounds } from './id-bounds.ts';
import type { ClientOf } from './long-reads.ts';
import { firstRows, isShortSearch, type Plan, type Planned, planned } from './plan-short-texts.ts';
import { isShortCount, isShortPage, isSortedByIndex, type Reader, readerFor } from './read-cost.ts';
import { factColumns, type ResourceTable, withFacts } from './resource-table.ts';
import { askedShort, countByComplement, countOf, idsOf, type ShortSearch } from './short-texts.ts';
import { walkedPage } from './walked-page.ts';
import { walksOf } from './walks.ts';

// Columns come from the definition, so their types are not known here.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Untyped = any;
export type Select = SelectQueryBuilder<Untyped, Untyped, Untyped>;

export interface QueryContext {
  readonly db: Kysely<Untyped>;
  readonly engine: Engine;
  readonly table: ResourceTable;
  /** Runs short reads. */
  readonly query: RunShape;
  /** Runs long reads; null if they run as short ones. */
  readonly long: RunShape | null;
  /** The number of rows when it was last read; infinity before. */
  readonly size: { rows: number };
}

/** Rows to skip and to take. Backwards: counted from the end, for pages that are nearer to the end. */
interface Window {
  readonly limit: number;
  readonly offset: number;
  readonly backwards: boolean;
}

export function countRecords(
  context: QueryContext,
  filter: Filter | null,
  visible: Visible,
  client?: ClientOf,
): Awaitable<number> {
  const reader = readerFor(context, isShortCount(context, filter, visible), client);
  return chain(
    planned(context, reader, { filter, visible }, { of: 'count', isById: true, looksFirst: false }),
    (plan) => countPlanned(context, reader, plan),
  );
}

function countPlanned(context: QueryContext, reader: Reader, { filter, visible }: Plan): Awaitable<number> {
  const values: unknown[] = [];
  const key = `count ${filterShape(visible, values)}|${filterShape(filter, values)}`;
  const found = reader.query<{ count: number }>(key, values, (parameters) => {
    if (isShortSearch(filter) && filter.by === 'index')
      return context.db.selectNoFrom(
        countOf(context.table, context.engine, shortOf(context, filter, parameters)).as('count'),
      );
    if (isShortSearch(filter) && filter.by === 'complement')
      return context.db.selectNoFrom(
        countByComplement(filter, context.table, context.engine, taking(parameters)).as('count'),
      );
    const walked = walkedLink(visible);
    const rows =
      walked !== null && filter === null
        ? context.db.selectFrom(walked.link.table).where(isLinked(walked, context.engine, taking(parameters)))
        : sourceOf(context, filter, visible, parameters, reader).rows;
    return (rows as Select).select(({ fn }) => fn.countAll().as('count'));
  });
  return chain(found, ([row]) => Number(row!.count));
}

export function isVisible(context: QueryContext, visible: Filter, id: number): Awaitable<boolean> {
  const values: unknown[] = [id];
  const key = `sees ${filterShape(visible, values)}`;
  const found = context.query(key, values, ([wanted, ...parameters]) =>
    matching(context, null, visible, parameters, unchecked)
      .rows.select(context.table.id)
      .where(context.table.id, '=', wanted)
      .limit(sql.lit(1)),
  );
  return chain(found, (rows) => rows.length > 0);
}

const unchecked: Pick<Reader, 'check'> = { check: () => null };

/** See RecordReader.page. */
export function pageOfRecords(
  context: QueryContext,
  { filter, sort, page }: Query,
  visible: Visible,
  totalCount: number | null,
  client?: ClientOf,
): Awaitable<PageRow[]> {
  const asked = { filter, sort, visible, client };
  if (page.by === 'cursor')
    return rows(context, asked, page.after, { limit: page.size + 1, offset: 0, backwards: false });

  const offset = (page.number - 1) * page.size;
  if (totalCount === null || offset * 2 <= totalCount)
    return rows(context, asked, null, { limit: page.size, offset, backwards: false });
  const left = totalCount - offset;
  if (left <= 0) return [];
  const limit = Math.min(page.size, left);
  return rows(context, asked, null, { limit, offset: left - limit, backwards: true });
}

interface AskedRows extends Pick<Query, 'filter' | 'sort'> {
  readonly visible: Visible;
  readonly client: ClientOf | undefined;
}

function rows(
  context: QueryContext,
  { filter, sort, visible, client }: AskedRows,
  after: SortKey | null,
  { limit, offset, backwards }: Window,
): Awaitable<PageRow[]> {
  const isById = sort[0]!.attribute === 'id';
  if (context.table.resource.isAppended && isById && offset === 0) {
    const walks = walksOf(context.table.resource, visible, filter);
    return chain(idBounds(context, filter), (bounds) =>
      walkedPage(context, walks, { sort, after, limit, bounds }),
    );
  }
  const isShort = isShortPage(context, { filter, visible, sort, offset, isFirst: after === null });
  const reader = readerFor(context, isShort, client);
  const mayFill = (isById || isSortedByIndex(context.table.resource, sort)) && offset + limit <= firstRows;
  const read = (looksFirst: boolean): Awaitable<PageRow[]> =>
    chain(planned(context, reader, { filter, visible }, { of: 'page', isById, looksFirst }), (plan) => {
      const page = rowsPlanned(context, reader, { ...plan, sort }, after, { limit, offset, backwards });
      if (plan.looksAt === null) return page;
      return chain(page, (found) => (found.length < limit ? read(false) : found));
    });
  return read(mayFill);
}

type PlannedRows = Plan & Pick<AskedRows, 'sort'>;

function rowsPlanned(
  context: QueryContext,
  reader: Reader,
  { filter, sort, visible, looksAt }: PlannedRows,
  after: SortKey | null,
  { limit, offset, backwards }: Window,
): Awaitable<PageRow[]> {
  const isById = sort[0]!.attribute === 'id';
  const values: unknown[] = [];
  const shape = [
    filterShape(visible, values),
    filterShape(filter, values),
    looksAt === null ? '' : `of ${looksAt}`,
    sort.map(({ attribute, descending }) => (descending ? `-${attribute}` : attribute)).join(),
    after === null ? '' : `after ${after.map((value) => (value === null ? '0' : 'v')).join('')}`,
    offset === 0 ? '' : 'skip',
    backwards ? 'backwards' : '',
    limit,
  ];
  const fixed = values.length;
  values.push(...(after ?? []), offset);

  const { table } = context;
  const found = reader.query<Record<string, Untyped>>(`page ${shape.join('|')}`, values, (parameters) => {
    const order = backwards ? sort.map((term) => ({ ...term, descending: !term.descending })) : sort;
    const place =
      after === null ? null : placeOf(after, parameters.slice(fixed).map(isById ? asInteger : same));
    const walk: ShortWalk = {
      after: place?.[0] ?? null,
      descending: order[0]!.descending,
      most: sql`${sql.lit(limit)} + ${parameters.at(-1)}`,
    };
    const search = isById ? searched(context, filter, visible, parameters, reader, walk) : null;
    const beyond = ({ rows, id }: Source) =>
      place === null ? rows : rows.where(afterCursor(context.table, sort, place, id));
    const first = ({ rows, id }: Source) =>
      sorted(context, beyond({ rows, id }), order, id).limit(sql.lit(looksAt!));
    const from =
      search ??
      (looksAt === null
        ? matching(context, filter, visible, parameters, reader)
        : matchingAmong(context, filter!, visible, parameters, first));
    let ids = looksAt === null ? beyond(from) : from.rows;
    // A literal, not a parameter: SQLite prepares a statement again each time that the parameter of its LIMIT is
    // bound.
    ids = sorted(context, ids, order, from.id).limit(sql.lit(limit));
    const isWalked = (filter === null && isById) || table.resource.isAppended;
    const columns = [
      table.id,
      isWalked ? table.column('revision') : context.engine.revision(table.name).as('revision'),
      ...factColumns(table, table.name),
      ...sort.flatMap(({ attribute }, i) =>
        attribute === 'id' ? [] : [`${sortColumn(attribute, table)} as sort_${i}`],
      ),
    ];
    if (offset === 0 && search === null) return ids.select(columns);
    // The inner query skips over ids alone, in the narrowest index. The outer query reads the rows of this page: with a
    // cross join, because SQLite does not change its order.
    const page = ids.select(`${from.id} as id`).offset(sql<number>`${parameters.at(-1)}`);
    return sorted(
      context,
      context.db
        .selectFrom(page.as('page'))
        .crossJoin(table.name)
        .whereRef(table.id, '=', 'page.id')
        .select(columns) as Select,
      order,
      'page.id',
    );
  });
  return chain(found, (rows) => {
    const page = rows.map((row) =>
      withFacts(table, row, {
        id: row.id,
        revision: row.revision,
        sortKey: sort.map(({ attribute }, i) => (attribute === 'id' ? row.id : row[`sort_${i}`])),
      }),
    );
    return backwards ? page.reverse() : page;
  });
}

/** Node's driver binds a number as a floating-point one, to which FTS5 does not seek. */
const asInteger = (id: Parameter) => id.map((value: number) => BigInt(value));
const same = (parameter: Parameter) => parameter;

/** A FROM clause with its conditions; nothing is selected yet. */
interface Source {
  readonly rows: Select;
  /** The column that gives the rows in the order of their ids. */
  readonly id: string;
}

/**
 * If the text index alone decides the filter: a query over the index, which gives the ids in order. As a condition of
 * a query over the table, the index would first collect all matching ids.
 */
function searched(
  context: QueryContext,
  filter: Planned | null,
  visible: Visible,
  parameters: readonly Parameter[],
  { check }: Pick<Reader, 'check'>,
  walk: ShortWalk | null = null,
): Source | null {
  const {
    db,
    engine: { search },
    table,
  } = context;
  if (isShortSearch(filter) && filter.by === 'index') {
    const ids = idsOf(table, context.engine, shortOf(context, filter, parameters), walk);
    const rows = db.selectFrom(sql`(${ids})`.as('found')) as Select;
    return { rows: checked(rows, check('found.id')), id: 'found.id' };
  }
  if (search === null || visible !== null) return null;
  const asked = asTextSearch(filter, table.resource, parameters);
  if (asked === null) return null;
  const index = search.indexOf(table.name);
  const rows = db.selectFrom(index.name) as Select;
  const matched = rows.where(search.matches(index, asked.columns, asked.texts));
  return { rows: checked(matched, check(index.id)), id: index.id };
}

function shortOf({ table, engine }: QueryContext, search: ShortSearch, parameters: readonly Parameter[]) {
  return askedShort(search, table, engine, taking(parameters));
}

function sourceOf(...[context, filter, visible, parameters, reader]: Parameters<typeof matching>): Source {
  return (
    searched(context, filter, visible, parameters, reader) ??
    matching(context, filter, visible, parameters, reader)
  );
}

function checked(select: Select, check: RawBuilder<boolean> | null): Select {
  return check === null ? select : select.where(check);
}

/**
 * The link, if records must be linked with exactly one other record. Then the link table can be read in the order of
 * ids, and no record appears twice.
 */
function walkedLink(visible: Visible): Linked | null {
  return visible !== null && 'link' in visible && visible.others.length === 1 ? visible : null;
}

function taking(parameters: readonly Parameter[]): () => Parameter {
  let taken = 0;
  return () => parameters[taken++]!;
}

/** Visible records that match the filter. The first parameters are those of `visible`, then those of the filter. */
function matching(
  { db, engine, table }: QueryContext,
  filter: Planned | null,
  visible: Visible,
  parameters: readonly Parameter[],
  { check }: Pick<Reader, 'check'>,
): Source {
  const takeParameter = taking(parameters);
  const wanted = flattened<Planned>([visible, filter]);
  const first = readFirst(table.resource, wanted, flattened([visible]));
  const walked = first === -1 ? walkedLink(visible) : null;
  const conditions = wanted.map((one) =>
    one === walked ? isLinked(walked, engine, takeParameter) : filterSql(one, table, engine, takeParameter),
  );
  let id = table.id;
  let select = db.selectFrom(table.name) as Select;
  if (first !== -1) {
    const [few] = conditions.splice(first, 1);
    const ids = select.select(`${id} as id`).where(few!).as('few');
    // A cross join, because SQLite does not change its order.
    select = db.selectFrom(ids).crossJoin(table.name).whereRef(id, '=', 'few.id') as Select;
  }
  select = checked(select, check(id));
  if (walked !== null) {
    // A join: it reads the linked records in the order of their ids.
    const { link } = walked;
    id = `${link.table}.${link.id}`;
    select = select.innerJoin(link.table, id, table.id);
  }
  if (conditions.length > 0) select = select.where(allOf(conditions));
  return { rows: select, id };
}

/** The records that match the filter among the first visible ones. */
function matchingAmong(
  context: QueryContext,
  filter: Planned,
  visible: Visible,
  parameters: readonly Parameter[],
  first: (from: Source) => Select,
): Source {
  const { db, engine, table } = context;
  const values: unknown[] = [];
  filterShape(visible, values);
  const among = first(matching(context, null, visible, parameters, unchecked)).select(`${table.id} as id`);
  // A cross join, because SQLite does not change its order.
  const rows = db
    .selectFrom(among.as('among'))
    .crossJoin(table.name)
    .whereRef(table.id, '=', 'among.id')
    .where(filterSql(filter, table, engine, taking(parameters.slice(values.length)))) as Select;
  return { rows, id: table.id };
}

function sorted(
  { table, engine }: QueryContext,
  select: Select,
  sort: readonly SortTerm[],
  id = table.id,
): Select {
  return sort.reduce((query, { attribute, descending }) => {
    const column = attribute === 'id' ? id : sortColumn(attribute, table);
    return query.orderBy(column, (order) => {
      const directed = descending ? order.desc() : order.asc();
      if (!engine.nullsLast || !attributeOf(table.resource, attribute).nullable) return directed;
      return descending ? directed.nullsLast() : directed.nullsFirst();
    });
  }, select);
}
