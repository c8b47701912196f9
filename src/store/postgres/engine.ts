// PostgreSQL 14 and later, by the `pg` driver: a pool of connections, each with statements that are prepared once.

import { setTimeout as sleep } from 'node:timers/promises';
import { type CompiledQuery, type QueryResult, sql } from 'kysely';
import type pg from 'pg';
import type { CallerCheck } from '../sql/caller-check.ts';
import type { Database, DatabaseWatch, Engine, Opening } from '../sql/engine.ts';
import { StoreUnavailable } from '../store.ts';
import { connectionPool, execute, onConnection, sharedConnections } from './connections.ts';
import { isBroken, isRetryable, translated } from './errors.ts';
import { information } from './inspect.ts';
import { kysely } from './kysely.ts';
import { asPrimary, assertCurrentPostgres, migratePostgres } from './migrate.ts';
import { watchReplicas } from './replicas.ts';
import { contains } from './text-search.ts';

export interface PostgresOptions extends DatabaseWatch {
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
  if (opening === 'existing') await assertCurrentPostgres(url, options.databaseConnectTimeoutMs);
  else await migratePostgres(url, options.databaseConnectTimeoutMs);
  // A server that has become a standby is none to write to; it is asked again at the next need.
  const pool = connectionPool(url, options, asPrimary);
  const { observe, databaseReplicaUrls } = options;
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
  async function noted(author: number): Promise<void> {
    try {
      await onConnection(pool, (client) => client.query(positionOf(author)));
    } catch (error) {
      options.warn?.(`A replica may not show an account its last write: ${(error as Error).message}`);
    }
  }
  /** On a connection of its own; the account that wrote sees it from then on. */
  async function written<T>(work: (client: pg.ClientBase) => Promise<T>, author?: number): Promise<T> {
    const startedAt = observe === undefined ? 0 : performance.now();
    try {
      const value = await onConnection(pool, (client) => retried(() => work(client)));
      if (hasReplicas && author !== undefined) await noted(author);
      return value;
    } finally {
      observe?.('write', (performance.now() - startedAt) / 1000);
    }
  }
  return {
    name: 'postgres',
    reader,
    readerAfter: (walPosition) => replicas.at(walPosition) ?? reader,
    hasReplicas,
    query: async (query) => (await run(query)).rows,
    queryNow: null,
    commitCounter: () => null,
    write: (work, check) => written((client) => transaction(client, work, check), check?.userId),
    // Not on a shared connection: whoever holds the row would hold up all who share it.
    change: (query, check) =>
      written(async (client) => {
        check?.verifyTime();
        return (await execute(client, query)).rows as never[];
      }, check?.userId),
    locksRows: true,
    nullsLast: true,
    hold,
    contains,
    search: null,
    // The row is looked at anyway, to know whether it is visible.
    revision: (table) => sql<number>`${sql.ref(`${table}.revision`)}`,
    advanceSequence: passIds,
    async lastId(table) {
      const { rows } = await sql<{ id: number }>`select ${givenIds(table)} as id`.execute(reader);
      return rows[0]!.id;
    },
    info: () => onConnection(pool, information),
    async close() {
      await replicas.close();
      await pool.end();
    },
  };
}

/** One Kysely for each connection, made when it writes for the first time. */
const databases = new WeakMap<pg.ClientBase, Database>();

async function transaction<T>(
  client: pg.ClientBase,
  work: (db: Database) => Promise<T>,
  check: CallerCheck | undefined,
): Promise<T> {
  let db = databases.get(client);
  if (db === undefined) {
    db = kysely((query) => execute(client, query));
    databases.set(client, db);
  }
  // Sent together; what the work has done is rolled back where the check fails.
  const begun = client.query('BEGIN');
  const checked = check && execute(client, check.query);
  const worked = (async () => work(db))();
  try {
    await Promise.allSettled([begun, checked, worked]);
    await begun;
    // After the work, which may have waited for locks: the clock has gone on, and the caller's rows are locked.
    check?.verify((await checked!).rows);
    const value = await worked;
    const { command } = await client.query('COMMIT');
    // What had failed before is rolled back by a COMMIT, without an error.
    if (command !== 'COMMIT') throw new StoreUnavailable(new Error('The transaction was rolled back'));
    return value;
  } catch (error) {
    if (!isBroken(error)) await client.query('ROLLBACK');
    throw error;
  }
}

/**
 * Writes down how far a replica must come to show what the account has just written. It need not be durable: where it is
 * lost, the primary was. Statements that are sent as one are a transaction by themselves, and leave none open when one fails.
 */
function positionOf(userId: number): string {
  return `SET LOCAL synchronous_commit TO off;
    INSERT INTO write_positions AS known VALUES (${userId}, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint)
      ON CONFLICT (user_id) DO UPDATE SET position = greatest(known.position, excluded.position)`;
}

const maxAttempts = 12;
const maxPauseMs = 500;

/** Again where another transaction was in the way: the standard's answer to 40001, with growing random pauses. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt === maxAttempts) throw error;
      await sleep(Math.random() * Math.min(5 * 2 ** attempt, maxPauseMs));
    }
  }
}

/** What a sequence has given; one that is new says 1 and has given nothing. */
const givenIds = (table: string) =>
  sql<number>`(select case when is_called then last_value else 0 end from ${sql.table(`${table}_id_seq`)})`;

/** Written, not just locked, so that a transaction with an older snapshot fails and is tried again. */
async function hold(db: Database, guard: string): Promise<void> {
  await sql`insert into guards (name) values (${guard})
    on conflict (name) do update set name = excluded.name`.execute(db);
}

/** One transaction after the other: of two that look at once, the later would set the sequence to less than the first has. */
async function passIds(db: Database, table: string, given = 0): Promise<void> {
  await hold(db, 'ids');
  const last = sql`greatest(max(id), ${sql.lit(given)}::bigint)`;
  await sql`
    select setval(pg_get_serial_sequence(${table}, 'id'), ${last}) from ${sql.table(table)}
    having ${last} > ${givenIds(table)}
  `.execute(db);
}
