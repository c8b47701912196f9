// The port to the database: what the product asks of it, whichever engine serves it. One contract test runs on each.

import type { AuditEvent } from '../model/audit-event.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Filter, Query, SortKey } from '../model/query.ts';
import type { RecordOf, Resource, Row, ShownRevisions, ValuesOf } from '../model/resource.ts';
import type {
  Administrators,
  Attempts,
  IdempotencyKeys,
  Memberships,
  Organizations,
  Passwords,
  Secrets,
  TokenKind,
  Tokens,
} from './accounts.ts';
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
  readonly facts?: Facts;
}

/** The values that decide what a caller is to the record; absent where its id alone does. */
export type Facts = Row;

export interface PageRow {
  readonly id: number;
  readonly revision: number;
  readonly facts?: Facts;
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
