// One question to the database for all requests that wait to be counted.

import { memoryRequestCounter } from '../memory-request-counter.ts';
import { type RequestCounter, ratePeriodSeconds, StoreUnavailable } from '../store.ts';

export interface TokenRequests {
  readonly tokenId: number;
  readonly requests: number;
}

export interface TokenCount {
  readonly token_id: number;
  /** With those that were just counted. */
  readonly count: number;
  /** Of the token's window. */
  readonly left_ms: number;
}

interface Question {
  readonly limit: number;
  answer(waitSeconds: number): void;
  fail(error: unknown): void;
}

/**
 * Requests of one turn of the event loop are counted together, and those that come while an answer is waited for after
 * it: a busy token has one row, which takes one change at a time.
 * @param count must have a row for each token; they come in the order of their ids
 */
export function countTogether(
  count: (asked: readonly TokenRequests[]) => Promise<readonly TokenCount[]>,
): RequestCounter['count'] {
  let waiting = new Map<number, Question[]>();
  let counting = false;

  async function countWaiting(): Promise<void> {
    const asked = [...waiting].sort(([one], [other]) => one - other);
    waiting = new Map();
    try {
      const rows = await count(asked.map(([tokenId, { length }]) => ({ tokenId, requests: length })));
      const found = new Map(rows.map((row) => [row.token_id, row]));
      for (const [tokenId, questions] of asked) answerAll(questions, found.get(tokenId)!);
    } catch (error) {
      for (const [, questions] of asked) for (const { fail } of questions) fail(error);
    }
  }

  async function drain(): Promise<void> {
    while (waiting.size > 0) await countWaiting();
    counting = false;
  }

  return (tokenId, limit) =>
    new Promise((answer, fail) => {
      const questions = waiting.get(tokenId);
      if (questions === undefined) waiting.set(tokenId, [{ limit, answer, fail }]);
      else questions.push({ limit, answer, fail });
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
  return async (tokenId, limit) => {
    try {
      return await count(tokenId, limit);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || !takesNoWrites(error.cause as object)) throw error;
      return meanwhile.count(tokenId, limit);
    }
  };
}

function answerAll(questions: readonly Question[], { count, left_ms }: TokenCount): void {
  const waitSeconds = Math.min(Math.max(Math.ceil(left_ms / 1000), 1), ratePeriodSeconds);
  const before = count - questions.length;
  for (const [i, { limit, answer }] of questions.entries()) answer(before + i + 1 > limit ? waitSeconds : 0);
}
