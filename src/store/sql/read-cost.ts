// Tells before a read runs whether it is short. SQLite has no other answer to that: its planner has no statistics, and a
// statement that runs in the thread of the service cannot be ended. What is not known to be short runs beside the others,
// see long-reads.ts.

import type { Filter, SortTerm } from '../../model/query.ts';
import type { Resource } from '../../model/resource.ts';
import type { Visible } from '../store.ts';
import type { RunShape } from './compiled-queries.ts';
import { flattened, isNarrow } from './few-records.ts';
import type { ClientOf } from './long-reads.ts';
import type { QueryContext } from './page.ts';
import { isIndexedEquality, type Walk } from './walks.ts';

/** Comparisons of values, and entries of an index to skip, that take a few milliseconds together. */
const maxComparisons = 20_000;
const maxSkipped = 1000;

/** Runs the statements of one read. */
export interface Reader {
  readonly query: RunShape;
  /** See Engine.interruptible; null if the read is short. */
  readonly check: (id: string) => ReturnType<QueryContext['engine']['interruptible']>;
}

/** @param isShort whether it may run before other reads, instead of beside them */
export function readerFor(
  { query, long, engine }: QueryContext,
  isShort: boolean,
  client?: ClientOf,
): Reader {
  if (isShort || long === null) return { query, check: () => null };
  return {
    query: (key, values, build) => long(`long ${key}`, values, build, client),
    check: engine.interruptible,
  };
}

interface AskedPage {
  readonly filter: Filter | null;
  readonly visible: Visible;
  readonly sort: readonly SortTerm[];
  readonly isFirst: boolean;
  readonly offset: number;
}

/** A page is short if its rows are found along an index, in their order, or if few rows can match or exist. */
export function isShortPage(context: QueryContext, asked: AskedPage): boolean {
  const { resource } = context.table;
  const { filter, visible, sort, isFirst, offset } = asked;
  const conditions = flattened([visible, filter]);
  if (isShortScan(context, conditions)) return true;
  if (offset > maxSkipped) return false;
  const isById = sort[0]!.attribute === 'id';
  if (conditions.length === 0) return isById || (isFirst && isSortedByIndex(resource, sort));
  return isById && conditions.length === 1 && isWalked(resource, conditions[0]!);
}

/** Whether an index of the first attribute has the rows in order: also the ids of equal values, and no row is missing. */
export function isSortedByIndex({ attributes }: Resource, sort: readonly SortTerm[]): boolean {
  const [first, second] = sort;
  return (
    sort.length === 2 && !attributes[first!.attribute]!.nullable && first!.descending === second!.descending
  );
}

/** A count, or another scan of all rows that match. */
export function isShortCount(context: QueryContext, filter: Filter | null, visible: Visible): boolean {
  return isShortScan(context, flattened([visible, filter]));
}

/** A part of a long list, which looks at no more than so many rows. */
export function isShortPart(filter: Filter | null, visible: Visible, rowsLookedAt: number): boolean {
  return rowsLookedAt * comparisonsIn(flattened([visible, filter])) <= maxComparisons;
}

/** The walks of a page, which look at no more than so many rows together; without other conditions, at the page alone. */
export function isShortWalk(walks: readonly Walk[], rowsLookedAt: number): boolean {
  return walks.every(({ others }) => rowsLookedAt * comparisonsIn(others) <= maxComparisons);
}

function isShortScan({ table: { resource }, size }: QueryContext, conditions: readonly Filter[]): boolean {
  return (
    conditions.some((condition) => isNarrow(resource, condition)) ||
    size.rows * comparisonsIn(conditions) <= maxComparisons
  );
}

/** Whether an index has all rows that match, in the order of their ids. */
function isWalked(resource: Resource, condition: Filter): boolean {
  if ('link' in condition) return condition.others.length === 1;
  return 'attribute' in condition && condition.values.length === 1 && isIndexedEquality(resource, condition);
}

/** Comparisons for each row; at least one, for reading it. */
function comparisonsIn(conditions: readonly Filter[]): number {
  return conditions.reduce((sum, condition) => sum + comparisons(condition), 1);
}

/** A word of a search is compared with several attributes. */
const comparisonsOfWord = 3;

function comparisons(filter: Filter): number {
  if ('words' in filter) return filter.words.length * comparisonsOfWord;
  if ('attribute' in filter) return Math.max(filter.values.length, 1);
  if ('link' in filter) return filter.others.length;
  return comparisonsIn((filter.all ?? filter.any)!);
}
