// Remembers which accounts were active in which organizations within an hour, so that people are written once an hour.

import type { PersonActivity } from '../../store/activity.ts';

/** A person's times are written at most this often by requests of sign-ins, and by those of API tokens. */
export const personStepMs = 3_600_000;

/** Above it, all is forgotten that does not wait. Nothing more is written then, because the database compares too. */
const maxKept = 50_000;

interface Kept {
  readonly userId: number;
  readonly organizationId: number | null;
  activeAt: number;
  seenAt: number | null;
}

/** The key for requests that name no organization. */
const none = 0;

export class PeopleActivity {
  readonly #byOrganization = new Map<number, Map<number, Kept>>();
  readonly #waiting = new Set<Kept>();
  #kept = 0;

  /** The number of those that wait to be written. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Called for every request. Allocates nothing if this account has been active in the organization within the hour.
   * @param organizationId the organization that the request names; null for none
   * @param isSignIn whether the request has a sign-in, and not an API token
   */
  add(userId: number, organizationId: number | null, isSignIn: boolean, now: number): void {
    const kept = this.#byOrganization.get(organizationId ?? none)?.get(userId);
    if (kept === undefined) {
      if (this.#waiting.size < maxKept)
        this.#keep({ userId, organizationId, activeAt: now, seenAt: isSignIn ? now : null });
      return;
    }
    const last = isSignIn ? kept.seenAt : kept.activeAt;
    if (last !== null && now - last < personStepMs) return;
    kept.activeAt = Math.max(kept.activeAt, now);
    if (isSignIn) kept.seenAt = now;
    this.#waiting.add(kept);
  }

  waiting(): PersonActivity[] {
    return [...this.#waiting];
  }

  /** @param written some of those that waited */
  done(written: readonly PersonActivity[]): void {
    for (const kept of written) this.#waiting.delete(kept as Kept);
  }

  #keep(kept: Kept): void {
    if (this.#kept >= maxKept) {
      this.#byOrganization.clear();
      this.#kept = 0;
    }
    const organizationId = kept.organizationId ?? none;
    let users = this.#byOrganization.get(organizationId);
    if (users === undefined) {
      users = new Map();
      this.#byOrganization.set(organizationId, users);
    }
    users.set(kept.userId, kept);
    this.#kept++;
    this.#waiting.add(kept);
  }
}
