// Group commit: one commit, and one sync to disk, for all waiting writes. See decision 53.

import type { DatabaseSync } from 'node:sqlite';
import { reasonOf, StoreUnavailable } from '../errors.ts';
import type { Database, Leave } from '../sql/engine.ts';
import type { Sync } from '../store.ts';
import { isFailedSync, translated } from './errors.ts';
import { leftWork } from './left-work.ts';
import type { Turns } from './turns.ts';
import { retryWhileBusy } from './write-lock.ts';

interface Job {
  /** The time at which it stops waiting for the lock, by the monotonic clock. */
  readonly deadline: number;
  readonly sync: Sync;
  /** Whether what it did together with others has failed. */
  isAlone: boolean;
  run(): Promise<void>;
  settle(error?: unknown): void;
}

const isLater = ({ sync }: Job): boolean => sync === 'later';

export interface GroupCommit {
  /** See Engine.leave. */
  readonly leave: Leave;
  /** Whether the write that runs shares its commit with others. */
  isShared(): boolean;
  write<T>(work: (db: Database) => Promise<T>, sync?: Sync): Promise<T>;
  /** Runs `work` while no write runs and no commit waits for its sync. Writes that arrive meanwhile wait for its end. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when every commit that had to be on disk is. @throws StoreUnavailable if a sync has failed */
  synced(): Promise<void>;
  /** Fails the writes that still wait for the lock. Resolves when no write is running. */
  close(): Promise<void>;
}

interface GroupCommitOptions {
  /** Its turn begins with each transaction. The statements of a work end it when it is long. */
  readonly turns: Turns;
  /** How long a write waits for the lock of another process, from its arrival. */
  readonly busyTimeoutMs: number;
  /** Writes the write-ahead log to disk: all commits before the call. Must not throw, but reject. */
  readonly sync: () => Promise<void>;
  /** Called in a transaction, before its COMMIT: from now on readers see the state before it. */
  readonly hide: () => void;
  /** From now on readers see what is committed. */
  readonly show: () => void;
  /** Called after each commit, when its writes are acknowledged. */
  readonly committed: () => void;
  /** Called once, after the writes that waited for it have failed. */
  readonly syncFailed: (error: StoreUnavailable) => void;
}

/**
 * One commit for all writes that arrive in the same turn of the event loop, while another process holds the write
 * lock, or while the commit before is being written to disk. Each write has its own savepoint: it is all or nothing, it
 * fails alone, and it resolves only after the sync. What the writes have left is done once for all, before COMMIT. If what
 * they do together fails, each runs again in a commit of its own. A long one takes several turns. Nobody sees the commit
 * before the sync. If all writes of a commit are to be synced later, there is no sync: their pages are in the log, which
 * the next sync writes to disk as a whole.
 *
 * After a failed sync nobody knows what is on disk, and another sync may succeed without having written it. So every
 * write fails from then on.
 * @param database must have a busy_timeout of 0: writes wait in the event loop, so that reads continue
 */
export function groupCommit(
  database: DatabaseSync,
  db: Database,
  { turns, busyTimeoutMs, sync, hide, show, committed, syncFailed }: GroupCommitOptions,
): GroupCommit {
  let waiting: Job[] = [];
  const left = leftWork();
  let isShared = false;
  const exclusive: (() => Promise<void>)[] = [];
  let drained: Promise<void> | null = null;
  let syncing: Promise<void> = Promise.resolve();
  let failure: StoreUnavailable | null = null;
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

  /** Takes the jobs of the next commit. */
  function take(): Job[] {
    const taken = waiting[0]?.isAlone ? waiting.slice(0, 1) : waiting;
    waiting = waiting.slice(taken.length);
    return taken;
  }

  /**
   * Takes the write lock for waiting jobs: all, or one that must be alone.
   * @returns these jobs; empty if the lock was not free in time
   */
  async function begin(): Promise<Job[]> {
    let refusal: unknown;
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'), expire, closing.signal).catch((error) => {
      refusal = error;
    });
    // Others may have arrived while it waited for the lock.
    const jobs = take();
    if (refusal === undefined) return jobs;
    for (const job of jobs) job.settle(refusal);
    return [];
  }

  async function commit(jobs: readonly Job[]): Promise<void> {
    const isSynced = !jobs.every(isLater);
    isShared = jobs.length > 1;
    turns.begin();
    left.beginCommit();
    try {
      try {
        for (const job of jobs) {
          await job.run();
          if (database.isTransaction) continue;
          // A statement that did not fit has ended the transaction of all. The others run again, without this one.
          job.settle();
          waiting = [...jobs.filter((other) => other !== job), ...waiting];
          return;
        }
        await left.finish(db);
      } catch (error) {
        // Also SAVEPOINT can fail on a full disk: FTS5 then writes what the write before has changed.
        if (jobs.length === 1) throw error;
        rollBack();
        for (const job of jobs) job.isAlone = true;
        waiting = [...jobs, ...waiting];
        return;
      }
      if (isSynced) hide();
      // If COMMIT fails with SQLITE_BUSY, the transaction stays open and COMMIT can be retried
      // (sqlite.org/lang_transaction.html).
      const deadline = Math.min(...jobs.map((job) => job.deadline));
      await retryWhileBusy(
        () => {
          database.exec('COMMIT');
          if (isSynced) syncing = sync();
        },
        () => deadline - performance.now(),
        closing.signal,
      );
    } catch (error) {
      rollBack();
      if (isFailedSync(error)) return fail(error, jobs);
      show();
      for (const job of jobs) job.settle(error);
      return;
    }
    try {
      await syncing;
    } catch (error) {
      return fail(error, jobs);
    }
    show();
    for (const job of jobs) job.settle();
    committed();
  }

  function rollBack(): void {
    if (database.isTransaction) database.exec('ROLLBACK');
  }

  function fail(error: unknown, jobs: readonly Job[]): void {
    failure = new StoreUnavailable(
      new Error(`The write-ahead log could not be written to disk: ${reasonOf(error)}`, { cause: error }),
    );
    for (const job of [...jobs, ...waiting]) job.settle(failure);
    waiting = [];
    syncFailed(failure);
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0 || exclusive.length > 0) {
      const work = exclusive.shift();
      if (work !== undefined) {
        await work();
        continue;
      }
      const jobs = await begin();
      if (jobs.length > 0) await commit(jobs);
    }
    drained = null;
  }

  function startDraining(): void {
    // setImmediate runs after the poll phase, in which the other requests of this turn are read.
    drained ??= new Promise((done) => setImmediate(() => drain().then(done)));
  }

  return {
    leave: left.leave,
    isShared: () => isShared,
    write: (work, wanted = 'at_once') =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        let settle: () => void = () => reject(new Error('The write did not run'));
        waiting.push({
          deadline: performance.now() + busyTimeoutMs,
          sync: wanted,
          isAlone: false,
          async run() {
            left.beginWrite();
            database.exec('SAVEPOINT write');
            try {
              const value = await work(db);
              left.keep();
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
        startDraining();
      }),
    exclusively: (work) =>
      new Promise((resolve, reject) => {
        exclusive.push(async () => {
          try {
            if (failure !== null) throw failure;
            resolve(await work());
          } catch (error) {
            if (isFailedSync(error)) fail(error, []);
            reject(error);
          }
        });
        startDraining();
      }),
    async synced() {
      await syncing.catch(() => {});
      if (failure !== null) throw failure;
    },
    async close() {
      closing.abort();
      await drained;
    },
  };
}
