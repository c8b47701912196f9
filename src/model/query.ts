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

export type Filter = Comparison | Search | Group;

export interface SortTerm {
  readonly attribute: string;
  readonly descending: boolean;
}

/** The place after which a cursor page begins: a value for each term of the sort. */
export type SortKey = readonly (string | number | boolean)[];

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

/** Which records a caller sees: all, one, or the members of organizations. */
export type Scope =
  | { readonly sees: 'all' }
  | { readonly sees: 'one'; readonly id: number }
  | { readonly sees: 'members'; readonly organizationIds: readonly number[] };
