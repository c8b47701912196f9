// A part of the port: when sessions and people were last active. All times are in milliseconds since 1970.

/** A request of a session. */
export interface SessionActivity {
  readonly sessionId: number;
  readonly at: number;
  /** Where it came from: an IPv4 or IPv6 address. */
  readonly address: string;
}

/** Requests of an account. */
export interface PersonActivity {
  readonly userId: number;
  /** The organization that the requests named; null if they named none, and so count in all. */
  readonly organizationId: number | null;
  /** The last request by any session. */
  readonly activeAt: number;
  /** The last request by a sign-in; null if there was none. */
  readonly seenAt: number | null;
}

/**
 * Writes times that are at least `stepMs` later than the stored ones, and leaves the others. So processes that have
 * seen the same session write it once together, no time becomes earlier, and what has ended stays so. Revisions grow
 * with what is written. It does not wait for rows that another transaction has locked.
 */
export interface Activity {
  /** @returns the ids of the sessions that were locked: not written, to be tried again */
  writeSessions(activities: readonly SessionActivity[], stepMs: number): Promise<number[]>;
  /**
   * Writes the people that these accounts are in their organizations, without those who have left or whose membership
   * has ended.
   * @returns the ids of the users of whom a person was locked: not written, to be tried again
   */
  writePeople(activities: readonly PersonActivity[], stepMs: number): Promise<number[]>;
}
