// What an operation is given and what it answers, free of the transport.

import type { QueryContext } from '../jsonapi/read-query.ts';
import type { AccountActor } from '../model/actor.ts';
import type { Awaitable } from '../model/awaitable.ts';
import type { Zone } from '../model/zone.ts';
import type { PasswordHasher } from '../security/passwords.ts';
import type { RecordVersion, ServingStore, Writes } from '../store/store.ts';
import type { RenderingCache } from './cache/rendering-cache.ts';

/** Milliseconds since 1970. */
export type Clock = () => number;

/** Everything that operations share, put together once at boot. */
export interface Services {
  readonly store: ServingStore;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly passwords: PasswordHasher;
  readonly renderings: RenderingCache;
  readonly queries: QueryContext;
  readonly totals: Totals;
  readonly minPasswordLength: number;
  readonly membersSeeEachOther: boolean;
}

export interface Totals {
  /** @param count asked only where no total of this version is known */
  of(key: string, version: number, count: () => Awaitable<number>): Awaitable<number>;
}

export interface Call {
  readonly actor: AccountActor;
  /** The organization that X-Organization-Id narrows to. */
  readonly organizationId: number | null;
  /** Of the URL; null on collections. */
  readonly id: number | null;
  /** The version of the record that the URL names, seen when the caller was authenticated. */
  readonly target: RecordVersion | null;
  /** What reads of a replica must see, see Store.readAfter. */
  readonly walPosition: number | null;
  /** What links begin with, without a slash at the end. It depends on the request, and so do answers and tags with links. */
  baseUrl(): string;
  readonly query: string;
  readonly body: Buffer | null;
  /** Null where there is none, or the route creates nothing. */
  readonly idempotencyKey: string | null;
  /** What If-Match and If-None-Match say of this version: `unchanged` is for reads alone (RFC 9110 section 13.2.2). */
  precondition(etag: string): 'met' | 'unchanged' | 'failed';
}

/** A call that changes something: as long as the caller's rights are those of `actor`, or it throws CallerChanged. */
export interface WriteCall extends Call, Writes {}

export interface Reply {
  readonly status: 200 | 201 | 204 | 304;
  readonly body: string | null;
  readonly etag?: string;
  readonly location?: string;
  /** Of the body, where it is no JSON:API document. */
  readonly mediaType?: string;
}

/** No promise where everything is known already. */
export type Operation = (services: Services, call: Call) => Awaitable<Reply>;

/** Called again with other rights where the caller's have changed before it has written. */
export type WriteOperation = (services: Services, call: WriteCall) => Promise<Reply>;
