// The port to the database: what the product asks of it, whichever engine serves it. One contract test runs on each.

import type { Role } from '../model/actor.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Filter, Query, SortKey } from '../model/query.ts';
import type { RecordOf, Resource, ShownRevisions, ValuesOf } from '../model/resource.ts';
import type { Leases } from './leases.ts';

/** The database. What it writes by itself is the operator's; a request writes as its caller, see `writesAs`. */
export interface Store extends Writes {
  readonly engine: string;
  /** The account behind a token, with the version of the record that the request names, in one statement. */
  authenticate(tokenHash: string, target: Target | null): Awaitable<Authentication | null>;
  /** Each call sees what is committed. */
  readonly read: Reads;
  /**
   * Reads that may be a little behind, from a replica where there is one.
   * @param walPosition what the reader must see, see Authentication; null for nothing in particular
   */
  readAfter(walPosition: number | null): Reads;
  /**
   * Writes that succeed only while the caller's tokens are valid and its rights are those that were read: both are
   * checked, and locked until the commit, in the transaction that writes. What an account has written it sees in
   * whatever it reads next.
   * @throws CallerChanged, from each of them
   */
  writesAs(caller: Caller): Writes;
  readonly requestCounter: RequestCounter;
  info(): Promise<StoreInfo>;
  /** What costs little to ask. */
  size(): Promise<Pick<StoreInfo, 'sizeBytes' | 'walBytes' | 'durabilityWarnings'>>;
  close(): Promise<void>;
}

/** What serves requests: it writes for a caller or not at all. */
export type ServingStore = Omit<Store, keyof Writes>;

export interface Writes {
  /**
   * One transaction: all of it or nothing, and on disk when the promise resolves. The work may run more than once and
   * may not wait for anything but the session.
   * @throws UniqueViolation, and whatever the work throws, with nothing written
   */
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * A durable change of one row, decided by what the row is, and by nothing else: nobody changes it in between. The
   * decision may be made more than once.
   * @param decide null where there is no such row; answers what to change, null for nothing
   * @param event recorded with the change, see Transaction.record; not asked for where nothing changes
   * @returns the row as it is then
   */
  changeRecord<R extends Resource>(
    resource: R,
    id: number,
    decide: (current: RecordOf<R> | null) => Promise<ValuesOf<R> | null>,
    event?: (before: RecordOf<R>, after: RecordOf<R>) => AuditEvent,
  ): Promise<RecordOf<R>>;
}

/** The record that the URL of a request names. */
export interface Target {
  readonly resource: Resource;
  readonly id: number;
}

/**
 * Writes the events that a transaction has recorded, in that transaction: both are committed, or neither. It fails the
 * transaction by throwing.
 */
export type EventWriter = (
  transaction: Omit<Transaction, 'record'>,
  events: readonly AuditEvent[],
) => Promise<void>;

/** On whose behalf a request writes. */
export interface Caller {
  /** What was read of each token that was presented, all of one account: the rights that the write is decided by. */
  readonly presented: readonly Authentication[];
  /** Milliseconds since 1970; read just before the commit. */
  readonly clock: () => number;
  /** What the request changes. If it is the caller's own account, its row is locked for update at once. */
  readonly target: Target | null;
}

/** The window of token limits, and the default of a counter. */
export const ratePeriodSeconds = 10;

/** Counts requests by key. All processes on one database count together. */
export interface RequestCounter {
  /**
   * Counts a request in its key's window. A window begins with the first request after the previous one has ended.
   * @param key a token's id, or a negative number for anything else
   * @param windowSeconds the same in every call for one key
   * @returns 0 up to the limit, and above it how many seconds are left of the window
   * @throws StoreUnavailable
   */
  count(key: number, limit: number, windowSeconds?: number): Awaitable<number>;
  close(): void;
}

export interface StoreInfo {
  readonly engine: string;
  /** Of the database software. */
  readonly serverVersion: string;
  readonly migrations: readonly string[];
  readonly sizeBytes: number;
  readonly walBytes: number | null;
  /** Settings of the database under which an acknowledged write could be lost. */
  readonly durabilityWarnings: readonly string[];
  /** Rows by table. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Transaction {
  /**
   * Records what the transaction does: every change of the product passes here. Events are written together at the end
   * of the transaction's work, once, however often the work runs.
   * @param event called at once; not at all where the store has no EventWriter
   */
  record(event: () => AuditEvent): void;
  /**
   * Whatever this account reads after the commit shows the write, from a replica too. The caller of a request does not
   * need it, see Store.writesAs.
   */
  showTo(userId: number): void;
  /** The rows of a resource that the store was opened with. */
  records<R extends Resource>(resource: R): Records<R>;
  readonly administrators: Administrators;
  readonly organizations: Organizations;
  readonly memberships: Memberships;
  readonly passwords: Passwords;
  /** Changes of the own email to one that is taken. */
  readonly emailAttempts: Attempts;
  readonly tokens: Tokens;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly secrets: Secrets;
  readonly leases: Leases;
}

/** What can be asked outside a transaction: nothing that writes. */
export interface Reads {
  /** The rows of a resource that the store was opened with. */
  records<R extends Resource>(resource: R): RecordReader<R>;
  readonly organizations: Pick<Organizations, 'find' | 'list'>;
  readonly memberships: Pick<Memberships, 'list' | 'count' | 'listOf' | 'role' | 'organizationsOf'>;
  readonly passwords: Pick<Passwords, 'find' | 'changedAt' | 'listOf' | 'attempts'>;
  readonly emailAttempts: Pick<Attempts, 'attempts'>;
  readonly tokens: Pick<Tokens, 'list'>;
  readonly secrets: Pick<Secrets, 'find'>;
  readonly leases: Pick<Leases, 'waitMs'>;
  readonly idempotencyKeys: Pick<IdempotencyKeys, 'find'>;
  readonly administrators: Administrators;
}

export interface Authentication {
  readonly tokenId: number;
  readonly tokenKind: TokenKind;
  /** Milliseconds since 1970, null for never. */
  readonly tokenExpiresAt: number | null;
  readonly userId: number;
  readonly sysadmin: boolean;
  /** JSON text of an array. */
  readonly sysadminPermissions: string;
  readonly accessExpiresAt: number | null;
  /** How far a replica must have come to show the account what it wrote last; null for as far as it likes. */
  readonly walPosition: number | null;
  readonly target: RecordVersion | null;
}

/** Whether a token or its account had ended by then. @param now milliseconds since 1970 */
export function isExpired(
  { tokenExpiresAt, accessExpiresAt }: Pick<Authentication, 'tokenExpiresAt' | 'accessExpiresAt'>,
  now: number,
): boolean {
  return (
    (tokenExpiresAt !== null && tokenExpiresAt <= now) || (accessExpiresAt !== null && accessExpiresAt <= now)
  );
}

/** Whether two authentications of one account allow the same. */
export function haveSameRights(one: Rights, other: Rights): boolean {
  return one.sysadmin === other.sysadmin && one.sysadminPermissions === other.sysadminPermissions;
}

type Rights = Pick<Authentication, 'sysadmin' | 'sysadminPermissions'>;

/** What tells one state of a record from another. */
export interface RecordVersion {
  readonly id: number;
  readonly revision: number;
  /** The revisions of the other records that it shows values of; null where there are none. */
  readonly shown: ShownRevisions;
}

export interface PageRow {
  readonly id: number;
  readonly revision: number;
  /** The values of the sort, for a cursor. */
  readonly sortKey: SortKey;
}

export interface CollectionState {
  /** Grows with every change to any row, to who belongs to what, and of `shownCount`. */
  readonly changeCount: number;
  /** Grows with every change to a value that a row shows of another record. */
  readonly shownCount: number;
  /** Exact. */
  readonly rowCount: number;
}

/** Which records somebody sees; null for all. */
export type Visible = Filter | null;

/** The rows of one resource, read. */
export interface RecordReader<R extends Resource = Resource> {
  find(id: number): Awaitable<RecordOf<R> | null>;
  findMany(ids: readonly number[]): Awaitable<RecordOf<R>[]>;
  /** By an attribute that no two records share, in whichever way its text is written. */
  findByIdentity(name: string, text: string): Awaitable<RecordOf<R> | null>;
  /** One row more than the page's size where another page follows. */
  page(query: Query, visible: Visible, totalCount: number | null): Awaitable<readonly PageRow[]>;
  count(filter: Filter | null, visible: Visible): Awaitable<number>;
  /** Whether the record is there and among the visible ones; of all, or of one id, without asking whether it is there. */
  sees(visible: Visible, id: number): Awaitable<boolean>;
  state(): Awaitable<CollectionState>;
}

export type NewRecord<R extends Resource> = ValuesOf<R> & { readonly id?: number };

/** The rows of one resource, in a transaction. */
export interface Records<R extends Resource = Resource> extends RecordReader<R> {
  /** Nobody else changes the row before the transaction ends. */
  findForUpdate(id: number): Awaitable<RecordOf<R> | null>;
  /** @param values with an id where it must be kept, such as when records move house */
  insert(values: NewRecord<R>): Promise<number>;
  /**
   * Many at once, all with the same columns.
   * @returns for each row its id, or null where its id, or an identity, is taken
   */
  insertMany(rows: readonly NewRecord<R>[]): Promise<(number | null)[]>;
  /** Raises the revision. @returns the row as it is now */
  update(id: number, values: ValuesOf<R>): Promise<RecordOf<R>>;
  delete(id: number): Promise<boolean>;
}

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

/** A value that must be unique is taken. */
export class UniqueViolation extends Error {
  readonly column: string;

  constructor(column: string, options?: ErrorOptions) {
    super(`${column} is not unique`, options);
    this.column = column;
  }
}

/** The caller of a write has lost a token, or its account has other rights than the write was decided by. Nothing is written. */
export class CallerChanged extends Error {
  constructor() {
    super('The rights of the caller have changed since they were read');
  }
}

/** The database cannot be asked at the moment, or what was asked took it too long; nothing is known to be written. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
  }
}

/** For people. Where a name has several addresses, Node says no more than that all of them failed. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
