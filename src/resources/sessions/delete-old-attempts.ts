// A periodic job that deletes forgotten counts of failed sign-ins, and addresses that are not known any more.

import type { Transaction, Writes } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { knownForMs } from './known-addresses.ts';

/** Small, so that transactions are short and requests do not wait for them. */
const rowsPerBatch = 500;

/** @returns the number of deleted rows */
export async function deleteOldAttempts(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  clock: Clock,
): Promise<number> {
  let count = 0;
  const deletions: ((transaction: Transaction) => Promise<number>)[] = [
    ({ signInAttempts }) => signInAttempts.deleteUntil(clock(), rowsPerBatch),
    ({ knownAddresses }) => knownAddresses.deleteUntil(clock() - knownForMs, rowsPerBatch),
  ];
  for (const deleteBatch of deletions)
    for (let deleted = rowsPerBatch; deleted === rowsPerBatch && !signal.aborted; count += deleted)
      deleted = await write(deleteBatch);
  return count;
}
