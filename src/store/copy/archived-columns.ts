// The tables and columns of archives, with the types of their values.

import type { Kind } from '../../model/kind.ts';
import { timestamp } from '../../model/kinds.ts';
import { type CarriedTable, type Columns, type ColumnType, isCarried, type Table } from '../sql/tables.ts';

export function isArchived(table: Table): table is CarriedTable {
  return isCarried(table) && table.move.notExported === undefined;
}

/** All columns, except the folded ones, which are made from others. */
export function archivedColumns({ resource, columns }: Table): Columns {
  const attributes = (resource?.columns ?? []).map((name) => {
    const { kind, description } = resource!.attributes[name]!;
    return [name, { type: typeOf(kind), description }];
  });
  return { ...columns, ...Object.fromEntries(attributes) };
}

function typeOf(kind: Kind): ColumnType {
  if (kind.json) return 'json';
  return kind === timestamp ? 'time' : kind.column;
}
