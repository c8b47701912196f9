// Reads tables directly, without the product's code. The result is the same for both engines.

import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Config } from '../../src/config.ts';
import { databaseFile, isPostgres } from '../../src/open-store.ts';

export type TableRow = Readonly<Record<string, string | number | null>>;

/** The database as given to the command line. */
export function urlOf(config: Config): string {
  return isPostgres(config) ? config.databaseUrl : `sqlite:${databaseFile(config)}`;
}

/**
 * Runs one SQL statement.
 * @returns its rows
 */
export async function onTables(config: Config, statement: string): Promise<TableRow[]> {
  const [rows] = await eachOnTables(config, [statement]);
  return rows!;
}

/**
 * Runs SQL statements on one connection, because connecting takes longer than most of them.
 * @returns the rows of each
 */
export async function eachOnTables(config: Config, statements: readonly string[]): Promise<TableRow[][]> {
  if (!isPostgres(config)) {
    const database = new DatabaseSync(databaseFile(config), { timeout: 60_000 });
    try {
      return statements.map((statement) =>
        database
          .prepare(statement)
          .all()
          .map((row) => ({ ...row }) as TableRow),
      );
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({
    connectionString: config.databaseUrl,
    types: { getTypeParser },
  } as pg.ClientConfig);
  await client.connect();
  try {
    // The result of several statements is a list.
    const results = await client.query(statements.join(';'));
    return [results].flat().map(({ rows }) => rows);
  } finally {
    await client.end();
  }
}

export function rowsOf(config: Config, table: string): Promise<TableRow[]> {
  return onTables(config, `SELECT * FROM ${table} ORDER BY 1, 2`);
}

/** Converts integers to numbers and booleans to 0 and 1. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.INT8) return Number;
  if (oid === pg.types.builtins.BOOL) return (text: string) => Number(text === 't');
  return pg.types.getTypeParser(oid, format as 'text');
}

/** Names of all tables, without those of Kysely and the engine, and without indexes of texts that cannot be listed. */
export async function tablesOf(config: Config): Promise<string[]> {
  const rows = await onTables(
    config,
    isPostgres(config)
      ? `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`
      : `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
           AND name NOT LIKE '%_grams' ORDER BY 1`,
  );
  return rows.map(({ name }) => String(name));
}
