// The one place that every change of a record passes, whichever way it came in.

import type { Actor } from '../../model/actor.ts';
import {
  type AttributeChange,
  type AuditEvent,
  changesBetween,
  type RequestOrigin,
} from '../../model/audit-event.ts';
import type { RecordOf, Resource, Row, ValuesOf } from '../../model/resource.ts';
import type { Transaction } from '../../store/store.ts';

/** Who changes something. */
export interface Author {
  readonly actor: Actor;
  /** Null where no request asked for it. */
  origin(): RequestOrigin | null;
}

export interface RecordChange<R extends Resource> {
  /** Such as `update`. */
  readonly verb: string;
  /** Null for a record that is created. */
  readonly before: RecordOf<R> | null;
  /** Null for one that is deleted. What an import inserts has no revision yet. */
  readonly after: (ValuesOf<R> & { readonly id: number }) | null;
  /** Of what is no attribute, such as a password. */
  readonly more?: readonly AttributeChange[];
}

export function recordChange<R extends Resource>(
  transaction: Transaction,
  author: Author,
  resource: R,
  change: RecordChange<R>,
): void {
  transaction.record(() => changeEvent(author, resource, change));
}

export function changeEvent<R extends Resource>(
  { actor, origin }: Author,
  resource: R,
  { verb, before, after, more = [] }: RecordChange<R>,
): AuditEvent {
  return {
    action: `${resource.type.replace(/s$/, '')}.${verb}`,
    outcome: 'success',
    actor: { kind: actor.kind, userId: actor.userId },
    subject: { type: resource.type, id: (after ?? before)!.id },
    organizationId: null,
    changes: [...changesBetween(resource, before as Row | null, after as Row | null), ...more],
    origin: origin(),
  };
}

/** What is written without a caller, the account that it concerns sees in whatever it reads next. */
export function showToAccount(transaction: Transaction, { actor }: Author, userId: number): void {
  if (actor.userId === null) transaction.showTo(userId);
}
