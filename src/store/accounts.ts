// The part of the port for accounts: administrators, organizations, memberships, passwords, sessions, idempotency keys.

import type { Role } from '../model/actor.ts';
import type { Awaitable } from '../model/awaitable.ts';

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

export interface Organization {
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
export interface Organizations {
  /** Sorted by id. */
  list(): Promise<Organization[]>;
  /** The rename of an organization that is not done; null if there is none. */
  nextRename(): Promise<OrganizationRename | null>;
  /**
   * Stores how far it is done. Does nothing if the organization has been renamed again, or is gone.
   * @param lastUserId null if all users are done
   */
  advanceRename(rename: OrganizationRename, lastUserId: number | null): Promise<void>;
}

export interface Membership {
  readonly organization_id: number;
  readonly user_id: number;
  readonly role: Role;
}

export interface LimitedMembership extends Membership {
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
export interface Member extends LimitedMembership {
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
export interface Memberships {
  /** Sorted by organization and user. */
  list(of: MembersOf, limit: number): Promise<Member[]>;
  count(of: MembersOf): Promise<number>;
  /** The ids of the memberships of these users, in ascending order. */
  idsOf(organizationId: number, userIds: readonly number[]): Promise<number[]>;
  /** The id of the membership; null if there is none. */
  idOf(organizationId: number, userId: number): Promise<number | null>;
  /** Of these users, sorted by user and organization. */
  listAllOf(userIds: readonly number[]): Promise<LimitedMembership[]>;
  /** The same, only current ones. */
  listOf(userIds: readonly number[], now: number): Promise<Membership[]>;
  /**
   * Users with one of these roles, in ascending order of their ids.
   * @param after only users with a greater id
   */
  usersOf(organizationId: number, roles: readonly Role[], after: number, limit: number): Promise<number[]>;
  /** Deletes the memberships of these users, and their people. */
  eraseMany(organizationId: number, userIds: readonly number[]): Promise<void>;
  /** Deletes people who have left the organization. @returns their number */
  eraseLeft(organizationId: number, limit: number): Promise<number>;
  /** @returns the role, or null if the user is not a current member */
  role(organizationId: number, userId: number, now: number): Awaitable<Role | null>;
  /** Sorted by organization. */
  ofUser(userId: number, now: number): Awaitable<readonly Membership[]>;
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

export interface AttemptCount {
  /** Consecutive failures. */
  readonly failures: number;
  /** Attempts are blocked until this time, in milliseconds since 1970. */
  readonly blockedUntil: number;
}

/** Counts failed attempts of one kind, and blocks the next attempt for some time. */
export interface Attempts {
  /** 0 and 0 if there are none. */
  attempts(userId: number): Promise<AttemptCount>;
  /** @param blockedUntil milliseconds since 1970 */
  setAttempts(userId: number, failures: number, blockedUntil: number): Promise<void>;
}

/** Counts failed sign-ins by a keyed digest of the address that was typed, whether an account has it or not. */
export interface SignInAttempts {
  /** 0 and 0 if there are none. */
  find(key: string): Promise<AttemptCount>;
  /**
   * Stores the next count if the stored one is still `known`: one guarded statement, without a lock before it.
   * @param forgetAt milliseconds since 1970; `deleteUntil` deletes the count then
   * @returns false if another attempt was counted in between
   */
  replace(key: string, known: AttemptCount, next: AttemptCount, forgetAt: number): Promise<boolean>;
  forget(keys: readonly string[]): Promise<void>;
  /** Deletes at most `limit` counts that are to be forgotten at `time` or earlier. @returns the number of deleted rows */
  deleteUntil(time: number, limit: number): Promise<number>;
}

/** The networks from which accounts have signed in with their password. */
export interface KnownAddresses {
  /** @param since milliseconds since 1970; earlier sign-ins do not count */
  includes(userId: number, network: string, since: number): Promise<boolean>;
  /** @param maxKept of the account's networks, only this many with the latest sign-ins are kept */
  note(userId: number, network: string, now: number, maxKept: number): Promise<void>;
  /** Deletes at most `limit` networks whose last sign-in was at `time` or earlier. @returns the number of deleted rows */
  deleteUntil(time: number, limit: number): Promise<number>;
}

/** Password hashes. A hash is text that names its own format and parameters. */
export interface Passwords extends Attempts {
  /** @returns the hash, or null if the user has no password */
  find(userId: number): Promise<string | null>;
  /** Milliseconds since 1970; null if the user has no password. */
  changedAt(userId: number): Promise<number | null>;
  /** Stores a hash, or replaces the old one. @param now milliseconds since 1970 */
  set(userId: number, hash: string, now: number): Promise<void>;
  /** The same for many users, in one statement. */
  setMany(passwords: readonly { userId: number; hash: string }[], now: number): Promise<void>;
  /** Hashes by user id; users without a password are left out. */
  listOf(userIds: readonly number[]): Promise<Map<number, string>>;
}

/** Every token belongs to a session. Times are milliseconds since 1970. */
export interface Session {
  readonly id: number;
  readonly user_id: number;
  /** Whether a program has the token. Otherwise the session is a sign-in of a person. */
  readonly machine: boolean;
  /** Whether the token may only read. */
  readonly read_only: boolean;
  readonly name: string | null;
  readonly created_at: number;
  /** As last stored; null if there was none yet. */
  readonly last_activity_at: number | null;
  /** Null if it never expires. */
  readonly token_expires_at: number | null;
  /** The membership to whose organization the token is bound, and with which it ends; null if it is not bound. */
  readonly membership_id: number | null;
  /** The organization of that membership. */
  readonly organization_id: number | null;
}

export type NewSession = Pick<Session, 'user_id' | 'machine' | 'created_at'> &
  Partial<Omit<Session, 'id' | 'organization_id'>> & {
    /** SHA-256 of the token. The token itself is not stored. */
    readonly hash: string;
    readonly note?: string | null;
    readonly last_ip?: string | null;
    readonly device?: string | null;
    readonly platform?: string | null;
    readonly browser?: string | null;
    /** The account that creates it; null if a command does. */
    readonly creator_id?: number | null;
  };

/** What the records of the resource cannot do, because the hash of a token is no attribute. */
export interface Sessions {
  /** @returns the id of the session */
  create(session: NewSession): Promise<number>;
  /** Sorted by id. @param userId null for the sessions of all accounts */
  list(userId: number | null): Promise<Session[]>;
  /** Deletes a session. @returns false if it does not exist */
  end(id: number): Promise<boolean>;
  /**
   * Deletes the sign-ins of an account, except the given one.
   * @returns the number of deleted sessions
   */
  endSignIns(userId: number, exceptId: number | null): Promise<number>;
  /** How many tokens are bound to these memberships, and end with them. Memberships without one are left out. */
  countBound(membershipIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /**
   * Deletes at most `limit` sessions that have ended by this time, by their `token_expires_at`. Leaves those that another
   * transaction has locked.
   * @returns the number of deleted sessions
   */
  deleteEnded(time: number, limit: number): Promise<number>;
  /** The same for sign-ins without a request since this time. */
  deleteIdle(time: number, limit: number): Promise<number>;
  /** See SessionEnds. @param now milliseconds since 1970 */
  lastEnds(now: number, idleMs: number): Awaitable<SessionEnds>;
}

/**
 * The latest ends that have passed: no session ends between them and now. So a filter by them selects the same sessions
 * as one by the present time, but stays the same, with its ETags, until a session ends. In milliseconds since 1970; 0 if
 * none has ended.
 */
export interface SessionEnds {
  /** The latest `token_expires_at` that has passed. */
  readonly expiredAt: number;
  /** The latest `last_activity_at` of a sign-in that has been idle for too long. */
  readonly idleSince: number;
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
