// What a PostgreSQL database has been brought to, without bringing it anywhere.

import type pg from 'pg';
import { postgresAddress } from './postgres-client.ts';

/** @returns the names of its migrations, none where it is not Muster's. @throws Error where it cannot be reached */
export async function migrationsOfPostgres(url: string, connectTimeoutMs: number): Promise<string[]> {
  const client = await postgresAddress(url).connect({ connectionTimeoutMillis: connectTimeoutMs });
  try {
    return await migrationsOn(client);
  } finally {
    await client.end().catch(() => {});
  }
}

export async function migrationsOn(client: pg.ClientBase): Promise<string[]> {
  try {
    const { rows } = await client.query('SELECT name FROM kysely_migration ORDER BY name');
    return rows.map(({ name }) => name);
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return [];
    throw error;
  }
}
