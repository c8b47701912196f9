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
  /** Attributes that documents do not show. Nobody reads, filters or sorts by them. */
  readonly hidden: readonly string[];
  /** Attributes that are null in `included`, whoever reads. */
  readonly notIncluded: readonly string[];
  readonly filters: readonly string[];
  readonly sorts: readonly string[];
  readonly search: readonly string[];
}

/**
 * What happens with a route that the caller may call. Before that, in this order: 401 without a valid token, 403 in an
 * organization that is not the caller's, 404 for a record that the caller does not see, 403 for whom `may` does not name.
 */
export type RouteExpectation = { readonly of: string } & (
  | { readonly does: 'list' | 'show' | 'show caller' }
  | { readonly does: 'create' | 'update' | 'delete' | 'act'; readonly may: readonly string[] }
);

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
