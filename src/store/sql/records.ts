// Reads and writes the rows of a resource.

import { type Kysely, type RawBuilder, sql, type UpdateQueryBuilder } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Stored } from '../../model/kind.ts';
import { soleId } from '../../model/query.ts';
import type { RecordOf, Resource, Row } from '../../model/resource.ts';
import type { CallerCheck, CallerCondition } from '../accounts/caller-check.ts';
import type { CollectionState, PageRow, Records, RecordVersion, Visible } from '../store.ts';
import { CommitScopedCache } from './commit-scoped-cache.ts';
import { compiledQueries, type Parameter, runOn } from './compiled-queries.ts';
import type { Database, Engine } from './engine.ts';
import { filterShape, filterSql, identityLookup } from './filter.ts';
import { deleteOldest, timeColumns } from './id-bounds.ts';
import { insertMany } from './insert-many.ts';
import { countRecords, isVisible, pageOfRecords, type Select, type Untyped } from './page.ts';
import {
  factColumns,
  foldedColumn,
  otherColumn,
  type ResourceTable,
  shownRevisions,
  withFacts,
} from './resource-table.ts';
import { countWithin, rowsWithin } from './slices.ts';
import { boundedPage } from './walked-page.ts';

type Revision = Pick<PageRow, 'id' | 'revision'>;

/** A row of any resource. */
export type StoredRecord = RecordOf<Resource>;

/** A row that the same statement inserts, without its time of creation. */
export interface InsertedWith {
  readonly table: string;
  readonly row: Row;
}

export interface TableRecords extends Records {
  /**
   * Updates the row if it still has this revision and the caller still has its rights. One statement, durable by
   * itself, outside a transaction.
   * @param recorded a row to insert with the update
   * @returns null if nothing was updated: the row or the caller has changed, or one of them is locked
   */
  updateAt(
    version: Revision,
    values: Row,
    check: CallerCheck | undefined,
    recorded: InsertedWith | null,
  ): Promise<StoredRecord | null>;
}

/** @param stateOf reads the state of the collection with this name */
export function records(
  database: Database,
  engine: Engine,
  table: ResourceTable,
  stateOf: (name: string) => Awaitable<CollectionState>,
): TableRecords {
  const db = database as Kysely<Untyped>;
  const { resource } = table;
  const query = compiledQueries(table.queries, runOn(engine, db as Kysely<never>));
  const context = { db, engine, table, query };
  // Not in a transaction: it must read its own snapshot.
  const identities =
    database === engine.reader ? new CommitScopedCache<string, PageRow | null>(engine) : null;

  /** Joins each other row once, even if several columns come from it. */
  const rows = () => {
    let select = db.selectFrom(table.name) as Select;
    for (const { alias, table: other, by } of table.others)
      select = select.leftJoin(`${other} as ${alias}`, `${alias}.id`, table.column(by));
    return select.select([
      ...table.columns,
      ...table.joined.map(({ name, alias, column }) => `${alias}.${column} as ${name}`),
      shownRevisions(table, ({ alias }) => sql.ref(`${alias}.revision`)).as('shown'),
    ]);
  };

  function all(
    key: string,
    values: readonly unknown[],
    build: Parameters<typeof query>[2],
  ): Awaitable<StoredRecord[]> {
    return chain(query<Record<string, Stored>>(key, values, build), withBooleans);
  }

  /** SQLite stores booleans as 0 and 1. */
  function withBooleans(found: Record<string, Stored>[]): StoredRecord[] {
    for (const row of found)
      for (const name of table.booleans) if (row[name] !== null) row[name] = Boolean(row[name]);
    return found as unknown as StoredRecord[];
  }

  function findWhere(column: string, value: unknown, lock = false): Awaitable<StoredRecord | null> {
    const found = all(`find ${column} ${lock}`, [value], ([parameter]) => {
      const select = rows().where(table.column(column), '=', parameter);
      return lock ? select.forUpdate(table.name) : select;
    });
    return chain(found, ([row]) => row ?? null);
  }

  /**
   * Selects the records with these ids that are visible.
   */
  function amongVisible<T>(
    what: string,
    ids: readonly number[],
    visible: Visible,
    select: () => Select,
    run: (key: string, values: readonly unknown[], build: Parameters<typeof query>[2]) => Awaitable<T[]>,
  ): Awaitable<T[]> {
    const values: unknown[] = padded(ids);
    const size = values.length;
    const key = `${what} ${size} of ${filterShape(visible, values)}`;
    return run(key, values, (parameters) => {
      let taken = size;
      const takeParameter = () => parameters[taken++]!;
      const named = select().where(table.id, 'in', parameters.slice(0, size)).orderBy(table.id);
      return visible === null ? named : named.where(filterSql(visible, table, engine, takeParameter));
    });
  }

  /** The number of parameters for so many ids: a power of two, so that few statements are prepared. */
  function padded(ids: readonly number[]): number[] {
    const size = 2 ** Math.ceil(Math.log2(ids.length));
    return Array.from({ length: size }, (_, i) => ids[i] ?? ids[0]!);
  }

  /** What an update returns. */
  const returned = () =>
    [
      ...table.columns,
      ...table.joined.map((other) => otherColumn(other, other.column, table.name).as(other.name)),
      shownRevisions(table, (other) => otherColumn(other, 'revision', table.name)).as('shown'),
    ] as Untyped[];

  /** @returns the row after the update, null if no row matched */
  async function updateWhere(
    key: Readonly<Record<string, number>>,
    values: Row,
    run: typeof query,
    caller?: CallerCondition | null,
    recorded: InsertedWith | null = null,
  ): Promise<StoredRecord | null> {
    const changed = withFolded(values);
    const inserted = recorded?.row ?? {};
    const [keys, names] = [Object.keys(key), Object.keys(changed)];
    const found = await run<Record<string, Stored>>(
      `update ${names.join()} where ${keys.join()} ${caller && (caller.isOwn ? 'as self' : 'as another')} ${recorded?.table}`,
      [changed, key, caller?.values ?? [], inserted].flatMap(Object.values),
      (parameters) => {
        const ofKey = parameters.slice(names.length, names.length + keys.length);
        const isKey = sql<boolean>`${sql.join(
          keys.map((name, i) => sql`${sql.ref(name)} = ${ofKey[i]}`),
          sql` and `,
        )}`;
        const update = db
          .updateTable(table.name)
          .set({
            ...Object.fromEntries(names.map((name, i) => [name, parameters[i]])),
            revision: sql`revision + 1`,
          })
          .where(isKey);
        const changing = (
          caller
            ? update.where(caller.holds(table.name, isKey, parameters.slice(names.length + keys.length)))
            : update
        ).returning(returned());
        if (recorded === null) return changing;
        return withInserted(changing, recorded, parameters);
      },
    );
    const [row] = withBooleans(found);
    return row ?? null;
  }

  /**
   * Inserts the row if the update has changed one.
   * @param parameters those of the row are the last
   */
  function withInserted(
    changing: UpdateQueryBuilder<Untyped, Untyped, Untyped, Untyped>,
    { table: other, row }: InsertedWith,
    parameters: readonly Parameter[],
  ) {
    const names = Object.keys(row);
    const ofRow = parameters.slice(-names.length);
    const times = timeColumns(other, engine.now);
    return db
      .with('changed', () => changing)
      .with('inserted', (made) =>
        made
          .insertInto(other)
          .columns([...names, ...Object.keys(times)])
          .expression(() =>
            made
              .selectFrom('changed')
              .select([
                ...names.map((name, i) => sql`${ofRow[i]}`.as(name)),
                ...Object.entries(times).map(([name, value]) => value.as(name)),
              ]),
          ),
      )
      .selectFrom('changed')
      .selectAll();
  }

  return {
    find: (id) => findWhere('id', id),
    findForUpdate: (id) => findWhere('id', id, engine.locksRows),
    findManyForUpdate(ids) {
      if (ids.length === 0) return [];
      const values = padded(ids);
      return all(`find ${values.length} for update`, values, (parameters) => {
        const select = rows().where(table.id, 'in', parameters).orderBy(table.id);
        return engine.locksRows ? select.forUpdate(table.name) : select;
      });
    },
    findByIdentity(name, text) {
      const column = foldedColumn(name);
      const keys = resource.attributes[name]!.kind.keys!(text);
      if (keys.length === 1) return findWhere(column, keys[0]);
      const found = query<{ id: number; key: string }>(`find ${column} ${keys.length}`, keys, (parameters) =>
        db
          .selectFrom(table.name)
          .select(['id', `${column} as key`])
          .where(column, 'in', parameters),
      );
      return chain(found, (holders) => {
        const key = keys.find((wanted) => holders.some((holder) => holder.key === wanted));
        return key === undefined ? null : findWhere(column, key);
      });
    },
    findMany(ids, visible = null) {
      if (ids.length === 0) return [];
      if (visible === null)
        return all(`find ${ids.length}`, ids, (parameters) =>
          rows().where(table.id, 'in', parameters).orderBy(table.id),
        );
      return amongVisible('find', ids, visible, rows, all);
    },
    versions(ids, visible) {
      if (ids.length === 0) return [];
      const select = () =>
        db
          .selectFrom(table.name)
          .select([
            table.id,
            table.column('revision'),
            shownRevisions(table, (other) => otherColumn(other, 'revision', table.name)).as('shown'),
            ...factColumns(table, table.name),
          ]) as Select;
      const found = amongVisible('versions', ids, visible, select, query<RecordVersion & Row>);
      return chain(found, (versions) =>
        // Without a rest pattern, which would copy each row.
        versions.map((row) =>
          withFacts(table, row, { id: row.id, revision: row.revision, shown: row.shown }),
        ),
      );
    },

    page(asked, visible, totalCount) {
      const identity = visible === null ? identityLookup(asked, resource) : null;
      if (identities === null || identity === null) return pageOfRecords(context, asked, visible, totalCount);
      const known = identities.get(identity);
      if (known !== undefined) return known === null ? [] : [known];
      return chain(pageOfRecords(context, asked, visible, totalCount), (page) => {
        identities.set(identity, page[0] ?? null);
        return page;
      });
    },
    walk: (asked, visible) => boundedPage(context, asked, visible),
    countWithin: (filter, visible, range) => countWithin(context, filter, visible, range),
    rowsWithin: (filter, visible, range, part) => rowsWithin(context, filter, visible, range, part),
    count: (filter, visible) => countRecords(context, filter, visible),

    sees(visible, id) {
      if (visible === null) return true;
      const sole = soleId(visible);
      return sole === null ? isVisible(context, visible, id) : sole === id;
    },

    state: () => stateOf(table.name),
    async additions() {
      const lastId = await engine.lastId(table.name);
      return { lastId, writers: await engine.writersOf(table.name) };
    },

    async insert(values) {
      const { id } = await db
        .insertInto(table.name)
        .values(withFolded({ ...table.defaults, ...values }))
        .returning('id')
        .executeTakeFirstOrThrow();
      if (values.id !== undefined) await engine.advanceSequence(database, table.name);
      return id;
    },
    async insertMany(many) {
      if (many.length === 0) return [];
      const complete = many.map((row) => withFolded({ ...table.defaults, ...row }));
      const ids = await insertMany(context, complete);
      if (complete[0]!.id !== undefined) await engine.advanceSequence(database, table.name);
      return ids;
    },
    update: async (id, values) => (await updateWhere({ id }, values, query))!,
    async updateMany(ids, values, now) {
      if (ids.length === 0) return [];
      const changed = withFolded(values);
      const names = Object.keys(changed);
      const keys = padded(ids);
      const isTimed = resource.columns.includes('updated_at');
      const found = await all(
        `update ${names.join()} of ${keys.length}`,
        [...Object.values(changed), ...(isTimed ? [now] : []), ...keys],
        (parameters) =>
          db
            .updateTable(table.name)
            .set({
              ...Object.fromEntries(names.map((name, i) => [name, parameters[i]])),
              ...(isTimed && { updated_at: later(parameters[names.length]!) }),
              revision: sql`revision + 1`,
            })
            .where('id', 'in', parameters.slice(-keys.length))
            .returning(returned()),
      );
      return found.sort((one, other) => one.id - other.id);
    },
    async updateAt({ id, revision }, values, check, recorded) {
      const condition = check?.condition({ resource, id });
      if (condition === null) return null;
      const run = compiledQueries(table.queries, (compiled) => engine.change!(compiled, check));
      return updateWhere({ id, revision }, values, run, condition, recorded);
    },
    async delete(id) {
      const { numDeletedRows } = await db
        .deleteFrom(table.name)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    deleteOldest: (maxAgeMs, limit) => deleteOldest(context, maxAgeMs, limit),
  };

  /** The time, or one millisecond after the row's own if that is later. */
  function later(now: Parameter): RawBuilder<number> {
    const own = sql.ref('updated_at');
    return sql`case when ${own} < ${now} then ${now} else ${own} + 1 end`;
  }

  function withFolded(values: Row): Row {
    const row: Record<string, Stored> = { ...values };
    for (const [name, value] of Object.entries(values)) {
      const { key } = resource.attributes[name]?.kind ?? {};
      if (key !== undefined) row[foldedColumn(name)] = value === null ? null : key(value as string);
    }
    return row;
  }
}
