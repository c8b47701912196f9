// A periodic job that deletes forgotten counts of failed sign-ins, and addresses from which nobody signs in any more.

import type { Clock } from '../operation.ts';
import { type Batches, deleteInBatches } from '../operations/delete-in-batches.ts';
import { rememberedForMs } from './known-addresses.ts';

/** @returns the number of deleted rows */
export async function deleteOldAttempts(run: Batches, clock: Clock): Promise<number> {
  const attempts = await deleteInBatches(run, ({ signInAttempts }, limit) =>
    signInAttempts.deleteUntil(clock(), limit),
  );
  const addresses = await deleteInBatches(run, ({ knownAddresses }, limit) =>
    knownAddresses.deleteUntil(clock() - rememberedForMs, limit),
  );
  return attempts + addresses;
}
