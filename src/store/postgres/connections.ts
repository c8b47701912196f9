// Connections to PostgreSQL, and the statements that are prepared on them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CompiledQuery, QueryResult } from 'kysely';
import pg from 'pg';
import { StoreUnavailable } from '../errors.ts';
import { lateMs } from '../sql/place.ts';
import { postgresAddress } from './client.ts';
import type { PostgresOptions } from './engine.ts';
import { isBroken, translated } from './errors.ts';
import { statementName } from './statement-names.ts';

/**
 * A connection with more prepared statements than this is closed when it is returned to the pool: statements use
 * memory of the server.
 */
const maxStatements = 500;
const statementsOf = new WeakMap<pg.ClientBase, Set<string>>();

function remember(client: pg.ClientBase, statement: string): void {
  const known = statementsOf.get(client);
  if (known === undefined) statementsOf.set(client, new Set([statement]));
  else known.add(statement);
}

function hasManyStatements(client: pg.ClientBase): boolean {
  return (statementsOf.get(client)?.size ?? 0) > maxStatements;
}

export function connectionPool(
  url: string,
  options: PostgresOptions,
  onConnect?: (client: pg.ClientBase) => Promise<void>,
): pg.Pool {
  const { databasePool, databaseTimeoutMs, statementTimeoutMs, databaseConnectTimeoutMs } = options;
  const { connectTimeoutMs, Client } = postgresAddress(url);
  const pool = new pg.Pool({
    Client,
    max: databasePool,
    connectionTimeoutMillis: connectTimeoutMs ?? databaseConnectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: databaseTimeoutMs,
    idle_in_transaction_session_timeout: databaseTimeoutMs,
    // If the server disappears without closing the connection, no answer ever comes. This timeout then ends the
    // query, slightly later than the server would have.
    query_timeout: Math.max(databaseTimeoutMs, statementTimeoutMs) + 1000,
    // Sends BEGIN and the next statements without waiting for each answer.
    pipeline: true,
    types: { getTypeParser },
    onConnect,
  } as pg.PoolConfig);
  // Ignored: the pool replaces an idle connection that ends when it needs one.
  pool.on('error', () => {});
  // Ignored: if a connection in use ends, the current or the next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

const int8 = 20;

/** Parses 64-bit integers as numbers: ids, milliseconds and counts stay below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** Runs work on a connection of its own. */
export async function onConnection<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  // No connection, for any reason (also a wrong password): not a fault of the request.
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
    // Close the connection if a transaction is still open, so that its next user does not get it.
    const isIdle = client.getTransactionStatus() === 'I';
    client.release(broken || !isIdle || hasManyStatements(client));
  }
}

const msBetweenCancels = 50;

/**
 * Runs a read on a connection of its own, so that no other statement waits behind it.
 * @param ended when it is aborted, the server cancels the statement
 */
export function readAlone(
  pool: pg.Pool,
  query: CompiledQuery,
  ended: AbortSignal,
): Promise<QueryResult<never>> {
  return onConnection(pool, async (client) => {
    ended.throwIfAborted();
    const { processID } = client as pg.PoolClient & { readonly processID: number };
    let canceled: Promise<void> | undefined;
    const over = new AbortController();
    // Again and again: a cancellation that comes before the server has received the statement does nothing.
    const cancel = async () => {
      while (!over.signal.aborted) {
        // If there is no connection for it, the server ends the statement after its time limit.
        await pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => {});
        await sleep(msBetweenCancels, undefined, { signal: over.signal }).catch(() => {});
      }
    };
    const begin = () => {
      canceled = cancel();
    };
    ended.addEventListener('abort', begin);
    try {
      return await execute(client, query);
    } finally {
      ended.removeEventListener('abort', begin);
      over.abort();
      // Before the connection is used again: the cancellation would hit the next statement.
      await canceled;
    }
  });
}

export async function execute(client: pg.ClientBase, query: CompiledQuery): Promise<QueryResult<never>> {
  const name = statementName(query.sql);
  if (name !== undefined) remember(client, name);
  const { rows, rowCount } = await client.query({
    ...(name !== undefined && { name }),
    text: query.sql,
    values: query.parameters as unknown[],
  });
  return { rows: rows as never[], numAffectedRows: BigInt(rowCount ?? 0) };
}

/**
 * Maximum number of statements on one connection at a time. A higher number saves connections; a lower number limits
 * how many statements a slow one delays.
 */
const maxShared = 8;

/** So that a batch that no longer waits for a late one is not sent over the same connection. */
const lateOnConnectionMs = lateMs / 2;

interface Shared {
  readonly client: Promise<pg.PoolClient>;
  /** When its statements were sent that have no answer yet, in milliseconds from `performance.now()`. They are answered in order. */
  readonly sentAt: number[];
  broken: boolean;
}

/**
 * Reads that share connections (pipelining): statements are sent without waiting for the answers to earlier ones.
 * This costs half as much as a connection for each statement. A connection with a late statement gets no others.
 * Throws the driver's errors.
 */
export function sharedConnections(pool: pg.Pool) {
  const open = new Set<Shared>();

  const isFree = ({ sentAt, broken }: Shared, now: number) =>
    sentAt.length < maxShared && !broken && now - (sentAt[0] ?? now) < lateOnConnectionMs;

  function take(now: number): Shared {
    for (const shared of open) if (isFree(shared, now)) return shared;
    const client = pool.connect().catch((error) => {
      throw new StoreUnavailable(error);
    });
    const shared = { client, sentAt: [], broken: false };
    open.add(shared);
    return shared;
  }
  async function giveBack(shared: Shared): Promise<void> {
    shared.sentAt.shift();
    if (shared.sentAt.length > 0) return;
    open.delete(shared);
    const client = await shared.client.catch(() => null);
    client?.release(shared.broken || hasManyStatements(client));
  }

  return async function read(query: CompiledQuery): Promise<QueryResult<never>> {
    const now = performance.now();
    const shared = take(now);
    shared.sentAt.push(now);
    try {
      return await execute(await shared.client, query);
    } catch (error) {
      if (isBroken(error)) shared.broken = true;
      throw error;
    } finally {
      await giveBack(shared);
    }
  };
}
