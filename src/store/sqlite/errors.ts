// Translates SQLite's errors into those of the port.

import { StoreUnavailable, UniqueViolation } from '../errors.ts';
import { isBusy } from './write-lock.ts';

/**
 * Primary result codes of temporary failures: busy, locked, I/O error, full, cannot open (sqlite.org/rescode.html).
 */
const outages = new Set([5, 6, 10, 13, 14]);

/** A clearer message than SQLite's "database is locked". */
function lockedBy(error: unknown): Error {
  return Object.assign(
    new Error('Another process holds the write lock of the database and did not release it in time'),
    {
      errcode: (error as { errcode: number }).errcode,
      cause: error,
    },
  );
}

/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const failedSyncs = new Set([1034, 1290]);

/** Whether SQLite could not write a file to disk, after which nobody knows what is on it. */
export function isFailedSync(error: unknown): boolean {
  return failedSyncs.has((error as { errcode?: number }).errcode ?? 0);
}

/** The port's error for this one, or the error itself. */
export function translated(error: unknown): unknown {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return error;
  if (outages.has(errcode & 0xff)) return new StoreUnavailable(isBusy(error) ? lockedBy(error) : error);
  const unique = /^UNIQUE constraint failed: \w+\.(\w+)/.exec((error as Error).message);
  return unique ? new UniqueViolation(unique[1]!, { cause: error }) : error;
}
