// Batches request counting: one statement for all requests that wait to be counted.

import { StoreUnavailable } from '../errors.ts';
import { memoryRequestCounter } from '../memory-request-counter.ts';
import { type RequestCounter, ratePeriodSeconds } from '../store.ts';
import { placeFor } from './place.ts';

export interface KeyRequests {
  readonly key: number;
  readonly requests: number;
  readonly windowMs: number;
}

export interface KeyCount {
  readonly key: number;
  /** Including the requests that were just counted. */
  readonly count: number;
  /** Milliseconds left of the window of this key. */
  readonly left_ms: number;
}

/** The waiting requests of one key. */
interface Waiting {
  readonly windowMs: number;
  readonly questions: Question[];
}

interface Question {
  readonly limit: number;
  answer(waitSeconds: number): void;
  fail(error: unknown): void;
}

/**
 * Requests that arrive in one turn of the event loop are counted in one statement. Requests that arrive while a
 * statement runs are counted in the next one, unless that is late: a busy key is one row, which can only be updated by one
 * statement at a time.
 * @param count gets the keys in ascending order; must return a row for each key
 * @param atOnce statements at the same time, all but one of them late
 */
export function countTogether(
  count: (asked: readonly KeyRequests[]) => Promise<readonly KeyCount[]>,
  atOnce: number,
): RequestCounter['count'] {
  let waiting = new Map<number, Waiting>();
  const place = placeFor(atOnce, countWaiting);

  function countWaiting(): void {
    if (waiting.size === 0 || !place.isFree) return;
    const batch = [...waiting].sort(([one], [other]) => one - other);
    waiting = new Map();
    place.run(() => countAll(batch));
  }

  async function countAll(batch: readonly (readonly [number, Waiting])[]): Promise<void> {
    try {
      const rows = await count(
        batch.map(([key, { windowMs, questions }]) => ({ key, windowMs, requests: questions.length })),
      );
      const found = new Map(rows.map((row) => [row.key, row]));
      for (const [key, one] of batch) answerAll(one, found.get(key)!);
    } catch (error) {
      for (const [, { questions }] of batch) for (const { fail } of questions) fail(error);
    }
  }

  return (key, limit, windowSeconds = ratePeriodSeconds) =>
    new Promise((answer, fail) => {
      // setImmediate runs after the poll phase, in which the other requests of this turn are read.
      if (waiting.size === 0) setImmediate(countWaiting);
      const known = waiting.get(key);
      if (known !== undefined) known.questions.push({ limit, answer, fail });
      else waiting.set(key, { windowMs: windowSeconds * 1000, questions: [{ limit, answer, fail }] });
    });
}

/**
 * Falls back to counting in this process while the database takes no writes (full disk, standby, locked file). Reads
 * can still be served then.
 * @param isReadOnly whether a database error means this
 */
export function orInMemory(
  count: RequestCounter['count'],
  isReadOnly: (error: { code?: unknown; errcode?: unknown }) => boolean,
): RequestCounter['count'] {
  const meanwhile = memoryRequestCounter();
  return async (...asked) => {
    try {
      return await count(...asked);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || !isReadOnly(error.cause as object)) throw error;
      return meanwhile.count(...asked);
    }
  };
}

function answerAll({ windowMs, questions }: Waiting, { count, left_ms }: KeyCount): void {
  const waitSeconds = Math.ceil(Math.min(Math.max(left_ms, 1), windowMs) / 1000);
  const before = count - questions.length;
  for (const [i, { limit, answer }] of questions.entries()) answer(before + i + 1 > limit ? waitSeconds : 0);
}
