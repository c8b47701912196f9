// The condition for rows after a cursor (keyset pagination).

import { type RawBuilder, sql } from 'kysely';
import type { SortKey, SortTerm } from '../../model/query.ts';
import { attributeOf } from '../../model/resource.ts';
import type { Parameter } from './compiled-queries.ts';
import { sortColumn } from './filter.ts';
import type { ResourceTable } from './resource-table.ts';

type Condition = RawBuilder<boolean>;

/** A parameter for each term of the sort; null where the row of the cursor has the value null. */
type Place = readonly (Parameter | null)[];

export function placeOf(after: SortKey, parameters: readonly Parameter[]): Place {
  return after.map((value, i) => (value === null ? null : parameters[i]!));
}

const never: Condition = sql<boolean>`1 = 0`;

/**
 * (a, b) comes after (x, y) if a comes after x, or if a equals x and b comes after y. Null is sorted before every
 * other value, so in descending order null comes last.
 * @param id the column that the query sorts ids by
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
  // The bound of the first term is redundant, but with it the database can use the index of the term.
  const { bound } = terms[0]!;
  return bound === null ? any : sql<boolean>`${bound} and ${any}`;
}
