// Reads the rows that `muster move` and `muster export` copy, page by page in the order of their keys.

import { type RawBuilder, sql } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import type { Database, Engine } from '../sql/engine.ts';
import {
  allTables,
  type CarriedTable,
  inOrderOfReferences,
  isCarried,
  type Reference,
} from '../sql/tables.ts';

export type StoredValue = string | number | boolean | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** The tables whose rows are copied. Each comes after the tables that it refers to in this database. */
export async function carriedTables(
  engine: Engine,
  resources: readonly Resource[],
): Promise<readonly CarriedTable[]> {
  const { rows } = await sql<Reference>`${sql.raw(referencesSql[engine.name])}`.execute(engine.reader);
  return inOrderOfReferences(allTables(resources).filter(isCarried), rows);
}

const referencesSql: Readonly<Record<Engine['name'], string>> = {
  sqlite: `SELECT tables.name AS "table", keys."table" AS "refersTo"
    FROM sqlite_schema AS tables JOIN pragma_foreign_key_list(tables.name) AS keys WHERE tables.type = 'table'`,
  postgres: `SELECT tables.relname::text AS "table", others.relname::text AS "refersTo" FROM pg_constraint AS keys
    JOIN pg_class AS tables ON tables.oid = keys.conrelid JOIN pg_class AS others ON others.oid = keys.confrelid
    WHERE keys.contype = 'f' AND keys.connamespace = current_schema()::regnamespace`,
};

export const rowsPerPage = 1000;

export function keyOf(table: CarriedTable, row: StoredRow): StoredValue[] {
  return table.move.key.map((column) => row[column]!);
}

/** At most `rowsPerPage` rows after a key, or from the beginning if it is null. */
export async function page(
  reader: Database,
  table: CarriedTable,
  after: readonly StoredValue[] | null,
): Promise<StoredRow[]> {
  const key = sql.join(table.move.key.map((column) => sql.ref(column)));
  const behind = after === null ? sql`true` : sql`(${key}) > (${sql.join(after)})`;
  const { rows } = await sql<StoredRow>`
    select * from ${sql.table(table.name)} where ${behind} and ${carried(table)}
    order by ${key} limit ${sql.lit(rowsPerPage)}
  `.execute(reader);
  return rows;
}

/** All rows, in pages. All pages but the last are full. */
export async function* pages(reader: Database, table: CarriedTable): AsyncGenerator<StoredRow[]> {
  let after: StoredValue[] | null = null;
  for (;;) {
    const rows: StoredRow[] = await page(reader, table, after);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsPerPage) return;
    after = keyOf(table, rows.at(-1)!);
  }
}

export async function countRows(reader: Database, table: CarriedTable): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table.name)} where ${carried(table)}
  `.execute(reader);
  return Number(rows[0]!.count);
}

/** @returns null if the table is empty */
export async function largestKey(reader: Database, table: CarriedTable): Promise<StoredValue[] | null> {
  const backwards = sql.join(table.move.key.map((column) => sql`${sql.ref(column)} desc`));
  const { rows } = await sql<StoredRow>`
    select * from ${sql.table(table.name)} where ${carried(table)} order by ${backwards} limit 1
  `.execute(reader);
  return rows[0] === undefined ? null : keyOf(table, rows[0]);
}

function carried({ move: { except } }: CarriedTable): RawBuilder<boolean> {
  return except === undefined ? sql<boolean>`true` : sql<boolean>`not (${sql.raw(except)})`;
}
