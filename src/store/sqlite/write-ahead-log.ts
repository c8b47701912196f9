// Truncates SQLite's write-ahead log when it is too large, and warns when that is not possible.

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

const maxLogBytes = 64 * 1024 * 1024;
const commitsBetweenChecks = 100;

export interface LogWatch {
  /** In bytes. */
  size(): number;
  /** Called after each commit. Never throws: the commit is durable even if the log cannot be truncated. */
  committed(): void;
}

/**
 * SQLite checkpoints the log every so many pages, as far as no reader needs it. If it has grown too large anyway, it
 * is truncated.
 * @param whenNothingReads calls the work when this process reads nothing: readers that overlap would keep the log for ever
 * @param warn called once each time the log grows too large and cannot be truncated
 */
export function watchLog(
  writer: DatabaseSync,
  file: string,
  whenNothingReads: (work: () => void) => void,
  warn: (message: string) => void = () => {},
): LogWatch {
  let commits = 0;
  let hasWarned = false;
  const size = () => fileSize(`${file}-wal`);
  return {
    size,
    committed() {
      if (++commits % commitsBetweenChecks !== 0) return;
      if (size() > maxLogBytes) whenNothingReads(truncate);
      else hasWarned = false;
    },
  };

  function truncate(): void {
    // Not in the middle of a transaction.
    if (writer.isTransaction) return void setImmediate(() => whenNothingReads(truncate));
    cut(writer);
    const bytes = size();
    if (bytes > maxLogBytes && !hasWarned)
      warn(
        `The write-ahead log has ${bytes} bytes and cannot be truncated: another process keeps a read transaction open`,
      );
    hasWarned = bytes > maxLogBytes;
  }
}

/** Does not wait for readers or other writers: the connection has a busy_timeout of 0. */
function cut(writer: DatabaseSync): void {
  try {
    writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // For example a full disk. The next check tries again, and warns if the log is still too large.
  }
}

export function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
