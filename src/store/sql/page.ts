// A Query as SQL: which ids are in scope and pass the filter, in which order, and from where.

import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Filter, Query, Scope, SortTerm } from '../../model/query.ts';
import { attributeOf, type Resource } from '../../model/resource.ts';
import type { PageRow } from '../store.ts';
import type { compiledQueries, Parameter } from './compiled-queries.ts';
import type { Engine } from './engine.ts';
import { asTextSearch, filterShape, filterSql, sortColumn } from './filter.ts';

// Columns come from the definition, so their types are not known here.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Untyped = any;
export type Select = SelectQueryBuilder<Untyped, Untyped, Untyped>;

interface Context {
  readonly db: Kysely<Untyped>;
  readonly engine: Engine;
  readonly resource: Resource;
  readonly query: ReturnType<typeof compiledQueries>;
}

/** Rows to skip and to take; backwards from the end where that is nearer. */
interface Window {
  readonly limit: number;
  readonly offset: number;
  readonly backwards: boolean;
}

export function countRecords(context: Context, filter: Filter | null, scope: Scope): Awaitable<number> {
  const values: unknown[] = [];
  const key = `count ${scopeShape(scope, values)}|${filterShape(filter, values)}`;
  const found = context.query<{ count: number }>(key, values, (parameters) => {
    const membersAlone = filter === null && scope.sees === 'members' && scope.organizationIds.length === 1;
    const rows = membersAlone
      ? context.db.selectFrom('memberships').where('organization_id', '=', parameters[0])
      : (searched(context, filter, scope, parameters) ?? matching(context, filter, scope, parameters)).rows;
    return (rows as Select).select(({ fn }) => fn.countAll().as('count'));
  });
  return chain(found, ([row]) => Number(row!.count));
}

/** One row more than the size of a cursor page, where another page follows. */
export function pageOfRecords(
  context: Context,
  { filter, sort, page }: Query,
  scope: Scope,
  totalCount: number | null,
): Awaitable<PageRow[]> {
  if (page.by === 'cursor')
    return rows(context, filter, sort, scope, page.after, {
      limit: page.size + 1,
      offset: 0,
      backwards: false,
    });

  const offset = (page.number - 1) * page.size;
  if (totalCount === null || offset * 2 <= totalCount)
    return rows(context, filter, sort, scope, null, { limit: page.size, offset, backwards: false });
  const left = totalCount - offset;
  if (left <= 0) return [];
  const limit = Math.min(page.size, left);
  return rows(context, filter, sort, scope, null, { limit, offset: left - limit, backwards: true });
}

function rows(
  context: Context,
  filter: Filter | null,
  sort: readonly SortTerm[],
  scope: Scope,
  after: readonly unknown[] | null,
  { limit, offset, backwards }: Window,
): Awaitable<PageRow[]> {
  const values: unknown[] = [];
  const shape = [
    scopeShape(scope, values),
    filterShape(filter, values),
    sort.map(({ attribute, descending }) => (descending ? `-${attribute}` : attribute)).join(),
    after === null ? '' : 'after',
    offset === 0 ? '' : 'skip',
    backwards ? 'backwards' : '',
    limit,
  ];
  const fixed = values.length;
  values.push(...(after ?? []), offset);

  const found = context.query<Record<string, Untyped>>(`page ${shape.join('|')}`, values, (parameters) => {
    const order = backwards ? sort.map((term) => ({ ...term, descending: !term.descending })) : sort;
    const byId = sort[0]!.attribute === 'id';
    const search = byId ? searched(context, filter, scope, parameters) : null;
    const from = search ?? matching(context, filter, scope, parameters);
    let ids = from.rows;
    if (after !== null)
      ids = ids.where(afterCursor(context.resource, sort, parameters.slice(fixed), from.id) as Untyped);
    // A literal: SQLite plans a statement anew each time that it is run with a LIMIT of a parameter.
    ids = sorted(context, ids, order, from.id).limit(sql.lit(limit));
    const isWalked = filter === null && byId;
    const columns = [
      'users.id',
      isWalked ? 'users.revision' : context.engine.revision.as('revision'),
      ...sort.flatMap(({ attribute }, i) =>
        attribute === 'id' ? [] : [`users.${sortColumn(attribute, context.resource)} as sort_${i}`],
      ),
    ];
    if (offset === 0 && search === null) return ids.select(columns);
    // Skipping walks the narrowest index, through ids alone; then come the rows of this page.
    const page = ids.select(`${from.id} as id`).offset(sql<number>`${parameters.at(-1)}`);
    return sorted(
      context,
      context.db
        .selectFrom(page.as('page'))
        .innerJoin('users', 'users.id', 'page.id')
        .select(columns) as Select,
      order,
    );
  });
  return chain(found, (rows) => {
    const page = rows.map((row) => ({
      id: row.id,
      revision: row.revision,
      sortKey: sort.map(({ attribute }, i) => (attribute === 'id' ? row.id : row[`sort_${i}`])),
    }));
    return backwards ? page.reverse() : page;
  });
}

function scopeShape(scope: Scope, values: unknown[]): string {
  if (scope.sees === 'all') return 'all';
  const ids = scope.sees === 'one' ? [scope.id] : scope.organizationIds;
  values.push(...ids);
  return `${scope.sees} ${ids.length}`;
}

/** Nothing is selected yet. */
interface Source {
  readonly rows: Select;
  /** The column by which they are walked in the order of their ids. */
  readonly id: string;
}

/** Where the index of texts alone knows who passes the filter, it tells them in order; a condition would need all first. */
function searched(
  { db, engine: { search }, resource }: Context,
  filter: Filter | null,
  scope: Scope,
  parameters: readonly Parameter[],
): Source | null {
  if (search === null || scope.sees !== 'all') return null;
  const asked = asTextSearch(filter, resource, parameters);
  if (asked === null) return null;
  const rows = db.selectFrom(search.name).where(search.matches(asked.columns, asked.texts));
  return { rows: rows as Select, id: search.id };
}

/** Users in scope that pass the filter. The first slots are the scope's, then the filter's. */
function matching(
  context: Context,
  filter: Filter | null,
  scope: Scope,
  parameters: readonly Parameter[],
): Source {
  let id = 'users.id';
  let select = context.db.selectFrom('users') as Select;
  let taken = 0;
  if (scope.sees === 'one') select = select.where('users.id', '=', parameters[taken++]);
  else if (scope.sees === 'members') {
    const ids = parameters.slice(0, scope.organizationIds.length);
    taken = ids.length;
    // For one organization a join, which walks its members by their key; EXISTS where a member may belong to several.
    if (ids.length === 1) {
      id = 'memberships.user_id';
      select = select
        .innerJoin('memberships', 'memberships.user_id', 'users.id')
        .where('memberships.organization_id', '=', ids[0]);
    } else
      select = select.where(({ exists, selectFrom }: Untyped) =>
        exists(
          selectFrom('memberships')
            .select('memberships.user_id')
            .whereRef('memberships.user_id', '=', 'users.id')
            .where('memberships.organization_id', 'in', ids),
        ),
      );
  }
  if (filter !== null)
    select = select.where(
      filterSql(filter, context.resource, context.engine, () => parameters[taken++]!) as Untyped,
    );
  return { rows: select, id };
}

function sorted(
  { resource, engine }: Context,
  select: Select,
  sort: readonly SortTerm[],
  id = 'users.id',
): Select {
  return sort.reduce((query, { attribute, descending }) => {
    const column = attribute === 'id' ? id : `users.${sortColumn(attribute, resource)}`;
    return query.orderBy(column, (order) => {
      const directed = descending ? order.desc() : order.asc();
      if (!engine.nullsLast || !attributeOf(resource, attribute).nullable) return directed;
      return descending ? directed.nullsLast() : directed.nullsFirst();
    });
  }, select);
}

/** Rows behind a position: (a, b) is behind (x, y) where a is behind x, or a is x and b is behind y. */
function afterCursor(
  resource: Resource,
  sort: readonly SortTerm[],
  position: readonly Parameter[],
  id: string,
) {
  const column = (i: number) => {
    const { attribute } = sort[i]!;
    return sql.ref(attribute === 'id' ? id : `users.${sortColumn(attribute, resource)}`);
  };
  const alternatives = sort.map(({ descending }, i) => {
    const equal = sort.slice(0, i).map((_, j) => sql<boolean>`${column(j)} = ${position[j]}`);
    const behind = sql<boolean>`${column(i)} ${sql.raw(descending ? '<' : '>')} ${position[i]}`;
    return sql<boolean>`(${sql.join([...equal, behind], sql` and `)})`;
  });
  if (alternatives.length === 1) return alternatives[0]!;
  // The first term's bound is implied, and lets its index be used.
  const bound = sql<boolean>`${column(0)} ${sql.raw(sort[0]!.descending ? '<=' : '>=')} ${position[0]}`;
  return sql<boolean>`${bound} and (${sql.join(alternatives, sql` or `)})`;
}
