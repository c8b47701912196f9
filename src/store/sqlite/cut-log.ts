// Copies the write-ahead log into the database file, and lets it start again.

import type { DatabaseSync } from 'node:sqlite';
import { isBusy } from './write-lock.ts';

/** `RESTART` keeps the size of the file: to write over it is faster than to let it grow again. */
export type Cut = 'RESTART' | 'TRUNCATE';

/**
 * Does as much as readers and other writers allow. SQLite syncs the log before it copies, and the database file after.
 *
 * Then it writes the first page of the new log, without changing anything: this needs an fsync, which would be done by the
 * next writer otherwise.
 * @param connection with its busy_timeout it waits for readers
 * @throws Error of SQLite, for example for a full disk
 */
export function cutLog(connection: DatabaseSync, cut: Cut): void {
  const { busy } = connection.prepare(`PRAGMA wal_checkpoint(${cut})`).get() as { busy: number };
  if (busy !== 0) return;
  try {
    connection.exec('BEGIN IMMEDIATE');
    const { user_version } = connection.prepare('PRAGMA user_version').get() as { user_version: number };
    connection.exec(`PRAGMA user_version = ${user_version}; COMMIT`);
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    // Another process writes the first page.
    if (!isBusy(error)) throw error;
  }
}
