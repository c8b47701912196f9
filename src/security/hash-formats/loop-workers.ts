// Worker threads for loops of digests. There are as many as loops run at a time, which the caller limits; they are kept,
// and do not keep the process alive while they have nothing to do.

import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../platform/start-worker.ts';
import { answerLoops } from './loop-worker.ts';
import type { loops } from './loops.ts';

type Loops = typeof loops;

const idle: Worker[] = [];

export async function inWorker<Name extends keyof Loops>(
  name: Name,
  ...args: Parameters<Loops[Name]>
): Promise<string> {
  const worker = idle.pop() ?? startWorker(import.meta, 'loop-worker', answerLoops, null);
  worker.ref();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.postMessage([name, args]);
  try {
    const result = await promise;
    idle.push(worker);
    return result;
  } finally {
    worker.off('message', resolve);
    worker.off('error', reject);
    worker.unref();
  }
}
