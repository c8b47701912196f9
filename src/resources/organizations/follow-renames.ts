// A periodic job: after an organization got a new slug, the `updated_at` of the users who show it follows. Triggers
// note such organizations, whoever renames them. The users' ETags have changed with the slug itself.

import { equals, type Query } from '../../model/query.ts';
import type { Transaction, Writes } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { BatchSize } from '../operations/batch-size.ts';
import { users } from '../users/users.ts';

/** @returns the number of users */
export async function followRenames(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  clock: Clock,
): Promise<number> {
  const size = new BatchSize();
  for (let count = 0; ; ) {
    const done = await size.timed((rows) => write((transaction) => followRename(transaction, rows, clock())));
    count += done ?? 0;
    if (done === null || signal.aborted) return count;
  }
}

/** @returns the number of users in this batch; null if there is nothing to do */
async function followRename(
  { organizations, records }: Transaction,
  maxUsers: number,
  now: number,
): Promise<number | null> {
  const rename = await organizations.nextRename();
  if (rename === null) return null;
  const batch: Query = {
    filter: equals('default_organization_id', rename.organizationId),
    sort: [{ attribute: 'id', descending: false }],
    page: { by: 'cursor', after: [rename.lastUserId], size: maxUsers },
    fields: null,
  };
  const found = await records(users).page(batch, null, null);
  const ids = found.slice(0, maxUsers).map(({ id }) => id);
  await records(users).updateMany(ids, {}, now);
  const isLast = found.length <= maxUsers;
  await organizations.advanceRename(rename, isLast ? null : ids.at(-1)!);
  return ids.length;
}
