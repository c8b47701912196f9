// Requests counted for all processes on one SQLite file, in a small file beside it. It is made at the start, and nothing is
// lost with it: so no write to it waits for the disk.

import { closeSync, openSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Rates, ratePeriodSeconds } from '../store.ts';
import { countTogether, orInMemory, type TokenCount } from './count-together.ts';
import { translated } from './sqlite-errors.ts';

const periodMs = ratePeriodSeconds * 1000;

/**
 * @param options.sweepMs how often rows of windows that are over are deleted, at the most
 * @throws Error where the file cannot be made
 */
export function fileRates(
  file: string,
  options: { readonly busyTimeoutMs: number; readonly sweepMs?: number },
): Rates {
  const { busyTimeoutMs, sweepMs = 60_000 } = options;
  const database = openSound(file, busyTimeoutMs);
  // A window begins with a token's first request after the last one; a clock that was set back begins a new one.
  const same = `abs(excluded.started_at - known.started_at) < ${periodMs}`;
  const counting = database.prepare(`
    INSERT INTO request_rates AS known VALUES (:tokenId, :now, :requests)
    ON CONFLICT (token_id) DO UPDATE SET
      started_at = iif(${same}, known.started_at, excluded.started_at),
      count = iif(${same}, known.count + excluded.count, excluded.count)
    RETURNING token_id, count, started_at + ${periodMs} - :now AS left_ms
  `);
  const sweeping = database.prepare('DELETE FROM request_rates WHERE started_at < ?');
  let sweptAt = performance.now();

  const count = countTogether(async (asked) => {
    const now = Date.now();
    try {
      patiently(() => database.exec('BEGIN IMMEDIATE'), busyTimeoutMs);
      if (performance.now() - sweptAt >= sweepMs) {
        sweptAt = performance.now();
        sweeping.run(now - 2 * periodMs);
      }
      const rows = asked.flatMap((token) => counting.all({ ...token, now })) as unknown as TokenCount[];
      database.exec('COMMIT');
      return rows;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw translated(error);
    }
  });
  return {
    count: orInMemory(count, ({ errcode }) => noWrites.has((errcode as number) & 0xff)),
    close: () => database.close(),
  };
}

/** SQLITE_IOERR and SQLITE_FULL: the disk (sqlite.org/rescode.html). */
const noWrites = new Set([10, 13]);

const nap = new Int32Array(new SharedArrayBuffer(4));
const busy = 5;

/**
 * Others hold the file for microseconds, and SQLite's own patience begins with milliseconds and grows to a hundred: so
 * it is asked again and again, between naps that give the core away.
 */
function patiently(work: () => void, timeoutMs: number): void {
  let deadline = 0;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (((error as { errcode?: number }).errcode ?? 0) % 256 !== busy) throw error;
      deadline ||= performance.now() + timeoutMs;
      if (performance.now() >= deadline) throw error;
      Atomics.wait(nap, 0, 0, 0.05);
    }
  }
}

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
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS request_rates (
        token_id INTEGER PRIMARY KEY,
        started_at INTEGER NOT NULL,
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
