// An engine that records the reads that run on it, so that a test can look at their plans.

import { type CompiledQuery, DummyDriver, Kysely, PostgresAdapter, SqliteAdapter } from 'kysely';
import type { Schema } from '../../src/store/accounts/schema.ts';
import type { Database, Engine } from '../../src/store/sql/engine.ts';

export interface RecordedQueries {
  readonly engine: Engine;
  /** The reads outside transactions, since the last call. */
  taken(): readonly CompiledQuery<unknown>[];
}

export function recordedQueries(engine: Engine): RecordedQueries {
  let asked: CompiledQuery<unknown>[] = [];
  const { queryNow } = engine;
  const reader = recordedDatabase(engine, (query) => void asked.push(query));
  return {
    engine: {
      ...engine,
      reader,
      readerAfter: () => reader,
      query(query) {
        asked.push(query);
        return engine.query(query);
      },
      queryNow:
        queryNow &&
        ((query) => {
          asked.push(query);
          return queryNow(query);
        }),
    },
    taken() {
      const recorded = asked;
      asked = [];
      return recorded;
    },
  };
}

function recordedDatabase(engine: Engine, record: (query: CompiledQuery<unknown>) => void): Database {
  const { reader } = engine;
  class Driver extends DummyDriver {
    override async acquireConnection() {
      return {
        executeQuery<R>(query: CompiledQuery<unknown>) {
          record(query);
          return reader.executeQuery<R>(query as CompiledQuery<R>);
        },
        streamQuery(): never {
          throw new Error('Results are not streamed');
        },
      };
    }
  }
  const compiler = reader.getExecutor();
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => (engine.name === 'postgres' ? new PostgresAdapter() : new SqliteAdapter()),
      createDriver: () => new Driver(),
      createIntrospector: () => reader.introspection,
      createQueryCompiler: () => ({ compileQuery: (node, id) => compiler.compileQuery(node, id) }),
    },
  });
}
