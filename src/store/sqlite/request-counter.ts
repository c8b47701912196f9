// Counts requests for all processes on one SQLite file, in a small file beside it. The file is created at the start,
// and losing it loses only counts, so writes are not synced.

import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isPrivate, makePrivate, makePrivateFile } from '../../platform/private-files.ts';
import { countTogether, type KeyCount, orInMemory } from '../sql/count-together.ts';
import type { RequestCounter } from '../store.ts';
import { translated } from './errors.ts';
import { isBusy, retryWhileBusy } from './write-lock.ts';

/**
 * @param options.sweepMs minimum time between deletions of old rows
 * @throws Error if the file cannot be created
 */
export function fileRequestCounter(
  file: string,
  options: { readonly busyTimeoutMs: number; readonly sweepMs?: number },
): RequestCounter {
  const { busyTimeoutMs, sweepMs = 60_000 } = options;
  const database = openOrRecreate(file, busyTimeoutMs);
  // A window begins with a key's first request after the previous window has ended. If the clock was set back, a new
  // window begins.
  const same = 'abs(excluded.started_at - known.started_at) < excluded.window_ms';
  const counting = database.prepare(`
    INSERT INTO request_counts AS known VALUES (:key, :now, :windowMs, :requests)
    ON CONFLICT (key) DO UPDATE SET
      started_at = iif(${same}, known.started_at, excluded.started_at),
      count = iif(${same}, known.count + excluded.count, excluded.count)
    RETURNING key, count, started_at + window_ms - :now AS left_ms
  `);
  const sweeping = database.prepare('DELETE FROM request_counts WHERE started_at < ? - 2 * window_ms');
  let sweptAt = performance.now();
  /** If the lock was busy the last time, do not wait again: the process that holds it may be suspended. */
  let isHeld = false;

  const count = countTogether(async (asked) => {
    const now = Date.now();
    try {
      const deadline = performance.now() + (isHeld ? 0 : Math.min(busyTimeoutMs, maxLockWaitMs));
      await retryWhileBusy(
        () => database.exec('BEGIN IMMEDIATE'),
        () => deadline - performance.now(),
      );
      isHeld = false;
      if (performance.now() - sweptAt >= sweepMs) {
        sweptAt = performance.now();
        sweeping.run(now);
      }
      const rows = asked.flatMap((one) => counting.all({ ...one, now })) as unknown as KeyCount[];
      database.exec('COMMIT');
      return rows;
    } catch (error) {
      isHeld = isBusy(error);
      if (database.isTransaction) database.exec('ROLLBACK');
      throw translated(error);
    }
  }, 1);
  return {
    count: orInMemory(count, ({ errcode }) => noWrites.has((errcode as number) & 0xff)),
    close: () => database.close(),
  };
}

/** SQLITE_BUSY, SQLITE_IOERR and SQLITE_FULL (sqlite.org/rescode.html). */
const noWrites = new Set([5, 10, 13]);

/**
 * How long to wait for the lock. Other processes hold it for microseconds; if it takes longer, each process counts by
 * itself.
 */
const maxLockWaitMs = 250;

/** SQLITE_CORRUPT and SQLITE_NOTADB: a crash of the machine can cause both, as writes are not synced. */
const damages = [11, 26];

/** Deletes a damaged file and creates a new one. */
function openOrRecreate(file: string, busyTimeoutMs: number): DatabaseSync {
  try {
    return open(file, busyTimeoutMs);
  } catch (error) {
    if (!damages.includes(((error as { errcode?: number }).errcode ?? 0) % 256)) throw error;
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    return open(file, busyTimeoutMs);
  }
}

function open(file: string, busyTimeoutMs: number): DatabaseSync {
  makePrivateFile(file);
  for (const path of [file, `${file}-wal`, `${file}-shm`]) if (!isPrivate(path)) makePrivate(path);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS request_counts (
        key INTEGER PRIMARY KEY,
        started_at INTEGER NOT NULL,
        window_ms INTEGER NOT NULL,
        count INTEGER NOT NULL
      ) STRICT;
    `);
    const [found] = database.prepare('PRAGMA quick_check').all() as { quick_check: string }[];
    if (found!.quick_check !== 'ok')
      throw Object.assign(new Error(found!.quick_check), { errcode: damages[0] });
    database.exec('PRAGMA busy_timeout = 0');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
