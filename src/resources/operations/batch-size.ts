// Chooses how many rows a job changes in one transaction. Requests that write one of these rows wait for its end.

/** So that they hardly notice, also on a slow or busy machine. */
const targetMs = 50;
const minRows = 100;
const maxRows = 500;

export class BatchSize {
  #rows = minRows;

  /** Runs a batch, and chooses the number of rows of the next one by the time that it took. */
  async timed<T>(batch: (rows: number) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await batch(this.#rows);
    const fitting = (this.#rows * targetMs) / (performance.now() - startedAt);
    this.#rows = Math.round(Math.min(Math.max(fitting, minRows), this.#rows * 2, maxRows));
    return result;
  }
}
