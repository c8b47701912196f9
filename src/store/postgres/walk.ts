import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

export const walked: Engine['walked'] = (table) => sql`${sql.table(table)}`.as(table);

/**
 * PostgreSQL takes no hints, and a plan for all values of a parameter suits none that is rare, or very common. So the
 * inner query has an order that only this index gives, and reads from one position on until it has enough rows. It may
 * read beyond the last row of the value; the outer query drops these, and checks the other conditions.
 */
export const walk: Engine['walk'] = ({ table, along, above, below, direction, ...rest }) => {
  const { others, atMost, limit, skipped } = rest;
  const isById = along === null || along.column === 'id';
  const column = isById ? null : sql.ref(along.column);
  const [start, startsAfter] = direction === 'asc' ? [above, sql`>`] : [below, sql`<`];
  const order = sql.raw(direction);
  const isAlong = along === null ? sql`true` : sql`${sql.ref(along.column)} = ${along.value}`;
  const first =
    column === null
      ? sql`${isAlong} and id ${startsAfter} ${start} order by id ${order}`
      : // The index may be of values that are not null.
        sql`${column} is not null and (${column}, id) ${startsAfter} (${along!.value}, ${start})
          order by ${column} ${order}, id ${order}`;
  const columns = others === null ? sql.join([sql.ref('id'), ...(column === null ? [] : [column])]) : sql`*`;
  const name = sql.table(table);
  return sql`select id from (
      select ${columns} from ${name} where ${first} ${atMost === null ? sql`` : sql`limit ${sql.lit(atMost)}`}
    ) as ${name}
    where ${column === null ? sql`true` : isAlong} and id > ${above} and id < ${below} and ${others ?? sql`true`}
    order by id ${order} limit ${sql.lit(limit)} offset ${sql.lit(skipped)}`;
};
