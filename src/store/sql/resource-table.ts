// The table of a resource: all that SQL needs to know of it, made once when the store is opened.

import type { CompiledQuery } from 'kysely';
import type { JoinedColumn } from '../../model/attribute.ts';
import type { Stored } from '../../model/kind.ts';
import type { Resource } from '../../model/resource.ts';

export interface ResourceTable {
  readonly resource: Resource;
  readonly name: string;
  /** A column of it, such as `users.email`. */
  column(name: string): string;
  readonly id: string;
  /** Its own columns of a row: id, revision and attributes. */
  readonly columns: readonly string[];
  readonly joined: readonly JoinedAttribute[];
  readonly booleans: readonly string[];
  readonly foldedColumns: readonly string[];
  /** Those of attributes that no two rows share. */
  readonly identities: readonly string[];
  /** Those that the index of texts has. */
  readonly searchColumns: readonly string[];
  /** What a new row has where nothing is given. */
  readonly defaults: Readonly<Record<string, Stored>>;
  /** The queries that were compiled for it, for all connections of the engine. */
  readonly queries: Map<string, CompiledQuery<unknown>>;
}

export interface JoinedAttribute extends JoinedColumn {
  readonly name: string;
  /** What a query calls the other table: it may be joined twice, or be the table of the resource itself. */
  readonly alias: string;
}

export function resourceTable(resource: Resource): ResourceTable {
  const { type, attributes, columns } = resource;
  const column = (name: string) => `${type}.${name}`;
  return {
    resource,
    name: type,
    column,
    id: column('id'),
    columns: ['id', 'revision', ...columns].map(column),
    joined: Object.entries(attributes).flatMap(([name, { joined }]) =>
      joined === undefined ? [] : [{ ...joined, name, alias: `by_${joined.by}` }],
    ),
    booleans: columns.filter((name) => attributes[name]!.kind.column === 'boolean'),
    foldedColumns: columns.filter((name) => attributes[name]!.kind.folded !== undefined).map(foldedColumn),
    searchColumns: resource.search.map(foldedColumn),
    identities: columns.filter((name) => attributes[name]!.kind.folded === 'identity').map(foldedColumn),
    defaults: Object.fromEntries(columns.map((name) => [name, attributes[name]!.default ?? null])),
    queries: new Map(),
  };
}

/** Beside the column of a text stands its folded form, by which it is searched and sorted. */
export function foldedColumn(name: string): string {
  return `${name}_key`;
}
