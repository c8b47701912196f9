// Bounds of ids for a filter by a time that grows with the ids, such as the time of an event: without them, a walk along
// ids would read all records before the first that matches, and all after the last.
//
// Clocks are set, and writers overlap. A row whose time is earlier than that of another row before it, by more than
// `maxDisorderMs`, is marked `late` when it is inserted. While there is such a row, there are no bounds.

import { type RawBuilder, sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Comparison, Filter } from '../../model/query.ts';
import type { Resource } from '../../model/resource.ts';
import type { QueryContext, Untyped } from './page.ts';

const maxDisorderMs = 60 * 60 * 1000;

/** Records that match have ids between these; null for no bound. */
export interface IdBounds {
  readonly above: number | null;
  readonly below: number | null;
}

const none: IdBounds = { above: null, below: null };

/** The columns of a new row that the database sets: its time, and whether it is late. */
export function timeColumns(
  table: string,
  now: RawBuilder<number>,
): Readonly<Record<string, RawBuilder<unknown>>> {
  const latest = sql`(select max(created_at) from ${sql.table(table)})`;
  return {
    created_at: now,
    late: sql<boolean>`coalesce(${now} < ${latest} - ${sql.lit(maxDisorderMs)}, false)`,
  };
}

export function idBounds({ db, table, query }: QueryContext, filter: Filter | null): Awaitable<IdBounds> {
  const { from, until } = spanOf(table.resource, filter);
  if (from === null && until === null) return none;
  const nearest = (operator: string, direction: 'asc' | 'desc', time: unknown) =>
    sql<number | null>`(select id from ${sql.table(table.name)} where created_at ${sql.raw(operator)} ${time}
      order by created_at ${sql.raw(direction)}, id ${sql.raw(direction)} limit 1)`;
  const found = query<{ late: Untyped; above: number | null; below: number | null }>(
    'id bounds',
    [(from ?? 0) - maxDisorderMs, (until ?? Number.MAX_SAFE_INTEGER - maxDisorderMs) + maxDisorderMs],
    ([before, after]) =>
      db.selectNoFrom([
        sql`exists (select 1 from ${sql.table(table.name)} where late)`.as('late'),
        nearest('<', 'desc', before).as('above'),
        nearest('>', 'asc', after).as('below'),
      ]),
  );
  return chain(found, ([row]) => (row!.late ? none : row!));
}

/**
 * See Records.deleteOldest. The last row to delete is found by its time. Those before it go too, even if the clock was
 * ahead when they were inserted; a late row waits until those before it go.
 */
export async function deleteOldest(
  { db, engine, table }: QueryContext,
  maxAgeMs: number,
  limit: number,
): Promise<number> {
  const rows = sql.table(table.name);
  const last = sql`(select id from ${rows} where created_at < ${engine.now} - ${maxAgeMs} and not late
    order by created_at desc, id desc limit 1)`;
  const { numAffectedRows } = await sql`delete from ${rows} where id in
    (select id from ${rows} where id <= ${last} order by id limit ${sql.lit(limit)})`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** What the filter requires of the time. */
function spanOf(
  { attributes }: Resource,
  filter: Filter | null,
): { from: number | null; until: number | null } {
  let [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { attribute, operator, values } of requiredBy(filter)) {
    const [value] = values;
    if (!attributes[attribute]?.growsWithId || values.length !== 1 || typeof value !== 'number') continue;
    if (operator === 'eq' || operator.startsWith('gt')) from = Math.max(from, value);
    if (operator === 'eq' || operator.startsWith('lt')) until = Math.min(until, value);
  }
  const orNull = (time: number) => (Number.isFinite(time) ? time : null);
  return { from: orNull(from), until: orNull(until) };
}

function requiredBy(filter: Filter | null): Comparison[] {
  if (filter === null) return [];
  if ('attribute' in filter) return [filter];
  return 'all' in filter && filter.all ? filter.all.flatMap(requiredBy) : [];
}
