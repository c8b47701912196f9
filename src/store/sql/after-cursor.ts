// The rows behind a cursor.

import { type RawBuilder, sql } from 'kysely';
import type { SortKey, SortTerm } from '../../model/query.ts';
import { attributeOf } from '../../model/resource.ts';
import type { Parameter } from './compiled-queries.ts';
import { sortColumn } from './filter.ts';
import type { ResourceTable } from './resource-table.ts';

type Condition = RawBuilder<boolean>;

/** A parameter for each term of the sort, null where the row of the cursor has no value there. */
type Place = readonly (Parameter | null)[];

export function placeOf(after: SortKey, parameters: readonly Parameter[]): Place {
  return after.map((value, i) => (value === null ? null : parameters[i]!));
}

const never: Condition = sql<boolean>`1 = 0`;

/**
 * (a, b) is behind (x, y) where a is behind x, or a is x and b is behind y. Null comes before every value, so that in
 * descending order it is behind them all.
 * @param id the column by which ids are sorted
 */
export function afterCursor(
  table: ResourceTable,
  sort: readonly SortTerm[],
  place: Place,
  id: string,
): Condition {
  const terms = sort.map(({ attribute, descending }, i) => {
    const { nullable } = attributeOf(table.resource, attribute);
    const column = sql.ref(attribute === 'id' ? id : sortColumn(attribute, table));
    const value = place[i]!;
    if (value === null)
      return {
        equal: sql<boolean>`${column} is null`,
        behind: descending ? never : sql<boolean>`${column} is not null`,
        bound: descending ? sql<boolean>`${column} is null` : null,
      };
    const compared = (operator: string) => {
      const holds = sql<boolean>`${column} ${sql.raw(operator)} ${value}`;
      return descending && nullable ? sql<boolean>`(${holds} or ${column} is null)` : holds;
    };
    return {
      equal: sql<boolean>`${column} = ${value}`,
      behind: compared(descending ? '<' : '>'),
      bound: compared(descending ? '<=' : '>='),
    };
  });
  const alternatives = terms.map(
    ({ behind }, i) =>
      sql<boolean>`(${sql.join([...terms.slice(0, i).map(({ equal }) => equal), behind], sql` and `)})`,
  );
  if (alternatives.length === 1) return alternatives[0]!;
  const any = sql<boolean>`(${sql.join(alternatives, sql` or `)})`;
  // The first term's bound is implied, and lets its index be used.
  const { bound } = terms[0]!;
  return bound === null ? any : sql<boolean>`${bound} and ${any}`;
}
