// One question to the database for all requests that wait to be counted.

import { StoreUnavailable } from '../errors.ts';
import { memoryRequestCounter } from '../memory-request-counter.ts';
import { type RequestCounter, ratePeriodSeconds } from '../store.ts';

export interface KeyRequests {
  readonly key: number;
  readonly requests: number;
  readonly windowMs: number;
}

export interface KeyCount {
  readonly key: number;
  /** With those that were just counted. */
  readonly count: number;
  /** Of the key's window. */
  readonly left_ms: number;
}

/** The requests of one key that wait. */
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
 * Requests of one turn of the event loop are counted together, and those that come while an answer is waited for after
 * it: a busy key has one row, which takes one change at a time.
 * @param count must have a row for each key; they come in their order
 */
export function countTogether(
  count: (asked: readonly KeyRequests[]) => Promise<readonly KeyCount[]>,
): RequestCounter['count'] {
  let waiting = new Map<number, Waiting>();
  let counting = false;

  async function countWaiting(): Promise<void> {
    const asked = [...waiting].sort(([one], [other]) => one - other);
    waiting = new Map();
    try {
      const rows = await count(
        asked.map(([key, { windowMs, questions }]) => ({ key, windowMs, requests: questions.length })),
      );
      const found = new Map(rows.map((row) => [row.key, row]));
      for (const [key, one] of asked) answerAll(one, found.get(key)!);
    } catch (error) {
      for (const [, { questions }] of asked) for (const { fail } of questions) fail(error);
    }
  }

  async function drain(): Promise<void> {
    while (waiting.size > 0) await countWaiting();
    counting = false;
  }

  return (key, limit, windowSeconds = ratePeriodSeconds) =>
    new Promise((answer, fail) => {
      const known = waiting.get(key);
      if (known !== undefined) known.questions.push({ limit, answer, fail });
      else waiting.set(key, { windowMs: windowSeconds * 1000, questions: [{ limit, answer, fail }] });
      if (counting) return;
      counting = true;
      // After the poll phase, in which the other requests of this turn are read.
      setImmediate(drain);
    });
}

/**
 * Where a full disk, a standby or a lock takes no writes, reads go on: until it counts again, this process counts by itself.
 * @param takesNoWrites whether that is what the database's own error says
 */
export function orInMemory(
  count: RequestCounter['count'],
  takesNoWrites: (error: { code?: unknown; errcode?: unknown }) => boolean,
): RequestCounter['count'] {
  const meanwhile = memoryRequestCounter();
  return async (...asked) => {
    try {
      return await count(...asked);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || !takesNoWrites(error.cause as object)) throw error;
      return meanwhile.count(...asked);
    }
  };
}

function answerAll({ windowMs, questions }: Waiting, { count, left_ms }: KeyCount): void {
  const waitSeconds = Math.ceil(Math.min(Math.max(left_ms, 1), windowMs) / 1000);
  const before = count - questions.length;
  for (const [i, { limit, answer }] of questions.entries()) answer(before + i + 1 > limit ? waitSeconds : 0);
}
