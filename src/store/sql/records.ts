// The rows of a resource.

import { type CompiledQuery, type Kysely, sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Stored } from '../../model/kind.ts';
import type { Resource, Row } from '../../model/resource.ts';
import type { CollectionState, Records, RecordVersion } from '../store.ts';
import type { CallerCheck, CallerCondition } from './caller-check.ts';
import { CommitScopedCache } from './commit-scoped-cache.ts';
import { compiledQueries, runOn } from './compiled-queries.ts';
import type { Database, Engine } from './engine.ts';
import { askedIdentity, foldedColumn } from './filter.ts';
import { countRecords, pageOfRecords, type Select, type Untyped } from './page.ts';

export interface TableRecords extends Records {
  /**
   * Updates the row if it still is this version, and its caller unchanged; outside of any transaction, durable by itself.
   * @returns null if it changed nothing: the row or the caller is another, or one of them is locked
   */
  updateAt(version: RecordVersion, values: Row, check: CallerCheck | undefined): Promise<Row | null>;
}

/** @param shapes the engine's compiled queries, shared by all its connections */
export function records(
  database: Database,
  engine: Engine,
  resource: Resource,
  shapes: Map<string, CompiledQuery<unknown>>,
): TableRecords {
  const db = database as Kysely<Untyped>;
  const query = compiledQueries(shapes, runOn(engine, db as Kysely<never>));
  const context = { db, engine, resource, query };
  const columns = ['id', 'revision', ...resource.columns].map((name) => `users.${name}`);
  const isReader = database === engine.reader;
  // A transaction reads anew.
  const states = isReader ? new CommitScopedCache<'state', CollectionState>(engine) : null;
  const identities = isReader ? new CommitScopedCache<string, RecordVersion | null>(engine) : null;
  const booleans = resource.columns.filter((name) => resource.attributes[name]!.kind.column === 'boolean');

  const initial = Object.fromEntries(
    resource.columns.map((name) => [name, resource.attributes[name]!.default ?? null]),
  );

  const rows = () =>
    db
      .selectFrom('users')
      .leftJoin('organizations', 'organizations.id', 'users.default_organization_id')
      .select([...columns, 'organizations.slug as default_organization_slug']) as Select;

  function all(
    key: string,
    values: readonly unknown[],
    build: Parameters<typeof query>[2],
  ): Awaitable<Row[]> {
    return chain(query<Record<string, Stored>>(key, values, build), withBooleans);
  }

  /** SQLite keeps booleans as 0 and 1. */
  function withBooleans(found: Record<string, Stored>[]): Row[] {
    for (const row of found) for (const name of booleans) row[name] = Boolean(row[name]);
    return found;
  }

  function findWhere(column: string, value: unknown, lock = false): Awaitable<Row | null> {
    const found = all(`find ${column} ${lock}`, [value], ([slot]) => {
      const select = rows().where(`users.${column}`, '=', slot);
      return lock ? select.forUpdate('users') : select;
    });
    return chain(found, ([row]) => row ?? null);
  }

  /** @returns the row as it is now, null where there is none such */
  async function updateWhere(
    key: Readonly<Record<string, number>>,
    values: Row,
    run: typeof query,
    caller?: CallerCondition | null,
  ): Promise<Row | null> {
    const changed = withFolded(values);
    const [keys, names] = [Object.keys(key), Object.keys(changed)];
    const found = await run<Record<string, Stored>>(
      `update ${names.join()} where ${keys.join()} ${caller && (caller.isOwn ? 'as self' : 'as another')}`,
      [...Object.values(changed), ...Object.values(key), ...(caller?.values ?? [])],
      (parameters) => {
        const keySlots = parameters.slice(names.length, names.length + keys.length);
        const isKey = sql<boolean>`${sql.join(
          keys.map((name, i) => sql`${sql.ref(name)} = ${keySlots[i]}`),
          sql` and `,
        )}`;
        const update = db
          .updateTable('users')
          .set({
            ...Object.fromEntries(names.map((name, i) => [name, parameters[i]])),
            revision: sql`revision + 1`,
          })
          .where(isKey);
        return (
          caller ? update.where(caller.holds(isKey, parameters.slice(names.length + keys.length))) : update
        ).returning([
          ...columns,
          sql`(select slug from organizations where id = users.default_organization_id)`.as(
            'default_organization_slug',
          ),
        ] as Untyped[]);
      },
    );
    const [row] = withBooleans(found);
    return row ?? null;
  }

  return {
    find: (id) => findWhere('id', id),
    findForUpdate: (id) => findWhere('id', id, engine.locksRows),
    findByIdentity(name, text) {
      const column = foldedColumn(name);
      const keys = resource.attributes[name]!.kind.keys!(text);
      if (keys.length === 1) return findWhere(column, keys[0]);
      const found = query<{ id: number; key: string }>(`find ${column} ${keys.length}`, keys, (slots) =>
        db
          .selectFrom('users')
          .select(['id', `${column} as key`])
          .where(column, 'in', slots),
      );
      return chain(found, (holders) => {
        const key = keys.find((wanted) => holders.some((holder) => holder.key === wanted));
        return key === undefined ? null : findWhere(column, key);
      });
    },
    findMany(ids) {
      if (ids.length === 0) return [];
      return all(`find ${ids.length}`, ids, (slots) =>
        rows().where('users.id', 'in', slots).orderBy('users.id'),
      );
    },

    page(asked, scope, totalCount) {
      const identity = scope.sees === 'all' ? askedIdentity(asked, resource) : null;
      if (identities === null || identity === null) return pageOfRecords(context, asked, scope, totalCount);
      const known = identities.get(identity);
      if (known !== undefined) return known === null ? [] : [{ ...known, sortKey: [known.id] }];
      return chain(pageOfRecords(context, asked, scope, totalCount), (page) => {
        const [found] = page;
        identities.set(identity, found === undefined ? null : { id: found.id, revision: found.revision });
        return page;
      });
    },
    count: (filter, scope) => countRecords(context, filter, scope),

    async sees(scope, id) {
      if (scope.sees === 'all') return true;
      if (scope.sees === 'one') return scope.id === id;
      const { organizationIds } = scope;
      const found = await query(
        `sees ${organizationIds.length}`,
        [id, ...organizationIds],
        ([user, ...ids]) =>
          db
            .selectFrom('memberships')
            .select('user_id')
            .where('user_id', '=', user)
            .where('organization_id', 'in', ids)
            .limit(sql.lit(1)),
      );
      return found.length > 0;
    },

    state() {
      const known = states?.get('state');
      if (known !== undefined) return known;
      const found = query<{ version: number; row_count: number }>('state', [], () =>
        db
          .selectFrom('collections')
          .select(({ fn }) => [fn.sum('version').as('version'), fn.sum('row_count').as('row_count')])
          .where('name', '=', resource.type),
      );
      return chain(found, ([row]) => {
        const state = { changeCount: Number(row!.version), rowCount: Number(row!.row_count) };
        states?.set('state', state);
        return state;
      });
    },

    async insert(values) {
      const { id } = await db
        .insertInto('users')
        .values(withFolded({ ...initial, ...values }))
        .returning('id')
        .executeTakeFirstOrThrow();
      if (values.id !== undefined) await engine.advanceSequence(database, 'users');
      return id;
    },
    async insertMany(many) {
      if (many.length === 0) return [];
      const complete = many.map((row) => withFolded({ ...initial, ...row }));
      const names = Object.keys(complete[0]!);
      const values = complete.flatMap((row) => names.map((name) => row[name]!));
      const inserted = await query<{ id: number; email_key: string }>(
        `insert ${complete.length} ${names.join()}`,
        values,
        (slots) =>
          db
            .insertInto('users')
            .values(
              complete.map((_, row) =>
                Object.fromEntries(names.map((name, i) => [name, slots[row * names.length + i]])),
              ),
            )
            .onConflict((conflict) => conflict.doNothing())
            .returning(['id', 'email_key']),
      );
      if (names.includes('id')) await engine.advanceSequence(database, 'users');
      const ids = new Map(inserted.map(({ id, email_key }) => [email_key, id]));
      return complete.map((row) => {
        const key = row.email_key as string;
        const id = ids.get(key);
        // Another row of the same email, with an id of its own, may be the one that was inserted.
        if (id === undefined || (row.id !== undefined && row.id !== id)) return null;
        ids.delete(key);
        return id;
      });
    },
    update: async (id, values) => (await updateWhere({ id }, values, query))!,
    async updateAt({ id, revision }, values, check) {
      const condition = check?.condition();
      if (condition === null) return null;
      const run = compiledQueries(shapes, (compiled) => engine.change!(compiled, check));
      return updateWhere({ id, revision }, values, run, condition);
    },
    async delete(id) {
      const { numDeletedRows } = await db.deleteFrom('users').where('id', '=', id).executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };

  function withFolded(values: Row): Row {
    const row: Record<string, Stored> = { ...values };
    for (const [name, value] of Object.entries(values)) {
      const { key } = resource.attributes[name]?.kind ?? {};
      if (key !== undefined) row[foldedColumn(name)] = key(value as string);
    }
    return row;
  }
}
