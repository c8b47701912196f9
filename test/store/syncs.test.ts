// E3: a commit on SQLite is written to disk beside the thread of the service. Until it is there, nobody gets an answer that
// depends on it.

import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { readConfig } from '../../src/config.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import type { Database, Engine, WriteOptions } from '../../src/store/sql/engine.ts';
import { openSqlite, type SqliteOptions } from '../../src/store/sqlite/engine.ts';
import { groupCommit } from '../../src/store/sqlite/group-commit.ts';
import { kysely } from '../../src/store/sqlite/kysely.ts';
import { turns } from '../../src/store/sqlite/turns.ts';
import { engines } from '../support/chosen-engines.ts';
import { temporaryFolder } from '../support/engines.ts';

/** A disk that writes when the test says so. */
function slowDisk() {
  const asked: PromiseWithResolvers<void>[] = [];
  let taken = 0;
  let wake = Promise.withResolvers<void>();
  let isFast = false;
  return {
    syncs: 0,
    async syncFile() {
      this.syncs++;
      if (isFast) return;
      const sync = Promise.withResolvers<void>();
      asked.push(sync);
      wake.resolve();
      await sync.promise;
    },
    /** The sync that is under way; waits for it. */
    async next(): Promise<PromiseWithResolvers<void>> {
      while (asked.length === taken) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
      return asked[taken++]!;
    },
    /** From now on it is as fast as others. */
    hurry() {
      isFast = true;
      for (const sync of asked) sync.resolve();
    },
  };
}

async function openOn(t: TestContext, file: string, options: Partial<SqliteOptions> = {}): Promise<Engine> {
  const engine = await openSqlite(file, { ...readConfig({}, {}), isServing: true, ...options });
  t.after(() => engine.close());
  return engine;
}

async function openSlow(t: TestContext, options: Partial<SqliteOptions> = {}) {
  const disk = slowDisk();
  // Also if the test fails: an engine that closes waits for the disk.
  t.after(() => disk.hurry());
  const file = join(await temporaryFolder(t), 'muster.db');
  const engine = await openOn(t, file, { ...options, syncFile: () => disk.syncFile() });
  return { disk, file, engine };
}

const keep = (engine: Engine, name: string, options?: WriteOptions) =>
  engine.write((db) => db.insertInto('secrets').values({ name, value: '' }).execute(), options);

async function namesIn(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from secrets order by name`.execute(db);
  return rows.map(({ name }) => name);
}

const namesSeen = ({ reader }: Engine) => namesIn(reader);

const readLong = (engine: Engine) =>
  engine.longReadsOn(engine.reader)!<{ name: string }>(
    sql<{ name: string }>`select name from secrets`.compile(engine.reader),
    () => ({ caller: 1, gone: new AbortController().signal }),
  );

/** Whether a promise is settled after some turns of the event loop, in which everything but the disk goes on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  return settled;
}

describe('on sqlite', { skip: !engines.includes('sqlite') }, () => {
  test('E3 a write is answered when it is on disk, and nobody sees it before', async (t) => {
    const { disk, engine } = await openSlow(t);
    const write = keep(engine, 'first');
    const sync = await disk.next();
    assert.equal(await isSettled(write), false);
    assert.deepEqual(await namesSeen(engine), []);
    const version = engine.commitCounter();
    await setImmediate();
    assert.equal(engine.commitCounter(), version);
    assert.deepEqual(await namesSeen(engine), []);
    sync.resolve();
    await write;
    assert.deepEqual(await namesSeen(engine), ['first']);
    assert.notEqual(engine.commitCounter(), version);
  });

  test('E3 reads that began in the same turn do not show a commit that is not on disk either', async (t) => {
    const { disk, engine } = await openSlow(t);
    const seen: string[][] = [];
    let isReading = true;
    const reads = (async () => {
      while (isReading) {
        seen.push(await namesSeen(engine));
        await setImmediate();
      }
    })();
    const write = keep(engine, 'first');
    const sync = await disk.next();
    await isSettled(write);
    isReading = false;
    await reads;
    sync.resolve();
    await write;
    assert.deepEqual(seen.flat(), []);
  });

  test('E3 writes of several turns that wait for the disk share the next sync', async (t) => {
    const { disk, engine } = await openSlow(t);
    const first = keep(engine, 'first');
    const sync = await disk.next();
    const others: Promise<unknown>[] = [];
    for (const name of ['second', 'third', 'fourth']) {
      others.push(keep(engine, name));
      await setImmediate();
    }
    assert.equal(disk.syncs, 1);
    sync.resolve();
    await first;
    const shared = await disk.next();
    assert.equal(await isSettled(Promise.race(others)), false);
    assert.deepEqual(await namesSeen(engine), ['first']);
    shared.resolve();
    await Promise.all(others);
    assert.equal(disk.syncs, 2);
    assert.deepEqual(await namesSeen(engine), ['first', 'fourth', 'second', 'third']);
  });

  test('E3 a write that is synced later waits for no disk, except together with one that does', async (t) => {
    const { disk, engine } = await openSlow(t);
    await keep(engine, 'first', { sync: 'later' });
    assert.deepEqual(await namesSeen(engine), ['first']);
    const broken = engine.write(() => Promise.reject(new Error('broken')), { sync: 'later' });
    await assert.rejects(broken, /broken/);
    assert.equal(disk.syncs, 0);

    const mixed = [keep(engine, 'second', { sync: 'later' }), keep(engine, 'third')];
    const sync = await disk.next();
    assert.equal(await isSettled(mixed[1]!), false);
    assert.deepEqual(await namesSeen(engine), ['first']);
    sync.resolve();
    await Promise.all(mixed);
    assert.equal(disk.syncs, 1);
    await keep(engine, 'fourth', { sync: 'later' });
    assert.equal(disk.syncs, 1);
  });

  test('E3 a write that arrives while one waits for the lock to be synced later is on disk when it is answered', async (t) => {
    const { disk, file, engine } = await openSlow(t);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const first = keep(engine, 'first', { sync: 'later' });
    // By then it has asked for the lock.
    await setImmediate();
    await setImmediate();
    const second = keep(engine, 'second');
    other.close();
    const sync = await disk.next();
    assert.equal(await isSettled(second), false);
    sync.resolve();
    await Promise.all([first, second]);
  });

  test('E3 a long read and a snapshot are given when all that they saw is on disk', async (t) => {
    const { disk, engine } = await openSlow(t);
    const write = keep(engine, 'first');
    const sync = await disk.next();
    const long = readLong(engine);
    const snapshot = engine.snapshot(namesIn);
    assert.equal(await isSettled(Promise.race([long, snapshot])), false);
    sync.resolve();
    await write;
    assert.deepEqual(await long, [{ name: 'first' }]);
    assert.deepEqual(await snapshot, ['first']);
  });

  test('E3 what another process has answered is seen while a commit waits for the disk', async (t) => {
    const { disk, file, engine } = await openSlow(t);
    const other = await openOn(t, file);
    const write = keep(engine, 'mine');
    const sync = await disk.next();
    assert.deepEqual(await namesSeen(engine), []);
    await keep(other, 'theirs');
    await setImmediate();
    assert.ok((await namesSeen(engine)).includes('theirs'));
    sync.resolve();
    await write;
    assert.deepEqual(await namesSeen(engine), ['mine', 'theirs']);
  });

  test('E3 after a sync that failed every write fails, and nobody sees what may not be on disk', async (t) => {
    const failures: Error[] = [];
    const { disk, engine } = await openSlow(t, { syncFailed: (error) => failures.push(error) });
    const writes = [keep(engine, 'first'), keep(engine, 'second')];
    const sync = await disk.next();
    const waiting = keep(engine, 'third');
    const reads = [readLong(engine), engine.snapshot(namesIn)];
    sync.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
    const outcomes = await Promise.allSettled([...writes, waiting, ...reads]);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.ok(outcome.reason instanceof StoreUnavailable);
    }
    // A further sync could succeed without having written the pages.
    disk.hurry();
    await assert.rejects(keep(engine, 'fourth'), /could not be written to disk: EIO/);
    await assert.rejects(keep(engine, 'fifth', { sync: 'later' }), StoreUnavailable);
    assert.deepEqual(await namesSeen(engine), []);
    assert.equal(disk.syncs, 1);
    assert.equal(failures.length, 1);
  });

  for (const errcode of [1034, 1290])
    test(`E3 a sync of SQLite itself that fails with ${errcode} is a failed sync, whoever asked for it`, async () => {
      const database = new DatabaseSync(':memory:');
      const failures: Error[] = [];
      const quiet = () => {};
      const open = () =>
        groupCommit(
          database,
          kysely((text) => database.prepare(text)),
          {
            turns: turns(),
            ...{ busyTimeoutMs: 1000, sync: async () => {}, hide: quiet, show: quiet, committed: quiet },
            syncFailed: (error) => failures.push(error),
          },
        );
      const failed = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode });
      const atCut = open();
      await assert.rejects(atCut.exclusively(() => Promise.reject(failed)));
      await assert.rejects(
        atCut.write(async () => {}),
        StoreUnavailable,
      );
      const atCommit = open();
      failCommit(database, failed);
      await assert.rejects(
        atCommit.write(async () => {}),
        StoreUnavailable,
      );
      await assert.rejects(
        atCommit.write(async () => {}, 'later'),
        StoreUnavailable,
      );
      assert.equal(failures.length, 2);
      database.close();
    });

  test('E3 no write runs while the log is cut, and they go on after it', async (t) => {
    const database = new DatabaseSync(':memory:');
    t.after(() => database.close());
    const quiet = () => {};
    const commits = groupCommit(
      database,
      kysely((text) => database.prepare(text)),
      {
        turns: turns(),
        ...{ busyTimeoutMs: 0, sync: async () => {}, hide: quiet, show: quiet, committed: quiet },
        syncFailed: quiet,
      },
    );
    const cut = Promise.withResolvers<void>();
    const exclusive = commits.exclusively(() => cut.promise);
    const write = commits.write(async () => 'written');
    assert.equal(await isSettled(write), false);
    cut.resolve();
    await exclusive;
    assert.equal(await write, 'written');
    await assert.rejects(
      commits.exclusively(() => Promise.reject(new Error('full'))),
      /full/,
    );
    assert.equal(await commits.write(async () => 'again'), 'again');
  });

  test('E3 a service that starts copies the log that another has left into the database file', async (t) => {
    const file = join(await temporaryFolder(t), 'muster.db');
    const first = await openOn(t, file);
    for (let i = 0; i < 50; i++) await keep(first, `name ${i}`);
    const copy = join(await temporaryFolder(t), 'muster.db');
    for (const suffix of ['', '-wal']) await cp(file + suffix, copy + suffix);
    const second = await openOn(t, copy);
    // The first page of the new log.
    assert.equal((await second.info()).walBytes, 32 + 24 + 4096);
    assert.equal((await namesSeen(second)).length, 50);
  });
});

/** The next COMMIT fails. */
function failCommit(database: DatabaseSync, error: Error): void {
  const exec = database.exec.bind(database);
  database.exec = (text) => {
    if (text === 'COMMIT') throw error;
    exec(text);
  };
}
