// The interface of attribute kinds. The kinds are in kinds/, one file for each family.

import type { Interval } from './timestamp.ts';
import type { Zone } from './zone.ts';

export type FilterOperator = 'eq' | 'not_eq' | 'contains' | 'not_contain' | 'gt' | 'gt_eq' | 'lt' | 'lt_eq';

/** The value in a column. Times are milliseconds since 1970, JSON is text. */
export type Stored = string | number | boolean | null;

/** The value to store, or a message for each rule that the given value breaks. */
export type Checked<T extends Stored = Stored> =
  | { readonly value: T }
  | { readonly violations: readonly string[] };

/** A value of a filter: one stored value, several equivalent ones, or an interval. */
export type FilterValue =
  | { readonly exact: Stored }
  | { readonly anyOf: readonly Stored[] }
  | { readonly interval: Interval };

/** A kind of attribute: how a value is checked in documents, read in filters, stored, and written as JSON. */
export interface Kind<T extends Stored = Stored> {
  readonly name: string;
  readonly column: 'integer' | 'text' | 'boolean';
  readonly operators: readonly FilterOperator[];
  /**
   * Text with a second, folded column, in which it is searched and sorted without regard to case. With `comparison` it
   * is also compared by this column, with `identity` it is also unique.
   */
  readonly folded?: 'search' | 'comparison' | 'identity';
  /** For folded text: the value of the folded column. It is equal for texts that count as the same. */
  readonly key?: (text: string) => string;
  /** For an identity: all keys under which a record with this text may be stored, most likely first. */
  readonly keys?: (text: string) => readonly string[];
  /** Values contain no spaces, so a `+` in a query that is not percent-encoded means a plus sign. */
  readonly hasNoSpaces?: true;
  /** Stored as JSON text. */
  readonly json?: true;
  /** Checks a value in a document. It is never null. */
  check(value: unknown, zone: Zone): Checked<T>;
  /** Reads a value of a filter; undefined if it is not valid for this kind. */
  readFilter(text: string, zone: Zone): FilterValue | undefined;
  /** Of folded text: what `contains` and the text search look for; undefined if no stored text can contain it. */
  readonly readPart?: (text: string) => string | undefined;
  /** Writes a stored value as JSON text. It is never null. */
  write(stored: T, zone: Zone): string;
  /** JSON Schema of the value, with examples. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export const equality: readonly FilterOperator[] = ['eq', 'not_eq'];
export const ordering: readonly FilterOperator[] = ['eq', 'not_eq', 'gt', 'gt_eq', 'lt', 'lt_eq'];
export const searching: readonly FilterOperator[] = ['eq', 'not_eq', 'contains', 'not_contain'];

export function refused(...violations: readonly string[]): Checked<never> {
  return { violations };
}
