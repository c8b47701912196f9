// One attribute of a resource: everything that is declared of it.

import type { Kind, Stored } from './kind.ts';
import { identifier } from './kinds/number.ts';
import type { Row } from './resource.ts';

export interface Attribute {
  readonly kind: Kind;
  /** One sentence for the reference. */
  readonly description: string;
  /** As it is written in JSON, where that of the kind would say less. */
  readonly example?: unknown;
  readonly nullable?: true;
  readonly required?: true;
  /** The value of a new record where nothing is given; null where absent. */
  readonly default?: Stored;
  /** The audiences that see the value; others see null. */
  readonly read: 'everyone' | readonly string[];
  /** The audiences that may give it in a POST, in a PATCH. None where absent; what others send is ignored. */
  readonly create?: readonly string[];
  readonly update?: readonly string[];
  readonly filter?: true;
  readonly sort?: true;
  /** Audit events tell that it changed, and no value. For what not everyone may read it is always so. */
  readonly recordedAs?: 'changed';
  /** No column: computed from the row when a document is written. */
  readonly derived?: (row: Row, context: DerivationContext) => Stored;
  /** No column of its own table: the store reads it from the row of another that `by` names. */
  readonly joined?: JoinedColumn;
}

export interface JoinedColumn {
  /** A table whose rows have a revision; its triggers count changes of the column as `shown_version` of this resource. */
  readonly table: string;
  readonly column: string;
  /** The attribute with the id of the other table's row. */
  readonly by: string;
}

export interface DerivationContext {
  readonly identitySecret: string;
}

export const idAttribute: Attribute = {
  kind: identifier,
  description: 'The identifier.',
  read: 'everyone',
  filter: true,
  sort: true,
};
