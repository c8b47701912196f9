// The declaration of one attribute of a resource.

import type { Kind, Stored } from './kind.ts';
import { identifier } from './kinds/number.ts';
import type { Row } from './resource.ts';

export interface Attribute {
  readonly kind: Kind;
  /** One sentence for the reference pages and the OpenAPI description. */
  readonly description: string;
  /** Example for the documentation, as JSON value; by default the example of the kind. */
  readonly example?: unknown;
  readonly nullable?: true;
  readonly required?: true;
  /** The stored value in a new record if the client gives none; by default null. */
  readonly default?: Stored;
  /** Not shown in documents: only for relationships, filters and rules. A request body may still set it. */
  readonly hidden?: true;
  /** The audiences that can see the value. Others see null. */
  readonly read: 'everyone' | readonly string[];
  /** Null in records that `include` adds, whoever reads. Its readers then read no other restricted attribute there. */
  readonly notIncluded?: true;
  /** The audiences that may set it in a POST, and in a PATCH; by default none. From others it is ignored. */
  readonly create?: readonly string[];
  readonly update?: readonly string[];
  /**
   * If not everyone may read it: only for callers who may read it in every record that the list can contain, see
   * Access.audienceOfAll. For others it is refused like an unknown attribute, so the order and the total tell nothing.
   */
  readonly filter?: true;
  readonly sort?: true;
  /** Few records have the same value, and an index of this attribute alone finds them. */
  readonly few?: true;
  /**
   * Audit events say that it changed, but not its values. Attributes that not everyone may read are always recorded
   * this way.
   */
  readonly recordedAs?: 'changed';
  /**
   * For `created_at` of records that never change: a later record has a later time, except where a clock was set or
   * writers overlap. Filters by it read only the ids that are possible.
   */
  readonly growsWithId?: true;
  /** Has no column: computed from the row when a document is written. */
  readonly derived?: (row: Row, context: DerivationContext) => Stored;
  /**
   * A secret of which only a hash is stored, so it has no column. Only the response that creates the record shows it,
   * from the row that the creation returns. Null in every other document.
   */
  readonly shownOnce?: true;
  /**
   * Has no column in the resource's table: the store reads it from another row, whose id is in the attribute `by`.
   */
  readonly joined?: JoinedColumn;
}

export interface JoinedColumn {
  /**
   * The other table. Its rows must have a revision, and its triggers must count changes of the column as
   * `shown_version` of this resource.
   */
  readonly table: string;
  readonly column: string;
  /** The attribute that holds the id of the other row. */
  readonly by: string;
}

export interface DerivationContext {
  /** HMAC-SHA-256 of a text under the identity-verification secret, in lower-case hexadecimal. */
  identityHash(text: string): string;
}

export const idAttribute: Attribute = {
  kind: identifier,
  description: 'The identifier.',
  read: 'everyone',
  filter: true,
  sort: true,
};
