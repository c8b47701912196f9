// Chooses how many rows a job changes in one transaction. Requests that write one of these rows wait for its end, on SQLite
// all requests.

export interface BatchLimits {
  readonly targetMs: number;
  readonly maxRows: number;
}

/** So that they hardly notice, also on a slow or busy machine. */
const defaultLimits: BatchLimits = { targetMs: 15, maxRows: 500 };
const minRows = 20;

export class BatchSize {
  #rows = minRows;
  readonly #limits: BatchLimits;

  constructor(limits = defaultLimits) {
    this.#limits = limits;
  }

  /** Runs a batch, and chooses the number of rows of the next one by the time that it took. */
  async timed<T>(batch: (rows: number) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await batch(this.#rows);
    const { targetMs, maxRows } = this.#limits;
    const fitting = (this.#rows * targetMs) / (performance.now() - startedAt);
    this.#rows = Math.round(Math.min(Math.max(fitting, minRows), this.#rows * 2, maxRows));
    return result;
  }
}
