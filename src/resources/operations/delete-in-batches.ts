// A job that deletes what is no longer needed.

import type { Transaction, Writes } from '../../store/store.ts';
import { BatchSize } from './batch-size.ts';

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
  const size = new BatchSize();
  let count = 0;
  for (let isFull = true; isFull && !signal.aborted; )
    isFull = await size.timed(async (rows) => {
      const deleted = await write((transaction) => deleteBatch(transaction, rows));
      count += deleted;
      return deleted === rows;
    });
  return count;
}
