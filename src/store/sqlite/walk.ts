import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

const alongIndex = (index: string | null) =>
  index === null ? sql`not indexed` : sql`indexed by ${sql.ref(index)}`;

export const walked: Engine['walked'] = (table, index) =>
  sql`${sql.table(table)}`.as(sql`${sql.ref(table)} ${alongIndex(index)}`);

/** Names the index: without statistics, SQLite takes any index of a column that is compared. */
export const walk: Engine['walk'] = ({ table, along, above, below, direction, others, limit, skipped }) => {
  const name = sql.table(table);
  const isById = along === null || along.column === 'id';
  const index = alongIndex(isById ? null : `${table}_${along.column}`);
  const isAlong = along === null ? sql`` : sql`${sql.ref(along.column)} = ${along.value} and`;
  return sql`select id from ${name} ${index}
    where ${isAlong} id > ${above} and id < ${below} and ${others ?? sql`true`}
    order by id ${sql.raw(direction)} limit ${sql.lit(limit)} offset ${sql.lit(skipped)}`;
};
