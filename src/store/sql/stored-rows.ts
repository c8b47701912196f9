// Rows as they are stored: folded columns, booleans of SQLite.

import type { Stored } from '../../model/kind.ts';
import type { RecordOf, Resource, Row } from '../../model/resource.ts';
import { foldedColumn, type ResourceTable } from './resource-table.ts';

/** A row of any resource. */
export type StoredRecord = RecordOf<Resource>;

export type StoredRow = Record<string, Stored>;

/** SQLite stores booleans as 0 and 1. */
export function withBooleans(table: ResourceTable, found: StoredRow[]): StoredRecord[] {
  for (const row of found)
    for (const name of table.booleans) if (row[name] !== null) row[name] = Boolean(row[name]);
  return found as unknown as StoredRecord[];
}

export function withFolded(resource: Resource, values: Row): Row {
  const row: Record<string, Stored> = { ...values };
  for (const [name, value] of Object.entries(values)) {
    const { key } = resource.attributes[name]?.kind ?? {};
    if (key !== undefined) row[foldedColumn(name)] = value === null ? null : key(value as string);
  }
  return row;
}

/** The number of parameters for so many ids: a power of two, so that few statements are prepared. */
export function padded(ids: readonly number[]): number[] {
  const size = 2 ** Math.ceil(Math.log2(ids.length));
  return Array.from({ length: size }, (_, i) => ids[i] ?? ids[0]!);
}

/** Whether the ids ascend, and most of the numbers from the first to the last are among them. */
export function isDense(ids: readonly number[]): boolean {
  const range = ids.at(-1)! - ids[0]! + 1;
  return range >= ids.length && range < 2 * ids.length && ids.every((id, i) => i === 0 || id > ids[i - 1]!);
}
