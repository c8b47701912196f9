// Rows that a statement is given. Each value is a parameter.

import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

export const givenRows: Engine['givenRows'] = (columns, rows) => {
  const names = Object.keys(columns);
  return {
    shape: String(rows.length),
    values: rows.flatMap((row) => names.map((name) => row[name])),
    query(parameters) {
      // The columns of VALUES are named column1, column2, ... (sqlite.org/lang_select.html).
      const columns = names.map((name, i) => sql`${sql.ref(`column${i + 1}`)} as ${sql.ref(name)}`);
      const values = rows.map(
        (_, row) => sql`(${sql.join(parameters.slice(row * names.length, (row + 1) * names.length))})`,
      );
      // WHERE, because SQLite would read ON CONFLICT as a join (sqlite.org/lang_upsert.html, parsing ambiguity).
      return sql`select ${sql.join(columns)} from (values ${sql.join(values)}) where true`;
    },
  };
};
