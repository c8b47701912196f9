// Decides how a query finds the texts of one and two characters in its filter. Almost no record contains `zq`, and almost
// every one contains `a`: the index says how many records match, and that decides.

import { sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Comparison, Filter, Group } from '../../model/query.ts';
import type { Resource } from '../../model/resource.ts';
import { fold } from '../../model/text.ts';
import type { Visible } from '../store.ts';
import { flattened } from './few-records.ts';
import type { QueryContext } from './page.ts';
import type { Reader } from './read-cost.ts';
import {
  askedShort,
  isShort,
  rowsOutside,
  type ShortSearch,
  type ShortTerm,
  shortShape,
} from './short-texts.ts';

/** A filter in which the searches for short texts are replaced. */
export type Planned = Exclude<Filter, Group> | ShortSearch | PlannedGroup;

interface PlannedGroup {
  readonly all?: readonly Planned[];
  readonly any?: readonly Planned[];
}

/** What records must match: what the reader sees, and the filter. */
export interface Plan {
  readonly visible: Visible;
  readonly filter: Planned | null;
  /** If not null: only the first so many rows that are visible are looked at, in the order of the page. */
  readonly looksAt: number | null;
}

interface Use {
  readonly of: 'count' | 'page';
  /** Whether records are needed in the order of their ids, or in none. */
  readonly isById: boolean;
  /** Whether an index has the records in the order of the page, so that its first rows may fill it. */
  readonly looksFirst: boolean;
}

/**
 * Reading so many rows takes 2 ms, and they fill a page of 30 if one in twenty matches. To collect the ids of a tenth of a
 * million records takes 15 times as long.
 */
export const firstRows = 1000;

/** For each record that is looked up, the database reads one page: so not too many, and not one record in sixteen. */
const maxLookups = 5000;
const lookedUpPart = 16;

/** If one record in four matches, the first page is found soon without the index. */
const scannedPart = 4;

/**
 * @param reader runs the read itself
 * @returns null as `visible` if the index decides that too
 */
export function planned(
  context: QueryContext,
  reader: Reader,
  { filter, visible }: { readonly filter: Filter | null; readonly visible: Visible },
  use: Use,
): Awaitable<Plan> {
  const { resource } = context.table;
  const asIs = { visible, filter, looksAt: null };
  if (filter === null || !resource.indexesShortTexts) return asIs;
  const found = rewritten(filter, resource);
  if (found === filter) return asIs;
  const conditions = flattened<Planned>([visible, found]);
  const owner = conditions.find((one) => isOwner(one, resource)) as Comparison | undefined;
  const within = owner?.values ?? null;
  const others = conditions.filter((one) => one !== owner);
  const [search] = others;
  if (use.isById && others.length === 1 && isShortSearch(search!)) {
    const way = use.of === 'count' ? wayToCount(context, reader, within) : 'index';
    return chain(way, (by) => ({ ...asIs, visible: null, filter: { ...search, within, by } }));
  }
  const isAlongIndex = visible === null || (visible === owner && within?.length === 1);
  if (use.looksFirst && isAlongIndex && context.engine.shortTexts.collects)
    return { visible, filter: found, looksAt: firstRows };
  const weighing = { use: use.of, within };
  return chain(weighed(context, reader, found, weighing), (plan) => ({ ...asIs, filter: plan }));
}

/** In most databases, one organization has nearly all people. */
function wayToCount(
  { db, engine, table }: QueryContext,
  { query }: Reader,
  within: ShortSearch['within'],
): Awaitable<'index' | 'complement'> {
  if (!engine.shortTexts.countsEach || within?.length !== 1) return 'index';
  const found = query<{ found: number }>('outside', within, ([id]) => {
    const counts = rowsOutside(table, id!).map(
      (rows) => sql`(select count(*) from (select 1 ${rows} limit ${sql.lit(maxLookups + 1)}))`,
    );
    return db.selectNoFrom(sql<number>`${sql.join(counts, sql` + `)}`.as('found'));
  });
  return chain(found, ([row]) => (Number(row!.found) <= maxLookups ? 'complement' : 'index'));
}

/** Each value is a list that the index reads. */
const maxOwners = 20;

/** Whether the index has the records that match. */
function isOwner(condition: Planned, { shortTextsWithin }: Resource): boolean {
  if (!('attribute' in condition) || condition.attribute !== shortTextsWithin) return false;
  const { operator, values } = condition;
  return operator === 'eq' && values.length > 0 && values.length <= maxOwners && !values.includes(null);
}

export function isShortSearch(filter: Planned | null): filter is ShortSearch {
  return filter !== null && 'terms' in filter;
}

function searchFor(terms: readonly ShortTerm[]): ShortSearch {
  return { terms, within: null, by: 'scan' };
}

/** The same filter if there is no short text in it. */
function rewritten(filter: Filter, resource: Resource): Planned {
  if ('words' in filter) {
    const terms = filter.words.filter(isShort).map((word) => ({ attribute: null, texts: [word] }));
    if (terms.length === 0 || resource.search.length === 0) return filter;
    const words = filter.words.filter((word) => !isShort(word));
    return words.length === 0 ? searchFor(terms) : { all: [searchFor(terms), { words }] };
  }
  if ('attribute' in filter) {
    const term = shortTerm(filter, resource);
    return term === null ? filter : searchFor([term]);
  }
  if ('link' in filter) return filter;
  const { any } = filter;
  const parts = (any ?? filter.all!).map((part) => rewritten(part, resource));
  if (parts.every((part, i) => part === (any ?? filter.all!)[i])) return filter;
  return any === undefined ? together(parts) : { any: parts };
}

function shortTerm({ attribute, operator, values }: Comparison, { search }: Resource): ShortTerm | null {
  if (operator !== 'contains' || !search.includes(attribute) || values.length === 0) return null;
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length === values.length && texts.every((text) => isShort(fold(text)))
    ? { attribute, texts }
    : null;
}

/** All terms that must match become one search. */
function together(parts: readonly Planned[]): Planned {
  const flat = parts.flatMap((part) => ('all' in part && part.all ? part.all : [part]));
  const terms = flat.filter(isShortSearch).flatMap((search) => search.terms);
  if (terms.length === 0) return { all: parts };
  const others = flat.filter((part) => !isShortSearch(part));
  return others.length === 0 ? searchFor(terms) : { all: [searchFor(terms), ...others] };
}

interface Weighing {
  readonly use: Use['of'];
  readonly within: ShortSearch['within'];
}

function weighed(
  context: QueryContext,
  reader: Reader,
  filter: Planned,
  weighing: Weighing,
): Awaitable<Planned> {
  if (isShortSearch(filter)) {
    const search = { ...filter, within: weighing.within };
    return chain(wayOf(context, reader, search, weighing.use), (by) =>
      by === 'scan' ? filter : { ...search, by },
    );
  }
  if (!('all' in filter || 'any' in filter)) return filter;
  const name = filter.any === undefined ? 'all' : 'any';
  const parts = inTurn(filter[name]!, (part) => weighed(context, reader, part, weighing));
  return chain(parts, (weighedParts) => ({ [name]: weighedParts }));
}

/** One after the other: a list of many texts must not take all places of long reads. */
function inTurn<T, R>(
  [first, ...rest]: readonly T[],
  work: (one: T) => Awaitable<R>,
  done: readonly R[] = [],
): Awaitable<readonly R[]> {
  if (first === undefined) return done;
  return chain(work(first), (result) => inTurn(rest, work, [...done, result]));
}

function wayOf(
  context: QueryContext,
  reader: Reader,
  search: ShortSearch,
  use: Use['of'],
): Awaitable<ShortSearch['by']> {
  const { db, engine, table } = context;
  const values: unknown[] = [];
  const key = `weigh ${shortShape(search, values)}`;
  const found = reader.query<{ found: number; row_count: number }>(key, values, ([...parameters]) => {
    const { grams } = askedShort(search, table, engine, () => parameters.shift()!);
    const rows = sql<number>`(select sum(row_count) from collections where name = ${sql.lit(table.name)})`;
    const enough = sql<number>`(${rows} / ${sql.lit(scannedPart)} + ${sql.lit(maxLookups)} + 1)`;
    return db.selectNoFrom([
      sql`(${engine.shortTexts.count(table.name, grams, enough)})`.as('found'),
      rows.as('row_count'),
    ]);
  });
  return chain(found, ([row]) => {
    const matching = Number(row!.found);
    const rows = Number(row!.row_count);
    if (matching <= Math.min(maxLookups, rows / lookedUpPart)) return 'lookup';
    if (!engine.shortTexts.collects) return 'scan';
    if (use === 'count') return 'set';
    if (matching > rows / scannedPart) return 'scan';
    if (search.within === null) return 'set';
    const enough = matching * scannedPart;
    return chain(countOwned(context, reader, search, enough), (owned) => (owned < enough ? 'scan' : 'set'));
  });
}

/** The number of records within, or `enough`. */
function countOwned(
  { db, engine, table }: QueryContext,
  { query }: Reader,
  { within, by }: ShortSearch,
  enough: number,
): Awaitable<number> {
  const values: unknown[] = [];
  const all: ShortSearch = { terms: [], within, by };
  const key = `owned ${shortShape(all, values)}`;
  const found = query<{ found: number }>(key, [...values, enough], ([...parameters]) => {
    const { grams } = askedShort(all, table, engine, () => parameters.shift()!);
    const count = engine.shortTexts.count(table.name, grams, sql<number>`${parameters.shift()}`);
    return db.selectNoFrom(sql<number>`(${count})`.as('found'));
  });
  return chain(found, ([row]) => Number(row!.found));
}
