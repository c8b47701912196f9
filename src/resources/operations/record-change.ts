// Records audit events. Every change of a record passes through here, from requests, commands and imports.

import { type Actor, operator } from '../../model/actor.ts';
import {
  type AttributeChange,
  type AuditEvent,
  changesBetween,
  type RequestOrigin,
} from '../../model/audit-event.ts';
import type { RecordOf, Resource, Row, ValuesOf } from '../../model/resource.ts';
import type { Transaction } from '../../store/store.ts';

/** Who makes a change. */
export interface Author {
  readonly actor: Actor;
  /** Null if there is no request. */
  origin(): RequestOrigin | null;
}

/** Who does what is recorded: a kind of actor, and the account if there is one. */
export interface ActAuthor {
  readonly actor: AuditEvent['actor'];
  origin(): RequestOrigin | null;
}

/** Whoever sends a request without a token. */
export const nobody = { kind: 'user', userId: null } as const;

/** The command line. */
export const byOperator: Author = { actor: operator, origin: () => null };

export interface RecordChange<R extends Resource> {
  /** For example `update`. */
  readonly verb: string;
  /** Null if the record is created. */
  readonly before: RecordOf<R> | null;
  /** Null if the record is deleted. Without a revision, because an import does not know it. */
  readonly after: (ValuesOf<R> & { readonly id: number }) | null;
  /** Changes of values that are not attributes, for example a password. */
  readonly more?: readonly AttributeChange[];
  /** See AuditEvent. */
  readonly details?: AuditEvent['details'];
}

export function recordChange<R extends Resource>(
  transaction: Transaction,
  author: ActAuthor,
  resource: R,
  change: RecordChange<R>,
): void {
  transaction.record(() => changeEvent(author, resource, change));
}

export function changeEvent<R extends Resource>(
  { actor, origin }: ActAuthor,
  resource: R,
  { verb, before, after, more = [], details = {} }: RecordChange<R>,
): AuditEvent {
  const record = (after ?? before)!;
  return {
    action: `${resource.singular}.${verb}`,
    outcome: 'success',
    actor: { kind: actor.kind, userId: actor.userId },
    record: { type: resource.type, id: record.id },
    subjectId: idIn(record as Row, resource.recordedFor),
    organizationId: idIn(record as Row, resource.recordedUnder),
    changes: [...changesBetween(resource, before as Row | null, after as Row | null), ...more],
    details,
    origin: origin(),
  };
}

function idIn(record: Row, attribute: string | undefined): number | null {
  return attribute === undefined ? null : (record[attribute] as number);
}

/** An attempt that failed, such as a wrong password: nothing changed, and there is no record. */
export interface FailedAttempt {
  /** What was attempted, as in the event of a success. */
  readonly action: string;
  /** The account that it concerns; null for none. */
  readonly subjectId: number | null;
  readonly reason: string;
}

/** @param author `userId` is null if nobody was signed in */
export function recordFailure(
  transaction: Transaction,
  { actor: { kind, userId }, origin }: ActAuthor,
  { action, subjectId, reason }: FailedAttempt,
): void {
  transaction.record(() => ({
    action,
    outcome: 'failure',
    actor: { kind, userId },
    record: null,
    subjectId,
    organizationId: null,
    changes: [],
    details: { reason },
    origin: origin(),
  }));
}

/** For a write without a caller: the account that it concerns sees it in its next read. */
export function showToAccount(transaction: Transaction, { actor }: Author, userId: number): void {
  if (actor.userId === null) transaction.showTo(userId);
}
