// The port to the database: every operation the product uses, on either engine. The same contract test runs on each
// engine.

import type { AuditEvent } from '../model/audit-event.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { RecordOf, Resource, Row, ValuesOf } from '../model/resource.ts';
import type {
  Administrators,
  IdempotencyKeys,
  Memberships,
  Organizations,
  Passwords,
  Secrets,
} from './accounts.ts';
import type { Activity } from './activity.ts';
import type { Attempts, KnownAddresses, KnownDevices, SignInAttempts } from './attempts.ts';
import type { Invitations } from './invitations.ts';
import type { Leases } from './leases.ts';
import type { Links } from './links.ts';
import type { Mails } from './mails.ts';
import type { Origins } from './origins.ts';
import type { RecordReader, Records, RecordVersion } from './records.ts';
import type { Sessions } from './sessions.ts';

export type * from './records.ts';
export type { ClientOf } from './sql/long-reads.ts';

/**
 * The database. `write` and `changeRecord` of the store itself write as the operator: no caller is checked. A request
 * writes as its caller, through `writesAs`.
 */
export interface Store extends Writes {
  readonly engine: string;
  /**
   * Finds the account of a token, and the version of the record that the request names, in one round trip.
   * @param tokenHash SHA-256 of the token
   * @param target null if the request names no record
   * @returns null if no token has this hash. Expired tokens are returned: see isExpired
   * @throws StoreUnavailable
   */
  authenticate(tokenHash: string, target: AskedRecord | null): Awaitable<Authentication | null>;
  /** Reads outside a transaction. Each call sees everything that is committed. */
  readonly read: Reads;
  /**
   * Reads that may be slightly stale: from a replica if one has replayed far enough, else from the primary.
   * @param walPosition the position that the replica must have replayed, see Authentication; null if any position
   * will do
   */
  readAfter(walPosition: number | null): Reads;
  /**
   * Writes as a caller. The transaction that writes reads the caller's sessions and rights again and locks them until
   * the commit. If they are not those that were read before, nothing is written. The caller sees its own write in its
   * next read, also from a replica.
   * @throws CallerChanged from each method
   */
  writesAs(caller: Caller): Writes;
  readonly requestCounter: RequestCounter;
  info(): Promise<StoreInfo>;
  /** The part of `info` that is cheap to read. */
  size(): Promise<Pick<StoreInfo, 'sizeBytes' | 'walBytes' | 'durabilityWarnings'>>;
  /** Ends all reads that take long, and refuses more, with StoreUnavailable: before a service stops. */
  endLongReads(): void;
  close(): Promise<void>;
}

/** The store as requests use it: it can only write on behalf of a caller. */
export type ServingStore = Omit<Store, keyof Writes>;

export interface Writes {
  /**
   * Runs one transaction. It is on disk when the promise resolves. The work may run more than once, after a conflict,
   * and must not wait for anything but the database.
   * @param locks for work that would otherwise lock these in another order than other transactions
   * @param sync when it must be on disk
   * @throws UniqueViolation, StoreUnavailable, and whatever the work throws; nothing is written then
   */
  write<T>(work: (transaction: Transaction) => Promise<T>, locks?: Locks, sync?: Sync): Promise<T>;
  /**
   * Changes one row, durably, by a decision that depends on this row alone. No other transaction changes the row
   * between the decision and the write. The decision may run more than once.
   * @param decide gets the row, or null if there is none; returns the columns to change, or null for no change
   * @param event recorded with the change, see Transaction.record; not called if nothing changes
   * @returns the row after the change
   * @throws UniqueViolation, StoreUnavailable, and whatever `decide` throws
   */
  changeRecord<R extends Resource>(
    resource: R,
    id: number,
    decide: (current: RecordOf<R> | null) => Promise<ValuesOf<R> | null>,
    event?: (before: RecordOf<R>, after: RecordOf<R>) => AuditEvent,
  ): Promise<RecordOf<R>>;
}

/**
 * What a transaction locks before anything else. All transactions lock organizations first, then accounts, both in the
 * order of their ids, the caller's among them: so those that change the same memberships wait for each other, and do
 * not deadlock.
 */
export interface Locks {
  /** The members of an organization, as a whole. Shared: with other transactions that only add members. */
  readonly organization: { readonly id: number; readonly isShared: boolean } | null;
  /** The members of other organizations, not shared. By default none. */
  readonly organizationIds?: readonly number[];
  /** Accounts that the transaction changes, or whose memberships it changes. */
  readonly userIds: readonly number[];
}

/**
 * `later`: everybody sees the write when its promise resolves, but it is on disk only soon after, at the latest together
 * with the next write that is `at_once`. If the machine fails before that, it is lost; if only the process does, it is
 * not. For what no response depends on before another write.
 */
export type Sync = 'at_once' | 'later';

/** The record that the URL of a request names. */
export interface Target {
  readonly resource: Resource;
  readonly id: number;
  /** Whether its row is read together with the token, see RecordVersion.row. By default not. */
  readonly withRow?: boolean;
}

/** The record that a request asks for: by its id, or the account (`caller`) or the session of the token itself. */
export type AskedRecord = Target | 'caller' | 'session';

/** Where audit events are stored. They are written in the transaction of the act: both are committed or neither. */
export interface Trail {
  /** The resource that holds the events. */
  readonly resource: Resource;
  /** @returns the row of an event, without `created_at`: the database knows the time */
  rowOf(event: AuditEvent): Row;
}

/** The account on whose behalf a request writes. */
export interface Caller {
  /** The authentications of all presented tokens, all of one account. The write was decided by the rights in them. */
  readonly presented: readonly Authentication[];
  /** Returns milliseconds since 1970. Called at the beginning, and just before the commit. */
  readonly clock: () => number;
  /** See isExpired. */
  readonly idleMs: number;
  /**
   * The record that the request changes. If it is the caller's own account, its row is locked for update from the
   * start.
   */
  readonly target: Target | null;
  /** Whether the request also changes the caller's own account. Its row is then locked for update from the start. */
  readonly changesItself?: boolean;
}

/** The window of the rate limit of tokens, and the default window of a RequestCounter. */
export const ratePeriodSeconds = 10;

/** Counts requests by key, in fixed windows, for rate limits. All processes on one database share the counts. */
export interface RequestCounter {
  /**
   * Counts a request in the window of its key. A window begins with the first request after the previous window has
   * ended.
   * @param key a token's id, or a negative number for anything else
   * @param windowSeconds must be the same in every call for one key
   * @returns 0 if the request is within the limit, else the seconds until the window ends
   * @throws StoreUnavailable
   */
  count(key: number, limit: number, windowSeconds?: number): Awaitable<number>;
  close(): void;
}

export interface StoreInfo {
  readonly engine: string;
  /** Version of the database software. */
  readonly serverVersion: string;
  readonly migrations: readonly string[];
  readonly sizeBytes: number;
  readonly walBytes: number | null;
  /** Settings of the database under which an acknowledged write could be lost. */
  readonly durabilityWarnings: readonly string[];
  /** Number of rows of each table. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Transaction {
  /**
   * Records an audit event. Every change by an operation of the product is recorded. The events are written together
   * when the work has ended; if the work is retried, only those of the last run are written.
   * @param event called immediately; not called if the store has no Trail
   */
  record(event: () => AuditEvent): void;
  /**
   * After the commit, reads of this account show the write, also from a replica. Not needed for the caller of a
   * request: see Store.writesAs.
   */
  showTo(userId: number): void;
  /** The rows of a resource. @throws Error if the store was opened without this resource */
  records<R extends Resource>(resource: R): Records<R>;
  readonly administrators: Administrators;
  readonly organizations: Organizations;
  readonly memberships: Memberships;
  readonly invitations: Invitations;
  readonly passwords: Passwords;
  readonly origins: Origins;
  /** Failed attempts: an account changed its own email to one that is taken. */
  readonly emailAttempts: Attempts;
  readonly signInAttempts: SignInAttempts;
  readonly knownAddresses: KnownAddresses;
  readonly knownDevices: KnownDevices;
  readonly sessions: Sessions;
  readonly activity: Activity;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly secrets: Secrets;
  readonly links: Links;
  readonly mails: Mails;
  readonly leases: Leases;
}

/** Reads outside a transaction. */
export interface Reads {
  /** The rows of a resource. @throws Error if the store was opened without this resource */
  records<R extends Resource>(resource: R): RecordReader<R>;
  readonly organizations: Pick<Organizations, 'list' | 'joinable' | 'nextRename'>;
  readonly memberships: Pick<
    Memberships,
    | 'list'
    | 'count'
    | 'idOf'
    | 'listAllOf'
    | 'listOf'
    | 'role'
    | 'ofUser'
    | 'usersOf'
    | 'hasLastingOwner'
    | 'lastEnd'
  >;
  readonly origins: Pick<
    Origins,
    'usersOf' | 'organizationsOf' | 'ofAddresses' | 'usersWith' | 'listOf' | 'ofOrganization'
  >;
  readonly passwords: Pick<Passwords, 'find' | 'changedAt' | 'listOf' | 'imported' | 'attempts'>;
  readonly emailAttempts: Pick<Attempts, 'attempts'>;
  readonly signInAttempts: Pick<SignInAttempts, 'find'>;
  readonly knownAddresses: Pick<KnownAddresses, 'includes'>;
  readonly sessions: Pick<Sessions, 'list' | 'lastEnds'>;
  readonly secrets: Pick<Secrets, 'find'>;
  readonly links: Pick<Links, 'find' | 'latest' | 'reserved' | 'stateBefore'>;
  readonly mails: Pick<Mails, 'due' | 'outbox' | 'mailbox' | 'countMailbox'>;
  readonly leases: Pick<Leases, 'waitMs'>;
  readonly idempotencyKeys: Pick<IdempotencyKeys, 'find'>;
  readonly administrators: Administrators;
}

export interface Authentication extends Account {
  readonly target: RecordVersion | null;
}

/** The session of a token, and its account. Times are milliseconds since 1970. */
export interface Account {
  readonly sessionId: number;
  /** See SessionRow in sessions.ts. */
  readonly machine: boolean;
  readonly readOnly: boolean;
  readonly createdAt: number;
  readonly lastActivityAt: number | null;
  readonly tokenExpiresAt: number | null;
  readonly userId: number;
  readonly sysadmin: boolean;
  /** A JSON array, as text. */
  readonly sysadminPermissions: string;
  /** End of the account's access; null for none. */
  readonly accessExpiresAt: number | null;
  /** The organization to which the token is bound; null for none. */
  readonly organizationId: number | null;
  /** End of the membership of the account in that organization; null for none. */
  readonly membershipExpiresAt: number | null;
  /**
   * Position in the write-ahead log that a replica must have replayed to show the account its own last write; null if
   * there is none.
   */
  readonly walPosition: number | null;
}

/**
 * Whether the session or the access of its account has ended, or the membership to which the token is bound.
 * @param idleMs how long a sign-in is valid without a request
 * @param now milliseconds since 1970
 */
export function isExpired(
  { machine, createdAt, lastActivityAt, tokenExpiresAt, accessExpiresAt, membershipExpiresAt }: Account,
  idleMs: number,
  now: number,
): boolean {
  return (
    hasPassed(tokenExpiresAt, now) ||
    hasPassed(accessExpiresAt, now) ||
    hasPassed(membershipExpiresAt, now) ||
    (!machine && (lastActivityAt ?? createdAt) + idleMs <= now)
  );
}

function hasPassed(end: number | null, now: number): boolean {
  return end !== null && end <= now;
}

/** Whether two authentications of one account have the same rights. */
export function haveSameRights(one: Rights, other: Rights): boolean {
  return one.sysadmin === other.sysadmin && one.sysadminPermissions === other.sysadminPermissions;
}

type Rights = Pick<Authentication, 'sysadmin' | 'sysadminPermissions'>;
