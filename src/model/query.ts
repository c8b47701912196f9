// The query of a collection, independent of URL syntax and SQL.

import type { FilterOperator, Stored } from './kind.ts';

/** Minimum number of characters for the text index, which is an index of trigrams. */
export const trigramLength = 3;

/** One comparison. With several values: any of them, or none of them for the `not_` operators. */
export interface Comparison {
  readonly attribute: string;
  readonly operator: FilterOperator;
  readonly values: readonly Stored[];
}

/** Each word must be in at least one of the searched attributes. */
export interface Search {
  readonly words: readonly string[];
}

export interface Group {
  readonly all?: readonly Filter[];
  readonly any?: readonly Filter[];
}

/** A table of pairs that links records with others, for example users with their organizations. */
export interface Link {
  readonly table: string;
  /** Column that holds the id of the record. */
  readonly id: string;
  /** Column that holds the id of the other record. */
  readonly other: string;
}

/** The record must be linked with at least one of the others. */
export interface Linked {
  readonly link: Link;
  readonly others: readonly number[];
  /** Only links without a time in this column, or with a later one. */
  readonly after?: { readonly column: string; readonly time: number };
}

export type Filter = Comparison | Search | Group | Linked;

/** The attribute has this value. */
export function equals(attribute: string, value: Stored): Comparison {
  return { attribute, operator: 'eq', values: [value] };
}

/** The one record with this id. */
export function hasId(id: number): Comparison {
  return equals('id', id);
}

/** For an attribute that holds an end: it has none, or one later than this time. */
export function endsAfter(attribute: string, time: number): Group {
  return { any: [equals(attribute, null), { attribute, operator: 'gt', values: [time] }] };
}

/** The id if the filter is exactly `hasId(id)`, else null. */
export function soleId(filter: Filter | null): number | null {
  if (filter === null || !('attribute' in filter)) return null;
  const { attribute, operator, values } = filter;
  return attribute === 'id' && operator === 'eq' && values.length === 1 ? (values[0] as number) : null;
}

export interface SortTerm {
  readonly attribute: string;
  readonly descending: boolean;
}

/** The position after which a cursor page begins: the value of each sort term, null if the record has none. */
export type SortKey = readonly Stored[];

export type Page =
  | { readonly by: 'number'; readonly number: number; readonly size: number }
  | { readonly by: 'cursor'; readonly after: SortKey | null; readonly size: number };

export interface Query {
  readonly filter: Filter | null;
  /** Never empty. The last term is the id, which makes the order total, so pages do not overlap. */
  readonly sort: readonly SortTerm[];
  readonly page: Page;
  /** Attribute names in the order of the resource, or null for all. */
  readonly fields: readonly string[] | null;
}
