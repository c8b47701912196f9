// A thread that cuts the write-ahead log, on a connection of its own. See checkpoints.ts.

import { statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { openLongReader, openWriter } from './connections.ts';
import { type Cut, cutLog } from './cut-log.ts';
import { failureOf, type ThreadFailure } from './threads.ts';

interface CheckpointThreadData {
  readonly file: string;
  readonly maxDatabaseBytes: number;
}

/** `COPY`: as much as possible while others write, and keep the log from being started again until the next message. */
export type Asked = 'COPY' | Cut;

/** Null if nothing failed. */
export type Result = ThreadFailure | null;

/** Writes wait meanwhile, so it is short. The snapshot of a turn of the service ends sooner, nearly always. */
const busyTimeoutMs = 50;

/** Answers each message when it is done. */
export function answerCuts({ file, maxDatabaseBytes }: CheckpointThreadData): void {
  // SQLite would make a new file.
  statSync(file);
  const connection = openWriter(file, { maxDatabaseBytes, busyTimeoutMs });
  /**
   * Its snapshot keeps the next writer from starting the log again as soon as all of it is copied. That takes an fsync, which
   * would be in the thread of the service.
   */
  const guard = openLongReader(file, { maxDatabaseBytes, busyTimeoutMs });

  parentPort!.on('message', (asked: Asked) => {
    parentPort!.postMessage(resultOf(asked));
  });

  function resultOf(asked: Asked): Result {
    try {
      if (guard.isTransaction) guard.exec('COMMIT');
      if (asked === 'COPY') copy();
      else cutLog(connection, asked);
      return null;
    } catch (error) {
      return failureOf(error);
    }
  }

  function copy(): void {
    // BEGIN alone takes no snapshot.
    guard.exec('BEGIN; SELECT 1 FROM sqlite_schema');
    connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }
}
