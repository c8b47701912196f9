// What a resource declares of being written. All that is not said here follows from its definition.

import type { ApiError, ErrorObject } from '../../errors.ts';
import type { Attributes, ReadingOptions } from '../../jsonapi/read-document.ts';
import type { Actor } from '../../model/actor.ts';
import type { RecordOf, Resource, ValuesOf } from '../../model/resource.ts';
import type { Created } from '../../store/accounts.ts';
import type { Reads, Transaction, Writes } from '../../store/store.ts';
import type { Access } from '../access.ts';
import type { Services } from '../operation.ts';
import type { Author } from './record-change.ts';

/** On whose behalf something is written: the call of a request, or a command. */
export interface Writer extends Author, Writes {
  /** What links begin with, see Call.baseUrl. */
  baseUrl(): string;
}

/** What writing needs of the services; a command has no more. */
export type WriteServices = Pick<Services, 'store' | 'clock' | 'zone' | 'passwords' | 'minPasswordLength'>;

/** Who may write, and what is special about it. Each `require` function throws an ApiError. */
export interface WriteRules<R extends Resource = Resource> {
  readonly resource: R;
  readonly access: Access;
  requireMayCreate(actor: Actor): void;
  requireMayUpdate(actor: Actor, id: number): void;
  requireMayDelete(actor: Actor, id: number): void;
  /** By the record as it is when it is changed or deleted. */
  requireMayWrite?(actor: Actor, current: RecordOf<R>): void;
  requireDeletable?(reads: Reads, current: RecordOf<R>): Promise<void>;

  /** What a new record takes that is not in the definition, such as a password. */
  readonly creation?: CreationRules<R>;
  /** What follows from the wanted values, and the rules that they break beyond their kinds and identities. */
  decide?(reads: Reads, asked: Asked<R>): Promise<Decision<R>>;
  /** Attributes about which `decide` looks at other rows than the record's own. */
  readonly decidedByOthers?: readonly string[];
  /**
   * Around an update, in its transaction.
   * @param attempt throws where it is refused; it has written nothing then
   * @param violations of the last attempt
   * @returns what `attempt` returns, or an error to throw after the commit
   */
  slowUpdate?<T>(
    transaction: Transaction,
    asked: Asked<R> & { readonly current: RecordOf<R> },
    attempt: () => Promise<T>,
    violations: () => readonly ErrorObject[],
  ): Promise<T | ApiError>;
  /** The account that the record is or belongs to: it sees the change in whatever it reads next. */
  accountOf?(record: RecordOf<R>): number;
}

export interface Asked<R extends Resource> {
  readonly actor: Actor;
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
  /** Attributes that the actor may give besides those of the definition. */
  besides(actor: Actor): readonly string[];
  /** Checks them before anything is written. */
  prepare(
    services: Pick<WriteServices, 'passwords' | 'minPasswordLength'>,
    baseUrl: string,
    given: { readonly values: ValuesOf<R>; readonly attributes: Attributes },
  ): Promise<Preparation<R>>;
  /** Those that are compared by `hasSecrets` when a request is repeated, and never become part of a digest. */
  readonly secrets: readonly string[];
  /** Whether a repeated request has the secrets that the record was made with, as far as that is known. */
  hasSecrets(services: Services, created: Created, attributes: Attributes): Promise<boolean>;
}

export interface Preparation<R extends Resource> {
  readonly violations: readonly ErrorObject[];
  /** Does what takes long, such as hashing. @returns what inserts the record */
  finish(): Promise<Insert<R>>;
}

/** @returns the id of the new record */
export type Insert<R extends Resource> = (
  transaction: Transaction,
  values: ValuesOf<R>,
  now: number,
) => Promise<number>;

/** As whom the actor gives attributes of a record; of a new one where the id is null. */
export function writerOf<R extends Resource>(
  { access }: WriteRules<R>,
  actor: Actor,
  id: number | null,
  record?: RecordOf<R>,
): ReadingOptions['by'] {
  return actor.userId === null ? 'superuser' : access.audienceOf(actor, id, record);
}
