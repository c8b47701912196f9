// Group commit: one commit, and so one fsync, for all waiting writes.

import type { DatabaseSync } from 'node:sqlite';
import type { Database } from '../sql/engine.ts';
import type { Sync } from '../store.ts';
import { translated } from './errors.ts';
import { retryWhileBusy } from './write-lock.ts';

interface Job {
  /** The time at which it stops waiting for the lock, by the monotonic clock. */
  readonly deadline: number;
  readonly sync: Sync;
  run(): Promise<void>;
  settle(error?: unknown): void;
}

const isLater = ({ sync }: Job): boolean => sync === 'later';

export interface GroupCommit {
  write<T>(work: (db: Database) => Promise<T>, sync?: Sync): Promise<T>;
  /** Fails the writes that still wait for the lock. Resolves when no write is running. */
  close(): Promise<void>;
}

interface GroupCommitOptions {
  /** How long a write waits for the lock of another process, from its arrival. */
  readonly busyTimeoutMs: number;
  /** Called after each commit. */
  readonly committed: () => void;
}

/**
 * One commit for all writes that arrive in the same turn of the event loop, or while another process holds the write
 * lock. Each write has its own savepoint: it is all or nothing, it fails alone, and it resolves only after the
 * commit. A commit of writes that are all to be synced later is without fsync; its pages are in the log, which the next
 * fsync writes to disk as a whole.
 * @param database must have a busy_timeout of 0: writes wait in the event loop, so that reads continue
 */
export function groupCommit(
  database: DatabaseSync,
  db: Database,
  { busyTimeoutMs, committed }: GroupCommitOptions,
): GroupCommit {
  let waiting: Job[] = [];
  let drained: Promise<void> | null = null;
  const closing = new AbortController();

  /**
   * Fails the jobs whose deadline has passed.
   * @returns milliseconds until the next deadline
   */
  function expire(busyError: unknown): number {
    const now = performance.now();
    const expired = waiting.filter(({ deadline }) => deadline <= now);
    if (expired.length > 0) waiting = waiting.filter(({ deadline }) => deadline > now);
    for (const job of expired) job.settle(busyError);
    return waiting.length === 0 ? 0 : Math.min(...waiting.map(({ deadline }) => deadline)) - now;
  }

  /**
   * Takes the write lock for all waiting jobs.
   * @param onlyLater for those that are synced later
   * @returns these jobs; empty if the lock was not free in time
   */
  async function begin(onlyLater: boolean): Promise<Job[]> {
    let failure: unknown;
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'), expire, closing.signal).catch((error) => {
      failure = error;
    });
    // Others may have arrived while it waited for the lock.
    const jobs = onlyLater ? waiting.filter(isLater) : waiting;
    waiting = onlyLater ? waiting.filter((job) => !isLater(job)) : [];
    if (failure === undefined) return jobs;
    for (const job of jobs) job.settle(failure);
    return [];
  }

  async function commit(jobs: readonly Job[]): Promise<void> {
    try {
      for (const job of jobs) {
        await job.run();
        if (database.isTransaction) continue;
        // A statement that did not fit has ended the transaction of all. The others run again, without this one.
        job.settle();
        waiting = [...jobs.filter((other) => other !== job), ...waiting];
        return;
      }
      // If COMMIT fails with SQLITE_BUSY, the transaction stays open and COMMIT can be retried
      // (sqlite.org/lang_transaction.html).
      const deadline = Math.min(...jobs.map((job) => job.deadline));
      await retryWhileBusy(
        () => database.exec('COMMIT'),
        () => deadline - performance.now(),
        closing.signal,
      );
      committed();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const job of jobs) job.settle(error);
      return;
    }
    for (const job of jobs) job.settle();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const onlyLater = waiting.every(isLater);
      // It cannot be changed inside a transaction.
      if (onlyLater) database.exec('PRAGMA synchronous = NORMAL');
      const jobs = await begin(onlyLater);
      if (jobs.length > 0) await commit(jobs);
      if (onlyLater) database.exec('PRAGMA synchronous = FULL');
    }
    drained = null;
  }

  return {
    write: (work, sync = 'at_once') =>
      new Promise((resolve, reject) => {
        let settle: () => void = () => reject(new Error('The write did not run'));
        waiting.push({
          deadline: performance.now() + busyTimeoutMs,
          sync,
          async run() {
            database.exec('SAVEPOINT write');
            try {
              const value = await work(db);
              settle = () => resolve(value);
            } catch (error) {
              settle = () => reject(translated(error));
              // SQLITE_FULL rolls back the statement, or the whole transaction (sqlite.org/lang_transaction.html).
              if (!database.isTransaction) return;
              database.exec('ROLLBACK TO write');
            }
            database.exec('RELEASE write');
          },
          settle: (error) => (error === undefined ? settle() : reject(translated(error))),
        });
        // setImmediate runs after the poll phase, in which the other requests of this turn are read.
        drained ??= new Promise((done) => setImmediate(() => drain().then(done)));
      }),
    async close() {
      closing.abort();
      await drained;
    },
  };
}
