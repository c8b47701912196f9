// A periodic job that deletes forgotten counts of failed sign-ins, and addresses that are not known any more.

import type { Clock } from '../operation.ts';
import { type Batches, deleteInBatches } from '../operations/delete-in-batches.ts';
import { knownForMs } from './known-addresses.ts';

/** @returns the number of deleted rows */
export async function deleteOldAttempts(run: Batches, clock: Clock): Promise<number> {
  const attempts = await deleteInBatches(run, ({ signInAttempts }, limit) =>
    signInAttempts.deleteUntil(clock(), limit),
  );
  const addresses = await deleteInBatches(run, ({ knownAddresses }, limit) =>
    knownAddresses.deleteUntil(clock() - knownForMs, limit),
  );
  return attempts + addresses;
}
