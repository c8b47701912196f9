// Events of the audit trail: who did what, to which record, and which attributes changed.

import type { Stored } from './kind.ts';
import type { Resource, Row } from './resource.ts';

export interface AuditEvent {
  /** The `singular` of the resource and a verb, for example `user.update`. */
  readonly action: string;
  readonly outcome: 'success' | 'failure';
  readonly actor: {
    readonly kind: 'user' | 'token' | 'operator' | 'system';
    /** Null if the actor is not an account. */
    readonly userId: number | null;
  };
  /** Null for an attempt that failed before there was a record, such as a sign-in. */
  readonly record: { readonly type: string; readonly id: number } | null;
  /** The account that the act concerns; null for none. */
  readonly subjectId: number | null;
  /** Set for events of an organization, its memberships and its invitations; else null. */
  readonly organizationId: number | null;
  readonly changes: readonly AttributeChange[];
  /** What else there is to say, as JSON. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Null if the event was not caused by a request. */
  readonly origin: RequestOrigin | null;
}

/** For secret values, only the fact that the attribute changed. */
export type AttributeChange =
  | { readonly attribute: string; readonly from: Stored; readonly to: Stored }
  | { readonly attribute: string; readonly changed: true };

export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string | null;
  readonly requestId: string;
}

/**
 * The stored attributes that differ. Attributes that not everyone may read appear without their values. Of a record
 * that is created or deleted, values that every new record has are left out.
 * @param before null if the record was created
 * @param after null if the record was deleted
 */
export function changesBetween(
  resource: Resource,
  before: Row | null,
  after: Row | null,
): readonly AttributeChange[] {
  const changes: AttributeChange[] = [];
  for (const attribute of resource.columns) {
    const from = before?.[attribute] ?? null;
    const to = after?.[attribute] ?? null;
    // Not the times of the record: the event has its own time.
    if (from === to || times.includes(attribute)) continue;
    const { read, recordedAs, default: initial = null } = resource.attributes[attribute]!;
    if ((before === null || after === null) && (from ?? to) === initial) continue;
    const isOpen = read === 'everyone' && recordedAs !== 'changed';
    changes.push(isOpen ? { attribute, from, to } : { attribute, changed: true });
  }
  return changes;
}

const times: readonly string[] = ['created_at', 'updated_at'];
