// The types of the tables, for Kysely.

import type { Generated, Insertable, Selectable } from 'kysely';
import type { Role } from '../../model/actor.ts';
import type { LinkPurpose } from '../../model/link.ts';
import type { MailKind, MailState } from '../../model/mail.ts';
import type { MailLocale } from '../../model/mail-locale.ts';

export interface Schema {
  organizations: ResourceTable;
  users: ResourceTable;
  people: ResourceTable;
  invitations: ResourceTable & { person_id: number };
  events: ResourceTable;
  organization_memberships: ResourceTable & {
    organization_id: number;
    user_id: number;
    role: Role;
    created_at: number;
    expires_at: number | null;
  };
  organization_renames: { organization_id: number; last_user_id: number };
  membership_ends: { membership_id: number; expires_at: number };
  passwords: {
    user_id: number;
    hash: string;
    changed_at: number;
    imported_format: Generated<string | null>;
  };
  origins: {
    user_id: number;
    source: string;
    external_id: string | null;
    email_verified: boolean | null;
    details: string;
  };
  organization_origins: { organization_id: number; source: string; external_id: string };
  password_attempts: { user_id: number; failures: number; blocked_until: number };
  email_attempts: { user_id: number; failures: number; blocked_until: number };
  sign_in_attempts: { key: string; failures: number; blocked_until: number; forget_at: number };
  known_addresses: { user_id: number; network: string; last_at: number };
  known_devices: { user_id: number; device: string; last_at: number };
  sessions: ResourceTable & {
    hash: string;
    user_id: number;
    machine: boolean;
    read_only: Generated<boolean>;
    name: string | null;
    created_at: number;
    last_activity_at: number | null;
    token_expires_at: number | null;
    membership_id: number | null;
  };
  idempotency_keys: {
    user_id: number;
    route: string;
    key_hash: string;
    body_digest: string;
    created_id: number;
    created_at: number;
  };
  links: {
    id: Generated<number>;
    purpose: LinkPurpose;
    user_id: number | null;
    invitation_id: number | null;
    organization_id: number | null;
    email: string | null;
    nonce: string;
    token_hash: string | null;
    created_at: number;
    expires_at: number;
    used_at: number | null;
    reserved_key: string | null;
    password_changed_at: number | null;
    last_session_id: number | null;
    last_membership_id: number | null;
  };
  mails: {
    id: Generated<number>;
    kind: MailKind;
    user_id: number | null;
    to_address: string;
    to_name: string | null;
    locale: MailLocale;
    data: string;
    link_id: number | null;
    state: MailState;
    attempts: Generated<number>;
    due_at: number;
    last_error: string | null;
    message_id: string | null;
    created_at: number;
    sent_at: number | null;
    delete_at: number | null;
  };
  leases: { name: string; holder: string | null; expires_at: number; due_at: number };
  secrets: { name: string; value: string };
  collections: { name: string; row_count: number; version: number; shown_version: Generated<number> };
}

/**
 * The columns that the table of every resource has. Columns of attributes come from the definition of the resource.
 */
interface ResourceTable {
  id: Generated<number>;
  revision: Generated<number>;
  [column: string]: unknown;
}

export type NewRow<T extends keyof Schema> = Insertable<Schema[T]>;
export type StoredRow<T extends keyof Schema> = Selectable<Schema[T]>;
