// A job runs in one process at a time among all processes on a database, also if the running process fails.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Config } from '../../src/config.ts';
import { type Job, type Scheduler, startScheduler } from '../../src/delivery/scheduler.ts';
import { openEngine, openStore } from '../../src/open-store.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { onTables, rowsOf, urlOf } from '../support/database-rows.ts';
import { endWithTests } from '../support/end-with-tests.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';

/** Ten times as long as a busy machine may delay a renewal. */
const leaseMs = 3000;
const timeout = 180_000;
const script = join(import.meta.dirname, '../support/run-jobs.ts');

interface JobProcess {
  readonly pid: number;
  /** Resolves when it has printed a line with this beginning. */
  said(line: string): Promise<void>;
  hasSaid(line: string): boolean;
  /** Sends a line to the job. */
  tell(line: string): void;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<unknown>;
}

async function startProcess(t: TestContext, config: Config): Promise<JobProcess> {
  const child = spawn(process.execPath, [script, urlOf(config), String(leaseMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  endWithTests(child);
  const exited = once(child, 'close');
  let output = '\n';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    child.emit('said');
  });
  // A killed process reads nothing more.
  child.stdin.on('error', () => {});
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const hasSaid = (line: string) => output.includes(`\n${line}`);
  const started: JobProcess = {
    pid: child.pid!,
    hasSaid,
    async said(line) {
      while (!hasSaid(line))
        await Promise.race([once(child, 'said'), exited.then(() => assert.fail(output))]);
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    exited,
  };
  await started.said('ready');
  return started;
}

/** The processes whose job has written. */
async function writers(config: Config): Promise<number[]> {
  const rows = await onTables(config, `SELECT value FROM secrets WHERE name LIKE 'run %'`);
  return rows.map(({ value }) => Number(value));
}

const quiet = { info() {}, warn() {}, error() {} };

/** A log whose lines can be waited for. */
function recordingLog() {
  const lines: string[] = [];
  const write = (details: object, message: string) =>
    void lines.push(`${message} ${'job' in details ? details.job : ''}`);
  return { lines, info: write, warn: write, error: write };
}

onEachEngine((engine) => {
  /** A database on which the first process has claimed the job, and the second one tries to. */
  async function twoProcesses(t: TestContext): Promise<[Config, JobProcess, JobProcess]> {
    const config = await clearedConfig(t, engine);
    const first = await startProcess(t, config);
    await first.said('begins');
    return [config, first, await startProcess(t, config)];
  }

  /**
   * Stops it while this process has the lock that its writes need. A process that is stopped within a write keeps the lock:
   * on SQLite nobody can write until it wakes up.
   */
  async function stopBetweenWrites(config: Config, { signal }: JobProcess): Promise<void> {
    const database = await openEngine(config, {}, 'existing');
    try {
      await database.write(async (db) => {
        if (database.locksRows) await sql`lock table leases in exclusive mode`.execute(db);
        signal('SIGSTOP');
      });
    } finally {
      await database.close();
    }
  }

  test('of two processes one runs a job, for as long as it takes', { timeout }, async (t) => {
    const [config, first, second] = await twoProcesses(t);
    const [before] = await rowsOf(config, 'leases');
    // Wait until the lease has been renewed beyond its first end.
    const isRenewed = async () => {
      const [lease] = await rowsOf(config, 'leases');
      return Number(lease!.expires_at) >= Number(before!.expires_at) + leaseMs;
    };
    while (!(await isRenewed())) await sleep(50);
    assert.equal(second.hasSaid('begins'), false);
    first.tell('go');
    await first.said('job done');
    assert.deepEqual(await writers(config), [first.pid]);
    assert.equal(second.hasSaid('begins'), false);
  });

  test('a process that is killed is followed by another', { timeout }, async (t) => {
    const [config, first, second] = await twoProcesses(t);
    assert.equal(second.hasSaid('begins'), false);
    first.signal('SIGKILL');
    await first.exited;
    await second.said('begins');
    second.tell('go');
    await second.said('job done');
    assert.deepEqual(await writers(config), [second.pid]);
  });

  test('a process that hangs is followed by another, and writes nothing when it wakes up', {
    timeout,
  }, async (t) => {
    const [config, first, second] = await twoProcesses(t);
    await stopBetweenWrites(config, first);
    await second.said('begins');
    first.tell('go');
    first.signal('SIGCONT');
    await first.said('refused');
    await first.said('job taken over by another process');
    assert.deepEqual(await writers(config), []);
    second.tell('go');
    await second.said('job done');
    assert.deepEqual(await writers(config), [second.pid]);
  });

  test('a process that is told to stop ends its job, and another goes on at once', { timeout }, async (t) => {
    const config = await clearedConfig(t, engine);
    const first = await startProcess(t, config);
    await first.said('begins');
    first.signal('SIGTERM');
    // Otherwise the job could end before the signal arrives, and would not be due for an hour.
    await first.said('stopping');
    first.tell('go');
    await first.said('stopped');
    const [lease] = await rowsOf(config, 'leases');
    assert.equal(lease!.holder, null);
    const second = await startProcess(t, config);
    await second.said('begins');
  });

  async function openedStore(t: TestContext): Promise<[Config, Store]> {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    return [config, store];
  }

  test('a job that fails is logged, and stops neither the others nor its next run', {
    timeout,
  }, async (t) => {
    const [, store] = await openedStore(t);
    const log = recordingLog();
    let scheduler: Scheduler | undefined;
    let failures = 0;
    await new Promise<void>((resolve) => {
      const failing: Job = {
        name: 'failing',
        everySeconds: 0,
        async work() {
          if (++failures === 3) resolve();
          throw new Error('no reason');
        },
      };
      const other: Job = { name: 'other', everySeconds: 3600, work: async () => 7 };
      scheduler = startScheduler(store, [failing, other], log, leaseMs);
    });
    await scheduler!.stop(timeout);
    assert.ok(log.lines.filter((line) => line === 'job failed failing').length >= 3, String(log.lines));
    assert.deepEqual(
      log.lines.filter((line) => !line.startsWith('job failed')),
      ['job done other'],
    );
  });

  test('a job during which the database fails is postponed, and runs again soon', { timeout }, async (t) => {
    const [, store] = await openedStore(t);
    const log = recordingLog();
    const ranAgain = Promise.withResolvers<void>();
    let runs = 0;
    const job: Job = {
      name: 'test',
      everySeconds: 3600,
      async work() {
        if (++runs === 1) throw new StoreUnavailable('the server is shutting down');
        ranAgain.resolve();
        return 1;
      },
    };
    const scheduler = startScheduler(store, [job], log, leaseMs);
    await ranAgain.promise;
    await scheduler.stop(timeout);
    assert.deepEqual(log.lines, ['job postponed test', 'job done test']);
  });

  test('a job runs again when it is due, and not before', async (t) => {
    const [config, store] = await openedStore(t);
    const lease = { name: 'test', leaseMs, everyMs: 60_000 };
    const claim = (holder: string) => store.write(({ leases }) => leases.claim(lease, holder));
    assert.equal(await store.read.leases.waitMs(lease), 0);
    assert.equal(await claim('one'), true);
    assert.equal(await claim('two'), false);
    const held = await store.read.leases.waitMs(lease);
    assert.ok(held > 0 && held <= leaseMs, String(held));

    await store.write(({ leases }) => leases.release(lease, 'two', 0));
    assert.equal(await claim('two'), false, 'the lease of another cannot be given back');
    await store.write(({ leases }) => leases.release(lease, 'one', lease.everyMs));
    assert.equal(await claim('two'), false);
    const due = await store.read.leases.waitMs(lease);
    assert.ok(due > 50_000 && due <= 60_000, String(due));
    await onTables(config, 'UPDATE leases SET due_at = due_at - 60000 RETURNING name');
    assert.equal(await claim('two'), true);
  });

  test('a job without work is asked again, and claims nothing until it has some', { timeout }, async (t) => {
    const [config, store] = await openedStore(t);
    const log = recordingLog();
    const ran = Promise.withResolvers<number>();
    let asked = 0;
    const job: Job = {
      name: 'test',
      everySeconds: 0,
      hasWork: async () => {
        if (asked === 2) assert.deepEqual(await rowsOf(config, 'leases'), []);
        return ++asked > 3;
      },
      async work() {
        ran.resolve(asked);
        return 0;
      },
    };
    const scheduler = startScheduler(store, [job], log, leaseMs);
    assert.equal(await ran.promise, 4);
    await scheduler.stop(timeout);
    assert.deepEqual(log.lines, []);
  });

  test('a clock that was set back holds up no job', async (t) => {
    const [config, store] = await openedStore(t);
    const lease = { name: 'test', leaseMs, everyMs: 60_000 };
    const claim = (holder: string) => store.write(({ leases }) => leases.claim(lease, holder));
    assert.equal(await claim('one'), true);
    // As a lease looks after the clock was set back by a day.
    const day = 86_400_000;
    await onTables(
      config,
      `UPDATE leases SET expires_at = expires_at + ${day}, due_at = due_at + ${day} RETURNING name`,
    );
    assert.equal(await store.read.leases.waitMs(lease), 0);
    assert.equal(await claim('two'), true);
  });

  test('a write under a lease that another has claimed is not committed', async (t) => {
    const [config, store] = await openedStore(t);
    let attempt: Promise<unknown> | undefined;
    const stealing: Job = {
      name: 'test',
      everySeconds: 3600,
      async work({ write, signal }) {
        await write(({ secrets }) => secrets.keep('run first', '1'));
        await onTables(config, `UPDATE leases SET holder = 'another' RETURNING name`);
        attempt = write(({ secrets }) => secrets.keep('run second', '2'));
        await assert.rejects(attempt, /taken over/);
        assert.equal(signal.aborted, true);
        return 1;
      },
    };
    const log = recordingLog();
    const scheduler = startScheduler(store, [stealing], log, leaseMs);
    while (log.lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await scheduler.stop(timeout);
    assert.deepEqual(log.lines, ['job done test']);
    assert.deepEqual(await writers(config), [1]);
    const [lease] = await rowsOf(config, 'leases');
    assert.equal(lease!.holder, 'another');
  });

  test('a job that does not end is left when the service stops, and its lease expires', async (t) => {
    const [config, store] = await openedStore(t);
    const begun = Promise.withResolvers<void>();
    const endless: Job = {
      name: 'test',
      everySeconds: 3600,
      work() {
        begun.resolve();
        return new Promise<never>(() => {});
      },
    };
    const scheduler = startScheduler(store, [endless], quiet, leaseMs);
    await begun.promise;
    await scheduler.stop(10);
    const [lease] = await rowsOf(config, 'leases');
    assert.notEqual(lease!.holder, null);
  });

  test('a scheduler without jobs stops', async (t) => {
    const [, store] = await openedStore(t);
    await startScheduler(store, [], quiet).stop(timeout);
  });
});
