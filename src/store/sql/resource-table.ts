// The table of a resource: all that SQL needs to know of it, made once when the store is opened.

import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { JoinedColumn } from '../../model/attribute.ts';
import type { Stored } from '../../model/kind.ts';
import type { Resource, ShownRevisions } from '../../model/resource.ts';
import type { Facts } from '../store.ts';

export interface ResourceTable {
  readonly resource: Resource;
  readonly name: string;
  /** A column of it, such as `users.email`. */
  column(name: string): string;
  readonly id: string;
  /** Its own columns of a row: id, revision and attributes. */
  readonly columns: readonly string[];
  readonly joined: readonly JoinedAttribute[];
  /** The rows that joined columns come from, each once. */
  readonly others: readonly OtherRow[];
  readonly booleans: readonly string[];
  /** See ResourceDefinition.audiencesBy. */
  readonly facts: readonly string[];
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

export interface OtherRow {
  readonly table: string;
  /** The attribute with its id. */
  readonly by: string;
  /** What a query calls the other table: it may be joined twice, or be the table of the resource itself. */
  readonly alias: string;
}

export interface JoinedAttribute extends JoinedColumn, OtherRow {
  readonly name: string;
}

export function resourceTable(resource: Resource): ResourceTable {
  const { type, attributes, columns } = resource;
  const column = (name: string) => `${type}.${name}`;
  const joined = Object.entries(attributes).flatMap(([name, { joined }]) =>
    joined === undefined ? [] : [{ ...joined, name, alias: `by_${joined.by}` }],
  );
  return {
    resource,
    name: type,
    column,
    id: column('id'),
    columns: ['id', 'revision', ...columns].map(column),
    joined,
    others: [...new Map(joined.map(({ alias, table, by }) => [alias, { alias, table, by }])).values()],
    facts: resource.audiencesBy ?? [],
    booleans: columns.filter((name) => attributes[name]!.kind.column === 'boolean'),
    foldedColumns: columns.filter((name) => attributes[name]!.kind.folded !== undefined).map(foldedColumn),
    searchColumns: resource.search.map(foldedColumn),
    identities: columns.filter((name) => attributes[name]!.kind.folded === 'identity').map(foldedColumn),
    defaults: Object.fromEntries(columns.map((name) => [name, attributes[name]!.default ?? null])),
    queries: new Map(),
  };
}

/** @throws Error where the store was opened without the resource */
export function ofResource<T>(known: ReadonlyMap<Resource, T>, resource: Resource): T {
  const found = known.get(resource);
  if (found === undefined) throw new Error(`The store was opened without ${resource.type}`);
  return found;
}

/** Beside the column of a text stands its folded form, by which it is searched and sorted. */
export function foldedColumn(name: string): string {
  return `${name}_key`;
}

/** What a row shows of another one, by a subquery. @param row what the query calls the table of the row */
export function ofOther({ table, by, alias }: OtherRow, column: string, row: string): RawBuilder<unknown> {
  return sql`(select ${sql.ref(`${alias}.${column}`)} from ${sql.table(table)} as ${sql.ref(alias)}
    where ${sql.ref(`${alias}.id`)} = ${sql.ref(`${row}.${by}`)})`;
}

/** @param revisionOf how the query names the revision of another row */
export function shownRevisions(
  { others }: ResourceTable,
  revisionOf: (other: OtherRow) => RawBuilder<unknown>,
): RawBuilder<ShownRevisions> {
  const revisions = others.map(revisionOf);
  if (revisions.length === 0) return sql`null`;
  if (revisions.length === 1) return sql`${revisions[0]}`;
  const texts = revisions.map((revision) => sql`cast(coalesce(${revision}, 0) as text)`);
  return sql`${sql.join(texts, sql` || '.' || `)}`;
}

/** Columns of a query that reads the facts of rows. @param row what the query calls their table */
export function factColumns({ facts }: ResourceTable, row: string) {
  return facts.map((name) => sql.ref(`${row}.${name}`).as(`fact_${name}`));
}

/** @param found a row of that query */
export function withFacts<V>(
  { facts, booleans }: ResourceTable,
  found: Readonly<Record<string, unknown>>,
  version: V,
): V & { facts?: Facts } {
  if (facts.length === 0) return version as V & { facts?: Facts };
  const values = facts.map((name) => {
    const value = found[`fact_${name}`] as Stored;
    return [name, value !== null && booleans.includes(name) ? Boolean(value) : value];
  });
  return { ...version, facts: Object.fromEntries(values) };
}
