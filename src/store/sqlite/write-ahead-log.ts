// SQLite's write-ahead log: cut when it has grown, and told of when that is not possible.

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

const maxLogBytes = 64 * 1024 * 1024;
const commitsBetweenLooks = 100;

export interface LogWatch {
  /** In bytes. */
  size(): number;
  /** To be called after each commit; never throws, as the commit is durable whatever becomes of the log. */
  committed(): void;
}

/**
 * Commits write the log back every so many pages, as far as no reader needs it; one that grew all the same is cut.
 * @param warn told once each time that the log begins to grow and cannot be cut
 */
export function watchLog(
  writer: DatabaseSync,
  file: string,
  warn: (message: string) => void = () => {},
): LogWatch {
  let commits = 0;
  let isTold = false;
  const size = () => fileSize(`${file}-wal`);
  return {
    size,
    committed() {
      if (++commits % commitsBetweenLooks !== 0) return;
      if (size() > maxLogBytes) cut(writer);
      const bytes = size();
      if (bytes > maxLogBytes && !isTold)
        warn(`The write-ahead log has ${bytes} bytes and is not cut: another process reads without end`);
      isTold = bytes > maxLogBytes;
    },
  };
}

/** Without waiting for readers or other writers: the connection has no busy_timeout. */
function cut(writer: DatabaseSync): void {
  try {
    writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // A full disk, for one: the next look tries again, and the log tells.
  }
}

export function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
