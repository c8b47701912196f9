// The index of short texts in PostgreSQL: a table `<table>_grams`. Each row has the ids of one text in a range of ids, as
// their distances from its beginning, in their order. A GIN index gives ids in no order, and counts by reading the rows.

import { type RawBuilder, sql } from 'kysely';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { EntrySum, Grams, ShortTexts, TextChange } from '../sql/engine.ts';
import { gramText } from '../sql/short-texts.ts';

/** As in the migration that made the table. */
const segmentSize = 4096;

const idOf = sql`(segment * ${sql.lit(segmentSize)} + slot)`;

export const shortTexts: ShortTexts = {
  collects: false,
  ids(table, grams, walk) {
    const noted = sql.table(`${table}_unindexed`);
    const found = sql<{ id: number }>`select ${idOf} as id from ${slotsOf(table, grams)}
      where not exists (select from ${noted} as noted where noted.id = ${idOf})`;
    if (walk === null) return found;
    const { after, descending, most } = walk;
    const direction = sql.raw(descending ? 'desc' : 'asc');
    const [later, since] = descending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
    const beyond =
      after === null
        ? sql``
        : sql`and segment ${since} ${after}::bigint / ${sql.lit(segmentSize)} and ${idOf} ${later} ${after}`;
    return sql`(${found} ${beyond} order by segment ${direction}, slot ${direction} limit ${most})`;
  },
  count(table, grams, atMost) {
    const index = sql.table(`${table}_grams`);
    if (atMost === null && !isSole(grams)) return sql`select count(*) from ${slotsOf(table, grams)}`;
    const sums = grams.map(
      (texts) =>
        sql<number>`(select coalesce(sum(cardinality(ids)), 0) from ${index} where gram ${oneOf(texts)})`,
    );
    return sql`select least(${sql.join(sums)})`;
  },
  // The planner takes an array for small, so it reads the index of ids.
  isOneOfFew: (id, ids) => sql<boolean>`${id} = any(array(${ids}))`,
  async change(db, table, changes) {
    const index = sql.table(`${table}_grams`);
    const removed = postings(changes, ({ before, after }) => without(before, after));
    const added = postings(changes, ({ before, after }) => without(after, before));
    await sql`update ${index} as kept
      set ids = array(select slot from unnest(kept.ids) as slot where slot <> all(gone.ids::smallint[]) order by slot)
      from ${removed} where kept.gram = gone.gram and kept.segment = gone.segment`.execute(db);
    await sql`insert into ${index} as kept (gram, segment, ids)
      select gram, segment, ids::smallint[] from ${added}
      on conflict (gram, segment) do update
        set ids = array(select unnest(kept.ids) union select unnest(excluded.ids) order by 1)`.execute(db);
  },
  async sums(snapshot, table) {
    const rest = sql`(${idOf} & 67108863)`;
    const { rows } = await sql<EntrySum>`
      select gram as text, count(*)::float8 as entries, sum(${rest} * ${rest} % 67108859 + 1)::float8 as sum
      from ${sql.table(`${table}_grams`)} cross join unnest(ids) as slot group by gram
    `.execute(snapshot);
    return rows;
  },
  rebuilding: {
    idsTogether: segmentSize,
    begin: async () => {},
    async fill(db, table, { from, to, rows }) {
      const changes = rows.map(({ id, grams }) => ({ id, before: null, after: grams }));
      const index = sql.table(`${table}_grams`);
      const [first, after] = [from / segmentSize, to / segmentSize];
      await sql`
        with wanted as materialized (
          select gram, segment, ids::smallint[] as ids from ${postings(changes, ({ after }) => [...after!])}
        ), removed as (
          delete from ${index} as kept where segment >= ${first} and segment < ${after}
            and not exists (select from wanted where wanted.gram = kept.gram and wanted.segment = kept.segment)
        )
        insert into ${index} as kept (gram, segment, ids) select gram, segment, ids from wanted
          on conflict (gram, segment) do update set ids = excluded.ids where kept.ids <> excluded.ids
      `.execute(db);
    },
    async end(db, table, from) {
      await sql`
        delete from ${sql.table(`${table}_grams`)} where segment < 0 or segment >= ${from / segmentSize}
      `.execute(db);
    },
    discard: async () => {},
  },
};

function isSole(grams: Grams): boolean {
  return grams.length === 1 && grams[0]!.length === 1;
}

/** The segments and slots of the ids that have all of them. */
function slotsOf(table: string, grams: Grams): RawBuilder<unknown> {
  const index = sql.table(`${table}_grams`);
  const first = oneOf(grams[0]!);
  // The primary key gives the segments of one text in their order.
  if (isSole(grams))
    return sql`(select segment, ids from ${index} where gram ${first}) as segments cross join unnest(ids) as slot`;
  const slots = grams.map(
    (texts) => sql`select unnest(found.ids) as slot from ${index} as found
      where found.gram ${oneOf(texts)} and found.segment = segments.segment`,
  );
  return sql`(select distinct segment from ${index} where gram ${first}) as segments
    cross join lateral (${sql.join(distinct(slots), sql` intersect `)}) as slots`;
}

/** A row may have several of the texts of one term. */
function distinct(slots: readonly RawBuilder<unknown>[]): readonly RawBuilder<unknown>[] {
  return slots.length > 1 ? slots : [sql`select distinct slot from (${slots[0]}) as each`];
}

function oneOf(grams: readonly Parameter[]): RawBuilder<unknown> {
  return grams.length === 1 ? sql`= ${grams[0]}` : sql`in (${sql.join(grams)})`;
}

function without(some: ReadonlySet<number> | null, others: ReadonlySet<number> | null): readonly number[] {
  return some === null ? [] : [...some].filter((gram) => !others?.has(gram));
}

/** The changed ids by text and segment, as a table. */
function postings(changes: readonly TextChange[], gramsOf: (change: TextChange) => readonly number[]) {
  const slots = new Map<
    string,
    { readonly gram: string; readonly segment: number; readonly ids: number[] }
  >();
  for (const change of changes) {
    const segment = Math.floor(change.id / segmentSize);
    for (const gram of gramsOf(change)) {
      const key = `${gram} ${segment}`;
      const slot = slots.get(key) ?? { gram: gramText(gram), segment, ids: [] };
      slots.set(key, slot);
      slot.ids.push(change.id - segment * segmentSize);
    }
  }
  const rows = [...slots.values()].map((slot) => ({ ...slot, ids: `{${slot.ids.join()}}` }));
  const columns = ['gram', 'segment', 'ids'] as const;
  const lists = sql.join(
    columns.map(
      (name, i) => sql`${rows.map((row) => row[name])}::${sql.raw(['text', 'bigint', 'text'][i]!)}[]`,
    ),
  );
  return sql`unnest(${lists}) as gone (gram, segment, ids)`;
}
