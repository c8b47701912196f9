// Searches for texts of one and two characters. The index `<table>_grams` has, for each text of this length, the rows that
// contain it: in one column (its number before the text), and in any of the columns that are searched together (`*` before
// it). The table `<table>_unindexed` has the rows that have changed since they were indexed; these are scanned.

import { type RawBuilder, sql } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import { codePoints, fold } from '../../model/text.ts';
import type { Parameter } from './compiled-queries.ts';
import type { Engine, Grams, ShortWalk } from './engine.ts';
import { joined } from './joined.ts';
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

/** The mark of a text of any column. The mark of a column is its position. */
const inAnyColumn = 63;
const codePointCount = 0x110000;

/**
 * The entries of a row in the index, each as a number: a row has about a hundred, and numbers take a third of the time of
 * texts. `gramText` has their texts.
 * @param texts the folded texts of the searched columns of one row, in their order
 */
export function gramsOf(texts: readonly string[]): ReadonlySet<number> {
  const grams = new Set<number>();
  for (const [column, text] of texts.entries()) {
    let last = -1;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      grams.add(gram(column, point));
      if (last !== -1) grams.add(gram(column, last, point));
      if (texts.length > 1) {
        grams.add(gram(inAnyColumn, point));
        if (last !== -1) grams.add(gram(inAnyColumn, last, point));
      }
      last = point;
    }
  }
  return grams;
}

function gram(mark: number, first: number, second = -1): number {
  return (mark * codePointCount + first) * (codePointCount + 1) + second + 1;
}

/** An entry of the index: a digit or `*` for its column, and one or two characters. */
export function gramText(number: number): string {
  const second = (number % (codePointCount + 1)) - 1;
  const rest = Math.floor(number / (codePointCount + 1));
  const text = markText(Math.floor(rest / codePointCount)) + String.fromCodePoint(rest % codePointCount);
  return second === -1 ? text : text + String.fromCodePoint(second);
}

function markText(mark: number): string {
  return mark === inAnyColumn ? '*' : `${mark}`;
}

function markOf({ search }: Resource, attribute: string | null): string {
  if (attribute === null) return markText(search.length > 1 ? inAnyColumn : 0);
  return markText(search.indexOf(attribute));
}

/**
 * Caches what an engine makes of the text of an entry.
 * @returns a function that takes the entry as a number
 */
export function cachedGrams(make: (text: string) => string): (number: number) => string {
  const known = new Map<number, string>();
  return (number) => {
    let made = known.get(number);
    if (made === undefined) {
      made = make(gramText(number));
      if (known.size >= maxCachedGrams) known.clear();
      known.set(number, made);
    }
    return made;
  };
}

/** Names and addresses of Latin letters have a few thousand. */
const maxCachedGrams = 20_000;

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
        return joined(any, ' or ');
      });
      return joined(conditions, ' and ');
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
  const changed = sql`select ${sql.ref(`${name}.id`)} as id ${changedRows(name, scanned)}`;
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
    + (select count(*) ${changedRows(name, scanned)})`;
}

/** A cross join, because SQLite does not change its order, and would read the other table first. */
function changedRows(table: string, scanned: AskedShort['scanned']): RawBuilder<unknown> {
  return sql`from ${sql.table(`${table}_unindexed`)} as changed cross join ${sql.table(table)}
    where ${sql.ref(`${table}.id`)} = changed.id and ${scanned(table)}`;
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
  const ids = idsOf(table, engine, asked);
  if (search.by === 'lookup') return engine.shortTexts.isOneOfFew(sql.ref(table.id), ids);
  // With a plus, SQLite does not look the rows up one by one.
  return sql<boolean>`+${sql.ref(table.id)} in (${ids})`;
}
