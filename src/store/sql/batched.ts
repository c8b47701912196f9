// Batches questions to a database server: one statement answers all that wait.

import { ConnectionLost, StoreUnavailable } from '../errors.ts';
import { maxAtOnce, placeFor } from './place.ts';

interface Waiting<Q, A> {
  readonly question: Q;
  answer(answer: A): void;
  fail(error: unknown): void;
}

/**
 * Questions of one turn of the event loop are asked together. Those that come while a statement runs are asked together
 * by the next one, so each sees what was committed before it came. The next one waits for the statement unless that is late.
 *
 * If a statement fails, its questions are asked again in halves, until the one that the database refuses fails alone. After
 * a lost connection they are asked once more. All fail if the database is unavailable or too slow: no question that is
 * looked up in an index is the cause, and to ask again would add to its work.
 * @param askAll returns an answer for each question, in their order
 */
export function batched<Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = [];
  const place = placeFor(maxAtOnce, ask);

  function ask(): void {
    if (waiting.length === 0 || !place.isFree) return;
    const batch = waiting;
    waiting = [];
    place.run(() => settle(batch, true));
  }

  async function settle(batch: readonly Waiting<Q, A>[], mayRepeat: boolean): Promise<void> {
    try {
      const answers = await askAll(batch.map(({ question }) => question));
      batch.forEach(({ answer }, i) => {
        answer(answers[i]!);
      });
    } catch (error) {
      if (mayRepeat && error instanceof ConnectionLost) return settle(batch, false);
      if (batch.length === 1 || error instanceof StoreUnavailable) {
        for (const { fail } of batch) fail(error);
        return;
      }
      const half = batch.length >> 1;
      await Promise.all([batch.slice(0, half), batch.slice(half)].map((part) => settle(part, mayRepeat)));
    }
  }

  return (question) =>
    new Promise((answer, fail) => {
      // setImmediate runs after the poll phase, in which the other requests of this turn are read.
      if (waiting.length === 0) setImmediate(ask);
      waiting.push({ question, answer, fail });
    });
}
