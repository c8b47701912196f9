// The file of SQLite's write-ahead log, as this process sees and syncs it beside SQLite.

import { closeSync, fdatasync, fstatSync, openSync, readSync, statSync } from 'node:fs';

export interface LogFile {
  /** In bytes. The file does not shrink when SQLite writes it from the start again. */
  size(): number;
  /** Whether the log has this many pages; false if it cannot be read. */
  hasPages(count: number): boolean;
  /** Writes the log to disk, in the thread pool: all commits before the call. */
  sync(): Promise<void>;
  close(): void;
}

/** Writes a file to disk. */
export type SyncFile = (descriptor: number) => Promise<void>;

const syncInThreadPool: SyncFile = (descriptor) =>
  new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => (error ? reject(error) : resolve()));
  });

// sqlite.org/fileformat.html#walformat
const headerBytes = 32;
const frameHeaderBytes = 24;
const pageSizeAt = 8;
/** A frame belongs to the log if it has the same salts as the header. */
const saltBytes = 8;
const saltsInHeaderAt = 16;
const saltsInFrameAt = 8;

/**
 * The descriptor stays open, because Linux reports an error of the disk to those that were open when it happened. SQLite
 * has no locks on this file, so closing the descriptor releases none. The file keeps its name while any connection is
 * open.
 * @param file the database, of which a connection must have read
 */
export function openLog(file: string, syncFile: SyncFile = syncInThreadPool): LogFile {
  // Some systems sync only what can be written.
  const descriptor = openSync(`${file}-wal`, 'r+');
  const header = Buffer.alloc(headerBytes);
  const frame = Buffer.alloc(frameHeaderBytes);
  return {
    size: () => fstatSync(descriptor).size,
    hasPages(count) {
      try {
        if (readSync(descriptor, header, 0, headerBytes, 0) < headerBytes) return false;
        const frameBytes = frameHeaderBytes + header.readUInt32BE(pageSizeAt);
        const at = headerBytes + (count - 1) * frameBytes;
        if (readSync(descriptor, frame, 0, frameHeaderBytes, at) < frameHeaderBytes) return false;
        return saltsIn(frame, saltsInFrameAt).equals(saltsIn(header, saltsInHeaderAt));
      } catch {
        return false;
      }
    },
    sync: () => syncFile(descriptor),
    close: () => closeSync(descriptor),
  };
}

const saltsIn = (bytes: Buffer, at: number) => bytes.subarray(at, at + saltBytes);

export function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
