// The form in which the access matrix states what the contract says of a resource. Nothing here asks the product.

import type { Account, OrganizationName } from './accounts.ts';

/** A caller, as it asks. */
export interface Asker {
  readonly account: Account;
  /** The organization in X-Organization-Id. */
  readonly header: OrganizationName | null;
  readonly membersSeeEachOther: boolean;
  readonly selfService: boolean;
}

/** A record of the matrix, by a name that is its own within the type. */
export interface Subject {
  readonly name: string;
}

/** Who may do what with an attribute: `everyone` or words of `Expectation.is`. */
export interface AttributeRights {
  readonly reads: readonly string[];
  readonly creates: readonly string[];
  readonly changes: readonly string[];
}

export interface Expectation<S extends Subject = Subject> {
  readonly type: string;
  readonly subjects: readonly S[];
  /** Whether the caller sees the record. */
  sees(asker: Asker, subject: S): boolean;
  /** What the caller is to the record, in words that the rights use; to one that it creates, if it is null. */
  is(asker: Asker, subject: S | null): readonly string[];
  /** All attributes in the order of documents, see `rights`. */
  readonly attributes: ReadonlyMap<string, AttributeRights>;
  /** Attributes that documents do not show. */
  readonly hidden: readonly string[];
  /** Attributes that are null in `included`, whoever reads. */
  readonly notIncluded: readonly string[];
  /** Attributes that are null in every record that exists. */
  readonly alwaysNull?: readonly string[];
  readonly relationships: Readonly<Record<string, RelationshipExpectation<S>>>;
  /** By an attribute that not everyone reads, only those filter and sort who read it in all records that they see. */
  readonly filters: readonly string[];
  readonly sorts: readonly string[];
  readonly search: readonly string[];
  /** The record of another type whose attributes this one shows, under the same names. */
  readonly mirrors?: { readonly type: string; of(subject: S): string };
}

export interface RelationshipExpectation<S extends Subject = Subject> {
  readonly to: string;
  /** Whether documents contain the id although the record is not included. */
  readonly isAlwaysLinked: boolean;
  /** The name of the other record; null if there is none. */
  target(subject: S): string | null;
}

/**
 * What happens with a route that the caller may call. Before that, in this order: 401 without a valid token, 403 in an
 * organization that is not the caller's, 404 for a record that the caller does not see, 403 for whom `may` does not name.
 */
export type RouteExpectation = { readonly of: string } & (
  | ListExpectation
  | { readonly does: 'show' | 'show caller' }
  /** Everyone may, whatever token is sent: the tests of sign-ins say who gets in. */
  | { readonly does: 'sign in' }
  /** Everyone may who has the link, whatever token is sent: the tests of links say what happens. */
  | { readonly does: 'ask for a link' | 'show a link' | 'use a link' | 'join by a link' }
  | { readonly does: 'report'; readonly may: readonly string[] }
  /** Documents without a table: every caller who may reads all of them. */
  | { readonly does: 'list reports'; isFor(asker: Asker): boolean }
  | CreateExpectation
  | { readonly does: 'update' | 'delete' | 'act' | 'send again'; readonly may: readonly string[] }
  // Every caller may end sessions of its own without naming one: that of its token, or all sign-ins but that one.
  | { readonly does: 'delete own'; readonly stays: 'caller' | 'others' }
);

export interface CreateExpectation {
  readonly does: 'create';
  readonly may: readonly string[];
  /** The type of the record in the path, under which a record is created: `may` says what the caller must be to it. */
  readonly under?: string;
}

export interface ListExpectation {
  readonly does: 'list';
  /** Of the records that the caller sees, those that the list contains; by default all. */
  contains?(asker: Asker, subject: any): boolean;
  /** For a list of records that refer to the one in the path. */
  readonly under?: {
    readonly type: string;
    /** What the caller must be to the record in the path. */
    readonly may: readonly string[];
    /** The name of the record in the path. */
    of(subject: any): string;
  };
}

/**
 * Reads a table: on each line an attribute, and who reads it, who gives it in a POST, who changes it. `-` is nobody.
 * Columns are separated by two spaces or more.
 */
export function rights(table: string): ReadonlyMap<string, AttributeRights> {
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  return new Map(
    rows.map(([name, ...columns]) => {
      const [reads, creates, changes] = columns.map((text) => (text === '-' ? [] : text.split(' ')));
      if (changes === undefined) throw new Error(`the row of ${name} has too few columns`);
      return [name!, { reads: reads!, creates: creates!, changes }];
    }),
  );
}

/** Whether one of the words is what the caller is. */
export function isAmong(allowed: readonly string[], is: readonly string[]): boolean {
  return allowed.includes('everyone') || allowed.some((word) => is.includes(word));
}

/** The words whose condition holds. */
export function words(conditions: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.keys(conditions).filter((word) => conditions[word]);
}
