// Prepares a PostgreSQL database at the start: checks that it can be used, and migrates it to this version.

import type pg from 'pg';
import { NoDatabase, reasonOf, StoreUnavailable } from '../errors.ts';
import { assertCurrent, migrate } from '../migrations/migrate.ts';
import type { Migrations } from '../migrations/migrations.ts';
import { postgresAddress } from './client.ts';
import { kysely } from './kysely.ts';
import { migrationsOn } from './version.ts';

/** The key of the advisory lock for migrations. Any number; all processes must use the same. */
const migrationLock = 7_308_608_327;

/**
 * Runs on its own connection, without the timeouts of requests: a migration may take long.
 * @throws Error if the server cannot be reached, is too old, is a standby, is not in UTF-8, or the database was made
 * by a newer version
 */
export function migratePostgres(
  url: string,
  connectTimeoutMs: number,
  migrations: Migrations,
): Promise<void> {
  return onUsable(url, connectTimeoutMs, (client) => migrateUnderLock(client, migrations));
}

/**
 * Checks the database without changing it.
 * @throws NoDatabase if it has no tables of Muster
 * @throws Error if it cannot be used, or is not at this version
 */
export function assertCurrentPostgres(
  url: string,
  connectTimeoutMs: number,
  migrations: Migrations,
): Promise<void> {
  return onUsable(url, connectTimeoutMs, async (client) => {
    const found = await migrationsOn(client);
    if (found.length === 0) throw new NoDatabase('the database contains no tables of Muster');
    assertCurrent(found, Object.keys(migrations));
  });
}

async function onUsable(
  url: string,
  connectTimeoutMs: number,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = await postgresAddress(url)
    .connect({ connectionTimeoutMillis: connectTimeoutMs })
    .catch((error) => {
      throw new Error(reasonOf(error), { cause: error });
    });
  // The error that ended the connection explains more than those of the statements that fail after it.
  let ended: Error | undefined;
  client.on('error', (error) => {
    ended ??= error;
  });
  try {
    await client.query(
      'SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0',
    );
    await assertUsable(client);
    await work(client);
  } catch (error) {
    if (error instanceof NoDatabase) throw error;
    throw new Error(reasonOf(ended ?? error), { cause: error });
  } finally {
    // Closing the connection releases the lock and rolls back an open transaction.
    await client.end().catch(() => {});
  }
}

/** @throws Error if the server is too old, is a standby, or is not in UTF-8 */
export async function assertUsable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::integer AS number, current_setting('server_encoding') AS encoding`,
  );
  const [{ number, encoding }] = rows;
  if (number < 140_000)
    throw new Error(`PostgreSQL ${Math.floor(number / 10_000)} is too old; version 14 or later is needed`);
  if (encoding !== 'UTF8') throw new Error(`the database is in ${encoding}, but must be in UTF8`);
  await asPrimary(client);
}

/** Time limit for asking a server that has just accepted the connection whether it is a standby. */
const roleTimeoutMs = 2000;

/** @throws StoreUnavailable if the server is a standby: its data may be old, and it takes no writes */
export async function asPrimary(client: pg.ClientBase): Promise<void> {
  const question = { text: 'SELECT pg_is_in_recovery() AS standby', query_timeout: roleTimeoutMs };
  const { rows } = await client.query<{ standby: boolean }>(question);
  if (rows[0]!.standby)
    throw new StoreUnavailable(new Error('the server is a standby; connect to the primary'));
}

/** If several processes start at once, one migrates. The others wait, then find nothing to do. */
async function migrateUnderLock(client: pg.Client, migrations: Migrations): Promise<void> {
  const hasAdvisoryLocks = await client.query(`SELECT pg_advisory_lock(${migrationLock})`).then(
    () => true,
    (error) => {
      // Databases that speak PostgreSQL's protocol may have no advisory locks. Then a table lock is used.
      if (!['42883', '0A000'].includes(error.code)) throw error;
      return false;
    },
  );
  if (!hasAdvisoryLocks) await client.query('CREATE TABLE IF NOT EXISTS migration_lock (id integer)');
  const found = await migrationsOn(client);
  await client.query('BEGIN');
  if (!hasAdvisoryLocks) await client.query('LOCK TABLE migration_lock IN EXCLUSIVE MODE');
  // After one statement fails, all later ones in the transaction fail too, including those with which Kysely ends a
  // migration.
  let firstError: unknown;
  const db = kysely(async (query) => {
    const { rows, rowCount } = await client.query(query.sql, query.parameters as unknown[]).catch((error) => {
      firstError ??= error;
      throw error;
    });
    return { rows: rows as never[], numAffectedRows: BigInt(rowCount ?? 0) };
  });
  await migrate(db, 'postgres', found, migrations).catch((error) => {
    throw firstError ?? error;
  });
  await client.query('COMMIT');
}
