// Runs background jobs. Among all processes on a database, one at a time runs a job. Each job has a lease, which is a row
// in the database: a process claims it before it runs the job, renews it during the run, and releases it with the time of
// the next run.
//
// If a process dies or hangs, it stops renewing. The lease expires after `leaseMs`, by the clock of the database. Then
// another process claims it. If the first process continues later, its writes are refused: JobRun.write renews the lease in
// the same transaction as the write, and this fails when another process holds the lease.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Awaitable } from '../model/awaitable.ts';
import { StoreUnavailable } from '../store/errors.ts';
import type { Lease } from '../store/leases.ts';
import type { Store, Writes } from '../store/store.ts';

export interface Job {
  /** Also the name of the lease. It must never change. */
  readonly name: string;
  readonly everySeconds: number;
  /**
   * Asked before the lease is claimed, for a job that runs often: a claim is a durable write, this is a read. Each
   * process asks every `everySeconds`, so that another one follows soon after the one that ran the job.
   */
  readonly hasWork?: () => Awaitable<boolean>;
  /**
   * Must end soon after `signal` is aborted, and leave a state from which the next run can continue.
   * @returns how many items it has processed, for the log
   */
  work(run: JobRun): Promise<number>;
}

export interface JobRun {
  /** Commits only if this process still holds the lease. @throws LeaseLost, and what Writes.write throws */
  readonly write: Writes['write'];
  /** Aborted when the service stops or the lease is lost. */
  readonly signal: AbortSignal;
}

/** Another process has claimed the lease. The transaction writes nothing. */
export class LeaseLost extends Error {
  constructor(job: string) {
    super(`Another process has taken over ${job}`);
  }
}

export interface SchedulerLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Scheduler {
  /**
   * Starts no more jobs, aborts those that run, and releases their leases. If a job does not end within `withinMs`, its
   * lease expires later.
   */
  stop(withinMs: number): Promise<void>;
}

/** If a process dies or hangs, another one takes over after this time, or when it next polls the lease (`maxPauseMs`). */
const defaultLeaseMs = 30_000;

/** Each lease is polled at least this often, because a clock may be set or a process may release it early. */
const maxPauseMs = 60_000;

/** The shortest pause, for when another process claims the lease between our poll and our claim. */
const minPauseMs = 100;

type SchedulingStore = Pick<Store, 'read' | 'write'>;

export function startScheduler(
  store: SchedulingStore,
  jobs: readonly Job[],
  log: SchedulerLog,
  leaseMs = defaultLeaseMs,
): Scheduler {
  const stopping = new AbortController();
  const running = jobs.map((job) => {
    const lease: Lease = { name: job.name, leaseMs, everyMs: job.everySeconds * 1000 };
    return repeat(store, job, lease, stopping.signal, log);
  });
  return {
    async stop(withinMs) {
      stopping.abort();
      await Promise.race([Promise.all(running), sleep(withinMs, undefined, { ref: false })]);
    },
  };
}

async function repeat(
  store: SchedulingStore,
  job: Job,
  lease: Lease,
  stopping: AbortSignal,
  log: SchedulerLog,
): Promise<void> {
  /** Runs the job if it is due and can be claimed. @returns how long to pause */
  async function poll(): Promise<number> {
    if (job.hasWork !== undefined && !(await job.hasWork())) return lease.everyMs;
    const waitMs = await store.read.leases.waitMs(lease);
    if (waitMs === 0 && !stopping.aborted) await runIfClaimed(store, job, lease, stopping, log);
    return Math.min(waitMs, job.hasWork === undefined ? maxPauseMs : lease.everyMs);
  }

  while (!stopping.aborted) {
    const pauseMs = await poll().catch((error: Error) => {
      log.warn({ job: job.name, reason: error.message }, 'job postponed');
      return Math.min(lease.leaseMs, maxPauseMs);
    });
    const boundedMs = Math.max(pauseMs, minPauseMs);
    await sleep(boundedMs, undefined, { signal: stopping, ref: false }).catch(() => {});
  }
}

async function runIfClaimed(
  store: SchedulingStore,
  job: Job,
  lease: Lease,
  stopping: AbortSignal,
  log: SchedulerLog,
): Promise<void> {
  await withLease(store, lease, lease.everyMs, stopping, async (run) => {
    try {
      const count = await job.work(run);
      if (count > 0) log.info({ job: job.name, count }, 'job done');
    } catch (error) {
      // The lease expires, and then the job runs again.
      if (error instanceof StoreUnavailable) throw error;
      if (error instanceof LeaseLost) log.warn({ job: job.name }, 'job taken over by another process');
      else log.error({ job: job.name, err: error }, 'job failed');
    }
  });
}

/**
 * Claims the lease, runs the work, and releases the lease. If the work throws, the lease expires.
 * @param pauseMs how long after the work the job is due again
 * @returns false if the lease cannot be claimed now
 */
async function withLease(
  store: SchedulingStore,
  lease: Lease,
  pauseMs: number,
  stopping: AbortSignal,
  work: (run: JobRun) => Promise<void>,
): Promise<boolean> {
  // New for each run, so that work left over from an earlier run of this process cannot write under this lease.
  const holder = randomUUID();
  if (!(await store.write(({ leases }) => leases.claim(lease, holder)))) return false;
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const renew = async () => {
    // If this fails, the next renewal comes well before the lease expires.
    const isOurs = await store.write(({ leases }) => leases.renew(lease, holder)).catch(() => true);
    if (!isOurs) lost.abort();
  };
  const renewing = setInterval(renew, lease.leaseMs / 3).unref();
  const write: Writes['write'] = (work, locks) =>
    store.write(async (transaction) => {
      if (await transaction.leases.renew(lease, holder)) return work(transaction);
      lost.abort();
      throw new LeaseLost(lease.name);
    }, locks);
  try {
    await work({ write, signal });
  } finally {
    clearInterval(renewing);
  }
  // If the service stops, another process may run the job at once.
  const dueInMs = stopping.aborted ? 0 : pauseMs;
  await store.write(({ leases }) => leases.release(lease, holder, dueInMs));
  return true;
}

/** How often a command that waits for a lease looks whether it is free. */
const maxWaitMs = 1000;

/**
 * Runs work in place of a job: no process runs the job meanwhile. Waits until the lease is free.
 * @param stopping ends the waiting; then the work is not run
 */
export async function inPlaceOf(
  store: SchedulingStore,
  { name, everySeconds }: Pick<Job, 'name' | 'everySeconds'>,
  stopping: AbortSignal,
  work: (run: JobRun) => Promise<void>,
): Promise<void> {
  const lease: Lease = { name, leaseMs: defaultLeaseMs, everyMs: everySeconds * 1000 };
  while (!stopping.aborted) {
    const waitMs = await store.read.leases.waitMs(lease);
    if (waitMs === 0 && (await withLease(store, lease, 0, stopping, work))) return;
    const pauseMs = Math.min(Math.max(waitMs, minPauseMs), maxWaitMs);
    await sleep(pauseMs, undefined, { signal: stopping }).catch(() => {});
  }
}
