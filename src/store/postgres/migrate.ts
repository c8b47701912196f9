// What a start asks of a PostgreSQL: that it can be used, and that it is brought to this version.

import type pg from 'pg';
import { reasonOf, StoreUnavailable } from '../errors.ts';
import { assertCurrent, migrate, NoDatabase } from '../migrations/migrate.ts';
import type { Migrations } from '../migrations/migrations.ts';
import { postgresAddress } from './client.ts';
import { kysely } from './kysely.ts';
import { migrationsOn } from './version.ts';

/** Any number, the same for all: the lock that migrations run under. */
const migrationLock = 7_308_608_327;

/**
 * On a connection of its own, without the limits of requests: a migration takes as long as it takes.
 * @throws Error when it cannot be reached, is too old, is a standby, is not in UTF-8, or was made by a newer version
 */
export function migratePostgres(
  url: string,
  connectTimeoutMs: number,
  migrations: Migrations,
): Promise<void> {
  return onUsable(url, connectTimeoutMs, (client) => migrateUnderLock(client, migrations));
}

/**
 * Looks, and changes nothing.
 * @throws NoDatabase where it holds no tables of Muster; Error when it cannot be used, or is not at this version
 */
export function assertCurrentPostgres(
  url: string,
  connectTimeoutMs: number,
  migrations: Migrations,
): Promise<void> {
  return onUsable(url, connectTimeoutMs, async (client) => {
    const found = await migrationsOn(client);
    if (found.length === 0) throw new NoDatabase('the database holds no tables of Muster');
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
  // What has ended the connection says more than the statements that fail after it.
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
    // The lock goes with the connection, and so does a transaction that was not committed.
    await client.end().catch(() => {});
  }
}

/** @throws Error where it is too old, is a standby, or is not in UTF-8 */
export async function assertUsable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::integer AS number, current_setting('server_encoding') AS encoding`,
  );
  const [{ number, encoding }] = rows;
  if (number < 140_000) throw new Error(`PostgreSQL ${Math.floor(number / 10_000)} is too old, 14 is needed`);
  if (encoding !== 'UTF8') throw new Error(`the database is in ${encoding}, it must be in UTF8`);
  await asPrimary(client);
}

/** How long a server that has just let us in may take to say what it is. */
const roleTimeoutMs = 2000;

/** @throws StoreUnavailable where the server is a standby: it shows what was, and takes no writes */
export async function asPrimary(client: pg.ClientBase): Promise<void> {
  const question = { text: 'SELECT pg_is_in_recovery() AS standby', query_timeout: roleTimeoutMs };
  const { rows } = await client.query<{ standby: boolean }>(question);
  if (rows[0]!.standby) throw new StoreUnavailable(new Error('the server is a standby, a primary is needed'));
}

/** Of several that start at once one migrates; the others wait, and find nothing to do. */
async function migrateUnderLock(client: pg.Client, migrations: Migrations): Promise<void> {
  const hasAdvisoryLocks = await client.query(`SELECT pg_advisory_lock(${migrationLock})`).then(
    () => true,
    (error) => {
      // Relatives of PostgreSQL may have none; a table that is locked does as well.
      if (!['42883', '0A000'].includes(error.code)) throw error;
      return false;
    },
  );
  if (!hasAdvisoryLocks) await client.query('CREATE TABLE IF NOT EXISTS migration_lock (id integer)');
  const found = await migrationsOn(client);
  await client.query('BEGIN');
  if (!hasAdvisoryLocks) await client.query('LOCK TABLE migration_lock IN EXCLUSIVE MODE');
  // Every statement after the one that failed fails too, also those with which Kysely ends a migration.
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
