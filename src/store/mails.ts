// A part of the port: the outbox of mails, and the development mailbox.

import type { MailContent, MailState } from '../model/mail.ts';
import type { MailLocale } from '../model/mail-locale.ts';
import type { LinkRow } from './links.ts';

/** Times are milliseconds since 1970. */
export type NewMail = MailContent & {
  /** The account with which the mail is deleted; null for none. */
  readonly userId: number | null;
  readonly toAddress: string;
  readonly toName: string | null;
  readonly locale: MailLocale;
  readonly linkId: number | null;
  readonly state: Extract<MailState, 'queued' | 'mailbox' | 'decoy'>;
  readonly createdAt: number;
  /** Null if it is queued. */
  readonly deleteAt: number | null;
};

export type MailRow = MailContent &
  Omit<NewMail, 'kind' | 'data' | 'state'> & {
    readonly id: number;
    readonly state: MailState;
    /** How often sending was begun. */
    readonly attempts: number;
    /** When it is to be sent, or tried again. */
    readonly dueAt: number;
    readonly lastError: string | null;
    readonly messageId: string | null;
    readonly sentAt: number | null;
    readonly link: LinkRow | null;
  };

/** The outcome of sending a mail, after which it is kept for a while. */
export interface MailEnd {
  readonly state: Extract<MailState, 'sent' | 'failed' | 'canceled'>;
  readonly error: string | null;
  readonly now: number;
}

/**
 * The mails of a service. A sender claims a mail before it sends it. It then changes the mail only while nobody else has
 * claimed it: `attempts` says which claim it had.
 */
export interface Mails {
  /** @returns the id */
  create(mail: NewMail): Promise<number>;
  /** Mails to be sent that are due, the first due first. */
  due(now: number, limit: number): Promise<MailRow[]>;
  /**
   * Claims a mail that is due, in one guarded statement.
   * @param attempts those that the caller has read
   * @param next `dueAt`: when another sender may claim it; `messageId` is stored unless it has one
   * @returns the mail with one attempt more; null if it was claimed or ended in between
   */
  claim(
    id: number,
    attempts: number,
    next: { readonly dueAt: number; readonly messageId: string },
  ): Promise<MailRow | null>;
  /** @param attempts those of the claim. @returns false if it was claimed or ended in between */
  retry(
    id: number,
    attempts: number,
    next: { readonly dueAt: number; readonly error: string },
  ): Promise<boolean>;
  /** @param attempts those of the claim. @returns false if it was claimed or ended in between */
  end(id: number, attempts: number, end: MailEnd): Promise<boolean>;
  /** How many mails are to be sent, and when the oldest of them was created; null without one. */
  outbox(): Promise<{ readonly queued: number; readonly oldestAt: number | null }>;
  /** Moves at most `limit` mails that are to be sent to the mailbox. @returns their number */
  moveToMailbox(now: number, limit: number): Promise<number>;
  /**
   * The mails in the mailbox, newest first.
   * @param before only mails with a smaller id; null for all
   */
  mailbox(limit: number, skipped: number, before?: number | null): Promise<MailRow[]>;
  countMailbox(): Promise<number>;
  /** Deletes at most `limit` mails whose `deleteAt` is `time` or earlier. @returns their number */
  deleteUntil(time: number, limit: number): Promise<number>;
  /** Deletes at most `limit` mails of an account. @returns their number */
  eraseOf(userId: number, limit: number): Promise<number>;
}
