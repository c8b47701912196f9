// What SQL needs to know about the table of a resource. Created once, when the store is opened.

import { type RawBuilder, sql } from 'kysely';
import type { Attribute, JoinedColumn } from '../../model/attribute.ts';
import type { Stored } from '../../model/kind.ts';
import type { Resource, ShownRevisions } from '../../model/resource.ts';
import type { Facts } from '../store.ts';
import type { KnownQueries } from './compiled-queries.ts';
import type { GivenColumns } from './engine.ts';

export interface ResourceTable {
  readonly resource: Resource;
  readonly name: string;
  /** A qualified column, for example `users.email`. */
  column(name: string): string;
  readonly id: string;
  /** Its own columns, qualified: id, revision and attributes. */
  readonly columns: readonly string[];
  readonly joined: readonly JoinedAttribute[];
  /** The other rows that joined columns come from, each once. */
  readonly others: readonly OtherRow[];
  readonly booleans: readonly string[];
  /** The types of the columns of new rows. */
  readonly types: GivenColumns;
  /** See ResourceDefinition.audiencesBy. */
  readonly facts: readonly string[];
  readonly foldedColumns: readonly string[];
  /** Columns of unique attributes. */
  readonly identities: readonly string[];
  /** Further columns that need an index: of each sort, and of each filter that compares whole values. */
  readonly indexedColumns: readonly string[];
  /** Columns of the text index. */
  readonly searchColumns: readonly string[];
  /** Values of a new row for attributes that are not given. */
  readonly defaults: Readonly<Record<string, Stored>>;
  /** Cache of compiled queries, shared by all connections of the engine. */
  readonly queries: KnownQueries;
}

export interface OtherRow {
  readonly table: string;
  /** The attribute that holds its id. */
  readonly by: string;
  /**
   * Alias of the other table in queries. Needed because a table may be joined twice, or be the table of the resource
   * itself.
   */
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
    types: typesOf(resource),
    foldedColumns: columns.filter((name) => attributes[name]!.kind.folded !== undefined).map(foldedColumn),
    searchColumns: resource.search.map(foldedColumn),
    indexedColumns: columns
      .filter((name) => needsIndex(attributes[name]!) && attributes[name]!.kind.folded !== 'identity')
      .map((name) => (attributes[name]!.kind.folded === undefined ? name : foldedColumn(name))),
    identities: columns.filter((name) => attributes[name]!.kind.folded === 'identity').map(foldedColumn),
    defaults: Object.fromEntries(columns.map((name) => [name, attributes[name]!.default ?? null])),
    queries: new Map(),
  };
}

function typesOf({ attributes, columns }: Resource): GivenColumns {
  const ofColumns = columns.flatMap((name): [string, GivenColumns[string]][] => {
    const { kind } = attributes[name]!;
    const own: [string, GivenColumns[string]] = [name, kind.column];
    return kind.key === undefined ? [own] : [own, [foldedColumn(name), 'text']];
  });
  return { id: 'integer', ...Object.fromEntries(ofColumns) };
}

/** A filter for a part of a text cannot use an index of whole values: its index, if it has one, is that of texts. */
export function needsIndex({ kind, filter, sort }: Attribute): boolean {
  return Boolean(sort) || (Boolean(filter) && !kind.operators.includes('contains'));
}

/** @throws Error if the store was opened without the resource */
export function ofResource<T>(known: ReadonlyMap<Resource, T>, resource: Resource): T {
  const found = known.get(resource);
  if (found === undefined) throw new Error(`The store was opened without ${resource.type}`);
  return found;
}

/** Each text column has a second column with its folded form, for search and sort. */
export function foldedColumn(name: string): string {
  return `${name}_key`;
}

/**
 * A subquery for a column of the other row.
 * @param row name or alias of the table of the row in the query
 */
export function otherColumn(
  { table, by, alias }: OtherRow,
  column: string,
  row: string,
): RawBuilder<unknown> {
  return sql`(select ${sql.ref(`${alias}.${column}`)} from ${sql.table(table)} as ${sql.ref(alias)}
    where ${sql.ref(`${alias}.id`)} = ${sql.ref(`${row}.${by}`)})`;
}

/**
 * The revisions of the other rows, as one SQL value: null if there are none, a number if there is one, else text,
 * joined by dots.
 * @param revisionOf the SQL for the revision of another row in this query
 */
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

/**
 * The columns that a query selects to read the facts of rows, see ResourceDefinition.audiencesBy.
 * @param row name or alias of their table in the query
 */
export function factColumns({ facts }: ResourceTable, row: string) {
  return facts.map((name) => sql.ref(`${row}.${name}`).as(`fact_${name}`));
}

/**
 * Adds the facts in a row to the version that was read from it.
 * @param found a row of a query that selects `factColumns`
 */
export function withFacts<V>(
  { facts, booleans }: ResourceTable,
  found: Readonly<Record<string, unknown>>,
  version: V,
): V & { facts?: Facts } {
  if (facts.length === 0) return version as V & { facts?: Facts };
  const values: Record<string, Stored> = {};
  for (const name of facts) {
    const value = found[`fact_${name}`] as Stored;
    values[name] = value !== null && booleans.includes(name) ? Boolean(value) : value;
  }
  return { ...version, facts: values };
}
