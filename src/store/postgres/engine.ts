// The engine for PostgreSQL 14 and later. It uses the `pg` driver with a pool of connections; each connection
// prepares its statements once.

import { type CompiledQuery, type QueryResult, sql } from 'kysely';
import type pg from 'pg';
import type { CallerCheck } from '../accounts/caller-check.ts';
import { storePositionsSql } from '../accounts/write-positions.ts';
import { StoreUnavailable } from '../errors.ts';
import { migrations as productMigrations } from '../migrations/migrations.ts';
import type { Database, Engine, EngineOptions, Opening } from '../sql/engine.ts';
import { longReads } from '../sql/long-reads.ts';
import { changesTogether } from './change-together.ts';
import { now } from './clock.ts';
import { connectionPool, execute, onConnection, readAlone, sharedConnections } from './connections.ts';
import { isBehindMigrations, isTimeout, translated } from './errors.ts';
import { givenRows } from './given-rows.ts';
import { hold } from './guards.ts';
import { inList } from './in-list.ts';
import { columnsOf, information } from './inspect.ts';
import { kysely } from './kysely.ts';
import { asPrimary, assertCurrentPostgres, migratePostgres } from './migrate.ts';
import { watchReplicas } from './replicas.ts';
import { retried } from './retries.ts';
import { advanceSequence, lastId, nextId, writersOf } from './sequences.ts';
import { shortTexts } from './short-texts.ts';
import { contains } from './text-search.ts';
import { showTo, transaction } from './transaction.ts';
import { walk, walked } from './walk.ts';

export interface PostgresOptions extends EngineOptions {
  /** URLs of streaming replicas. */
  readonly databaseReplicaUrls: readonly string[];
  /** Maximum number of connections to each server. */
  readonly databasePool: number;
  /** Time limit for a lock, and for an answer of the server. */
  readonly databaseTimeoutMs: number;
  /** Time limit for a statement. */
  readonly statementTimeoutMs: number;
  /** Maximum number of long reads at a time, on at most half of the connections. */
  readonly longReads: number;
  /** Time limit for getting a connection. */
  readonly databaseConnectTimeoutMs: number;
}

type LongRead = (query: CompiledQuery, ended: AbortSignal) => Promise<QueryResult<never>>;

/**
 * @param opening by default the tables are created if absent, and migrated to this version
 * @throws Error if the server cannot be reached, is too old, is a standby, is not in UTF-8, or the database was made
 * by a newer version
 */
export async function openPostgres(
  url: string,
  options: PostgresOptions,
  opening: Opening = 'prepare',
): Promise<Engine> {
  const { observe, databaseReplicaUrls, databaseConnectTimeoutMs, migrations = productMigrations } = options;
  if (opening === 'existing') await assertCurrentPostgres(url, databaseConnectTimeoutMs, migrations);
  else await migratePostgres(url, databaseConnectTimeoutMs, migrations);
  // Each new connection checks that the server is still the primary.
  const pool = connectionPool(url, options, asPrimary);
  const hasReplicas = databaseReplicaUrls.length > 0;

  const observed = async (read: () => Promise<QueryResult<never>>): Promise<QueryResult<never>> => {
    const startedAt = observe === undefined ? 0 : performance.now();
    const rows = await retried(read).catch((error) => {
      throw translated(error);
    });
    observe?.('read', (performance.now() - startedAt) / 1000);
    return rows;
  };
  const readFrom = (from: pg.Pool) => {
    const read = sharedConnections(from);
    return (query: CompiledQuery) => observed(() => read(query));
  };
  const run = readFrom(pool);
  const reader = kysely(run);
  const limited = longReads({
    maxRunning: Math.min(options.longReads, Math.floor(options.databasePool / 2)),
    timeoutMs: options.statementTimeoutMs,
    watch: options.longReadWatch,
  });
  const readLong: LongRead = (query, ended) => observed(() => readAlone(pool, query, ended));
  const longReadsOf = new Map<Database, LongRead>([[reader, readLong]]);
  const replicas = watchReplicas(
    databaseReplicaUrls.map((replicaUrl) => {
      const replicaPool = connectionPool(replicaUrl, options);
      const readReplica = readFrom(replicaPool);
      const read = (query: CompiledQuery) =>
        readReplica(query).catch((error) => {
          if (isBehindMigrations(error)) return run(query);
          if (!(error instanceof StoreUnavailable)) throw error;
          replicas.lost(replica);
          return run(query);
        });
      const replica = { pool: replicaPool, reader: kysely(read) };
      longReadsOf.set(replica.reader, (query, ended) =>
        observed(() => readAlone(replicaPool, query, ended)).catch((error) => {
          if (ended.aborted || isTimeout(error)) throw error;
          if (!isBehindMigrations(error) && !(error instanceof StoreUnavailable)) throw error;
          if (error instanceof StoreUnavailable) replicas.lost(replica);
          return readLong(query, ended);
        }),
      );
      return replica;
    }),
    options.warn,
  );
  /**
   * Stores the write positions of accounts. The write itself is already committed, so a failure here is only a
   * warning.
   */
  async function storePositions(accounts: readonly number[]): Promise<void> {
    try {
      await onConnection(pool, (client) => client.query(storePositionsSql(accounts)));
    } catch (error) {
      options.warn?.(
        `A replica may show an account a state before its last write: ${(error as Error).message}`,
      );
    }
  }
  /**
   * Measures a write, and stores the write positions afterwards.
   * @param check undefined for a write without a caller, by a process that may not know the replicas
   * @param work sets the accounts that must see the write; the caller is already one of them
   */
  async function written<T>(
    check: CallerCheck | undefined,
    work: (accounts: number[]) => Promise<T>,
  ): Promise<T> {
    const accounts = check === undefined ? [] : [check.userId];
    const startedAt = observe === undefined ? 0 : performance.now();
    try {
      const value = await work(accounts);
      if (accounts.length > 0 && (hasReplicas || check === undefined)) await storePositions(accounts);
      return value;
    } finally {
      observe?.('write', (performance.now() - startedAt) / 1000);
    }
  }
  /** Work on a connection of its own, with retries. */
  const withRetries = <T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> =>
    onConnection(pool, (client) => retried(() => work(client)));
  const change = changesTogether(
    (work) => onConnection(pool, work),
    ({ query, check }) =>
      withRetries(async (client) => {
        check?.verifyTime();
        return (await execute(client, query)).rows;
      }),
  );
  return {
    name: 'postgres',
    migrations: Object.keys(migrations),
    reader,
    readerAfter: (walPosition) => replicas.at(walPosition) ?? reader,
    hasReplicas,
    query: async (query) => (await run(query)).rows,
    queryNow: null,
    queryIn: () => null,
    leave: null,
    indexesLater: null,
    longReadsOn(db) {
      const read = options.isServing ? longReadsOf.get(db) : undefined;
      if (read === undefined) return null;
      return async (query, client) =>
        (await limited.run((ended) => read(query, ended), client)).rows as never[];
    },
    interruptible: () => null,
    commitCounter: () => null,
    snapshot: (work) =>
      onConnection(pool, async (client) => {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const result = await work(kysely((query) => execute(client, query)));
        await client.query('COMMIT');
        return result;
      }),
    write: (work, { check, locks, sync } = {}) =>
      written(check, (accounts) => {
        const known = accounts.length;
        return withRetries((client) => {
          accounts.length = known;
          return transaction(client, work, { check, locks, sync, accounts });
        });
      }),
    change: (query, check) => written(check, async () => (await change({ query, check })) as never[]),
    showTo,
    now,
    locksRows: true,
    nullsLast: true,
    hold,
    inList,
    contains,
    search: null,
    shortTexts,
    // PostgreSQL reads the row anyway, to check its visibility.
    revision: (table) => sql<number>`${sql.ref(`${table}.revision`)}`,
    walk,
    walked,
    advanceSequence,
    givenRows,
    nextId,
    lastId: (table) => lastId(reader, table),
    writersOf: (table) => writersOf(reader, table),
    columnsOf: (names) => onConnection(pool, (client) => columnsOf(client, names)),
    info: () => onConnection(pool, information),
    endLongReads: () => limited.end(),
    async close() {
      await limited.close();
      await replicas.close();
      await pool.end();
    },
  };
}
