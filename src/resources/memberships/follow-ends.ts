// A periodic job: after a membership has ended, its organization is no longer the default of its holder. Rights end with
// the membership itself; until this job has run, the old default is shown and opens nothing.

import { system } from '../../model/actor.ts';
import type { Transaction, Writes } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { BatchSize } from '../operations/batch-size.ts';
import { type Author, showToAccount } from '../operations/record-change.ts';
import { replaceDefaults } from '../users/default-organization.ts';
import { users } from '../users/users.ts';

const author: Author = { actor: system, origin: () => null };

/** @returns the number of users that got another default organization */
export async function followEnds(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  clock: Clock,
): Promise<number> {
  const size = new BatchSize();
  for (let count = 0; ; ) {
    const { isLast, moved } = await size.timed((rows) =>
      write((transaction) => followBatch(transaction, rows, clock())),
    );
    count += moved;
    if (isLast || signal.aborted) return count;
  }
}

async function followBatch(
  transaction: Transaction,
  maxEnds: number,
  now: number,
): Promise<{ readonly isLast: boolean; readonly moved: number }> {
  const { memberships, records } = transaction;
  const ended = await memberships.ended(now, maxEnds);
  const userIds = [...new Set(ended.map(({ userId }) => userId))];
  const holders = await records(users).findManyForUpdate(userIds);
  // Read after the accounts are locked: from then on nobody extends their memberships.
  const current = await memberships.listOf(userIds, now);
  const isCurrent = new Set(current.map((row) => `${row.user_id} ${row.organization_id}`));
  const losing = holders.filter(
    ({ id, default_organization_id: chosen }) => chosen !== null && !isCurrent.has(`${id} ${chosen}`),
  );
  await replaceDefaults(transaction, author, losing, now);
  for (const { id } of losing) showToAccount(transaction, author, id);
  await memberships.setFollowed(
    ended.map(({ id }) => id),
    now,
  );
  return { isLast: ended.length < maxEnds, moved: losing.length };
}
