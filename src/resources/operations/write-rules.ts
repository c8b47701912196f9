// The rules for writing a resource that do not follow from its definition.

import type { ApiError, ErrorObject } from '../../errors.ts';
import type { Attributes, ReadingOptions } from '../../jsonapi/read-document.ts';
import type { Meta } from '../../jsonapi/write-document.ts';
import type { Actor } from '../../model/actor.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { AuditEvent } from '../../model/audit-event.ts';
import type { RecordOf, Resource, ValuesOf } from '../../model/resource.ts';
import type { Created } from '../../store/accounts.ts';
import type { Locks, Reads, Transaction, Writes } from '../../store/store.ts';
import type { Access } from '../access.ts';
import type { Clock, Services } from '../operation.ts';
import type { Author } from './record-change.ts';

/** On whose behalf a write happens: the call of a request, or a command. */
export interface Writer extends Author, Writes {
  /** The beginning of links, see OpenCall.baseUrl. */
  baseUrl(): string;
  /** The organization that a request names, see Call. Absent for a command. */
  readonly organizationId?: number | null;
}

/** The services that writes need. Commands have only these. */
export type WriteServices = Pick<
  Services,
  | 'store'
  | 'clock'
  | 'zone'
  | 'passwords'
  | 'passwordPolicy'
  | 'sessionLimits'
  | 'accesses'
  | 'mail'
  | 'resetMinutes'
  | 'invitationDays'
>;

/** Who may write, and special rules of a resource. Each `require` function throws an ApiError to refuse. */
export interface WriteRules<R extends Resource = Resource> {
  readonly resource: R;
  readonly access: Access;
  requireMayCreate(actor: Actor, services: Services): void;
  requireMayUpdate(actor: Actor, id: number): void;
  requireMayDelete(actor: Actor, id: number): void;
  /**
   * Called in the transaction, with the current record, before it is changed or deleted.
   * @param audience the audiences of the record to which the actor belongs
   */
  requireMayWrite?(
    actor: Actor,
    current: RecordOf<R>,
    audience: AudienceSet,
    action: 'update' | 'delete',
  ): void;
  /** What a creation locks first. */
  locksToCreate?(wanted: ValuesOf<R>): Locks;
  /** What an update and a deletion lock first. It must follow from values that never change. */
  locksToChange?(record: RecordOf<R>): Locks;
  requireDeletable?(reads: Reads, current: RecordOf<R>, actor: Actor): Promise<void>;
  /**
   * Called before the transaction that deletes the record. Removes, in short transactions of its own, rows that belong
   * to it: otherwise their number would make that transaction long.
   */
  readonly emptyFirst?: EmptyFirst<R>;
  /**
   * Writes other rows that go with the creation, change or deletion of a record, in its transaction. A deletion calls
   * it before the row is deleted. An update calls it if it takes a transaction: see `decidedByOthers`.
   */
  alongside?(
    services: WriteServices,
    transaction: Transaction,
    writer: Author,
    change: { readonly before: RecordOf<R> | null; readonly after: RecordOf<R> | null },
    now: number,
  ): Promise<void>;
  /**
   * Called before the record is deleted.
   * @param emptied the result of `emptyFirst`
   * @returns `details` of the audit event
   */
  detailsOfDeletion?(
    transaction: Transaction,
    record: RecordOf<R>,
    emptied: number,
  ): Promise<AuditEvent['details']>;

  /** Input of a POST that is not an attribute, for example a password. */
  readonly creation?: CreationRules<R>;
  /** Decides the values to store, and returns violations of rules other than those of kinds and identities. */
  decide?(reads: Reads, asked: Asked<R>): Promise<Decision<R>>;
  /** Attributes for which `decide` reads other rows. */
  readonly decidedByOthers?: readonly string[];
  /** Called before an update writes, to limit how often the wanted values may be given. @throws ApiError too_many_requests */
  limitUpdate?(wanted: Partial<ValuesOf<R>>): Promise<void>;
  /** Members of `meta` in the response to a PATCH, which gave these values. */
  metaOfUpdate?(given: Attributes): Promise<Meta | null>;
  /**
   * Wraps an update, in its transaction, to slow down repeated attempts.
   * @param attempt does the update; if it throws, it has written nothing
   * @param violations returns the violations of the last attempt
   * @returns the result of `attempt`, or an error that is thrown after the commit
   */
  slowUpdate?<T>(
    transaction: Transaction,
    asked: Asked<R> & { readonly current: RecordOf<R> },
    attempt: () => Promise<T>,
    violations: () => readonly ErrorObject[],
  ): Promise<T | ApiError>;
  /** The account that the record is, or belongs to. It sees the change in its next read. */
  accountOf?(record: RecordOf<R>): number;
}

/**
 * @param requireMay throws an ApiError if the record is gone or the actor may not delete it any more
 * @returns a number for `detailsOfDeletion`
 */
export type EmptyFirst<R extends Resource> = (
  writer: Writer,
  id: number,
  clock: Clock,
  requireMay: (transaction: Transaction) => Promise<RecordOf<R>>,
) => Promise<number>;

export interface Asked<R extends Resource> {
  readonly actor: Actor;
  /** The audiences of the record to which the actor belongs. */
  readonly audience: AudienceSet;
  /** Null for a new record. */
  readonly current: RecordOf<R> | null;
  readonly wanted: ValuesOf<R>;
  readonly now: number;
}

export interface Decision<R extends Resource> {
  /** Values to store. */
  readonly values: ValuesOf<R>;
  readonly violations: readonly ErrorObject[];
}

export interface CreationRules<R extends Resource> {
  /** Further attributes that the actor may set, which are not in the definition. */
  extra(actor: Actor): readonly string[];
  /** Checks these attributes, before anything is written. */
  prepare(
    services: Pick<WriteServices, 'passwords' | 'passwordPolicy' | 'mail' | 'invitationDays'>,
    baseUrl: string,
    given: { readonly values: ValuesOf<R>; readonly attributes: Attributes },
  ): Promise<Preparation<R>>;
  /** Attributes that are never part of the digest of a body; `hasSecrets` compares them when a request is retried. */
  readonly secrets: readonly string[];
  /** Whether a retry has the same secrets as the first request. True if this can no longer be checked. */
  hasSecrets(services: Services, created: Created, attributes: Attributes): Promise<boolean>;
}

export interface Preparation<R extends Resource> {
  readonly violations: readonly ErrorObject[];
  /**
   * Does the slow part, for example hashing.
   * @returns a function that inserts the record
   */
  finish(): Promise<Insert<R>>;
}

/** @returns the id of the new record */
export type Insert<R extends Resource> = (
  transaction: Transaction,
  author: Author,
  values: ValuesOf<R>,
  now: number,
) => Promise<number>;

/** What an update or a deletion of the record locks first. */
export async function locksOf<R extends Resource>(
  { resource, locksToChange }: WriteRules<R>,
  reads: Reads,
  id: number,
): Promise<Locks | undefined> {
  if (locksToChange === undefined) return undefined;
  const record = await reads.records(resource).find(id);
  return record === null ? undefined : locksToChange(record);
}

/**
 * The audiences by which the actor's attributes are read, or `superuser`.
 * @param id null for a new record
 */
export function writerOf<R extends Resource>(
  { access }: WriteRules<R>,
  actor: Actor,
  id: number | null,
  record: RecordOf<R> | undefined,
  callerFacts: unknown,
): ReadingOptions['by'] {
  return actor.userId === null ? 'superuser' : access.audienceOf(actor, id, record, callerFacts);
}
