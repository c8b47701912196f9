// The index of short texts in PostgreSQL: a table `<table>_grams`. Each row has the ids of one text in a range of ids: as their
// distances from its beginning, in their order, or as a bitmap if there are many. A GIN index gives ids in no order, and
// counts by reading the rows.

import { type RawBuilder, sql } from 'kysely';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { Database, EntrySum, Grams, ShortTexts } from '../sql/engine.ts';
import { type Entry, gramText } from '../sql/short-texts.ts';

/** As in the migration that made the table. */
const segmentSize = 4096;

/** A longer list takes more space than a bitmap. */
const maxListed = segmentSize / 16;

const idOf = sql`(segment * ${sql.lit(segmentSize)} + slot)`;

const noneOf = sql`0::bit(${sql.lit(segmentSize)})`;

/** The bitmap of a list of ids. */
const bitmapOf = (ids: RawBuilder<unknown>) =>
  sql`(select coalesce(bit_or(set_bit(${noneOf}, slot, 1)), ${noneOf}) from unnest(${ids}) as slot)`;

const isSet = sql`get_bit(bits, slot) <> 0`;

/** The ids of an entry, or of the same in several. */
const slots = sql`(
    select slot::integer from unnest(listed) as slot where bits is null or ${isSet}
    union all
    select slot from generate_series(0, ${sql.lit(segmentSize - 1)}) as slot where listed is null and ${isSet}
  ) as slots`;

export const shortTexts: ShortTexts = {
  collects: false,
  countsEach: false,
  ids(table, grams, walk) {
    const noted = sql.table(`${table}_unindexed`);
    // A scalar subquery, because a join gives ids in no order. The planner takes `<>` for true of most rows, so it expects to
    // have enough after the first ranges.
    const isIndexed = sql`coalesce((select noted.id from ${noted} as noted where noted.id = ${idOf}), 0) <> ${idOf}`;
    const found = (segments: RawBuilder<unknown>) => sql<{ id: number }>`select ${idOf} as id from ${segments}
      cross join lateral ${slots} where ${isIndexed}`;
    if (walk === null) return found(segmentsOf(table, grams));
    const { after, descending, most } = walk;
    const direction = sql.raw(descending ? 'desc' : 'asc');
    const order = sql`order by segment ${direction}`;
    const limited = sql`order by segment ${direction}, slot ${direction} limit ${most}`;
    if (after === null) return sql`(${found(segmentsOf(table, grams, order))} ${limited})`;
    const [later, since] = descending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
    const beyond = sql`where segment ${since} ${after}::bigint / ${sql.lit(segmentSize)} ${order}`;
    return sql`(${found(segmentsOf(table, grams, beyond))} and ${idOf} ${later} ${after} ${limited})`;
  },
  count: (table, grams) => sql`select coalesce(sum(case
      when listed is null then bit_count(bits) when bits is null then cardinality(listed)
      else (select count(*) from unnest(listed) as slot where ${isSet}) end), 0)
    from ${segmentsOf(table, grams)}`,
  // The planner takes an array for small, so it reads the index of ids.
  isOneOfFew: (id, ids) => sql<boolean>`${id} = any(array(${ids}))`,
  async change(db, table, changes) {
    const index = sql.table(`${table}_grams`);
    const removed = postings(changes.map(({ id, removed }) => ({ id, grams: removed })));
    const added = postings(changes.map(({ id, added }) => ({ id, grams: added })));
    await sql`update ${index} as kept
      set listed = case when kept.bits is null then
          array(select slot from unnest(kept.listed) as slot where slot <> all(gone.ids::smallint[]) order by slot) end,
        bits = kept.bits & ~ ${bitmapOf(sql`gone.ids::smallint[]`)}
      from ${removed} where kept.gram = gone.gram and kept.segment = gone.segment`.execute(db);
    const { rows } = await sql<{ gram: string; segment: number }>`with written as (
        insert into ${index} as kept (gram, segment, listed) select gram, segment, ids::smallint[] from ${added}
        on conflict (gram, segment) do update
          set listed = case when kept.bits is null then
              array(select unnest(kept.listed) union select unnest(excluded.listed) order by 1) end,
            bits = kept.bits | ${bitmapOf(sql`excluded.listed`)}
        returning gram, segment, listed)
      select gram, segment from written where cardinality(listed) > ${sql.lit(maxListed)}`.execute(db);
    if (rows.length > 0) await makeBitmaps(db, index, rows);
  },
  async sums(snapshot, table) {
    const rest = sql`(${idOf} & 67108863)`;
    const { rows } = await sql<EntrySum>`
      select gram as text, count(*)::float8 as entries, sum(${rest} * ${rest} % 67108859 + 1)::float8 as sum
      from ${sql.table(`${table}_grams`)} cross join lateral ${slots} group by gram
    `.execute(snapshot);
    return rows;
  },
  rebuilding: {
    idsTogether: segmentSize,
    begin: async () => {},
    async fill(db, table, { from, to, rows }) {
      const index = sql.table(`${table}_grams`);
      const ids = sql`ids::smallint[]`;
      const isLong = sql`cardinality(${ids}) > ${sql.lit(maxListed)}`;
      const [first, after] = [from / segmentSize, to / segmentSize];
      await sql`
        with wanted as materialized (
          select gram, segment, case when ${isLong} then null else ids::smallint[] end as listed,
            case when ${isLong} then ${bitmapOf(ids)} end as bits
          from ${postings(rows)}
        ), removed as (
          delete from ${index} as kept where segment >= ${first} and segment < ${after}
            and not exists (select from wanted where wanted.gram = kept.gram and wanted.segment = kept.segment)
        )
        insert into ${index} as kept (gram, segment, listed, bits) select gram, segment, listed, bits from wanted
          on conflict (gram, segment) do update set listed = excluded.listed, bits = excluded.bits
          where (kept.listed, kept.bits) is distinct from (excluded.listed, excluded.bits)
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

async function makeBitmaps(
  db: Database,
  index: RawBuilder<unknown>,
  rows: readonly { readonly gram: string; readonly segment: number }[],
): Promise<void> {
  const [grams, segments] = [rows.map(({ gram }) => gram), rows.map(({ segment }) => segment)];
  await sql`update ${index} as kept set listed = null, bits = ${bitmapOf(sql`kept.listed`)}
    from unnest(${grams}::text[], ${segments}::bigint[]) as long (gram, segment)
    where kept.gram = long.gram and kept.segment = long.segment`.execute(db);
}

/**
 * The ranges that have rows for each term. The ids are those of `listed`, or any if it is null, that are in `bits`, if these
 * are not null.
 * @param part which ranges, in which order. `order by` and `offset` also keep PostgreSQL from making `bits` for each id
 */
function segmentsOf(table: string, grams: Grams, part = sql`offset 0`): RawBuilder<unknown> {
  const index = sql.table(`${table}_grams`);
  const parts = grams.map((texts, i) => {
    const name = sql.ref(`part${i}`);
    const entries = texts.length === 1 ? entriesOf(index, texts[0]!) : anyOf(index, texts);
    return i === 0 ? sql`(${entries}) as ${name}` : sql`join (${entries}) as ${name} using (segment)`;
  });
  const lists = grams.map((_, i) => sql.ref(`part${i}.listed`));
  const bitmaps = grams.map((_, i) => sql.ref(`part${i}.bits`));
  // The first list gives the ids, so it needs no bitmap.
  const bits = grams.map((_, i) => {
    const isFirst = sql`coalesce(${sql.join([...lists.slice(0, i), sql`null::smallint[]`])}) is null`;
    return sql`coalesce(${bitmaps[i]}, case when ${isFirst} then ~ ${noneOf} else ${bitmapOf(lists[i]!)} end)`;
  });
  return sql`(select segment, coalesce(${sql.join(lists)}) as listed,
      ${grams.length === 1 ? bitmaps[0]! : sql.join(bits, sql` & `)} as bits
    from ${sql.join(parts, sql` `)} ${part}) as segments`;
}

const entriesOf = (index: RawBuilder<unknown>, gram: Parameter) =>
  sql`select segment, listed, bits from ${index} where gram = ${gram}`;

/** A row may have several of the texts of one term. */
const anyOf = (index: RawBuilder<unknown>, texts: readonly Parameter[]) =>
  sql`select segment, null::smallint[] as listed, bit_or(coalesce(bits, ${bitmapOf(sql`listed`)})) as bits
    from ${index} where gram in (${sql.join(texts)}) group by segment`;

interface RowEntries {
  readonly id: number;
  /** Null for none. */
  readonly grams: ReadonlySet<Entry> | null;
}

/** The ids of entries by text and segment, as a table. */
function postings(rows: readonly RowEntries[]) {
  const slots = new Map<
    string,
    { readonly gram: string; readonly segment: number; readonly ids: number[] }
  >();
  for (const { id, grams } of rows) {
    const segment = Math.floor(id / segmentSize);
    for (const gram of grams ?? []) {
      const key = `${gram} ${segment}`;
      const slot = slots.get(key) ?? { gram: gramText(gram), segment, ids: [] };
      slots.set(key, slot);
      slot.ids.push(id - segment * segmentSize);
    }
  }
  const found = [...slots.values()].map((slot) => ({ ...slot, ids: `{${slot.ids.join()}}` }));
  const columns = ['gram', 'segment', 'ids'] as const;
  const lists = sql.join(
    columns.map(
      (name, i) => sql`${found.map((slot) => slot[name])}::${sql.raw(['text', 'bigint', 'text'][i]!)}[]`,
    ),
  );
  return sql`unnest(${lists}) as gone (gram, segment, ids)`;
}
