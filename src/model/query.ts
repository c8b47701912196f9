// What a collection is asked for, free of URL syntax and of SQL.

import type { FilterOperator, Stored } from './kind.ts';

/** Shorter texts are in no index of texts, which is one of trigrams. */
export const trigramLength = 3;

/** One comparison. Several values mean any of them, or none of them for the `not_` operations. */
export interface Comparison {
  readonly attribute: string;
  readonly operator: FilterOperator;
  readonly values: readonly Stored[];
}

/** Every word stands somewhere in the searched attributes. */
export interface Search {
  readonly words: readonly string[];
}

export interface Group {
  readonly all?: readonly Filter[];
  readonly any?: readonly Filter[];
}

/** A table of pairs that links records with others, such as users with the organizations that they belong to. */
export interface Link {
  readonly table: string;
  /** Its column with the id of the record. */
  readonly id: string;
  /** Its column with the id of what the record is linked with. */
  readonly other: string;
}

/** The record is linked with any of the others. */
export interface Linked {
  readonly link: Link;
  readonly others: readonly number[];
}

export type Filter = Comparison | Search | Group | Linked;

/** The one record with this id. */
export function hasId(id: number): Comparison {
  return { attribute: 'id', operator: 'eq', values: [id] };
}

/** The id where a filter says no more than that, see `hasId`; null for any other. */
export function soleId(filter: Filter | null): number | null {
  if (filter === null || !('attribute' in filter)) return null;
  const { attribute, operator, values } = filter;
  return attribute === 'id' && operator === 'eq' && values.length === 1 ? (values[0] as number) : null;
}

export interface SortTerm {
  readonly attribute: string;
  readonly descending: boolean;
}

/** The place after which a cursor page begins: a value for each term of the sort, null where the record has none. */
export type SortKey = readonly Stored[];

export type Page =
  | { readonly by: 'number'; readonly number: number; readonly size: number }
  | { readonly by: 'cursor'; readonly after: SortKey | null; readonly size: number };

export interface Query {
  readonly filter: Filter | null;
  /** Never empty: the id ends it, so that pages never overlap. */
  readonly sort: readonly SortTerm[];
  readonly page: Page;
  /** Attribute names in the order of the resource, or null for all. */
  readonly fields: readonly string[] | null;
}
