// Decides when SQLite's write-ahead log is cut, and warns when that is not possible.

import { reasonOf } from '../errors.ts';
import type { LongReads } from '../sql/long-reads.ts';
import type { Cut } from './cut-log.ts';
import type { LogFile } from './log-file.ts';

const maxLogBytes = 64 * 1024 * 1024;
const pagesBeforeCut = 8000;
/** If a reader of another process kept the log from being cut. */
const pagesBetweenAttempts = 2000;
const commitsBetweenChecks = 10;

export interface LogWatch {
  /** Called after each commit. Never throws: the commit is durable even if the log cannot be cut. */
  committed(): void;
}

export interface LogWatchOptions {
  readonly log: LogFile;
  /** Long reads wait while the log is cut: readers that overlap would keep it for ever. */
  readonly longReads: Pick<LongReads, 'running' | 'whenIdle'>;
  readonly cut: (cut: Cut) => Promise<void>;
  /** Whether SQLite itself cuts the log every so many pages, if no reader needs it. */
  readonly cutsItself: boolean;
  /** Called once each time the log grows too large and cannot be truncated. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * The log is cut every so many pages if no long read needs it. If it has grown too large anyway, it is truncated as soon
 * as the long reads that run have ended.
 */
export function watchLog({ log, longReads, cut, cutsItself, warn }: LogWatchOptions): LogWatch {
  let commits = 0;
  let attemptAt = pagesBeforeCut;
  let isCutting = false;
  let hasWarned = false;

  /** @returns the reason if it failed */
  async function attempt(how: Cut): Promise<string | null> {
    try {
      await cut(how);
      return null;
    } catch (error) {
      // For example a full disk. The next check tries again, and warns if the log is still too large.
      return reasonOf(error);
    } finally {
      isCutting = false;
    }
  }

  async function truncate(): Promise<void> {
    const failure = await attempt('TRUNCATE');
    const bytes = log.size();
    if (bytes > maxLogBytes && !hasWarned)
      warn?.(
        `The write-ahead log has ${bytes} bytes and cannot be truncated: ${failure ?? 'another process keeps a read transaction open'}`,
      );
    hasWarned = bytes > maxLogBytes;
  }

  async function restart(): Promise<void> {
    await attempt('RESTART');
  }

  function isDue(): boolean {
    if (cutsItself) return false;
    if (!log.hasPages(pagesBeforeCut)) attemptAt = pagesBeforeCut;
    else if (longReads.running === 0 && log.hasPages(attemptAt)) {
      attemptAt += pagesBetweenAttempts;
      return true;
    }
    return false;
  }

  return {
    committed() {
      if (isCutting || ++commits % commitsBetweenChecks !== 0) return;
      const isTooLarge = log.size() > maxLogBytes;
      if (!isTooLarge) hasWarned = false;
      if (!isTooLarge && !isDue()) return;
      isCutting = true;
      longReads.whenIdle(isTooLarge ? truncate : restart);
    },
  };
}
