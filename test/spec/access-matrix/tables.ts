// The contents of all tables, to show that requests have written nothing.

import assert from 'node:assert/strict';
import type { Config } from '../../../src/config.ts';
import { onTables, tablesOf } from '../../support/database-rows.ts';

const derived = /_(search|grams|unindexed)(_|$)/;

/** The rows of all tables as texts, each with the name of its table. */
export type Tables = ReadonlySet<string>;

/**
 * Without the indexes of texts, which triggers and a job derive from the other tables.
 * @param ignored tables and columns to leave out
 */
export async function readTables(config: Config, ignored: readonly string[] = []): Promise<Tables> {
  const rows: string[] = [];
  const keep = (name: string, value: unknown) => (ignored.includes(name) ? undefined : value);
  for (const table of await tablesOf(config)) {
    if (derived.test(table) || ignored.includes(table)) continue;
    for (const row of await onTables(config, `SELECT * FROM ${table}`))
      rows.push(`${table} ${JSON.stringify(row, keep)}`);
  }
  return new Set(rows);
}

/** What counts changes, and is not as before after a change was undone. */
export const counts: readonly string[] = [
  'revision',
  'updated_at',
  'collections',
  'events',
  'organization_renames',
  'write_positions',
];

export function assertSameTables(after: Tables, before: Tables): void {
  assert.deepEqual([...before.symmetricDifference(after)].sort(), []);
}
