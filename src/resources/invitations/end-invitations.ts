// Ends invitations together with something else: the organization or the account that is deleted, or a membership that the
// invited person got in another way.

import type { Transaction } from '../../store/store.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import { invitations } from './invitations.ts';

/** Their links are not valid any more, and their people are gone unless they have been members. */
export async function endInvitations(
  transaction: Transaction,
  author: Author,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  for (const before of await transaction.records(invitations).findManyForUpdate(ids))
    recordChange(transaction, author, invitations, { verb: 'delete', before, after: null });
  await transaction.invitations.erase(ids);
}
