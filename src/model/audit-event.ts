// What happened, for the audit trail: who did what, to which record, and which attributes changed.

import type { Stored } from './kind.ts';
import type { Resource, Row } from './resource.ts';

export interface AuditEvent {
  /** The record's type in the singular and a verb, such as `user.update`. */
  readonly action: string;
  readonly outcome: 'success' | 'failure';
  readonly actor: {
    readonly kind: 'user' | 'token' | 'operator' | 'system';
    /** Null where no account acts. */
    readonly userId: number | null;
  };
  readonly subject: { readonly type: string; readonly id: number };
  /** Of acts on an organization, its memberships and its invitations; null for all others. */
  readonly organizationId: number | null;
  readonly changes: readonly AttributeChange[];
  /** Null where no request asked for it. */
  readonly origin: RequestOrigin | null;
}

/** Where the value is secret, only that it changed. */
export type AttributeChange =
  | { readonly attribute: string; readonly from: Stored; readonly to: Stored }
  | { readonly attribute: string; readonly changed: true };

export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string | null;
  readonly requestId: string;
}

/**
 * The stored attributes that differ; what not everyone may read appears without its values.
 * @param before null for a record that is created
 * @param after null for one that is deleted
 */
export function changesBetween(
  resource: Resource,
  before: Row | null,
  after: Row | null,
): readonly AttributeChange[] {
  return resource.columns.flatMap((attribute): AttributeChange[] => {
    const [from, to] = [before?.[attribute] ?? null, after?.[attribute] ?? null];
    // When a record changed is the time of its event.
    if (from === to || attribute === 'updated_at') return [];
    const { read, recordedAs } = resource.attributes[attribute]!;
    const isOpen = read === 'everyone' && recordedAs !== 'changed';
    return [isOpen ? { attribute, from, to } : { attribute, changed: true }];
  });
}
