// Searches for texts of one and two characters. The index `<table>_grams` has, for each text of this length, the rows that
// contain it: in one column (its number before the text), and in any of the columns that are searched together (`*` before
// it). It also has the rows of each organization, for a resource that has `shortTextsWithin` (`@` and the id). The table `<table>_unindexed` has the rows that have changed since they were indexed; these are scanned.

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
 * - `complement`: the same for a count, if few records are not `within`: all that match the terms, less these.
 * - `lookup`: they match few records. These are read, and checked further.
 * - `set`: the ids of all records that match are collected, and other records are skipped.
 * - `scan`: many records match, so the first ones are found soon without the index.
 */
export interface ShortSearch {
  readonly terms: readonly ShortTerm[];
  /** The attribute `shortTextsWithin` must have one of these values; null for any. */
  readonly within: readonly unknown[] | null;
  readonly by: 'index' | 'complement' | 'lookup' | 'set' | 'scan';
}

export function isShort(text: string): boolean {
  const length = codePoints(text);
  return length === 1 || length === 2;
}

/** The columns whose values of before are kept for rows that have changed. */
export function shortTextColumns({ search, shortTextsWithin }: Resource): readonly string[] {
  const texts = search.map(foldedColumn);
  return shortTextsWithin === undefined ? texts : [...texts, shortTextsWithin];
}

/** An entry of the index: a text of one or two characters as a number, see gramsOf, or `@` and an id. */
export type Entry = number | string;

/** The mark of a text of any column. The mark of a column is its position. */
const inAnyColumn = 63;
const codePointCount = 0x110000;

/** What the index knows of a row. */
export interface IndexedTexts {
  /** The folded texts of the searched columns, in their order. */
  readonly texts: readonly string[];
  /** The value of `shortTextsWithin`; null if the resource has none. */
  readonly within: number | null;
}

/**
 * The entries of a row in the index. Those of texts are numbers: a row has about a hundred, and numbers take a third of the
 * time of texts. `gramText` has their texts.
 * @param known leaves out the entries of this row. If a name changes, few are left, and the texts of other columns are not read
 */
export function gramsOf(
  { texts, within }: IndexedTexts,
  known: IndexedTexts | null = null,
): ReadonlySet<Entry> {
  const grams = new Set<Entry>();
  if (within !== null && within !== known?.within) grams.add(withinText(within));
  for (const [column, text] of texts.entries()) {
    const same = known?.texts[column];
    if (text === same) continue;
    const add = (characters: string, first: number, second?: number) => {
      if (!same?.includes(characters)) grams.add(gram(column, first, second));
      if (texts.length > 1 && !known?.texts.some((other) => other.includes(characters)))
        grams.add(gram(inAnyColumn, first, second));
    };
    let last = -1;
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const at = i;
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      add(text.slice(at, i + 1), point);
      if (last !== -1) add(text.slice(start, i + 1), last, point);
      last = point;
      start = at;
    }
  }
  return grams;
}

function gram(mark: number, first: number, second = -1): number {
  return (mark * codePointCount + first) * (codePointCount + 1) + second + 1;
}

const withinText = (id: unknown) => `@${id}`;

/** The text of an entry: a digit or `*` for its column, and one or two characters; or `@` and an id. */
export function gramText(entry: Entry): string {
  return typeof entry === 'string' ? entry : textOfNumber(entry);
}

function textOfNumber(number: number): string {
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
 * @returns a function that takes the entry
 */
export function cachedGrams(make: (text: string) => string): (entry: Entry) => string {
  const known = new Map<Entry, string>();
  return (entry) => {
    let made = known.get(entry);
    if (made === undefined) {
      made = make(gramText(entry));
      if (known.size >= maxCachedGrams) known.clear();
      known.set(entry, made);
    }
    return made;
  };
}

/** Names and addresses of Latin letters have a few thousand. */
const maxCachedGrams = 20_000;

/** Appends the texts of a search to the values of a query. @returns its shape */
export function shortShape({ terms, within, by }: ShortSearch, values: unknown[]): string {
  for (const { texts } of terms) values.push(...texts);
  if (within !== null) values.push(...within);
  return `short ${by} ${within?.length ?? ''} ${terms.map(({ attribute, texts }) => `${attribute ?? '*'} ${texts.length}`).join()};`;
}

/** A search with its parameters. */
export interface AskedShort {
  /** For each term: the texts of which one must be in the columns. The last ones are the values of `within`. */
  readonly grams: Grams;
  /** The same by reading a row of this table. */
  scanned(table: string): RawBuilder<boolean>;
}

export function askedShort(
  { terms, within }: ShortSearch,
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
  const ids = within?.map(takeParameter) ?? null;
  return {
    grams: [
      ...asked.map(({ grams }) => grams),
      ...(ids === null ? [] : [ids.map((id) => id.map(withinText))]),
    ],
    scanned: (table) => {
      const conditions = asked.map(({ columns, texts }) => {
        const any = texts.map((text) => engine.contains(table, columns, text, false));
        return joined(any, ' or ');
      });
      if (ids !== null)
        conditions.push(sql`(${sql.ref(`${table}.${resource.shortTextsWithin}`)} in (${sql.join(ids)}))`);
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

/** The number of records that match, for a search by complement: the only id `within` is the last parameter of the search. */
export function countByComplement(
  search: ShortSearch,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): RawBuilder<number> {
  const asked = askedShort({ ...search, within: null }, table, engine, takeParameter);
  const outside = rowsOutside(table, takeParameter()).map(
    (rows) => sql`(select count(*) ${rows} and ${asked.scanned(table.name)})`,
  );
  return sql`${countOf(table, engine, asked)} - ${sql.join(outside, sql` - `)}`;
}

/** The rows before and after those of an id in the index of the column: with `<>`, SQLite would read all. */
export function rowsOutside({ name, resource }: ResourceTable, id: Parameter): RawBuilder<unknown>[] {
  const column = sql.ref(`${name}.${resource.shortTextsWithin}`);
  return [sql`<`, sql`>`].map(
    (comparison) => sql`from ${sql.table(name)} where ${column} ${comparison} ${id}`,
  );
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
