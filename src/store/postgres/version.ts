// What a PostgreSQL database has been brought to, without bringing it anywhere.

import type pg from 'pg';

/** @returns the names of its migrations, none where it is not Muster's. */
export async function migrationsOn(client: pg.ClientBase): Promise<string[]> {
  try {
    const { rows } = await client.query('SELECT name FROM kysely_migration ORDER BY name');
    return rows.map(({ name }) => name);
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return [];
    throw error;
  }
}
