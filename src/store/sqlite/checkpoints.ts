// The thread that cuts the write-ahead log of a service: to copy pages and to wait for the disk takes longer than others
// should wait. It starts when it is needed, and ends when it has had nothing to do for a while.

import type { Worker } from 'node:worker_threads';
import { type Asked, answerCuts, type Result } from './checkpoint-thread.ts';
import type { ConnectionOptions } from './connections.ts';
import type { Cut } from './cut-log.ts';
import { answerOf, errorOf, idleMs, startThread } from './threads.ts';

/** Does one thing at a time. */
export interface CheckpointThread {
  /** Copies what is in the log now into the database file. Writes go on meanwhile. Must be followed by `cut`. */
  copy(): Promise<void>;
  /** Copies the rest, see cutLog. This is short after `copy`. */
  cut(cut: Cut): Promise<void>;
  close(): Promise<void>;
}

export function checkpointThread(file: string, { maxDatabaseBytes }: ConnectionOptions): CheckpointThread {
  let worker: Worker | null = null;
  let idleTimer: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = startThread('checkpoint-thread', answerCuts, { file, maxDatabaseBytes });
    started.on('exit', () => {
      if (worker === started) worker = null;
    });
    return started;
  }

  async function end(): Promise<void> {
    clearTimeout(idleTimer);
    const ended = worker;
    worker = null;
    await ended?.terminate();
  }

  async function ask(asked: Asked): Promise<void> {
    clearTimeout(idleTimer);
    worker ??= start();
    worker.ref();
    const result = await answerOf<Result>(worker, asked).catch(async (error) => {
      await end();
      throw error;
    });
    worker?.unref();
    idleTimer = setTimeout(() => void end(), idleMs).unref();
    if (result !== null) throw errorOf(result);
  }

  return { copy: () => ask('COPY'), cut: ask, close: end };
}
