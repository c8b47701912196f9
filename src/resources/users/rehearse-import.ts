// Finds out what an import would do, without writing: the same rules as insert-imported.ts, on what can be read.

import type { Query } from '../../model/query.ts';
import type { Reads } from '../../store/store.ts';
import {
  type Outcome,
  whyNotCreated,
  withoutKnown,
  withoutReserved,
  withoutSeen,
} from './insert-imported.ts';
import { emailOf, insertable, originKey } from './insert-order.ts';
import type { ImportedAccount } from './read-imported.ts';
import { users } from './users.ts';

/** Called with the accounts of one batch after the other. */
export type Rehearsal = (
  accounts: readonly ImportedAccount[],
  now: number,
) => Promise<ReadonlyMap<ImportedAccount, Outcome>>;

/** Remembers the addresses and ids of all rows that would be created, because later rows may have them too. */
export function rehearsal(reads: Reads): Rehearsal {
  const emails = new Set<string>();
  const ids = new Set<number>();
  const external = new Set<string>();
  let nextId: number | undefined;

  async function outcomeOf(account: ImportedAccount): Promise<Outcome> {
    const { row } = account;
    const records = reads.records(users);
    if (emails.has(emailOf(row)) || (await records.findByIdentity('email', row.email!)) !== null)
      return 'existing';
    if (row.id !== undefined && (ids.has(row.id) || (await records.find(row.id)) !== null))
      return whyNotCreated(reads, account);
    return 'created';
  }

  return async (given, now) => {
    nextId ??= (await largestId(reads)) + 1;
    const outcomes = new Map<ImportedAccount, Outcome>();
    const unknown = withoutSeen(await withoutKnown(reads, given, outcomes), external, outcomes);
    for (const round of insertable(await withoutReserved(reads, unknown, outcomes, now))) {
      const group = withoutSeen(round, external, outcomes);
      // Rows of one group have nothing in common.
      const found = await Promise.all(group.map(outcomeOf));
      for (const [i, account] of group.entries()) {
        outcomes.set(account, found[i]!);
        if (found[i] !== 'created') continue;
        const id: number = account.row.id ?? nextId;
        emails.add(emailOf(account.row));
        ids.add(id);
        const key = originKey(account);
        if (key !== null) external.add(key);
        nextId = Math.max(nextId, id + 1);
      }
    }
    return outcomes;
  };
}

async function largestId(reads: Reads): Promise<number> {
  const sort = [{ attribute: 'id', descending: true }];
  const query: Query = { filter: null, sort, fields: null, page: { by: 'cursor', after: null, size: 1 } };
  const [last] = await reads.records(users).page(query, null, null);
  return last?.id ?? 0;
}
