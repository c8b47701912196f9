// Substring search with PostgreSQL's pg_trgm: the GIN index `<table>_search` over the folded columns of a table
// (postgresql.org/docs/current/pgtrgm.html).

import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

/** The planner uses the index for texts of three or more characters. Shorter texts scan every row. */
export const contains: Engine['contains'] = (table, columns, text) => {
  const pattern = text.map((value: string) => {
    const folded = (text.convert?.(value) ?? value) as string;
    return `%${folded.replaceAll(/[\\%_]/g, '\\$&')}%`;
  });
  const anywhere = columns.map((column) => sql<boolean>`${sql.ref(`${table}.${column}`)} like ${pattern}`);
  return sql<boolean>`(${sql.join(anywhere, sql` or `)})`;
};
