// PostgreSQL 14 and later, by the `pg` driver: a pool of connections, each with statements that are prepared once.

import { setTimeout as sleep } from 'node:timers/promises';
import { type CompiledQuery, type QueryResult, type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import { StoreUnavailable } from '../store.ts';
import type { Database, Engine, ObserveDatabase, TableWithIds } from './engine.ts';
import { isBroken, isRetryable, translated } from './postgres-errors.ts';
import { information } from './postgres-information.ts';
import { kysely } from './postgres-kysely.ts';
import { asPrimary, migratePostgres } from './postgres-migrate.ts';
import { watchReplicas } from './replicas.ts';
import type { Slot } from './shapes.ts';
import { statementName } from './statement-names.ts';

export interface PostgresOptions {
  readonly observe?: ObserveDatabase | undefined;
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
 * Connects, and brings the database to this version.
 * @throws Error when it cannot be reached, is too old, is a standby, is not in UTF-8, or was made by a newer version
 */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Engine> {
  await migratePostgres(url, options.databaseConnectTimeoutMs);
  // A server that has become a standby is none to write to; it is asked again at the next need.
  const pool = connectionPool(url, options, asPrimary);
  const { observe, databaseReplicaUrls } = options;
  const hasReplicas = databaseReplicaUrls.length > 0;

  async function runOn(from: pg.Pool, query: CompiledQuery): Promise<QueryResult<never>> {
    const startedAt = observe === undefined ? 0 : performance.now();
    const rows = await onConnection(from, (client) => retried(() => execute(client, query)));
    observe?.('read', (performance.now() - startedAt) / 1000);
    return rows;
  }
  const run = (query: CompiledQuery) => runOn(pool, query);
  const reader = kysely(run);
  const replicas = watchReplicas(
    databaseReplicaUrls.map((replicaUrl) => {
      const replica = connectionPool(replicaUrl, options);
      const read = (query: CompiledQuery) =>
        runOn(replica, query).catch((error) => {
          if (!(error instanceof StoreUnavailable)) throw error;
          replicas.lost(replica);
          return run(query);
        });
      return { pool: replica, reader: kysely(read) };
    }),
  );
  async function write<T>(work: (db: Database) => Promise<T>, author?: number): Promise<T> {
    const startedAt = observe === undefined ? 0 : performance.now();
    const remembered = hasReplicas ? author : undefined;
    try {
      return await onConnection(pool, async (client) => {
        const value = await retried(() => transaction(client, work));
        if (remembered !== undefined) await client.query(positionOf(remembered));
        return value;
      });
    } finally {
      observe?.('write', (performance.now() - startedAt) / 1000);
    }
  }
  return {
    name: 'postgres',
    reader,
    readerAfter: (position) => replicas.at(position) ?? reader,
    hasReplicas,
    query: async (query) => (await run(query)).rows,
    queryNow: null,
    version: () => null,
    write,
    locksRows: true,
    nullsLast: true,
    contains,
    passIds,
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

/** Above so many prepared statements a connection makes room for a new one: they take the server's memory. */
const maxStatements = 500;
const statementsOf = new WeakMap<pg.ClientBase, Set<string>>();

function connectionPool(
  url: string,
  options: PostgresOptions,
  onConnect?: (client: pg.ClientBase) => Promise<void>,
): pg.Pool {
  const { databasePool, databaseTimeoutMs, databaseConnectTimeoutMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'muster',
    max: databasePool,
    connectionTimeoutMillis: databaseConnectTimeoutMs,
    statement_timeout: databaseTimeoutMs,
    lock_timeout: databaseTimeoutMs,
    idle_in_transaction_session_timeout: databaseTimeoutMs,
    // A server that went without a word never answers; it is given up on a little after it should have.
    query_timeout: databaseTimeoutMs + 1000,
    keepAlive: true,
    // BEGIN and what follows it travel together.
    pipeline: true,
    types: { getTypeParser },
    onConnect,
  } as pg.PoolConfig);
  // An idle connection that ends is replaced by the next one that is needed.
  pool.on('error', () => {});
  // One in use that ends fails the statement that waits, or the next one.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

const int8 = 20;

/** Integers of 64 bits as numbers: ids, milliseconds and counts all fit. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** @throws StoreUnavailable, UniqueViolation */
async function onConnection<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  // Whatever keeps it from being given, a wrong password too, says nothing of the request.
  const client = await pool.connect().catch((error) => {
    throw new StoreUnavailable(error);
  });
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = isBroken(error);
    throw translated(error);
  } finally {
    // A transaction that was left open would meet whoever comes next.
    const isIdle = client.getTransactionStatus() === 'I';
    client.release(broken || !isIdle || (statementsOf.get(client)?.size ?? 0) > maxStatements);
  }
}

async function execute(client: pg.ClientBase, query: CompiledQuery): Promise<QueryResult<never>> {
  const name = statementName(query.sql);
  let statements = statementsOf.get(client);
  if (statements === undefined) {
    statements = new Set();
    statementsOf.set(client, statements);
  }
  statements.add(name);
  const { rows, rowCount } = await client.query({
    name,
    text: query.sql,
    values: query.parameters as unknown[],
  });
  return { rows: rows as never[], numAffectedRows: BigInt(rowCount ?? 0) };
}

/** One Kysely for each connection, made when it writes for the first time. */
const databases = new WeakMap<pg.ClientBase, Database>();

async function transaction<T>(client: pg.ClientBase, work: (db: Database) => Promise<T>): Promise<T> {
  let db = databases.get(client);
  if (db === undefined) {
    db = kysely((query) => execute(client, query));
    databases.set(client, db);
  }
  const begun = client.query('BEGIN');
  // Waited for below, where its failure belongs.
  begun.catch(() => {});
  try {
    const value = await work(db);
    await begun;
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
 * lost, the primary was.
 */
function positionOf(userId: number): string {
  return `BEGIN; SET LOCAL synchronous_commit TO off;
    INSERT INTO write_positions AS known VALUES (${userId}, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint)
      ON CONFLICT (user_id) DO UPDATE SET position = greatest(known.position, excluded.position); COMMIT`;
}

const maxAttempts = 8;

/** Again where another transaction was in the way: the standard's answer to 40001, with growing random pauses. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt === maxAttempts) throw error;
      await sleep(Math.random() * 5 * 2 ** attempt);
    }
  }
}

/** What a sequence has given; one that is new says 1 and has given nothing. */
const givenIds = (table: TableWithIds) =>
  sql<number>`(select case when is_called then last_value else 0 end from ${sql.table(`${table}_id_seq`)})`;

async function passIds(db: Database, table: TableWithIds, given = 0): Promise<void> {
  const last = sql`greatest(max(id), ${sql.lit(given)}::bigint)`;
  await sql`
    select setval(pg_get_serial_sequence(${table}, 'id'), ${last}) from ${sql.table(table)}
    having ${last} > ${givenIds(table)}
  `.execute(db);
}

/** pg_trgm's index serves what has three letters and more; less is looked for in every row. */
function contains(columns: readonly string[], text: Slot): RawBuilder<boolean> {
  const pattern = text.map((value: string) => {
    const folded = (text.convert?.(value) ?? value) as string;
    return `%${folded.replaceAll(/[\\%_]/g, '\\$&')}%`;
  });
  const anywhere = columns.map((column) => sql<boolean>`${sql.ref(`users.${column}`)} like ${pattern}`);
  return sql<boolean>`(${sql.join(anywhere, sql` or `)})`;
}
