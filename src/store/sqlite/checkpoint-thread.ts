// A thread that cuts the write-ahead log, on a connection of its own. See checkpoints.ts.

import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { openWriter } from './connections.ts';
import { type Cut, cutLog } from './cut-log.ts';
import { failureOf, type ThreadFailure } from './threads.ts';

export interface CheckpointThreadData {
  readonly file: string;
  readonly maxDatabaseBytes: number;
}

export type AskedCut = Cut;

/** Null if nothing failed. */
export type CutResult = ThreadFailure | null;

/** Writes wait meanwhile, so it is short. The snapshot of a turn of the service ends sooner, nearly always. */
const busyTimeoutMs = 50;

const { file, maxDatabaseBytes } = workerData as CheckpointThreadData;
// SQLite would make a new file.
statSync(file);
const connection = openWriter(file, { maxDatabaseBytes, busyTimeoutMs });

parentPort!.on('message', (cut: AskedCut) => {
  parentPort!.postMessage(resultOf(cut));
});

function resultOf(cut: Cut): CutResult {
  try {
    cutLog(connection, cut);
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
