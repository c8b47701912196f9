// Requests counted for all processes on one SQLite file, in a small file beside it. It is made at the start, and nothing is
// lost with it: so no write to it waits for the disk.

import { closeSync, openSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Rates, ratePeriodSeconds } from '../store.ts';
import { translated } from './sqlite-errors.ts';

const periodMs = ratePeriodSeconds * 1000;
const sweepMs = 60_000;

/** @throws Error where the file cannot be made */
export function fileRates(file: string, { busyTimeoutMs }: { readonly busyTimeoutMs: number }): Rates {
  const database = openSound(file, busyTimeoutMs);
  // A window begins with a token's first request after the last one; a clock that was set back begins a new one.
  const counting = database.prepare(`
    INSERT INTO request_rates AS known VALUES (:token, :now, 1)
    ON CONFLICT (token_id) DO UPDATE SET
      started_at = iif(abs(:now - known.started_at) < ${periodMs}, known.started_at, :now),
      count = iif(abs(:now - known.started_at) < ${periodMs}, known.count + 1, 1)
    RETURNING count, started_at
  `);
  const sweeping = database.prepare('DELETE FROM request_rates WHERE started_at < ?');
  let sweptAt = performance.now();

  return {
    count(tokenId, limit) {
      const now = Date.now();
      try {
        if (performance.now() - sweptAt >= sweepMs) {
          sweptAt = performance.now();
          sweeping.run(now - periodMs);
        }
        const [row] = counting.all({ token: tokenId, now }) as { count: number; started_at: number }[];
        const leftMs = row!.started_at + periodMs - now;
        if (row!.count <= limit) return 0;
        return Math.min(Math.max(Math.ceil(leftMs / 1000), 1), ratePeriodSeconds);
      } catch (error) {
        throw translated(error);
      }
    },
    close: () => database.close(),
  };
}

/** What a crash of the machine has left in no good state is made anew. */
function openSound(file: string, busyTimeoutMs: number): DatabaseSync {
  try {
    return open(file, busyTimeoutMs);
  } catch (error) {
    const isDamaged = [11, 26].includes((error as { errcode?: number }).errcode ?? 0);
    if (!isDamaged) throw error;
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
    if (found!.quick_check !== 'ok') throw Object.assign(new Error(found!.quick_check), { errcode: 11 });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
