// Kysely over SQLite: its dialect is made for better-sqlite3, and this is what it needs of it.

import type { StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Schema } from '../accounts/schema.ts';
import type { Database } from '../sql/engine.ts';
import { type Statements, toSqlite, translating } from './connections.ts';

export function kysely(statements: Statements): Database {
  // Kept: to ask a statement for its columns costs as much as to run it.
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
