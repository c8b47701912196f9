// A periodic job that deletes expired Idempotency-Keys.

import type { Clock } from '../operation.ts';
import { keyLifetimeMs } from './create-once.ts';
import { type Batches, deleteInBatches } from './delete-in-batches.ts';

/** @returns the number of deleted keys */
export function deleteExpiredKeys(run: Batches, clock: Clock): Promise<number> {
  return deleteInBatches(run, ({ idempotencyKeys }, limit) =>
    idempotencyKeys.deleteUntil(clock() - keyLifetimeMs, limit),
  );
}
