// The order in which the accounts of an import are inserted: it decides which of two rows with one email or id is first.

import { type ExternalId, externalIdKey } from '../../store/origins.ts';
import type { ImportedAccount } from './read-imported.ts';

/**
 * Groups accounts for one insert each. In a group, no two rows have the same email, id or external id, and either all rows have an
 * id or none. Among rows with the same email, the first in the file is inserted first. Rows with an id are inserted
 * before those without, because the table could otherwise generate the same ids.
 */
export function insertable<A extends Pick<ImportedAccount, 'row' | 'emailKey' | 'origin'>>(
  accounts: readonly A[],
): A[][] {
  const free = new Set<string>();
  const [late, early] = partition(accounts, ({ row, emailKey }) => {
    if (row.id === undefined) free.add(emailKey);
    return free.has(emailKey);
  });
  return [...rounds(early), ...rounds(late)];
}

function rounds<A extends Pick<ImportedAccount, 'row' | 'emailKey' | 'origin'>>(
  accounts: readonly A[],
): A[][] {
  const seen = new Map<string | number, number>();
  const groups: A[][] = [];
  for (const account of accounts) {
    const { row, emailKey } = account;
    const origin = originKey(account);
    const keys = [emailKey, ...(row.id === undefined ? [] : [row.id]), ...(origin === null ? [] : [origin])];
    const round = Math.max(...keys.map((key) => seen.get(key) ?? 0));
    for (const key of keys) seen.set(key, round + 1);
    const group = 2 * round + (row.id === undefined ? 1 : 0);
    groups[group] ??= [];
    groups[group].push(account);
  }
  return groups.filter((group) => group !== undefined);
}

/** The id in another system; null if there is none. */
export function externalIdOf({ origin }: Pick<ImportedAccount, 'origin'>): ExternalId | null {
  return origin === null || origin.externalId === null
    ? null
    : { source: origin.source, externalId: origin.externalId };
}

/** Equal for equal ids in another system. It has a line break, so it is no email. */
export function originKey(account: Pick<ImportedAccount, 'origin'>): string | null {
  const id = externalIdOf(account);
  return id === null ? null : externalIdKey(id);
}

function partition<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of list) (test(item) ? yes : no).push(item);
  return [yes, no];
}
