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
  readonly subject: { readonly type: string; readonly id: number };
  /** Set for events of an organization, its memberships and its invitations; else null. */
  readonly organizationId: number | null;
  readonly changes: readonly AttributeChange[];
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
 * The stored attributes that differ. Attributes that not everyone may read appear without their values.
 * @param before null if the record was created
 * @param after null if the record was deleted
 */
export function changesBetween(
  resource: Resource,
  before: Row | null,
  after: Row | null,
): readonly AttributeChange[] {
  return resource.columns.flatMap((attribute): AttributeChange[] => {
    const [from, to] = [before?.[attribute] ?? null, after?.[attribute] ?? null];
    // Not updated_at: the event has its own time.
    if (from === to || attribute === 'updated_at') return [];
    const { read, recordedAs } = resource.attributes[attribute]!;
    const isOpen = read === 'everyone' && recordedAs !== 'changed';
    return [isOpen ? { attribute, from, to } : { attribute, changed: true }];
  });
}
