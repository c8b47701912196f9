// Reads the migrations of a PostgreSQL database without changing it.

import type pg from 'pg';

/** @returns the names of its migrations; empty if it is not a database of Muster */
export async function migrationsOn(client: pg.ClientBase): Promise<string[]> {
  try {
    const { rows } = await client.query('SELECT name FROM kysely_migration ORDER BY name');
    return rows.map(({ name }) => name);
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return [];
    throw error;
  }
}
