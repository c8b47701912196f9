// The part of the port that is about accounts: who administers, what belongs to whom, and what they sign in with.

import type { Role } from '../model/actor.ts';

/**
 * The accounts that can administer: sysadmins with every power, without an end of access (be it in the future), and with
 * a password or an API token that does not expire.
 */
export interface Administrators {
  /** In a transaction: whoever else asks for this waits until it ends. */
  hold(): Promise<void>;
  any(): Promise<boolean>;
  includes(userId: number): Promise<boolean>;
  anyBut(userId: number): Promise<boolean>;
  /** Whether any account is a sysadmin, able to administer or not. */
  anySysadmin(): Promise<boolean>;
}

export interface Organization {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly created_at: number;
}

export interface Organizations {
  /** @param id chosen by the caller where it must be kept, such as when accounts move house */
  create(name: string, now: number, id?: number): Promise<Organization>;
  find(id: number): Promise<Organization | null>;
  list(): Promise<Organization[]>;
}

export interface Membership {
  readonly organization_id: number;
  readonly user_id: number;
  readonly role: Role;
}

/** A membership with what a person knows its sides by. */
export interface Member extends Membership {
  readonly organization_name: string;
  readonly email: string;
}

export interface Memberships {
  /** By organization and user; of one organization, or of all. */
  list(organizationId: number | null, limit: number): Promise<Member[]>;
  count(organizationId: number | null): Promise<number>;
  set(organizationId: number, userId: number, role: Role, now: number): Promise<void>;
  setMany(memberships: readonly Membership[], now: number): Promise<void>;
  /** Of these users, by user and organization. */
  listOf(userIds: readonly number[]): Promise<Membership[]>;
  remove(organizationId: number, userId: number): Promise<boolean>;
  role(organizationId: number, userId: number): Promise<Role | null>;
  /** The organization of the oldest membership, null where there is none. */
  oldest(userId: number): Promise<number | null>;
  organizationsOf(userId: number, roles: readonly Role[]): Promise<number[]>;
}

/** Failed attempts of one kind. */
export interface Attempts {
  /** Consecutive failures, and when the next attempt is allowed (milliseconds since 1970). */
  attempts(userId: number): Promise<{ failures: number; blockedUntil: number }>;
  setAttempts(userId: number, failures: number, blockedUntil: number): Promise<void>;
}

export interface Passwords extends Attempts {
  find(userId: number): Promise<string | null>;
  /** Milliseconds since 1970; null where there is no password. */
  changedAt(userId: number): Promise<number | null>;
  set(userId: number, hash: string, now: number): Promise<void>;
  setMany(passwords: readonly { userId: number; hash: string }[], now: number): Promise<void>;
  listOf(userIds: readonly number[]): Promise<Map<number, string>>;
}

export type TokenKind = 'api' | 'session';

export interface Token {
  readonly id: number;
  readonly user_id: number;
  readonly kind: TokenKind;
  readonly name: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

export interface NewToken {
  readonly userId: number;
  readonly hash: string;
  readonly kind: TokenKind;
  readonly name: string;
  readonly now: number;
  readonly expiresAt: number | null;
}

export interface Tokens {
  create(token: NewToken): Promise<number>;
  /** All, or those of one account. */
  list(userId: number | null): Promise<Token[]>;
  revoke(id: number): Promise<boolean>;
  /** Ends what came from a sign-in, but the one given. @returns how many it ended */
  revokeSessions(userId: number, exceptTokenId: number | null): Promise<number>;
}

/** An Idempotency-Key belongs to one account and one route. */
export interface IdempotencyKey {
  readonly userId: number;
  /** Method and path, as the catalog has them. */
  readonly route: string;
  readonly keyHash: string;
}

export interface Created {
  readonly bodyDigest: string;
  readonly createdId: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What requests with an Idempotency-Key have created. */
export interface IdempotencyKeys {
  /** @param since older rows have expired (milliseconds since 1970) */
  find(key: IdempotencyKey, since: number): Promise<Created | null>;
  /** Replaces an expired row. @returns false where another request has used the key since then */
  keep(key: IdempotencyKey, created: Created, since: number): Promise<boolean>;
  /** Deletes at most `limit` rows that are as old as `time` or older. @returns how many */
  deleteUntil(time: number, limit: number): Promise<number>;
}

export interface Secrets {
  find(name: string): Promise<string | null>;
  /** Keeps the first value that anyone gives; answers what is kept. */
  keep(name: string, value: string): Promise<string>;
}
