// The kinds of mails, and the values that the texts of each need. The values are stored: none may be a secret.

import type { Role } from './actor.ts';
import type { LinkPurpose } from './link.ts';

/** Times are milliseconds since 1970. */
export interface MailData {
  password_reset: {
    /** Whether the account has no password yet. */
    readonly first_password: boolean;
  };
  password_changed: {
    /** How many API tokens of the account go on working. */
    readonly api_tokens: number;
    readonly by: 'account' | 'reset' | 'sysadmin' | 'operator';
  };
  /** To the new address. */
  email_confirmation: { readonly email: string };
  /** To the old address. */
  email_changed: {
    /** The new one. */
    readonly email: string;
  };
  /** To an address that the account had until the address before undid the change. */
  email_restored: Readonly<Record<string, never>>;
  new_device: {
    readonly device: string | null;
    readonly platform: string | null;
    readonly browser: string | null;
    readonly ip: string | null;
    readonly at: number;
    /** Of the account; null for that of the service. */
    readonly time_zone: string | null;
  };
  /** `inviter` is a name; empty if it was asked for with a join link, or the inviter is gone. */
  invitation: { readonly organization: string; readonly inviter: string; readonly role: Role };
  /** To the inviter, about the person who accepted. */
  invitation_accepted: { readonly organization: string; readonly name: string; readonly email: string };
  test: Readonly<Record<string, never>>;
}

export type MailKind = keyof MailData;

/** The purpose of the link in each kind of mail that has one. */
export const linkOfMail = {
  password_reset: 'password_reset',
  email_confirmation: 'email_confirmation',
  email_changed: 'email_undo',
  invitation: 'invitation',
} as const satisfies Partial<Record<MailKind, LinkPurpose>>;

/** The kinds of mails with a link. */
export type LinkMailKind = keyof typeof linkOfMail;

/** A mail by its kind, with the values for its texts. */
export type MailContent = {
  [K in MailKind]: { readonly kind: K; readonly data: MailData[K] };
}[MailKind];

/**
 * `queued`: to be sent. `mailbox`: kept in the development mailbox, never sent. `canceled`: its link ended before it
 * was sent. `decoy`: written so that routes do the same work whether an address has an account or not; has no address.
 */
export type MailState = 'queued' | 'sent' | 'failed' | 'mailbox' | 'canceled' | 'decoy';

const hourMs = 60 * 60 * 1000;

/** How long mails stay in the development mailbox. */
export const mailboxMs = 24 * hourMs;
/** How long a mail is kept after it was sent, has failed or was canceled. */
export const endedMailMs = 7 * 24 * hourMs;
