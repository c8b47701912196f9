// Limits the reads that may take long, so that they cannot take all of the machine or of the connections: few run at a
// time, some wait, and more are refused. One ends when it has taken too long, or when its client is gone.

import { ReaderGone, StoreUnavailable } from '../errors.ts';

/** Aborted when the client of a request has closed its connection. A function, because most reads need no signal. */
export type Gone = () => AbortSignal;

export const longReadOutcomes = ['done', 'failed', 'shed', 'timed_out', 'gone'] as const;

export type LongReadOutcome = (typeof longReadOutcomes)[number];

/** Callbacks for metrics. */
export interface LongReadWatch {
  ended(outcome: LongReadOutcome): void;
  /** Called when one of the numbers has changed. */
  now(running: number, waiting: number): void;
}

export interface LongReadLimits {
  readonly maxRunning: number;
  /** From the arrival of the read, so it includes the wait. */
  readonly timeoutMs: number;
  readonly watch?: LongReadWatch | undefined;
}

export interface LongReads {
  /**
   * @param work must settle soon after its signal is aborted. Until then the read counts as running, also if nobody waits
   * for its result any more
   * @throws StoreUnavailable if too many reads are waiting, or this one took too long; ReaderGone
   */
  run<T>(work: (ended: AbortSignal) => Promise<T>, gone?: Gone): Promise<T>;
  /** Calls `work` when no read is running; reads that come until then wait. */
  whenIdle(work: () => void): void;
  /** Ends all reads. Resolves when none is running. */
  close(): Promise<void>;
}

/** Reads that wait for each one that runs. */
const waitingForEach = 8;

interface Read {
  start(): void;
  end(error: Error, outcome: LongReadOutcome): void;
}

export function longReads({ maxRunning, timeoutMs, watch }: LongReadLimits): LongReads {
  const maxWaiting = maxRunning * waitingForEach;
  const running = new Set<Read>();
  const waiting = new Set<Read>();
  /** Waits until no read is running. */
  let whenIdle: (() => void) | null = null;

  function changed(): void {
    if (running.size === 0 && whenIdle !== null) {
      const work = whenIdle;
      whenIdle = null;
      work();
    }
    for (const next of waiting) {
      if (running.size >= maxRunning || whenIdle !== null) break;
      waiting.delete(next);
      next.start();
    }
    watch?.now(running.size, waiting.size);
  }

  return {
    run<T>(work: (ended: AbortSignal) => Promise<T>, gone?: Gone): Promise<T> {
      if (waiting.size >= maxWaiting) {
        watch?.ended('shed');
        const reason = `${running.size} long reads are running and ${waiting.size} are waiting`;
        return Promise.reject(new StoreUnavailable(new Error(reason)));
      }
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const ended = new AbortController();
      const client = gone?.();
      const arrivedAt = performance.now();
      let isOver = false;

      function settle(outcome: LongReadOutcome): boolean {
        if (isOver) return false;
        isOver = true;
        clearTimeout(timer);
        client?.removeEventListener('abort', clientGone);
        watch?.ended(outcome);
        return true;
      }
      const read: Read = {
        start() {
          running.add(read);
          work(ended.signal)
            .then(
              (value) => settle('done') && resolve(value),
              // The database has the same time limit, and can be first.
              (error) => (performance.now() - arrivedAt < timeoutMs ? end(error, 'failed') : timedOut()),
            )
            .finally(() => {
              running.delete(read);
              changed();
            });
        },
        end,
      };
      function end(error: Error, outcome: LongReadOutcome): void {
        if (!settle(outcome)) return;
        reject(error);
        ended.abort(error);
        if (waiting.delete(read)) changed();
      }
      const clientGone = () => end(new ReaderGone(), 'gone');
      const timedOut = () => {
        const what = running.has(read) ? 'A read took' : 'A read waited for others';
        end(new StoreUnavailable(new Error(`${what} longer than ${timeoutMs} ms`)), 'timed_out');
      };
      const timer = setTimeout(timedOut, timeoutMs);
      client?.addEventListener('abort', clientGone);
      if (client?.aborted) clientGone();
      else {
        waiting.add(read);
        changed();
      }
      return promise;
    },
    whenIdle(work) {
      whenIdle = work;
      changed();
    },
    close() {
      const closing = new StoreUnavailable(new Error('The database is being closed'));
      for (const read of [...waiting, ...running]) read.end(closing, 'failed');
      return new Promise((resolve) => this.whenIdle(resolve));
    },
  };
}
