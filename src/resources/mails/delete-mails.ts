// A periodic job that deletes mails and links which are no longer needed.

import type { Clock } from '../operation.ts';
import { type Batches, deleteInBatches } from '../operations/delete-in-batches.ts';

/** How long a link is kept after it was used, was ended or has expired. */
export const endedLinkMs = 30 * 24 * 60 * 60 * 1000;

/** @returns the number of deleted rows */
export async function deleteMails(run: Batches, clock: Clock): Promise<number> {
  const mails = await deleteInBatches(run, (transaction, limit) =>
    transaction.mails.deleteUntil(clock(), limit),
  );
  const used = await deleteInBatches(run, ({ links }, limit) =>
    links.deleteUsed(clock() - endedLinkMs, limit),
  );
  const expired = await deleteInBatches(run, ({ links }, limit) =>
    links.deleteExpired(clock() - endedLinkMs, limit),
  );
  return mails + used + expired;
}
