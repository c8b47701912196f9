// Connections to PostgreSQL, and the statements that are prepared on them.

import type { CompiledQuery, QueryResult } from 'kysely';
import pg from 'pg';
import { StoreUnavailable } from '../errors.ts';
import { postgresAddress } from './client.ts';
import type { PostgresOptions } from './engine.ts';
import { isBroken, translated } from './errors.ts';
import { statementName } from './statement-names.ts';

/** Above so many prepared statements a connection makes room for a new one: they take the server's memory. */
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
  const { databasePool, databaseTimeoutMs, databaseConnectTimeoutMs } = options;
  const { connectTimeoutMs, Client } = postgresAddress(url);
  const pool = new pg.Pool({
    Client,
    max: databasePool,
    connectionTimeoutMillis: connectTimeoutMs ?? databaseConnectTimeoutMs,
    statement_timeout: databaseTimeoutMs,
    lock_timeout: databaseTimeoutMs,
    idle_in_transaction_session_timeout: databaseTimeoutMs,
    // A server that went without a word never answers; it is given up on a little after it should have.
    query_timeout: databaseTimeoutMs + 1000,
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

/**
 * A connection for this work alone.
 * @throws StoreUnavailable, UniqueViolation
 */
export async function onConnection<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
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
    client.release(broken || !isIdle || hasManyStatements(client));
  }
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

/** Statements on one connection at a time: more wait for less, and one that is slow holds up few. */
const maxShared = 8;

interface Shared {
  readonly client: Promise<pg.PoolClient>;
  statements: number;
  broken: boolean;
}

/**
 * Reads that share connections: statements follow each other without waiting for answers, which costs half of what a
 * connection for each of them does. Errors are the driver's.
 */
export function sharedConnections(pool: pg.Pool) {
  const open = new Set<Shared>();

  function take(): Shared {
    for (const shared of open) if (shared.statements < maxShared && !shared.broken) return shared;
    const client = pool.connect().catch((error) => {
      throw new StoreUnavailable(error);
    });
    const shared = { client, statements: 0, broken: false };
    open.add(shared);
    return shared;
  }
  async function giveBack(shared: Shared): Promise<void> {
    if (--shared.statements > 0) return;
    open.delete(shared);
    const client = await shared.client.catch(() => null);
    client?.release(shared.broken || hasManyStatements(client));
  }

  return async function read(query: CompiledQuery): Promise<QueryResult<never>> {
    const shared = take();
    shared.statements++;
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
