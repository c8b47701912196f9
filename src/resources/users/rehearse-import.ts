// Finds out what an import would do, without writing: the same rules as insert-imported.ts, on what can be read.

import type { Query } from '../../model/query.ts';
import { externalIdOfKey } from '../../store/origins.ts';
import type { Reads } from '../../store/store.ts';
import {
  existing,
  holdersOf,
  type Outcome,
  whyNotCreated,
  withoutKnown,
  withoutReserved,
  withoutSeen,
} from './insert-imported.ts';
import { insertable, originKey } from './insert-order.ts';
import type { ImportedAccount } from './read-imported.ts';
import { textDigests } from './text-digests.ts';
import { users } from './users.ts';

/** Called with the accounts of one batch after the other. */
export type Rehearsal = (
  accounts: readonly ImportedAccount[],
  now: number,
) => Promise<ReadonlyMap<ImportedAccount, Outcome>>;

/**
 * Remembers the addresses and ids of all rows that would be created, because later rows may have them too: by digests, so
 * that a million rows take some dozen megabytes.
 */
export function rehearsal(reads: Reads): Rehearsal {
  /** Addresses with the external ids of their rows, ids as digits, and external ids, which have a line break. */
  const seen = textDigests();
  const seenHolders = {
    get(emailKey: string) {
      const key = seen.valueOf(emailKey);
      return key === '' ? undefined : externalIdOfKey(key);
    },
  };
  let nextId: number | undefined;

  /** Rows of one group have nothing in common. */
  async function outcomesOf(group: readonly ImportedAccount[]): Promise<Outcome[]> {
    const records = reads.records(users);
    const ids = group.flatMap(({ row }) => row.id ?? []);
    const takenIds = new Set((await records.findMany(ids)).map(({ id }) => id));
    const taken = await records.takenIdentities(
      'email',
      group.map(({ row }) => row.email!),
    );
    const holders = await holdersOf(
      reads.origins,
      group.filter(({ row }) => taken.has(row.email!)),
    );
    return Promise.all(
      group.map(async (account) => {
        const { row, emailKey } = account;
        if (taken.has(row.email!)) return existing(account, holders);
        if (seen.has(emailKey)) return existing(account, seenHolders);
        const isTaken = row.id !== undefined && (takenIds.has(row.id) || seen.has(String(row.id)));
        return isTaken ? whyNotCreated(reads, account) : 'created';
      }),
    );
  }

  return async (given, now) => {
    nextId ??= (await largestId(reads)) + 1;
    const outcomes = new Map<ImportedAccount, Outcome>();
    const unknown = withoutSeen(await withoutKnown(reads, given, outcomes), seen, outcomes);
    for (const round of insertable(await withoutReserved(reads, unknown, outcomes, now))) {
      const group = withoutSeen(round, seen, outcomes);
      const found = await outcomesOf(group);
      for (const [i, account] of group.entries()) {
        outcomes.set(account, found[i]!);
        if (found[i] !== 'created') continue;
        const id: number = account.row.id ?? nextId;
        const key = originKey(account);
        seen.add(account.emailKey, key ?? '');
        seen.add(String(id));
        if (key !== null) seen.add(key);
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
