// Retries of transactions after conflicts.

import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable } from './errors.ts';

const maxAttempts = 12;
const maxPauseMs = 500;

/**
 * Retries after a conflict with another transaction, with exponential backoff and jitter. SQLSTATE 40001 requires a
 * retry by the client (postgresql.org/docs/current/mvcc-serialization-failure-handling.html).
 */
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
