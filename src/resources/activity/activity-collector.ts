// Collects when sessions and people were last active, in memory, and writes it in batches: a request never writes it
// itself. If the process is killed, the times of the last seconds are not written.

import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../store/errors.ts';
import type { Writes } from '../../store/store.ts';
import { PeopleActivity, personStepMs } from './people-activity.ts';

/** A session is written at most this often, by all processes together. */
const sessionStepMs = 60_000;

/** Activity waits this long, so that one transaction writes that of many requests. */
const collectMs = 5000;

/** Small, so that transactions are short and requests do not wait for them. */
const rowsPerBatch = 200;

/** Above it, no more sessions are collected until the others are written. Their next requests are collected then. */
const maxWaiting = 50_000;

/** A session as it was when its token was checked. */
export interface ActiveSession {
  readonly sessionId: number;
  readonly userId: number;
  readonly machine: boolean;
  /** As stored, in milliseconds since 1970; null if there was none. */
  readonly lastActivityAt: number | null;
}

interface Log {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export class ActivityCollector {
  readonly #write: Writes['write'];
  readonly #urgentAfterMs: number;
  readonly #sessions = new Map<number, { at: number; address: string }>();
  readonly #people = new PeopleActivity();
  #log: Log | null = null;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #flushing: Promise<void> | null = null;
  #isUrgent = false;

  /** @param idleMs a sign-in without a request for so long has ended */
  constructor(write: Writes['write'], idleMs: number) {
    this.#write = write;
    // Sign-ins closer to their end do not wait, so that other processes do not take them for ended.
    this.#urgentAfterMs = idleMs / 2;
  }

  /** How many sessions and people wait to be written. */
  get waiting(): number {
    return this.#sessions.size + this.#people.size;
  }

  /** Whether a request of this session is to be added. Only compares numbers, because every request asks. */
  isDue({ lastActivityAt }: ActiveSession, now: number): boolean {
    return lastActivityAt === null || now - lastActivityAt >= sessionStepMs;
  }

  /**
   * Adds a request of a session for which `isDue` is true.
   * @param address IPv4 or IPv6
   */
  addSession({ sessionId, machine, lastActivityAt }: ActiveSession, now: number, address: string): void {
    const known = this.#sessions.get(sessionId);
    if (known !== undefined) {
      if (now <= known.at) return;
      known.at = now;
      known.address = address;
      return;
    }
    if (this.#sessions.size >= maxWaiting) return;
    this.#sessions.set(sessionId, { at: now, address });
    if (!machine && now - (lastActivityAt ?? 0) > this.#urgentAfterMs) this.#isUrgent = true;
    this.#schedule();
  }

  /**
   * Adds a request to what the account is within organizations, its people.
   * @param organizationId the organization that the request names; null for none, which counts in all
   */
  addPerson({ userId, machine }: ActiveSession, organizationId: number | null, now: number): void {
    this.#people.add(userId, organizationId, !machine, now);
    if (this.#people.size > 0) this.#schedule();
  }

  /** Begins to write what is collected, a few seconds later. */
  start(log: Log): void {
    this.#log = log;
    if (this.waiting > 0) this.#schedule();
  }

  /**
   * Writes what waits, and then nothing more.
   * @param withinMs what cannot be written within this time is lost
   */
  async stop(withinMs: number): Promise<void> {
    const log = this.#log;
    this.#log = null;
    clearTimeout(this.#timer);
    const last = Promise.resolve(this.#flushing).then(() => this.flush());
    const written = last.catch((cause) => this.#report(log, cause));
    await Promise.race([written, sleep(withinMs, undefined, { ref: false })]);
  }

  /** Writes what waits. What cannot be written waits for the next time. @throws StoreUnavailable */
  async flush(): Promise<void> {
    const sessions = [...this.#sessions].map(([sessionId, { at, address }]) => ({ sessionId, at, address }));
    for (const batch of batchesOf(sessions)) {
      const locked = await this.#write(({ activity }) => activity.writeSessions(batch, sessionStepMs));
      for (const { sessionId, at } of batch) {
        // A request that was collected during the write is left out, unless the write took longer than a minute.
        const isWritten =
          !locked.includes(sessionId) && this.#sessions.get(sessionId)!.at - at < sessionStepMs;
        if (isWritten) this.#sessions.delete(sessionId);
      }
    }
    for (const batch of batchesOf(this.#people.waiting())) {
      const locked = await this.#write(({ activity }) => activity.writePeople(batch, personStepMs));
      this.#people.done(batch.filter(({ userId }) => !locked.includes(userId)));
    }
  }

  #schedule(): void {
    const delayMs = this.#isUrgent ? 0 : collectMs;
    if (this.#log === null || this.#flushing !== null || delayMs >= this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = delayMs;
    this.#timer = setTimeout(() => this.#run(), delayMs).unref();
  }

  #run(): void {
    this.#isUrgent = false;
    this.#flushing = this.flush()
      .catch((cause) => this.#report(this.#log, cause))
      .then(() => {
        this.#flushing = null;
        this.#timerMs = Number.POSITIVE_INFINITY;
        if (this.waiting > 0) this.#schedule();
      });
  }

  #report(log: Log | null, cause: Error): void {
    const { waiting } = this;
    if (cause instanceof StoreUnavailable)
      log?.warn({ waiting, reason: cause.message }, 'activity not written');
    else log?.error({ waiting, err: cause }, 'activity not written');
  }
}

function* batchesOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < rows.length; i += rowsPerBatch) yield rows.slice(i, i + rowsPerBatch);
}
