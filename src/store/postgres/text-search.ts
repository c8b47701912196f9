// Texts within texts, by PostgreSQL's pg_trgm: the gin index `<table>_search`, over the folded columns of a table.

import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

/** The planner uses the index for what has three letters and more; less is looked for in every row. */
export const contains: Engine['contains'] = (table, columns, text) => {
  const pattern = text.map((value: string) => {
    const folded = (text.convert?.(value) ?? value) as string;
    return `%${folded.replaceAll(/[\\%_]/g, '\\$&')}%`;
  });
  const anywhere = columns.map((column) => sql<boolean>`${sql.ref(`${table}.${column}`)} like ${pattern}`);
  return sql<boolean>`(${sql.join(anywhere, sql` or `)})`;
};
