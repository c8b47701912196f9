// Jobs that run once among all processes on a database. Each job has a lease, a row that a process claims before it runs
// the job, renews while it runs, and gives back with the time of the next run.
//
// A process that dies or hangs renews no more. Its lease expires after `leaseMs` by the clock of the database, and the next
// process to ask claims it. If the first one wakes up, what it still writes is refused: JobRun.write updates the lease in
// the transaction of the write, and the lease is another's by then.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../store/leases.ts';
import type { Store, Writes } from '../store/store.ts';

export interface Job {
  /** The name of its lease. It never changes. */
  readonly name: string;
  readonly everySeconds: number;
  /**
   * Ends soon after `signal`, in a state from which the next run goes on.
   * @returns how many things it has dealt with, for the log
   */
  work(run: JobRun): Promise<number>;
}

export interface JobRun {
  /** Commits only while this process holds the lease. @throws LeaseLost, and what Writes.write throws */
  readonly write: Writes['write'];
  /** Aborted when the service stops, or the lease is lost. */
  readonly signal: AbortSignal;
}

/** Another process has taken over the job. Nothing is written. */
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
   * Starts no more jobs, ends those that run, and gives their leases back. What does not end in time is left: its lease
   * expires.
   */
  stop(withinMs: number): Promise<void>;
}

/** Within this time, another process takes over from one that died or hangs, unless it sleeps for longer. */
const defaultLeaseMs = 30_000;

/** A lease is asked for at least this often, in case clocks were set or a process gave it back early. */
const maxPauseMs = 60_000;

/** Another process has claimed the lease between the question and the claim. */
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
  while (!stopping.aborted) {
    let pauseMs = lease.leaseMs;
    try {
      pauseMs = await store.read.leases.waitMs(lease);
      if (pauseMs === 0 && !stopping.aborted) await runIfClaimed(store, job, lease, stopping, log);
    } catch (error) {
      log.warn({ job: job.name, reason: (error as Error).message }, 'job postponed');
    }
    const boundedMs = Math.min(Math.max(pauseMs, minPauseMs), maxPauseMs);
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
  // Of this run alone: what an earlier run of the same process left behind does not write under the lease of this one.
  const holder = randomUUID();
  if (!(await store.write(({ leases }) => leases.claim(lease, holder)))) return;
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const renew = async () => {
    // What fails here is tried again at the next turn, well before the lease expires.
    const isOurs = await store.write(({ leases }) => leases.renew(lease, holder)).catch(() => true);
    if (!isOurs) lost.abort();
  };
  const renewing = setInterval(renew, lease.leaseMs / 3).unref();
  const write: Writes['write'] = (work) =>
    store.write(async (transaction) => {
      if (await transaction.leases.renew(lease, holder)) return work(transaction);
      lost.abort();
      throw new LeaseLost(job.name);
    });
  try {
    const count = await job.work({ write, signal });
    if (count > 0) log.info({ job: job.name, count }, 'job done');
  } catch (error) {
    if (error instanceof LeaseLost) log.warn({ job: job.name }, 'job taken over by another process');
    else log.error({ job: job.name, err: error }, 'job failed');
  } finally {
    clearInterval(renewing);
  }
  // Where the service stops, another process goes on at once.
  const dueInMs = stopping.aborted ? 0 : lease.everyMs;
  await store.write(({ leases }) => leases.release(lease, holder, dueInMs));
}
