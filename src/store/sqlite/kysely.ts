// A Kysely over node:sqlite. Kysely's dialect expects better-sqlite3, so this adapts the driver.

import type { StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Schema } from '../accounts/schema.ts';
import type { Database } from '../sql/engine.ts';
import { type Statements, toSqlite, translating } from './connections.ts';

export function kysely(statements: Statements): Database {
  // Cached, because reading the columns of a statement costs as much as running it.
  const adapted = new WeakMap<StatementSync, SqliteStatement>();
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: {
        close: () => {},
        prepare(text) {
          const statement = translating(() => statements(text));
          let known = adapted.get(statement);
          if (known === undefined) {
            known = adapt(statement);
            adapted.set(statement, known);
          }
          return known;
        },
      },
    }),
  });
}

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    // all(), never get(): an unfinished RETURNING would keep the WAL from being checkpointed.
    all: (parameters) => translating(() => statement.all(...toSqlite(parameters))),
    run: (parameters) => translating(() => statement.run(...toSqlite(parameters))),
    iterate: (parameters) => statement.iterate(...toSqlite(parameters)),
  };
}
