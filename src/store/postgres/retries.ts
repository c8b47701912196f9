// Transactions that others were in the way of.

import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable } from './errors.ts';

const maxAttempts = 12;
const maxPauseMs = 500;

/** Retries after a conflict with another transaction, as the standard asks for 40001, with growing random pauses. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt === maxAttempts) throw error;
      await sleep(Math.random() * Math.min(5 * 2 ** attempt, maxPauseMs));
    }
  }
}
