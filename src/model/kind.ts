// What a kind of attribute is. The kinds themselves are in kinds/, one file for each family.

import type { Interval } from './timestamp.ts';
import type { Zone } from './zone.ts';

export type FilterOperator = 'eq' | 'not_eq' | 'contains' | 'not_contain' | 'gt' | 'gt_eq' | 'lt' | 'lt_eq';

/** What a column holds: times are milliseconds since 1970, JSON is its text. */
export type Stored = string | number | boolean | null;

/** A stored value, or every rule that the given one breaks. */
export type Checked<T extends Stored = Stored> =
  | { readonly value: T }
  | { readonly violations: readonly string[] };

/** A value out of a query parameter: one stored value, several that mean the same, or an interval of them. */
export type FilterValue =
  | { readonly exact: Stored }
  | { readonly anyOf: readonly Stored[] }
  | { readonly interval: Interval };

/**
 * One object for each kind owns everything that follows from it: what a document may hold, what a filter may say, how it
 * is stored and how it is written as JSON.
 * @template T the type of a stored value, not null
 */
export interface Kind<T extends Stored = Stored> {
  readonly name: string;
  readonly column: 'integer' | 'text' | 'boolean';
  readonly operators: readonly FilterOperator[];
  /** Text that is searched, sorted and (where `identity`) compared without regard to case has a folded companion. */
  readonly folded?: 'search' | 'identity';
  /** Of folded text: the value of its companion, equal for texts that are to be the same. */
  readonly key?: (text: string) => string;
  /** Of an identity: every key by which the text may be found, the likeliest first. */
  readonly keys?: (text: string) => readonly string[];
  /** No value has a space: a `+` in a query that is not percent-encoded is a plus. */
  readonly hasNoSpaces?: true;
  /** Kept as JSON text. */
  readonly json?: true;
  /** A value of a document, not null. */
  check(value: unknown, zone: Zone): Checked<T>;
  /** A value of a filter; undefined where it is none of this kind. */
  readFilter(text: string, zone: Zone): FilterValue | undefined;
  /** Of folded text: what `contains` looks for. */
  readonly readPart?: (text: string) => FilterValue | undefined;
  /** The stored value, not null, as JSON text. */
  write(stored: T, zone: Zone): string;
  /** JSON Schema of the value, with an example. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export const equality: readonly FilterOperator[] = ['eq', 'not_eq'];
export const ordering: readonly FilterOperator[] = ['eq', 'not_eq', 'gt', 'gt_eq', 'lt', 'lt_eq'];
export const searching: readonly FilterOperator[] = ['eq', 'not_eq', 'contains', 'not_contain'];

export function refused(...violations: readonly string[]): Checked<never> {
  return { violations };
}
