// A job that deletes what is no longer needed.

import type { Transaction, Writes } from '../../store/store.ts';

/** Small, so that transactions are short and requests do not wait for them. */
const rowsPerBatch = 500;

/** The part of a job's run that it needs. */
export interface Batches {
  readonly write: Writes['write'];
  readonly signal: AbortSignal;
}

/**
 * Deletes in one transaction after the other, until a batch is not full.
 * @param deleteBatch deletes at most `limit` rows, and returns their number
 * @returns the number of all deleted rows
 */
export async function deleteInBatches(
  { write, signal }: Batches,
  deleteBatch: (transaction: Transaction, limit: number) => Promise<number>,
): Promise<number> {
  for (let count = 0; ; ) {
    const deleted = await write((transaction) => deleteBatch(transaction, rowsPerBatch));
    count += deleted;
    if (deleted < rowsPerBatch || signal.aborted) return count;
  }
}
