// Batches questions to a database server: one statement answers all that wait.

interface Waiting<Q, A> {
  readonly question: Q;
  answer(answer: A): void;
  fail(error: unknown): void;
}

/**
 * Questions of one turn of the event loop are asked together. Those that come while a statement runs are asked together
 * by the next one, so each sees what was committed before it came.
 * @param askAll returns an answer for each question, in their order
 */
export function batched<Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = [];
  let asking = false;

  async function ask(): Promise<void> {
    if (waiting.length === 0 || asking) return;
    const batch = waiting;
    waiting = [];
    asking = true;
    try {
      const answers = await askAll(batch.map(({ question }) => question));
      batch.forEach(({ answer }, i) => {
        answer(answers[i]!);
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
    asking = false;
    ask();
  }

  return (question) =>
    new Promise((answer, fail) => {
      // setImmediate runs after the poll phase, in which the other requests of this turn are read.
      if (waiting.length === 0) setImmediate(ask);
      waiting.push({ question, answer, fail });
    });
}
