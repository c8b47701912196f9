// A thread that runs long reads, one at a time, on a connection of its own. See read-threads.ts.

import { statSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { SQLInputValue } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import { type ConnectionOptions, openLongReader, statementCache } from './connections.ts';
import { failureOf, type ThreadFailure } from './threads.ts';

export interface ThreadData {
  readonly file: string;
  readonly options: ConnectionOptions;
  /** The number of the read that is to end. Shared with the thread of the service. */
  readonly interrupted: Int32Array;
}

export interface AskedRead {
  readonly number: number;
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

export type ReadResult = { readonly rows: unknown[] } | { readonly failure: ThreadFailure };

/** On Linux, threads have priorities of their own: the thread of the service comes first. Elsewhere they are the process's. */
const priority = 10;

/** Answers each message with its rows. */
export function answerReads({ file, options, interrupted }: ThreadData): void {
  giveWay();
  // SQLite would make a new file.
  statSync(file);
  const database = openLongReader(file, options);
  const statements = statementCache(database);
  let current = 0;

  // See interruptible.ts.
  database.function('continues', () => {
    if (Atomics.load(interrupted, 0) === current) throw new Error('The read was ended');
    return 1;
  });

  parentPort!.on('message', ({ number, sql, parameters }: AskedRead) => {
    current = number;
    parentPort!.postMessage(resultOf(sql, parameters));
  });

  function resultOf(sql: string, parameters: readonly SQLInputValue[]): ReadResult {
    try {
      return { rows: statements(sql).all(...parameters) };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }
}

function giveWay(): void {
  if (process.platform === 'linux' && getPriority() < priority) setPriority(priority);
}
