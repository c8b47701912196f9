// A part of the port: sessions beside their records.

import type { Awaitable } from '../model/awaitable.ts';

/** Every token belongs to a session. Times are milliseconds since 1970. */
export interface SessionRow {
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

export type NewSessionRow = Pick<SessionRow, 'user_id' | 'machine' | 'created_at'> &
  Partial<Omit<SessionRow, 'id' | 'organization_id'>> & {
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
  create(session: NewSessionRow): Promise<number>;
  /** Sorted by id. @param userId null for the sessions of all accounts */
  list(userId: number | null): Promise<SessionRow[]>;
  /** The ids of the first sessions of an account, in ascending order. */
  firstOf(userId: number, limit: number): Promise<number[]>;
  /** Deletes a session. @returns false if it does not exist */
  end(id: number): Promise<boolean>;
  endMany(ids: readonly number[]): Promise<void>;
  /**
   * Deletes the sign-ins of an account, except the given one.
   * @returns the number of deleted sessions
   */
  endSignIns(userId: number, exceptId: number | null): Promise<number>;
  /**
   * Deletes the API tokens of an account.
   * @param after only sessions with a greater id, which were created later
   * @returns the number of deleted sessions
   */
  endApiTokens(userId: number, after?: number): Promise<number>;
  /**
   * Deletes those sign-ins of an account that were without a request for longest, so that at most `kept` are left.
   * @returns the number of deleted sessions
   */
  keepSignIns(userId: number, kept: number): Promise<number>;
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
