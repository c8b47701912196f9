// A periodic job that deletes expired Idempotency-Keys.

import type { Writes } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { keyLifetimeMs } from './create-once.ts';

/** Small, so that transactions are short and requests do not wait for them. */
const rowsPerBatch = 500;

/** @returns the number of deleted keys */
export async function deleteExpiredKeys(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  clock: Clock,
): Promise<number> {
  for (let count = 0; ; ) {
    const deleted = await write(({ idempotencyKeys }) =>
      idempotencyKeys.deleteUntil(clock() - keyLifetimeMs, rowsPerBatch),
    );
    count += deleted;
    if (deleted < rowsPerBatch || signal.aborted) return count;
  }
}
