// Threads that use SQLite beside the thread of the service.

import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../platform/start-worker.ts';

/** Their memory: what they answer is a page of rows at most. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };
/** A thread takes about 9 MB, so it does not stay for ever; starting one takes about 30 ms. */
export const idleMs = 10_000;

/**
 * @param file in this folder, see startWorker
 * @throws Error if the system allows no further thread
 */
export function startThread<Data>(file: string, work: (data: Data) => void, data: Data): Worker {
  const worker = startWorker(import.meta, file, work, data, { resourceLimits, execArgv: [] });
  // Whoever waits for its answer is told by `answerOf`.
  worker.on('error', () => {});
  return worker;
}

/** Sends a message to a thread that answers each with one message. @throws Error if the thread ends instead */
export function answerOf<T>(worker: Worker, message: unknown): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const exited = () => reject(new Error('A thread that uses the database ended'));
  worker.once('message', resolve).once('error', reject).once('exit', exited);
  worker.postMessage(message);
  return promise.finally(() => {
    worker.off('message', resolve).off('error', reject).off('exit', exited);
  });
}

/** The members of an error of SQLite that the thread of the service needs. */
export interface ThreadFailure {
  readonly message: string;
  readonly code?: unknown;
  readonly errcode?: unknown;
}

/** For a message from a thread, which keeps no members of errors. */
export function failureOf(error: unknown): ThreadFailure {
  const { message, code, errcode } = error as Error & ThreadFailure;
  return { message, code, errcode };
}

export function errorOf(failure: ThreadFailure): Error {
  return Object.assign(new Error(failure.message), failure);
}
