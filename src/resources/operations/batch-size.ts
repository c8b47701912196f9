// Chooses how many rows a job changes in one transaction, and rests after each. Requests that write one of these rows wait
// for its end, on SQLite all requests.

import { setTimeout as sleep } from 'node:timers/promises';

export interface BatchLimits {
  readonly targetMs: number;
  readonly maxRows: number;
  /** Also on a machine so busy that they take longer than the target: a transaction takes long there whatever it does. */
  readonly minRows: number;
  /** How long it rests after a batch, in times of the batch: what share of the thread is left to requests. */
  readonly rest: number;
}

/** So that they hardly notice, also on a slow or busy machine. */
const defaultLimits: BatchLimits = { targetMs: 15, minRows: 20, maxRows: 500, rest: 1 };
/** After a batch that waited for a lock, in times of the target. */
const maxRest = 10;

export class BatchSize {
  #rows: number;
  readonly #limits: BatchLimits;

  constructor(limits = defaultLimits) {
    this.#limits = limits;
    this.#rows = limits.minRows;
  }

  /** Runs a batch, chooses the number of rows of the next one by the time that it took, and rests. */
  async timed<T>(batch: (rows: number) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await batch(this.#rows);
    const { targetMs, minRows, maxRows, rest } = this.#limits;
    const tookMs = performance.now() - startedAt;
    const fitting = (this.#rows * targetMs) / tookMs;
    this.#rows = Math.round(Math.min(Math.max(fitting, minRows), this.#rows * 2, maxRows));
    await sleep(Math.min(rest * tookMs, maxRest * targetMs));
    return result;
  }
}
