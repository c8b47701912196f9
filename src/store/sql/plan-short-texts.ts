// Decides how a query finds the texts of one and two characters in its filter. Almost no record contains `zq`, and almost
// every one contains `a`: the index says how many records match, and that decides.

import { sql } from 'kysely';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Comparison, Filter, Group } from '../../model/query.ts';
import type { Resource } from '../../model/resource.ts';
import { fold } from '../../model/text.ts';
import type { QueryContext } from './page.ts';
import type { Reader } from './read-cost.ts';
import { askedShort, isShort, type ShortSearch, type ShortTerm, shortShape } from './short-texts.ts';

/** A filter in which the searches for short texts are replaced. */
export type Planned = Exclude<Filter, Group> | ShortSearch | PlannedGroup;

interface PlannedGroup {
  readonly all?: readonly Planned[];
  readonly any?: readonly Planned[];
}

type Use = 'walk' | 'count' | 'page';

/** For each record that is looked up, the database reads one page: so not too many, and not one record in sixteen. */
const maxLookups = 5000;
const lookedUpPart = 16;

/** If one record in four matches, the first page is found soon without the index. */
const scannedPart = 4;

/**
 * @param use `walk`: records in the order of their ids, or their number, if there is no other condition; `count`: their
 * number; `page`: the first of them
 * @param reader runs the read itself
 */
export function planned(
  context: QueryContext,
  reader: Reader,
  filter: Filter | null,
  use: Use,
): Awaitable<Planned | null> {
  if (filter === null || !context.table.resource.indexesShortTexts) return filter;
  const found = rewritten(filter, context.table.resource);
  if (found === filter) return filter;
  if (use === 'walk' && isShortSearch(found)) return { ...found, by: 'index' };
  return weighed(context, reader, found, use === 'walk' ? 'page' : use);
}

export function isShortSearch(filter: Planned | null): filter is ShortSearch {
  return filter !== null && 'terms' in filter;
}

function searchFor(terms: readonly ShortTerm[]): ShortSearch {
  return { terms, by: 'scan' };
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

function weighed(context: QueryContext, reader: Reader, filter: Planned, use: Use): Awaitable<Planned> {
  if (isShortSearch(filter)) return chain(wayOf(context, reader, filter, use), (by) => ({ ...filter, by }));
  if (!('all' in filter || 'any' in filter)) return filter;
  const name = filter.any === undefined ? 'all' : 'any';
  const parts = inTurn(filter[name]!, (part) => weighed(context, reader, part, use));
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
  { db, engine, table }: QueryContext,
  { query }: Reader,
  search: ShortSearch,
  use: Use,
): Awaitable<ShortSearch['by']> {
  const values: unknown[] = [];
  const key = `weigh ${shortShape(search, values)}`;
  const found = query<{ found: number; row_count: number }>(key, values, ([...parameters]) => {
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
    const isDense = matching > rows / scannedPart;
    return engine.shortTexts.collects && !(isDense && use === 'page') ? 'set' : 'scan';
  });
}
