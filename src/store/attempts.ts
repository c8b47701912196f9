// A part of the port: failed attempts, and the addresses from which accounts have signed in.

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

/** Whether an account has signed in from a network or a device before. `first`: it has from none. */
export type Familiarity = 'known' | 'new' | 'first';

/** A sign-in. Times are milliseconds since 1970. */
export interface Noted {
  readonly now: number;
  /** Of the account's networks, or devices, only this many with the latest sign-ins are kept. */
  readonly maxKept: number;
}

export interface NotedAddress extends Noted {
  /** Earlier sign-ins do not count. */
  readonly since: number;
}

/** The networks from which accounts have signed in with their password. */
export interface KnownAddresses {
  /** @param since milliseconds since 1970; earlier sign-ins do not count */
  includes(userId: number, network: string, since: number): Promise<boolean>;
  note(userId: number, network: string, noted: NotedAddress): Promise<Familiarity>;
  /** Deletes at most `limit` networks whose last sign-in was at `time` or earlier. @returns the number of deleted rows */
  deleteUntil(time: number, limit: number): Promise<number>;
}

/** The devices with which accounts have signed in with their password. */
export interface KnownDevices {
  /** @param device any text that names it */
  note(userId: number, device: string, noted: Noted): Promise<Familiarity>;
}
