// The tables whose rows are what an operator calls their data, as `muster move` reads them: page by page, in the order of
// their keys. What is not here is made anew by triggers and migrations, or means nothing elsewhere.

import { type RawBuilder, sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

export type StoredValue = string | number | boolean | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

export interface CarriedTable {
  readonly name: string;
  /** The columns that tell its rows apart; they never change. */
  readonly key: readonly string[];
  /** Whether it gives ids by itself. */
  readonly givesIds: string | null;
  /** Rows that stay behind. */
  readonly except?: RawBuilder<boolean>;
}

/** In this order no row comes before one that it refers to. */
export const carriedTables: readonly CarriedTable[] = [
  { name: 'organizations', key: ['id'], givesIds: 'organizations' },
  { name: 'users', key: ['id'], givesIds: 'users' },
  { name: 'memberships', key: ['organization_id', 'user_id'], givesIds: null },
  { name: 'passwords', key: ['user_id'], givesIds: null },
  { name: 'password_attempts', key: ['user_id'], givesIds: null },
  { name: 'email_attempts', key: ['user_id'], givesIds: null },
  { name: 'tokens', key: ['id'], givesIds: 'tokens' },
  // A request that was sent before the move and is repeated after it creates nothing a second time.
  { name: 'idempotency_keys', key: ['user_id', 'route', 'key_hash'], givesIds: null },
  // Collections count their changes anew in another database, so tags of lists that were answered before must not come
  // again: the next start makes another secret behind them, as after a restore.
  { name: 'secrets', key: ['name'], givesIds: null, except: sql<boolean>`name = 'etags'` },
];

export const rowsPerPage = 1000;

export function keyOf(table: CarriedTable, row: StoredRow): StoredValue[] {
  return table.key.map((column) => row[column]!);
}

/** At most `rowsPerPage` rows behind a key, or from the beginning. */
export async function page(
  engine: Engine,
  table: CarriedTable,
  after: readonly StoredValue[] | null,
): Promise<StoredRow[]> {
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  const behind = after === null ? sql`true` : sql`(${key}) > (${sql.join(after)})`;
  const { rows } = await sql<StoredRow>`
    select * from ${sql.table(table.name)} where ${behind} and ${carried(table)}
    order by ${key} limit ${sql.lit(rowsPerPage)}
  `.execute(engine.reader);
  return rows;
}

/** All rows, each page but the last one full. */
export async function* pages(engine: Engine, table: CarriedTable): AsyncGenerator<StoredRow[]> {
  let after: StoredValue[] | null = null;
  for (;;) {
    const rows: StoredRow[] = await page(engine, table, after);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsPerPage) return;
    after = keyOf(table, rows.at(-1)!);
  }
}

export async function countRows(engine: Engine, table: CarriedTable): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table.name)} where ${carried(table)}
  `.execute(engine.reader);
  return Number(rows[0]!.count);
}

/** @returns null where there is no row */
export async function largestKey(engine: Engine, table: CarriedTable): Promise<StoredValue[] | null> {
  const backwards = sql.join(table.key.map((column) => sql`${sql.ref(column)} desc`));
  const { rows } = await sql<StoredRow>`
    select * from ${sql.table(table.name)} where ${carried(table)} order by ${backwards} limit 1
  `.execute(engine.reader);
  return rows[0] === undefined ? null : keyOf(table, rows[0]);
}

function carried({ except }: CarriedTable): RawBuilder<boolean> {
  return except === undefined ? sql<boolean>`true` : sql<boolean>`not (${except})`;
}
