// The input and output of operations, independent of HTTP.

import type { PathValues } from '../jsonapi/path-parameters.ts';
import type { QueryContext } from '../jsonapi/read-query.ts';
import type { AccountActor } from '../model/actor.ts';
import type { RequestOrigin } from '../model/audit-event.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Resource } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';
import type { PasswordPolicy } from '../security/password-policy.ts';
import type { PasswordHasher } from '../security/passwords.ts';
import type { SessionLimits } from '../security/session-limits.ts';
import type { SignInOutcome } from '../security/sign-in-outcomes.ts';
import type { RecordVersion, ServingStore, Writes } from '../store/store.ts';
import type { Access } from './access.ts';
import type { ActivityCollector } from './activity/activity-collector.ts';
import type { Renderings } from './cache/renderings.ts';
import type { Tally } from './cache/tally.ts';
import type { MailService, RenderStoredMail } from './mails/mail-service.ts';

/** Milliseconds since 1970. */
export type Clock = () => number;

/** Everything that operations share. Created once, at the start. */
export interface Services {
  readonly store: ServingStore;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly passwords: PasswordHasher;
  readonly renderings: Renderings;
  readonly queries: QueryContext;
  readonly totals: Totals;
  readonly tallies: Tallies;
  readonly accesses: AccessesByType;
  /** See attemptKey in sign-in/sign-in-throttle.ts. */
  readonly attemptsSecret: string;
  readonly mail: MailService;
  /** For the mailbox. */
  readonly renderMail: RenderStoredMail;
  /** How long the link of an invitation is valid. */
  readonly invitationDays: number;
  readonly sessionLimits: SessionLimits;
  readonly activity: ActivityCollector;
  readonly passwordPolicy: PasswordPolicy;
  /** How long a link to set a new password is valid. */
  readonly resetMinutes: number;
  /** Whether the password is not needed to create a token. */
  readonly tokensWithoutPassword: boolean;
  /** Whether sign-ins from new devices and networks are mailed to the account. */
  readonly newDeviceMails: boolean;
  readonly membersSeeEachOther: boolean;
  readonly selfServiceOrganizations: boolean;
  /** Whether a new address that people give to their own account waits for its confirmation. */
  readonly confirmEmail: boolean;
  /** Counts a sign-in for the metrics. */
  readonly observeSignIn: (outcome: SignInOutcome) => void;
}

/** The access of each resource, by type. */
export type AccessesByType = ReadonlyMap<string, Access>;

export interface Totals {
  /**
   * The cached total of a list.
   * @param key identifies the filter and what the caller sees
   * @param version the change count of the collection
   * @param count called if no total of this version is cached
   */
  of(key: string, version: number, count: () => Awaitable<number>): Awaitable<number>;
}

export interface Tallies {
  /** @param key as of `Totals.of` */
  of(key: string): Tally;
}

/** The part of a request that every operation gets, with or without a token. */
export interface OpenCall extends PathValues {
  /**
   * The beginning of links, without a trailing slash. It depends on the request, so responses with links, and their
   * ETags, do too.
   */
  baseUrl(): string;
  /** The path of the request in its canonical form. */
  path(): string;
  /** IPv4 or IPv6. Behind trusted proxies, the address that they report. */
  clientAddress(): string;
  /** Aborted when the client closes the connection: nobody waits for the response any more. */
  gone(): AbortSignal;
  readonly query: string;
  /** Null if there is no body, or the route takes none. */
  readonly body: Buffer | null;
  /** Evaluates If-Match and If-None-Match for this ETag. `unchanged` is only for reads (RFC 9110 section 13.2.2). */
  precondition(etag: string): 'met' | 'unchanged' | 'failed';
  /** The origin of the request, for audit events. */
  origin(): RequestOrigin;
}

/** A request with a token. */
export interface Call extends OpenCall {
  readonly actor: AccountActor;
  /** The organization to which the token is bound, else that in X-Organization-Id; null without both. */
  readonly organizationId: number | null;
  /** Id of the record that the path names; null if it names none, or if it is not an id. */
  readonly id: number | null;
  /** The version of that record, read when the caller was authenticated; null if there is none. */
  readonly target: RecordVersion | null;
  /** The position that a replica must have replayed, see Store.readAfter. */
  readonly walPosition: number | null;
  /** Null if the header is missing, or the route does not create a record. */
  readonly idempotencyKey: string | null;
}

/** A call that may write. Writes throw CallerChanged if the caller's rights are no longer those of `actor`. */
export interface WriteCall extends Call, Writes {}

export interface Reply {
  readonly status: 200 | 201 | 204 | 304;
  readonly body: string | Uint8Array | null;
  readonly etag?: string;
  readonly location?: string;
  /** Content-Type of the body; by default that of the route's face. */
  readonly mediaType?: string;
  /** Further headers, in lower case. They override defaults such as `cache-control`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Handles a read. Synchronous if everything is cached. */
export type Operation = (services: Services, call: Call) => Awaitable<Reply>;

/** Handles a write. Called again, with the new rights, if the caller's rights changed before it has written. */
export type WriteOperation = (services: Services, call: WriteCall) => Promise<Reply>;

/** Handles a route without a token. */
export type OpenOperation = (services: Services, call: OpenCall) => Awaitable<Reply>;

/** A call without a token that may write. No rights are checked at its commit. */
export interface OpenWriteCall extends OpenCall, Pick<Writes, 'write'> {}

export type OpenWriteOperation = (services: Services, call: OpenWriteCall) => Promise<Reply>;

/** A write for which a token is optional. Without one there is no actor. */
export type OptionalWriteCall = WriteCall | (OpenWriteCall & { readonly actor: null });

export type OptionalWriteOperation = (services: Services, call: OptionalWriteCall) => Promise<Reply>;

/** Path of the collection of a resource. */
export function collectionPath({ type }: Resource): string {
  return `/api/v2/${type}`;
}
