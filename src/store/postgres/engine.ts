// PostgreSQL 14 and later, by the `pg` driver: a pool of connections, each with statements that are prepared once.

import { type CompiledQuery, type QueryResult, sql } from 'kysely';
import type pg from 'pg';
import type { CallerCheck } from '../accounts/caller-check.ts';
import { positionOf } from '../accounts/write-positions.ts';
import { StoreUnavailable } from '../errors.ts';
import { migrations as productMigrations } from '../migrations/migrations.ts';
import type { Engine, EngineOptions, Opening } from '../sql/engine.ts';
import { now } from './clock.ts';
import { connectionPool, execute, onConnection, sharedConnections } from './connections.ts';
import { translated } from './errors.ts';
import { hold } from './guards.ts';
import { columnsOf, information } from './inspect.ts';
import { kysely } from './kysely.ts';
import { asPrimary, assertCurrentPostgres, migratePostgres } from './migrate.ts';
import { watchReplicas } from './replicas.ts';
import { retried } from './retries.ts';
import { advanceSequence, lastId } from './sequences.ts';
import { contains } from './text-search.ts';
import { showTo, transaction } from './transaction.ts';

export interface PostgresOptions extends EngineOptions {
  /** Of streaming replicas. */
  readonly databaseReplicaUrls: readonly string[];
  /** Connections at most, to each server. */
  readonly databasePool: number;
  /** How long a statement may take, and how long one waits for another that holds a row. */
  readonly databaseTimeoutMs: number;
  /** How long to wait for a connection. */
  readonly databaseConnectTimeoutMs: number;
}

/**
 * @param opening by default the tables are made if absent, and brought to this version
 * @throws Error when it cannot be reached, is too old, is a standby, is not in UTF-8, or was made by a newer version
 */
export async function openPostgres(
  url: string,
  options: PostgresOptions,
  opening: Opening = 'prepare',
): Promise<Engine> {
  const { observe, databaseReplicaUrls, databaseConnectTimeoutMs, migrations = productMigrations } = options;
  if (opening === 'existing') await assertCurrentPostgres(url, databaseConnectTimeoutMs, migrations);
  else await migratePostgres(url, databaseConnectTimeoutMs, migrations);
  // A server that has become a standby is none to write to; it is asked again at the next need.
  const pool = connectionPool(url, options, asPrimary);
  const hasReplicas = databaseReplicaUrls.length > 0;

  const readFrom = (from: pg.Pool) => {
    const read = sharedConnections(from);
    return async (query: CompiledQuery): Promise<QueryResult<never>> => {
      const startedAt = observe === undefined ? 0 : performance.now();
      const rows = await retried(() => read(query)).catch((error) => {
        throw translated(error);
      });
      observe?.('read', (performance.now() - startedAt) / 1000);
      return rows;
    };
  };
  const run = readFrom(pool);
  const reader = kysely(run);
  const replicas = watchReplicas(
    databaseReplicaUrls.map((replicaUrl) => {
      const replicaPool = connectionPool(replicaUrl, options);
      const readReplica = readFrom(replicaPool);
      const read = (query: CompiledQuery) =>
        readReplica(query).catch((error) => {
          if (!(error instanceof StoreUnavailable)) throw error;
          replicas.lost(replica);
          return run(query);
        });
      const replica = { pool: replicaPool, reader: kysely(read) };
      return replica;
    }),
    options.warn,
  );
  /** What is committed is kept, and told so, whatever becomes of its note. */
  async function note(accounts: readonly number[]): Promise<void> {
    try {
      await onConnection(pool, (client) => client.query(positionOf(accounts)));
    } catch (error) {
      options.warn?.(`A replica may not show an account its last write: ${(error as Error).message}`);
    }
  }
  /**
   * On a connection of its own.
   * @param check undefined for a write without a caller, by a process that may not know of the replicas
   * @param work adds the accounts that see the write from then on; the caller is one of them
   */
  async function written<T>(
    check: CallerCheck | undefined,
    work: (client: pg.ClientBase, accounts: number[]) => Promise<T>,
  ): Promise<T> {
    const caller = check === undefined ? [] : [check.userId];
    let accounts: number[] = [];
    const startedAt = observe === undefined ? 0 : performance.now();
    try {
      const value = await onConnection(pool, (client) =>
        retried(() => {
          accounts = [...caller];
          return work(client, accounts);
        }),
      );
      if (accounts.length > 0 && (hasReplicas || check === undefined)) await note(accounts);
      return value;
    } finally {
      observe?.('write', (performance.now() - startedAt) / 1000);
    }
  }
  return {
    name: 'postgres',
    migrations: Object.keys(migrations),
    reader,
    readerAfter: (walPosition) => replicas.at(walPosition) ?? reader,
    hasReplicas,
    query: async (query) => (await run(query)).rows,
    queryNow: null,
    commitCounter: () => null,
    write: (work, check) => written(check, (client, accounts) => transaction(client, work, check, accounts)),
    // Not on a shared connection: whoever holds the row would hold up all who share it.
    change: (query, check) =>
      written(check, async (client) => {
        check?.verifyTime();
        return (await execute(client, query)).rows as never[];
      }),
    showTo,
    now,
    locksRows: true,
    nullsLast: true,
    hold,
    contains,
    search: null,
    // The row is looked at anyway, to know whether it is visible.
    revision: (table) => sql<number>`${sql.ref(`${table}.revision`)}`,
    advanceSequence,
    lastId: (table) => lastId(reader, table),
    columnsOf: (names) => onConnection(pool, (client) => columnsOf(client, names)),
    info: () => onConnection(pool, information),
    async close() {
      await replicas.close();
      await pool.end();
    },
  };
}
