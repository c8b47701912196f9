// Runs one loop after the other in a worker thread.

import { parentPort } from 'node:worker_threads';
import { loops } from './loops.ts';

/** Answers each message with the result of its loop. */
export function answerLoops(): void {
  parentPort!.on('message', ([name, args]: [keyof typeof loops, [never, string, string, number]]) => {
    parentPort!.postMessage(loops[name](...args));
  });
}
