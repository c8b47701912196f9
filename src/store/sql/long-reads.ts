// Limits the reads that may take long, so that they cannot take all of the machine or of the connections: few run at a
// time, some wait, and more are refused. Callers take turns. A read ends when it has taken too long, or when its client is gone.

import { ReaderGone, StoreUnavailable } from '../errors.ts';

/** Who asks. */
export interface Client {
  /** The id of an account: whatever its connections and tokens, it has its turn among others. */
  readonly caller: number;
  /** Aborted when the connection of the request is closed. */
  readonly gone: AbortSignal;
}

/** A function, because most reads are short, and need no signal. */
export type ClientOf = () => Client;

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
  run<T>(work: (ended: AbortSignal) => Promise<T>, client?: ClientOf): Promise<T>;
  /** How many run. */
  readonly running: number;
  /** Calls `work` when no read is running; reads that come until it has ended wait. It must not throw. */
  whenIdle(work: () => void | Promise<void>): void;
  /** Ends all reads, and refuses more. */
  end(): void;
  /** The same. Resolves when none is running. */
  close(): Promise<void>;
}

/** Reads that wait for each one that runs. */
const waitingForEach = 8;

interface Read {
  /** Null if nobody waits for the answer but the service. */
  readonly caller: number | null;
  start(): void;
  end(error: Error, outcome: LongReadOutcome): void;
}

export function longReads({ maxRunning, timeoutMs, watch }: LongReadLimits): LongReads {
  const maxWaiting = maxRunning * waitingForEach;
  /** One place is left to the others, so that one caller cannot make all of them wait until a read ends. */
  const maxOfOneCaller = Math.max(maxRunning - 1, 1);
  const running = new Set<Read>();
  const waiting = new Set<Read>();
  /** What waits until no read is running. */
  const whenIdle: (() => void | Promise<void>)[] = [];
  /** Whether the first of them is running. */
  let isHeld = false;
  let closing: StoreUnavailable | null = null;

  function changed(): void {
    if (running.size === 0 && whenIdle.length > 0 && !isHeld) {
      isHeld = true;
      void Promise.resolve(whenIdle[0]!()).finally(() => {
        isHeld = false;
        whenIdle.shift();
        changed();
      });
    }
    while (running.size < maxRunning && whenIdle.length === 0) {
      const next = firstOf(waiting, running, maxOfOneCaller);
      if (next === undefined) break;
      waiting.delete(next);
      next.start();
    }
    watch?.now(running.size, waiting.size);
  }

  function tooMany(): StoreUnavailable {
    return new StoreUnavailable(
      new Error(`${running.size} long reads are running and ${maxWaiting} are waiting`),
    );
  }

  return {
    get running() {
      return running.size;
    },
    run<T>(work: (ended: AbortSignal) => Promise<T>, clientOf?: ClientOf): Promise<T> {
      if (closing !== null) return Promise.reject(closing);
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const ended = new AbortController();
      const client = clientOf?.();
      const arrivedAt = performance.now();
      let isOver = false;

      function settle(outcome: LongReadOutcome): boolean {
        if (isOver) return false;
        isOver = true;
        clearTimeout(timer);
        client?.gone.removeEventListener('abort', clientGone);
        watch?.ended(outcome);
        return true;
      }
      const read: Read = {
        caller: client?.caller ?? null,
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
      client?.gone.addEventListener('abort', clientGone);
      if (client?.gone.aborted) clientGone();
      else {
        waiting.add(read);
        changed();
        if (waiting.size > maxWaiting) lastOf(waiting).end(tooMany(), 'shed');
      }
      return promise;
    },
    whenIdle(work) {
      whenIdle.push(work);
      changed();
    },
    end() {
      closing = new StoreUnavailable(new Error('The service stops'));
      for (const read of [...waiting, ...running]) read.end(closing, 'failed');
    },
    close() {
      this.end();
      return new Promise((resolve) => this.whenIdle(resolve));
    },
  };
}

/** The read that starts next: the oldest of the caller with the fewest that run. None if all callers have too many. */
function firstOf(
  waiting: ReadonlySet<Read>,
  running: ReadonlySet<Read>,
  maxOfOneCaller: number,
): Read | undefined {
  const runningOf = countByCaller(running);
  let first: Read | undefined;
  let fewest = maxOfOneCaller;
  for (const read of waiting) {
    const count = runningOf.get(read.caller) ?? 0;
    if (count >= fewest) continue;
    first = read;
    fewest = count;
  }
  return first;
}

/** The read that is refused if too many wait: the newest of the caller with the most, so that nobody takes all places. */
function lastOf(waiting: ReadonlySet<Read>): Read {
  const waitingOf = countByCaller(waiting);
  const most = Math.max(...waitingOf.values());
  return [...waiting].findLast(({ caller }) => waitingOf.get(caller) === most)!;
}

function countByCaller(reads: ReadonlySet<Read>): ReadonlyMap<Read['caller'], number> {
  const counts = new Map<Read['caller'], number>();
  for (const { caller } of reads) counts.set(caller, (counts.get(caller) ?? 0) + 1);
  return counts;
}
