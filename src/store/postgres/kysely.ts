// A Kysely that compiles SQL for PostgreSQL and runs it with a given function.

import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Schema } from '../accounts/schema.ts';
import type { Database } from '../sql/engine.ts';

export function kysely(run: (query: CompiledQuery) => Promise<QueryResult<never>>): Database {
  const connection = {
    executeQuery: run as <R>(query: CompiledQuery) => Promise<QueryResult<R>>,
    streamQuery(): never {
      throw new Error('Results are not streamed');
    },
  };
  const none = async () => {};
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      // The engine begins and ends transactions, not Kysely.
      createDriver: () => ({
        init: none,
        acquireConnection: async () => connection,
        beginTransaction: none,
        commitTransaction: none,
        rollbackTransaction: none,
        releaseConnection: none,
        destroy: none,
      }),
    },
  });
}
