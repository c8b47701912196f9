// Searches for texts of one and two characters. The index `<table>_grams` has, for each text of this length, the rows that
// contain it: in one column (its number before the text), and in any of the columns that are searched together (`*` before
// it). The table `<table>_unindexed` has the rows that have changed since they were indexed; these are scanned.

import { type RawBuilder, sql } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import { codePoints, fold } from '../../model/text.ts';
import type { Parameter } from './compiled-queries.ts';
import type { Engine, Grams, ShortWalk } from './engine.ts';
import { foldedColumn, type ResourceTable } from './resource-table.ts';

/** One of the texts must be in this attribute, or in any of those that are searched if it is null. */
export interface ShortTerm {
  readonly attribute: string | null;
  /** At most two characters each. */
  readonly texts: readonly string[];
}

/**
 * All terms must match.
 * - `index`: they are the whole filter, and the index gives the records in the order of their ids.
 * - `lookup`: they match few records. These are read, and checked further.
 * - `set`: the ids of all records that match are collected, and other records are skipped.
 * - `scan`: many records match, so the first ones are found soon without the index.
 */
export interface ShortSearch {
  readonly terms: readonly ShortTerm[];
  readonly by: 'index' | 'lookup' | 'set' | 'scan';
}

export function isShort(text: string): boolean {
  const length = codePoints(text);
  return length === 1 || length === 2;
}

const inAnyColumn = '*';

/** @param texts the folded texts of the searched columns of one row, in their order */
export function gramsOf(texts: readonly string[]): ReadonlySet<string> {
  const grams = new Set<string>();
  for (const [column, text] of texts.entries()) {
    const marks = texts.length === 1 ? [`${column}`] : [`${column}`, inAnyColumn];
    let last = '';
    for (const character of text) {
      for (const mark of marks) {
        grams.add(mark + character);
        if (last !== '') grams.add(mark + last + character);
      }
      last = character;
    }
  }
  return grams;
}

function markOf({ search }: Resource, attribute: string | null): string {
  if (attribute === null && search.length > 1) return inAnyColumn;
  return `${attribute === null ? 0 : search.indexOf(attribute)}`;
}

/** Appends the texts of a search to the values of a query. @returns its shape */
export function shortShape({ terms, by }: ShortSearch, values: unknown[]): string {
  for (const { texts } of terms) values.push(...texts);
  return `short ${by} ${terms.map(({ attribute, texts }) => `${attribute ?? '*'} ${texts.length}`).join()};`;
}

/** A search with the parameters of its texts. */
export interface AskedShort {
  /** For each term: the texts of which one must be in the columns. */
  readonly grams: Grams;
  /** The same by reading a row of this table. */
  scanned(table: string): RawBuilder<boolean>;
}

export function askedShort(
  { terms }: ShortSearch,
  { resource }: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): AskedShort {
  const asked = terms.map(({ attribute, texts }) => {
    const mark = markOf(resource, attribute);
    const parameters = texts.map(takeParameter);
    return {
      columns: (attribute === null ? resource.search : [attribute]).map(foldedColumn),
      grams: parameters.map((parameter) => parameter.map((text: string) => mark + fold(text))),
      texts: parameters.map((parameter) => parameter.map(fold)),
    };
  });
  return {
    grams: asked.map(({ grams }) => grams),
    scanned: (table) => {
      const conditions = asked.map(({ columns, texts }) => {
        const any = texts.map((text) => engine.contains(table, columns, text, false));
        return sql`(${sql.join(any, sql` or `)})`;
      });
      return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
    },
  };
}

/** A query for the ids of all records that match. @param walk null if they are needed in no order */
export function idsOf(
  { name }: ResourceTable,
  engine: Engine,
  { grams, scanned }: AskedShort,
  walk: ShortWalk | null = null,
): RawBuilder<{ id: number }> {
  const changed = sql`select ${sql.ref(`${name}.id`)} as id from ${sql.table(`${name}_unindexed`)} as changed
    join ${sql.table(name)} on ${sql.ref(`${name}.id`)} = changed.id where ${scanned(name)}`;
  return sql`${engine.shortTexts.ids(name, grams, walk)} union all ${changed}`;
}

/** The number of records that match: what the index counts, with the rows that have changed as they are now. */
export function countOf(
  { name }: ResourceTable,
  engine: Engine,
  { grams, scanned }: AskedShort,
): RawBuilder<number> {
  const unindexed = `${name}_unindexed`;
  return sql<number>`(${engine.shortTexts.count(name, grams, null)})
    - (select count(*) from ${sql.table(unindexed)} where ${scanned(unindexed)})
    + (select count(*) from ${sql.table(unindexed)} as changed
      join ${sql.table(name)} on ${sql.ref(`${name}.id`)} = changed.id where ${scanned(name)})`;
}

/** The condition that a row matches. */
export function shortSql(
  search: ShortSearch,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): RawBuilder<boolean> {
  const asked = askedShort(search, table, engine, takeParameter);
  if (search.by === 'scan') return asked.scanned(table.name);
  // With a plus, SQLite does not look the rows up one by one.
  const id = search.by === 'set' ? sql`+${sql.ref(table.id)}` : sql.ref(table.id);
  return sql<boolean>`${id} in (${idsOf(table, engine, asked)})`;
}
