// A part of the port: administrators, organizations, memberships, passwords, idempotency keys, secrets.

import type { Role } from '../model/actor.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Attempts } from './attempts.ts';

/**
 * The accounts that can administer the service. These are sysadmins that have every power, have no end of access (not
 * even in the future), and have a password or an API token that does not expire, is not read-only and is bound to no
 * organization.
 */
export interface Administrators {
  /** Locks the set of administrators: other transactions that call this wait until this one ends. */
  hold(): Promise<void>;
  /** Whether at least one account can administer. */
  any(): Promise<boolean>;
  /** Whether this account can administer. */
  includes(userId: number): Promise<boolean>;
  /** Whether an account other than this one can administer. */
  anyBut(userId: number): Promise<boolean>;
  /** Whether any account is a sysadmin, whether it can administer or not. */
  anySysadmin(): Promise<boolean>;
}

export interface OrganizationRow {
  readonly id: number;
  readonly name: string;
}

/** Users show the slug of their default organization. After it has changed, their `updated_at` follows. */
export interface OrganizationRename {
  readonly organizationId: number;
  /** Users up to this id are done. */
  readonly lastUserId: number;
}

/** Queries of organizations that no record operation answers. */
/** By so many of its characters a join link is found. */
export const joinLinkBeginning = 8;

export interface Organizations {
  /** Sorted by id. */
  list(): Promise<OrganizationRow[]>;
  /** Those whose join link begins with these characters, of which it has more. */
  joinable(beginning: string): Promise<{ readonly id: number; readonly invitationToken: string }[]>;
  /** The rename of an organization that is not done; null if there is none. */
  nextRename(): Promise<OrganizationRename | null>;
  /**
   * Stores how far it is done. Does nothing if the organization has been renamed again, or is gone.
   * @param lastUserId null if all users are done
   */
  advanceRename(rename: OrganizationRename, lastUserId: number | null): Promise<void>;
}

export interface MembershipRow {
  readonly organization_id: number;
  readonly user_id: number;
  readonly role: Role;
}

export interface LimitedMembershipRow extends MembershipRow {
  /** Milliseconds since 1970. */
  readonly created_at: number;
  /** Milliseconds since 1970; null if it never ends. */
  readonly expires_at: number | null;
}

export interface EndedMembership {
  readonly id: number;
  readonly userId: number;
}

/** A membership with the name of its organization and the email of its user. */
export interface MemberRow extends LimitedMembershipRow {
  readonly id: number;
  readonly organization_name: string;
  readonly email: string;
  readonly person_id: number;
}

/** Null for all organizations, or for all users. */
export interface MembersOf {
  readonly organizationId: number | null;
  readonly userId: number | null;
}

/**
 * Queries with a time (milliseconds since 1970) see current memberships: those that have no end, or end later. The
 * others see all.
 */
export type Member = { readonly organization_id: number; readonly user_id: number };

export interface Memberships {
  /** Sorted by organization and user. */
  list(of: MembersOf, limit: number): Promise<MemberRow[]>;
  count(of: MembersOf): Promise<number>;
  /** The ids of the memberships of these users, in ascending order. */
  idsOf(organizationId: number, userIds: readonly number[]): Promise<number[]>;
  /** The id of the membership; null if there is none. */
  idOf(organizationId: number, userId: number): Promise<number | null>;
  /** Of these users, sorted by user and organization. */
  listAllOf(userIds: readonly number[]): Promise<LimitedMembershipRow[]>;
  /** The same, only current ones. */
  listOf(userIds: readonly number[], now: number): Promise<MembershipRow[]>;
  /**
   * Users with one of these roles, in ascending order of their ids.
   * @param after only users with a greater id
   */
  usersOf(organizationId: number, roles: readonly Role[], after: number, limit: number): Promise<number[]>;
  /**
   * Ids for the people of memberships that are to be inserted, for accounts that no organization has a person of: the
   * database then need not look for one. Those for whom an invited person waits are left out.
   * @returns ids by organization and account
   */
  newPersonIds(
    members: readonly Member[],
  ): Promise<(organizationId: number, userId: number) => number | null>;
  /**
   * The ids of the first memberships of a user, in ascending order.
   * @param but organizations whose memberships are left out
   */
  firstOf(userId: number, but: readonly number[], limit: number): Promise<number[]>;
  /** Deletes memberships by their ids, and their people. */
  erase(memberships: readonly { readonly id: number; readonly person_id: number }[]): Promise<void>;
  /** Deletes the memberships of these users, and their people. */
  eraseMany(organizationId: number, userIds: readonly number[]): Promise<void>;
  /** Deletes people who have left the organization. @returns their number */
  eraseLeft(organizationId: number, limit: number): Promise<number>;
  /** @returns the role, or null if the user is not a current member */
  role(organizationId: number, userId: number, now: number): Awaitable<Role | null>;
  /** Sorted by organization. */
  ofUser(userId: number, now: number): Awaitable<readonly MembershipRow[]>;
  /**
   * The organization of each user's oldest current membership, by user. Users without one are left out.
   * @param but an organization that does not count; null for none
   */
  oldestOf(userIds: readonly number[], now: number, but: number | null): Promise<Map<number, number>>;
  /**
   * Whether the organization has an owner whose membership and account have no end.
   * @param but an account that does not count
   */
  hasLastingOwner(organizationId: number, but: number): Promise<boolean>;
  /** Memberships that have ended since `setFollowed` was last called for them, those that ended first. */
  ended(now: number, limit: number): Promise<EndedMembership[]>;
  /** `ended` does not return these memberships again, unless they get another end. */
  setFollowed(ids: readonly number[], now: number): Promise<void>;
  /** The latest end of a membership that is not later than this time; 0 if there is none. */
  lastEnd(now: number): Awaitable<number>;
}

/** Password hashes. A hash is text that names its own format and parameters. */
export interface NewPassword {
  readonly userId: number;
  readonly hash: string;
  /** Of the hash, if another system made it. */
  readonly importedFormat?: string | null;
}

export interface ImportedPasswords {
  /** null if an older version imported them, which did not keep it; then those that are foreign are known, and no others. */
  readonly format: string | null;
  readonly imported: number;
  /** Those that still have the hash of the other system. */
  readonly foreign: number;
}

export interface Passwords extends Attempts {
  /** @returns the hash, or null if the user has no password */
  find(userId: number): Promise<string | null>;
  /** Milliseconds since 1970; null if the user has no password. */
  changedAt(userId: number): Promise<number | null>;
  /** Stores a hash, or replaces the old one. @param now milliseconds since 1970 */
  set(userId: number, hash: string, now: number): Promise<void>;
  /** Stores another hash of the same password: it was set when it was set. */
  rehash(userId: number, hash: string): Promise<void>;
  /** @returns false if the user had none */
  remove(userId: number): Promise<boolean>;
  /** The same as `set` for many users, in one statement. */
  setMany(passwords: readonly NewPassword[], now: number): Promise<void>;
  /**
   * Passwords that were imported with a hash of another system, by its format.
   * @param ownPrefix with which hashes of our own begin
   */
  imported(ownPrefix: string): Promise<readonly ImportedPasswords[]>;
  /** Hashes by user id; users without a password are left out. */
  listOf(userIds: readonly number[]): Promise<Map<number, string>>;
}

/** An Idempotency-Key belongs to one account and one route. */
export interface IdempotencyKey {
  readonly userId: number;
  /** Method and path, as in the route catalog. */
  readonly route: string;
  /** SHA-256 of the key. */
  readonly keyHash: string;
}

export interface Created {
  /** Identifies the body of the request, see create-once.ts. */
  readonly bodyDigest: string;
  readonly createdId: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Remembers what requests with an Idempotency-Key created, so that a retry creates nothing
 * (draft-ietf-httpapi-idempotency-key-header).
 */
export interface IdempotencyKeys {
  /** @param since milliseconds since 1970; older rows have expired */
  find(key: IdempotencyKey, since: number): Promise<Created | null>;
  /**
   * Inserts the row, or replaces an expired one.
   * @param since milliseconds since 1970; older rows have expired
   * @returns false if another request has used the key and its row has not expired
   */
  keep(key: IdempotencyKey, created: Created, since: number): Promise<boolean>;
  /**
   * Deletes at most `limit` rows that were created at `time` (milliseconds since 1970) or earlier.
   * @returns the number of deleted rows
   */
  deleteUntil(time: number, limit: number): Promise<number>;
  /** Deletes at most `limit` rows of an account. @returns their number */
  eraseOf(userId: number, limit: number): Promise<number>;
}

/** Secrets of the server itself, by name. */
export interface Secrets {
  find(name: string): Promise<string | null>;
  /**
   * Inserts the value if no value is stored under this name.
   * @returns the stored value
   */
  keep(name: string, value: string): Promise<string>;
}
