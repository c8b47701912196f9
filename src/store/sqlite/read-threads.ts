// Threads for long reads. SQLite runs a statement in the thread that asks for it, and the thread of the service must answer
// others meanwhile. A thread starts when it is needed, and ends when it has had nothing to do for a while.

import type { Worker } from 'node:worker_threads';
import type { CompiledQuery } from 'kysely';
import { StoreUnavailable } from '../errors.ts';
import { type ConnectionOptions, toSqlite } from './connections.ts';
import { translated } from './errors.ts';
import { type AskedRead, answerReads, type ReadResult, type ThreadData } from './read-thread.ts';
import { answerOf, errorOf, idleMs, startThread } from './threads.ts';

export interface ReadThreads {
  /**
   * Runs a query on a thread that is idle, or on a new one: the caller limits how many run.
   * @param ended when it is aborted, the statement ends soon after, if it has the condition of interruptible.ts
   */
  read(query: CompiledQuery<unknown>, ended: AbortSignal): Promise<unknown[]>;
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly interrupted: Int32Array;
  idleTimer: NodeJS.Timeout | undefined;
}

export function readThreads(file: string, options: ConnectionOptions): ReadThreads {
  const { maxDatabaseBytes, busyTimeoutMs } = options;
  const idle: Thread[] = [];
  let lastNumber = 0;

  function start(): Thread {
    const interrupted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const data: ThreadData = { file, options: { maxDatabaseBytes, busyTimeoutMs }, interrupted };
    const worker = startThread('read-thread', answerReads, data);
    const thread: Thread = { worker, interrupted, idleTimer: undefined };
    // A thread that ends while it is idle is not used again.
    worker.on('exit', () => forget(thread));
    return thread;
  }

  function forget(thread: Thread): void {
    const position = idle.indexOf(thread);
    if (position !== -1) idle.splice(position, 1);
    clearTimeout(thread.idleTimer);
  }

  function rest(thread: Thread): void {
    idle.push(thread);
    thread.idleTimer = setTimeout(() => {
      forget(thread);
      void thread.worker.terminate();
    }, idleMs).unref();
    thread.worker.unref();
  }

  function wake(): Thread {
    const thread = idle.pop() ?? start();
    clearTimeout(thread.idleTimer);
    thread.worker.ref();
    return thread;
  }

  /** @throws StoreUnavailable if the system allows no further thread */
  function awake(): Thread {
    try {
      return wake();
    } catch (error) {
      throw new StoreUnavailable(error);
    }
  }

  return {
    async read({ sql, parameters }, ended) {
      const thread = awake();
      const number = ++lastNumber;
      const interrupt = () => Atomics.store(thread.interrupted, 0, number);
      ended.addEventListener('abort', interrupt);
      const asked: AskedRead = { number, sql, parameters: toSqlite(parameters) };
      const answer = await answerOf<ReadResult>(thread.worker, asked).catch((error) => {
        // A thread that cannot open the file, or has no memory left, is not used again.
        void thread.worker.terminate();
        throw new StoreUnavailable(error);
      });
      rest(thread);
      if ('failure' in answer) throw translated(errorOf(answer.failure));
      return answer.rows;
    },
    async close() {
      await Promise.all(
        idle.splice(0).map(({ worker, idleTimer }) => {
          clearTimeout(idleTimer);
          return worker.terminate();
        }),
      );
    },
  };
}
