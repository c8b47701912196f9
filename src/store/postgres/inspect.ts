// Inspects a PostgreSQL database: its columns, settings and faults.

import type pg from 'pg';
import { nobodyAdministers } from '../accounts/administrators.ts';
import { foreignBindings, foreignBindingText, hasSessions } from '../accounts/foreign-bindings.ts';
import { sharedMailboxes } from '../accounts/shared-mailboxes.ts';
import { reasonOf } from '../errors.ts';
import type { EngineInfo } from '../sql/engine.ts';
import { allTables } from '../sql/tables.ts';
import { postgresAddress } from './client.ts';
import { assertUsable } from './migrate.ts';
import { migrationsOn } from './version.ts';

/** The settings under which an acknowledged write survives a crash. */
const durable: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'local', 'remote_write', 'remote_apply'],
};

export async function information(client: pg.ClientBase): Promise<EngineInfo> {
  const names = Object.keys(durable);
  const { rows } = await client.query(
    `SELECT current_setting('server_version') AS version,
       pg_database_size(current_database())::float8 AS size_bytes,
       ${names.map((name) => `current_setting('${name}') AS ${name}`).join()}`,
  );
  const [row] = rows;
  return {
    serverVersion: row.version,
    sizeBytes: row.size_bytes,
    walBytes: null,
    durabilityWarnings: names
      .filter((name) => !durable[name]!.includes(row[name]))
      .map((name) => `PostgreSQL's ${name} is ${row[name]}: a crash can lose acknowledged writes`),
  };
}

/** See Engine.columnsOf. */
export async function columnsOf(
  client: pg.ClientBase,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ relation: string; columns: string[] }>(
    `SELECT relname AS relation, array_agg(attname::text ORDER BY attnum) AS columns
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE pg_table_is_visible(pg_class.oid) AND relname = ANY ($1) AND attnum > 0 AND NOT attisdropped
     GROUP BY relname`,
    [names],
  );
  return new Map(rows.map(({ relation, columns }) => [relation, columns]));
}

export interface Inspection {
  /** Problems that prevent a start, or damaged data. */
  readonly problems: readonly string[];
  readonly durabilityWarnings: readonly string[];
  readonly migrations: readonly string[];
  /** Whether there are sysadmins and none of them can administer. */
  readonly isUnadministered: boolean;
  /** A sentence for each set of accounts that share a mailbox. */
  readonly sharedMailboxes: readonly string[];
  /** Maximum number of connections of all clients together. */
  readonly maxConnections: number;
}

/**
 * Inspects a database without changing it.
 * @returns only a problem if the database cannot be reached or used
 */
export async function inspectPostgres(url: string, connectTimeoutMs: number): Promise<Inspection> {
  let client: pg.Client | undefined;
  try {
    client = await postgresAddress(url).connect({ connectionTimeoutMillis: connectTimeoutMs });
    await assertUsable(client);
    const { durabilityWarnings } = await information(client);
    const { rows } = await client.query(
      `SELECT current_setting('max_connections')::integer
         - current_setting('superuser_reserved_connections')::integer AS allowed`,
    );
    const migrations = await migrationsOn(client);
    const isEmpty = migrations.length === 0;
    const damage = isEmpty
      ? []
      : [...(await miscounts(client)), ...(await invalidIndexes(client)), ...(await foreignlyBound(client))];
    const problems = [...(await writeProblems(client, isEmpty)), ...damage];
    const isUnadministered = !isEmpty && (await client.query(nobodyAdministers)).rowCount !== 0;
    return {
      problems,
      durabilityWarnings,
      migrations,
      isUnadministered,
      sharedMailboxes: isEmpty ? [] : await mailboxesSharedOn(client),
      maxConnections: rows[0].allowed,
    };
  } catch (error) {
    return {
      problems: [`cannot be used: ${reasonOf(error)}`],
      durabilityWarnings: [],
      migrations: [],
      isUnadministered: false,
      sharedMailboxes: [],
      maxConnections: Number.POSITIVE_INFINITY,
    };
  } finally {
    await client?.end().catch(() => {});
  }
}

/** Reasons why this role cannot write to the database. */
async function writeProblems(client: pg.ClientBase, isEmpty: boolean): Promise<string[]> {
  const privileges = ['INSERT', 'UPDATE', 'DELETE'].map((name) => `has_table_privilege(oid, '${name}')`);
  const mayWrite = isEmpty
    ? `has_schema_privilege(current_schema(), 'CREATE')`
    : `(SELECT bool_and(${privileges.join(' AND ')}) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
          AND (relname = ANY ($1) OR relname IN (SELECT name FROM collections)))`;
  const { rows } = await client.query(
    `SELECT current_setting('transaction_read_only') = 'on' AS read_only, coalesce(${mayWrite}, false) AS may_write`,
    isEmpty ? [] : [allTables([]).map(({ name }) => name)],
  );
  const [{ read_only, may_write }] = rows;
  const missing = isEmpty
    ? 'the role has no privilege to create tables'
    : 'the role has no privilege to write to the tables';
  return [
    ...(read_only ? ['is read-only: transaction_read_only is on'] : []),
    ...(may_write ? [] : [missing]),
  ];
}

function mailboxesSharedOn(client: pg.ClientBase): Promise<string[]> {
  return sharedMailboxes('postgres', async (text, values) => (await client.query(text, [...values])).rows);
}

/**
 * Compares the row counts that triggers maintain with the tables. One statement reads both, so concurrent writes do
 * not matter.
 */
async function miscounts(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query('SELECT DISTINCT name FROM collections ORDER BY name');
  const problems: string[] = [];
  for (const { name } of rows) {
    const counts = await client.query(
      `SELECT (SELECT sum(row_count) FROM collections WHERE name = $1)::float8 AS kept,
         (SELECT count(*) FROM ${client.escapeIdentifier(name)})::float8 AS found`,
      [name],
    );
    const [{ kept, found }] = counts.rows;
    if (kept !== found) problems.push(`the stored count of ${name} is ${kept}, but there are ${found}`);
  }
  return problems;
}

/** Indexes that an interrupted CREATE or REINDEX has left. No search uses them. */
async function invalidIndexes(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query(
    `SELECT indexrelid::regclass::text AS name FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
     WHERE relnamespace = current_schema()::regnamespace AND NOT indisvalid ORDER BY 1`,
  );
  return rows.map(
    ({ name }) => `the index ${name} is not valid; run REINDEX INDEX CONCURRENTLY ${name} in psql`,
  );
}

async function foreignlyBound(client: pg.ClientBase): Promise<string[]> {
  if ((await client.query(hasSessions)).rowCount === 0) return [];
  const { rows } = await client.query(foreignBindings);
  return rows.map(({ id }) => foreignBindingText(id));
}
