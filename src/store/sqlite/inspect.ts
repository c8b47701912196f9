// Inspects a SQLite database: its columns and faults.

import type { DatabaseSync } from 'node:sqlite';
import { FileError } from '../../platform/private-files.ts';
import { nobodyAdministers } from '../accounts/administrators.ts';
import { foreignBindings, foreignBindingText, hasSessions } from '../accounts/foreign-bindings.ts';
import { sharedMailboxes } from '../accounts/shared-mailboxes.ts';
import { NoDatabase } from '../errors.ts';
import type { Statements } from './connections.ts';
import { assertOurs, openExisting } from './existing-file.ts';

/** See Engine.columnsOf. */
export function columnsOf(
  statement: Statements,
  names: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const rows = statement(`
    SELECT relation.name AS relation, info.name AS column FROM sqlite_schema AS relation,
      pragma_table_info(relation.name) AS info
      WHERE relation.type = 'table' AND relation.name IN (SELECT value FROM json_each(?))
    UNION ALL
    SELECT relation.name, info.name FROM sqlite_schema AS relation, pragma_index_info(relation.name) AS info
      WHERE relation.type = 'index' AND relation.name IN (SELECT value FROM json_each(?))
  `).all(JSON.stringify(names), JSON.stringify(names));
  const columns = new Map<string, string[]>();
  for (const { relation, column } of rows as { relation: string; column: string }[])
    columns.set(relation, [...(columns.get(relation) ?? []), column]);
  return columns;
}

/**
 * The faults that SQLite's own checks find, and wrong row counts; empty if there are none.
 * @throws NoDatabase, FileError if it cannot be read at all
 */
export function integrityProblems(file: string): string[] {
  const database = openExisting(file);
  try {
    assertOurs(database, file);
    const found = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    const orphans = database.prepare('PRAGMA foreign_key_check').all() as { table: string }[];
    return [
      ...found.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
      ...orphans.map(({ table }) => `a row of ${table} refers to a row that does not exist`),
      ...miscounts(database),
      ...foreignlyBound(database),
    ];
  } catch (error) {
    if (error instanceof FileError || error instanceof NoDatabase) throw error;
    return [(error as Error).message];
  } finally {
    database.close();
  }
}

/** Compares the row counts that triggers maintain with the tables. */
function miscounts(database: DatabaseSync): string[] {
  const collections = database.prepare('SELECT name, row_count AS kept FROM collections ORDER BY name').all();
  if (collections.length === 0) return ['the stored row counts are missing'];
  return collections.flatMap(({ name, kept }) => {
    const { found } = database.prepare(`SELECT count(*) AS found FROM "${name}"`).get()!;
    return kept === found ? [] : [`the stored count of ${name} is ${kept}, but there are ${found}`];
  });
}

function foreignlyBound(database: DatabaseSync): string[] {
  if (database.prepare(hasSessions).get() === undefined) return [];
  return database
    .prepare(foreignBindings)
    .all()
    .map(({ id }) => foreignBindingText(id));
}

/** Whether there are sysadmins and none of them can administer. */
export function isUnadministered(file: string): boolean {
  const database = openExisting(file);
  try {
    return database.prepare(nobodyAdministers).get() !== undefined;
  } finally {
    database.close();
  }
}

/** A sentence for each set of accounts that share a mailbox. */
export async function sharedMailboxesOf(file: string): Promise<string[]> {
  const database = openExisting(file);
  try {
    return await sharedMailboxes(
      'sqlite',
      (text, parameters) => database.prepare(text).all(...parameters) as never,
    );
  } finally {
    database.close();
  }
}
