// Requests counted for all processes on one SQLite file, in a small file beside it. It is made at the start, and nothing is
// lost with it: so no write to it waits for the disk.

import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isPrivate, makePrivate, makePrivateFile } from '../../platform/private-files.ts';
import { countTogether, type KeyCount, orInMemory } from '../sql/count-together.ts';
import type { RequestCounter } from '../store.ts';
import { translated } from './errors.ts';
import { isBusy, patiently } from './write-lock.ts';

/**
 * @param options.sweepMs how often rows of windows that are over are deleted, at the most
 * @throws Error where the file cannot be made
 */
export function fileRequestCounter(
  file: string,
  options: { readonly busyTimeoutMs: number; readonly sweepMs?: number },
): RequestCounter {
  const { busyTimeoutMs, sweepMs = 60_000 } = options;
  const database = openSound(file, busyTimeoutMs);
  // A window begins with a key's first request after the last one; a clock that was set back begins a new one.
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
  /** Requests do not wait again and again for a process that holds the file and has stopped. */
  let isHeld = false;

  const count = countTogether(async (asked) => {
    const now = Date.now();
    try {
      const deadline = performance.now() + (isHeld ? 0 : Math.min(busyTimeoutMs, patienceMs));
      await patiently(
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
  });
  return {
    count: orInMemory(count, ({ errcode }) => noWrites.has((errcode as number) & 0xff)),
    close: () => database.close(),
  };
}

/** SQLITE_BUSY, SQLITE_IOERR and SQLITE_FULL (sqlite.org/rescode.html). */
const noWrites = new Set([5, 10, 13]);

/** Others hold the file for microseconds. Where one holds it for longer, each process counts by itself. */
const patienceMs = 250;

/** SQLITE_CORRUPT and SQLITE_NOTADB: what a crash of the machine can leave, as nothing waits for the disk. */
const damages = [11, 26];

/** A damaged file is made anew. */
function openSound(file: string, busyTimeoutMs: number): DatabaseSync {
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
