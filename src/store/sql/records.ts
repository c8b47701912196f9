// The rows of a resource, and a Query as SQL.

import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { fold, type Stored } from '../../model/kind.ts';
import type { Filter, Scope, SortTerm } from '../../model/query.ts';
import type { Resource, Row } from '../../model/resource.ts';
import type { PageRow, Records } from '../store.ts';
import type { Database, Engine } from './engine.ts';
import { filterSql, foldedColumn, sortColumn } from './filter.ts';

// Columns come from the definition, so their types are not known here.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any;
type Select = SelectQueryBuilder<Untyped, Untyped, Untyped>;

export function records(database: Database, engine: Engine, resource: Resource): Records {
  const db = database as Kysely<Untyped>;
  const columns = ['id', 'revision', ...resource.columns].map((name) => `users.${name}`);

  const rows = (): Select =>
    db
      .selectFrom('users')
      .leftJoin('organizations', 'organizations.id', 'users.default_organization_id')
      .select([...columns, 'organizations.slug as default_organization_slug']);

  const booleans = resource.columns.filter((name) => resource.attributes[name]!.kind.column === 'boolean');

  async function all(select: Select): Promise<Row[]> {
    const found = (await engineRows(select)) as Record<string, Stored>[];
    // SQLite keeps booleans as 0 and 1.
    for (const row of found) for (const name of booleans) row[name] = Boolean(row[name]);
    return found;
  }

  async function one(select: Select): Promise<Row | null> {
    return (await all(select))[0] ?? null;
  }

  /** The ids in scope that pass the filter. */
  function matching(filter: Filter | null, scope: Scope): Select {
    let select: Select = db.selectFrom('users').select('users.id');
    if (scope.sees === 'one') select = select.where('users.id', '=', scope.id);
    else if (scope.sees === 'members') {
      const { organizationIds } = scope;
      // For one organization a join, which walks its members in order; EXISTS where a member may belong to several.
      if (organizationIds.length === 1)
        select = select
          .innerJoin('memberships', 'memberships.user_id', 'users.id')
          .where('memberships.organization_id', '=', organizationIds[0]);
      else
        select = select.where(({ exists, selectFrom }: Untyped) =>
          exists(
            selectFrom('memberships')
              .select('memberships.user_id')
              .whereRef('memberships.user_id', '=', 'users.id')
              .where('memberships.organization_id', 'in', organizationIds),
          ),
        );
    }
    return filter === null ? select : select.where(filterSql(filter, resource, engine) as Untyped);
  }

  function sorted(select: Select, sort: readonly SortTerm[], scope?: Scope): Select {
    return sort.reduce((query, { attribute, descending }) => {
      // Within one organization the membership's own key is in order of the user's id.
      const walked = attribute === 'id' && scope?.sees === 'members' && scope.organizationIds.length === 1;
      const column = walked ? 'memberships.user_id' : `users.${sortColumn(attribute, resource)}`;
      return query.orderBy(column, (order) => (descending ? order.desc() : order.asc()));
    }, select);
  }

  function after(select: Select, sort: readonly SortTerm[], position: readonly Stored[]): Select {
    const column = (i: number) => sql.ref(`users.${sortColumn(sort[i]!.attribute, resource)}`);
    // (a, b) after (x, y) is: a after x, or a equal to x and b after y. The first term's bound lets its index be used.
    const alternatives = sort.map(({ descending }, i) => {
      const equal = sort.slice(0, i).map((_, j) => sql<boolean>`${column(j)} = ${position[j]}`);
      const beyond = sql<boolean>`${column(i)} ${sql.raw(descending ? '<' : '>')} ${position[i]}`;
      return sql<boolean>`(${sql.join([...equal, beyond], sql` and `)})`;
    });
    if (alternatives.length === 1) return select.where(alternatives[0] as Untyped);
    const bound = sql<boolean>`${column(0)} ${sql.raw(sort[0]!.descending ? '<=' : '>=')} ${position[0]}`;
    return select.where(sql<boolean>`${bound} and (${sql.join(alternatives, sql` or `)})` as Untyped);
  }

  async function versions(ids: Select, sort: readonly SortTerm[]): Promise<PageRow[]> {
    const keys = sort.map(({ attribute }, i) => `users.${sortColumn(attribute, resource)} as sort_${i}`);
    // Ids first, through the narrowest index; then the rows of this page alone.
    const page = db.selectFrom(ids.as('page')).innerJoin('users', 'users.id', 'page.id');
    const select = sorted(page.select(['users.id', 'users.revision', ...keys]) as Select, sort);
    const found = (await engineRows(select)) as Record<string, Untyped>[];
    return found.map((row) => ({
      id: row.id,
      revision: row.revision,
      position: sort.map((_, i) => row[`sort_${i}`]),
    }));
  }

  /** Reads outside transactions take the engine's short way. */
  async function engineRows(select: Select): Promise<unknown[]> {
    return database === engine.reader ? engine.query(select.compile()) : select.execute();
  }

  return {
    find: (id) => one(rows().where('users.id', '=', id)),
    findMany: async (ids) => (ids.length === 0 ? [] : all(rows().where('users.id', 'in', ids))),
    findForUpdate(id) {
      const select = rows().where('users.id', '=', id);
      return one(engine.locksRows ? select.forUpdate('users') : select);
    },
    findBy: (column, value) => one(rows().where(`users.${column}`, '=', value)),

    async page({ filter, sort, page }, scope, totalCount) {
      const select = matching(filter, scope);
      if (page.by === 'cursor') {
        const from = page.after === null ? select : after(select, sort, page.after);
        return versions(sorted(from, sort, scope).limit(page.size + 1), sort);
      }
      const offset = (page.number - 1) * page.size;
      if (totalCount === null || offset * 2 <= totalCount)
        return versions(sorted(select, sort, scope).limit(page.size).offset(offset), sort);
      // Past the middle it is nearer from the end.
      const left = totalCount - offset;
      if (left <= 0) return [];
      const size = Math.min(page.size, left);
      const backwards = sort.map(({ attribute, descending }) => ({ attribute, descending: !descending }));
      const ids = sorted(select, backwards, scope)
        .limit(size)
        .offset(left - size);
      return versions(ids, sort);
    },

    async count(filter, scope) {
      const bySingleOrganization = scope.sees === 'members' && scope.organizationIds.length === 1;
      const select =
        filter === null && bySingleOrganization
          ? db.selectFrom('memberships').where('organization_id', '=', scope.organizationIds[0])
          : matching(filter, scope).clearSelect();
      const [row] = await engineRows((select as Select).select(({ fn }) => fn.countAll().as('count')));
      return Number((row as { count: number }).count);
    },

    async sees(scope, id) {
      if (scope.sees === 'all') return true;
      if (scope.sees === 'one') return scope.id === id;
      if (scope.organizationIds.length === 0) return false;
      const membership = await db
        .selectFrom('memberships')
        .select('user_id')
        .where('user_id', '=', id)
        .where('organization_id', 'in', scope.organizationIds)
        .limit(1)
        .executeTakeFirst();
      return membership !== undefined;
    },

    async state() {
      const [row] = (await engineRows(
        db
          .selectFrom('collections')
          .select(({ fn }: Untyped) => [fn.sum('version').as('version'), fn.sum('row_count').as('row_count')])
          .where('name', '=', resource.type) as Select,
      )) as { version: number; row_count: number }[];
      return { version: Number(row!.version), rowCount: Number(row!.row_count) };
    },

    async insert(values) {
      const { id } = await db
        .insertInto('users')
        .values(withFolded(values))
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    async update(id, values) {
      await db
        .updateTable('users')
        .set({ ...withFolded(values), revision: sql`revision + 1` })
        .where('id', '=', id)
        .execute();
    },
    async delete(id) {
      const { numDeletedRows } = await db.deleteFrom('users').where('id', '=', id).executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },

    async countSysadmins() {
      const select = db.selectFrom('users').select('users.id').where('users.sysadmin', '=', true);
      return (await (engine.locksRows ? select.forUpdate('users') : select).execute()).length;
    },
  };

  function withFolded(values: Row): Row {
    const row: Record<string, Stored> = { ...values };
    for (const [name, value] of Object.entries(values)) {
      if (resource.attributes[name]?.kind.folded) row[foldedColumn(name)] = fold(value as string);
    }
    return row;
  }
}
