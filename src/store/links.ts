// A part of the port: links in mails, each of which may be used once.

import type { LinkPurpose } from '../model/link.ts';

/** Times are milliseconds since 1970. */
export interface NewLink {
  readonly purpose: LinkPurpose;
  readonly userId: number | null;
  readonly invitationId: number | null;
  /** Whose members it makes, if somebody has asked for it with a join link; by default null. */
  readonly organizationId?: number | null;
  /**
   * The address that the link is about: the new one of a confirmation, the old one of an undo, and who has asked with a
   * join link.
   */
  readonly email: string | null;
  /** Random text from which the token is derived. */
  readonly nonce: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface LinkRow extends NewLink {
  readonly id: number;
  /** SHA-256 of the token. */
  readonly tokenHash: string;
  /** When it was used, or ended; null if neither has happened. */
  readonly usedAt: number | null;
}

/** What an account had when the link that undoes a change of its address was created. */
export interface StateBefore {
  /** When its password was set; null without one. */
  readonly passwordChangedAt: number | null;
  /** The session that was created last; 0 without one. */
  readonly lastSessionId: number;
  /** The membership that was created last; 0 without one, null if that is not known. */
  readonly lastMembershipId: number | null;
}

/** Tokens are not stored: every method gets their SHA-256. */
export interface Links {
  /** @param hashOf called with the id, for the hash of the token */
  create(link: NewLink, hashOf: (id: number) => string): Promise<LinkRow>;
  /** A link that can be used now; null if it is unknown, used, ended or expired. */
  find(tokenHash: string, purpose: LinkPurpose, now: number): Promise<LinkRow | null>;
  /**
   * Uses a link, in one guarded statement: of all callers, in any process, exactly one gets the row.
   * @returns null if it cannot be used, see `find`
   */
  claim(tokenHash: string, purpose: LinkPurpose, now: number): Promise<LinkRow | null>;
  /**
   * Ends links that can still be used: of an account, of an invitation, of the join link of an organization, or of
   * several of them.
   * @param after only links with a greater id, which were created later
   * @returns the number of links that it has ended
   */
  end(
    of: { readonly userId?: number; readonly invitationId?: number; readonly organizationId?: number },
    purposes: readonly LinkPurpose[],
    now: number,
    after?: number,
  ): Promise<number>;
  /** The link of an account that was created last, if it can be used now. */
  latest(userId: number, purpose: LinkPurpose, now: number): Promise<LinkRow | null>;
  /** How many links of an account were created after `time`, whether they can be used or not, and when the first was. */
  createdAfter(
    userId: number,
    purpose: LinkPurpose,
    time: number,
  ): Promise<{ readonly count: number; readonly firstAt: number | null }>;
  /** Of a link with the purpose `email_undo`. */
  stateBefore(id: number): Promise<StateBefore>;
  /**
   * Which of these mailboxes are reserved: the account that had one may take it back, while its link with the purpose
   * `email_undo` can be used.
   * @param keys see mailboxKey
   * @returns accounts, by key
   */
  reserved(keys: readonly string[], now: number): Promise<ReadonlyMap<string, number>>;
  /** Forgets reservations that have expired, for writes of accounts that were changed before: see migration 0022. */
  forgetReserved(now: number): Promise<void>;
  /** Replaces the hash of a link that nobody has used: its token is now derived from another secret. */
  replaceHash(id: number, tokenHash: string): Promise<void>;
  /** Deletes at most `limit` links that were used or ended at `time` or earlier. @returns their number */
  deleteUsed(time: number, limit: number): Promise<number>;
  /** The same for links that expired at `time` or earlier. */
  deleteExpired(time: number, limit: number): Promise<number>;
  /** Deletes at most `limit` links of an account. @returns their number */
  eraseOf(userId: number, limit: number): Promise<number>;
}
