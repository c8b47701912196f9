// What an operation is given and what it answers, free of the transport.

import type { PathValues } from '../jsonapi/path-parameters.ts';
import type { QueryContext } from '../jsonapi/read-query.ts';
import type { AccountActor } from '../model/actor.ts';
import type { RequestOrigin } from '../model/audit-event.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Resource } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';
import type { PasswordHasher } from '../security/passwords.ts';
import type { RecordVersion, ServingStore, Writes } from '../store/store.ts';
import type { Renderings } from './cache/renderings.ts';

/** Milliseconds since 1970. */
export type Clock = () => number;

/** Everything that operations share, put together once at boot. */
export interface Services {
  readonly store: ServingStore;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly passwords: PasswordHasher;
  readonly renderings: Renderings;
  readonly queries: QueryContext;
  readonly totals: Totals;
  readonly minPasswordLength: number;
  readonly membersSeeEachOther: boolean;
}

export interface Totals {
  /** @param count asked only where no total of this version is known */
  of(key: string, version: number, count: () => Awaitable<number>): Awaitable<number>;
}

/** The part of a request that every operation gets, with or without a token. */
export interface OpenCall extends PathValues {
  /** What links begin with, without a slash at the end. It depends on the request, and so do answers and tags with links. */
  baseUrl(): string;
  /** IPv4 or IPv6. Behind trusted proxies, the address that they report. */
  clientAddress(): string;
  readonly query: string;
  /** Null if there is no body, or the route takes none. */
  readonly body: Buffer | null;
  /** What If-Match and If-None-Match say of this version: `unchanged` is for reads alone (RFC 9110 section 13.2.2). */
  precondition(etag: string): 'met' | 'unchanged' | 'failed';
  /** Where the request comes from, for audit events. */
  origin(): RequestOrigin;
}

/** A request with a token. */
export interface Call extends OpenCall {
  readonly actor: AccountActor;
  /** The organization that X-Organization-Id narrows to. */
  readonly organizationId: number | null;
  /** Id of the record that the path names; null if it names none, or if it is not an id. */
  readonly id: number | null;
  /** The version of that record, seen when the caller was authenticated. */
  readonly target: RecordVersion | null;
  /** What reads of a replica must see, see Store.readAfter. */
  readonly walPosition: number | null;
  /** Null where there is none, or the route creates nothing. */
  readonly idempotencyKey: string | null;
}

/** A call that changes something: as long as the caller's rights are those of `actor`, or it throws CallerChanged. */
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

/** No promise where everything is known already. */
export type Operation = (services: Services, call: Call) => Awaitable<Reply>;

/** Called again with other rights where the caller's have changed before it has written. */
export type WriteOperation = (services: Services, call: WriteCall) => Promise<Reply>;

/** Handles a route without a token. */
export type OpenOperation = (services: Services, call: OpenCall) => Awaitable<Reply>;

/** A call without a token that may write. No rights are checked at its commit. */
export interface OpenWriteCall extends OpenCall, Pick<Writes, 'write'> {}

export type OpenWriteOperation = (services: Services, call: OpenWriteCall) => Promise<Reply>;

/** Of the collection of a resource. */
export function collectionPath({ type }: Resource): string {
  return `/api/v2/${type}`;
}
