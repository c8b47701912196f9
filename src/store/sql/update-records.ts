// Updates rows of a resource.

import { type RawBuilder, sql, type UpdateQueryBuilder } from 'kysely';
import type { Row } from '../../model/resource.ts';
import type { CallerCheck, CallerCondition } from '../accounts/caller-check.ts';
import type { PageRow, Records } from '../store.ts';
import { compiledQueries, type Parameter } from './compiled-queries.ts';
import { copyFirst, hasFewCopies } from './copy-first.ts';
import { timeColumns } from './id-bounds.ts';
import type { QueryContext, Untyped } from './page.ts';
import { otherColumn, shownRevisions } from './resource-table.ts';
import { padded, type StoredRecord, type StoredRow, withBooleans, withFolded } from './stored-rows.ts';

type Revision = Pick<PageRow, 'id' | 'revision'>;

/** A row that the same statement inserts, without its time of creation. */
export interface InsertedWith {
  readonly table: string;
  readonly row: Row;
}

export interface Updates extends Pick<Records, 'update' | 'updateMany'> {
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

export function recordUpdates({ db, engine, table, query }: QueryContext): Updates {
  const { resource } = table;

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
    {
      caller = null,
      recorded = null,
      if: condition = null,
    }: {
      caller?: CallerCondition | null;
      recorded?: InsertedWith | null;
      if?: (() => RawBuilder<boolean>) | null;
    } = {},
  ): Promise<StoredRecord | null> {
    const changed = withFolded(resource, values);
    const inserted = recorded?.row ?? {};
    const [keys, names] = [Object.keys(key), Object.keys(changed)];
    const found = await run<StoredRow>(
      `update ${names.join()} where ${keys.join()} ${caller && (caller.isOwn ? 'as self' : 'as another')} ${recorded?.table} ${condition !== null}`,
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
        const conditions = [
          caller?.holds(table.name, isKey, parameters.slice(names.length + keys.length)),
          condition?.(),
        ].filter((one) => one != null);
        const changing = conditions.reduce((query, one) => query.where(one), update).returning(returned());
        if (recorded === null) return changing;
        return withInserted(changing, recorded, parameters);
      },
    );
    const [row] = withBooleans(table, found);
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
    async update(id, values) {
      if (resource.search.some((name) => name in values)) engine.indexesLater?.(db as never, table);
      const few = hasFewCopies({ engine, table }, values);
      const row = await updateWhere({ id }, values, query, { if: few });
      if (row !== null || few === null) return row!;
      await copyFirst({ db, engine, table, query }, id, withFolded(resource, values));
      return (await updateWhere({ id }, values, query))!;
    },
    async updateMany(ids, values, now) {
      if (ids.length === 0) return [];
      const changed = withFolded(resource, values);
      const names = Object.keys(changed);
      const keys = padded(ids);
      const isTimed = resource.columns.includes('updated_at');
      const rows = await query<StoredRow>(
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
      return withBooleans(table, rows).sort((one, other) => one.id - other.id);
    },
    async updateAt({ id, revision }, values, check, recorded) {
      const condition = check?.condition({ resource, id });
      if (condition === null) return null;
      const run = compiledQueries(table.queries, (compiled) => engine.change!(compiled, check));
      return updateWhere({ id, revision }, values, run, { caller: condition ?? null, recorded });
    },
  };
}

/** The time, or one millisecond after the row's own if that is later. */
function later(now: Parameter): RawBuilder<number> {
  const own = sql.ref('updated_at');
  return sql`case when ${own} < ${now} then ${now} else ${own} + 1 end`;
}
