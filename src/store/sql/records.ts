// Reads and writes the rows of a resource. Updates are in update-records.ts.

import { type Kysely, sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { soleId } from '../../model/query.ts';
import type { Row } from '../../model/resource.ts';
import type { CollectionState, PageRow, Records, RecordVersion, StateWithPage, Visible } from '../store.ts';
import { CommitScopedCache } from './commit-scoped-cache.ts';
import { compiledQueries, runOn } from './compiled-queries.ts';
import type { Database, Engine } from './engine.ts';
import { filterShape, filterSql, identityLookup } from './filter.ts';
import { findsTogether, type LookUpKey } from './find-together.ts';
import { deleteOldest } from './id-bounds.ts';
import { hasUnindexed, indexTexts } from './index-texts.ts';
import { insertMany } from './insert-many.ts';
import { countRecords, isVisible, pageOfRecords, type Select, type Untyped } from './page.ts';
import { pagesWithState } from './page-with-state.ts';
import { reindexing } from './reindex-texts.ts';
import {
  factColumns,
  foldedColumn,
  otherColumn,
  type ResourceTable,
  shownRevisions,
  withFacts,
} from './resource-table.ts';
import { countWithin, rowsWithin } from './slices.ts';
import {
  isDense,
  padded,
  type StoredRecord,
  type StoredRow,
  withBooleans,
  withFolded,
} from './stored-rows.ts';
import { recordUpdates, type Updates } from './update-records.ts';
import { boundedPage } from './walked-page.ts';

export interface TableRecords extends Records, Pick<Updates, 'updateAt'> {}

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
  const runLong = engine.longReadsOn(database);
  const long = runLong && compiledQueries(table.queries, runLong);
  const size = { rows: Number.POSITIVE_INFINITY };
  const context = { db, engine, table, query, long, size };
  // Not in a transaction: it must read its own snapshot.
  const identities =
    database === engine.reader ? new CommitScopedCache<string, PageRow | null>(engine) : null;
  /** Whether the look-ups of one turn are one statement. */
  const asksTogether = database === engine.reader && engine.queryNow === null;

  /** Joins each other row once, even if several columns come from it. */
  const rows = (from = db.selectFrom(table.name) as Select) => {
    let select = from;
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
    return chain(query<StoredRow>(key, values, build), (found) => withBooleans(table, found));
  }

  function findWhere(column: string, value: unknown, lock = false): Awaitable<StoredRecord | null> {
    const found = all(`find ${column} ${lock}`, [value], ([parameter]) => {
      const select = rows().where(table.column(column), '=', parameter);
      return lock ? select.forUpdate(table.name) : select;
    });
    return chain(found, ([row]) => row ?? null);
  }

  const findTogether = findsTogether(
    'find',
    table,
    all,
    (isWanted) => rows().where(isWanted),
    (row: (StoredRecord & { found_by: LookUpKey }) | undefined) => {
      if (row === undefined) return null;
      const { found_by, ...record } = row;
      return record as StoredRecord;
    },
  );

  /** Outside transactions, a database server answers the look-ups of one turn together. */
  const findBy = (column: string, key: LookUpKey): Awaitable<StoredRecord | null> =>
    asksTogether ? findTogether(column, key) : findWhere(column, key);

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

  function findEach(ids: readonly number[]): Awaitable<StoredRecord[]> {
    return all(`find ${ids.length}`, ids, (parameters) =>
      rows().where(table.id, 'in', parameters).orderBy(table.id),
    );
  }

  /** The rows of a page are neighbours, so they are read from the first to the last instead of looking for each. */
  function findDense(ids: readonly number[]): Awaitable<StoredRecord[]> {
    const found = all('find dense', [ids[0], ids.at(-1)], ([first, last]) =>
      rows().where(table.id, '>=', first).where(table.id, '<=', last).orderBy(table.id),
    );
    return chain(found, (neighbours) => {
      if (ids.at(-1)! - ids[0]! < ids.length) return neighbours;
      const wanted = new Set(ids);
      return neighbours.filter(({ id }) => wanted.has(id));
    });
  }

  function pageRowOf(row: StoredRecord): PageRow {
    const facts = resource.audiencesBy === undefined ? {} : { facts: row };
    return { id: row.id, revision: row.revision, sortKey: [row.id], ...facts, row };
  }

  const findPage = pagesWithState(database, table, (select) => rows(select), all, pageRowOf);

  return {
    find: (id) => findBy('id', id),
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
      if (keys.length === 1) return findBy(column, keys[0]!);
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
    takenIdentities(name, texts) {
      if (texts.length === 0) return new Set();
      const keysOf = new Map(texts.map((text) => [text, resource.attributes[name]!.kind.keys!(text)]));
      const column = foldedColumn(name);
      const given = engine.givenRows(
        { key: 'text' },
        [...keysOf.values()].flat().map((key) => ({ key })),
      );
      const found = query<{ key: string }>(`taken ${column} ${given.shape}`, given.values, (parameters) =>
        db
          .selectFrom(table.name)
          .select(`${column} as key`)
          .where(sql<boolean>`${sql.ref(column)} in (${given.query(parameters)})`),
      );
      return chain(found, (rows) => {
        const taken = new Set(rows.map(({ key }) => key));
        return new Set(texts.filter((text) => keysOf.get(text)!.some((key) => taken.has(key))));
      });
    },
    findMany(ids, visible = null) {
      if (ids.length === 0) return [];
      if (visible === null) return isDense(ids) ? findDense(ids) : findEach(ids);
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

    page(asked, visible, totalCount, client) {
      const identity = visible === null ? identityLookup(asked, resource) : null;
      if (identities === null || identity === null)
        return pageOfRecords(context, asked, visible, totalCount, client);
      const { column, key } = identity;
      const known = identities.get(`${column} ${key}`);
      if (known !== undefined) return known === null ? [] : [known];
      return chain(pageOfRecords(context, asked, visible, totalCount), (page) => {
        identities.set(`${column} ${key}`, page[0] ?? null);
        return page;
      });
    },
    walk: (asked, visible, client) => boundedPage(context, asked, visible, client),
    countWithin: (filter, visible, range) => countWithin(context, filter, visible, range),
    rowsWithin: (filter, visible, range, part) => rowsWithin(context, filter, visible, range, part),
    count: (filter, visible, client) => countRecords(context, filter, visible, client),

    sees(visible, id) {
      if (visible === null) return true;
      const sole = soleId(visible);
      return sole === null ? isVisible(context, visible, id) : sole === id;
    },

    hasUnindexedTexts: () => hasUnindexed(context),
    indexTexts: (limit) => indexTexts(context, limit),
    reindexing: reindexing(context),

    state: () =>
      chain(stateOf(table.name), (state) => {
        size.rows = state.rowCount;
        return state;
      }),
    stateWithPage(asked, visible) {
      const identity = asksTogether && visible === null ? identityLookup(asked, resource) : null;
      const found: Awaitable<StateWithPage> =
        identity === null
          ? chain(stateOf(table.name), (state) => ({ state, page: null }))
          : findPage(identity.column, identity.key);
      return chain(found, (known) => {
        size.rows = known.state.rowCount;
        return known;
      });
    },
    async additions() {
      const lastId = await engine.lastId(table.name);
      return { lastId, writers: await engine.writersOf(table.name) };
    },

    async insert(values) {
      const { id } = await db
        .insertInto(table.name)
        .values(withFolded(resource, { ...table.defaults, ...values }))
        .returning('id')
        .executeTakeFirstOrThrow();
      if (values.id !== undefined) await engine.advanceSequence(database, table.name);
      return id;
    },
    async insertMany(many) {
      if (many.length === 0) return [];
      const complete = many.map((row) => withFolded(resource, { ...table.defaults, ...row }));
      const ids = await insertMany(context, complete);
      if (complete[0]!.id !== undefined) await engine.advanceSequence(database, table.name);
      return ids;
    },
    async delete(id) {
      const { numDeletedRows } = await db
        .deleteFrom(table.name)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    ...recordUpdates(context),
    deleteOldest: (maxAgeMs, limit) => deleteOldest(context, maxAgeMs, limit),
  };
}
