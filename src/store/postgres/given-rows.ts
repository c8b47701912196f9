// Rows that a statement is given. Each column is one parameter, an array: the server takes as long to read thousands of
// parameters as to insert the rows, and would prepare a statement for each number of rows.

import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

const types = { integer: 'bigint', text: 'text', boolean: 'boolean' } as const;

export const givenRows: Engine['givenRows'] = (columns, rows) => ({
  shape: 'any',
  values: Object.keys(columns).map((name) => arrayText(rows.map((row) => row[name]))),
  query: (parameters) => {
    const arrays = Object.values(columns).map(
      (type, i) => sql`cast(${parameters[i]} as ${sql.raw(types[type])}[])`,
    );
    const names = Object.keys(columns).map((name) => sql.ref(name));
    return sql`select * from unnest(${sql.join(arrays)}) as given (${sql.join(names)})`;
  },
});

/** postgresql.org/docs/current/arrays.html, array input */
function arrayText(values: readonly unknown[]): string {
  return `{${values.map(elementText).join()}}`;
}

function elementText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value);
}
