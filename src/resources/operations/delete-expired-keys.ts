// The job that deletes Idempotency-Keys that are too old to be repeated.

import type { Writes } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { keptMs } from './create-once.ts';

/** Short transactions, so that requests do not wait. */
const rowsPerBatch = 500;

/** @returns how many keys it has deleted */
export async function deleteExpiredKeys(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  clock: Clock,
): Promise<number> {
  for (let count = 0; ; ) {
    const deleted = await write(({ idempotencyKeys }) =>
      idempotencyKeys.deleteUntil(clock() - keptMs, rowsPerBatch),
    );
    count += deleted;
    if (deleted < rowsPerBatch || signal.aborted) return count;
  }
}
