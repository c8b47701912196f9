// Checks the records of one batch of an import, and starts to hash their passwords.

import { externalIdKey } from '../../store/origins.ts';
import type { ImportedRecord, ImportOptions } from './import-users.ts';
import { originKey } from './insert-order.ts';
import { type ImportedAccount, readImported } from './read-imported.ts';

export interface CheckedBatch<R extends ImportedRecord> {
  readonly records: readonly R[];
  /** Of each record: the account, or why it is none. */
  readonly read: readonly (
    | ImportedAccount
    | { readonly refused: readonly string[] }
    | { readonly skipped: string }
  )[];
  readonly accounts: readonly ImportedAccount[];
  readonly hashes: Promise<ReadonlyMap<ImportedAccount, string>>;
  /** The addresses and external ids of the accounts. */
  readonly keys: ReadonlySet<string>;
  /** The ids, or external ids, of organizations that the accounts name. */
  readonly organizations: ReadonlySet<number | string>;
  readonly givesIds: boolean;
}

/** @param organizations names by id; gets the organizations that the accounts name */
export async function checkBatch<R extends ImportedRecord>(
  records: readonly R[],
  options: Omit<ImportOptions<never>, 'onRefused'>,
  organizations: Map<number, string>,
): Promise<CheckedBatch<R>> {
  const now = options.clock();
  const read: CheckedBatch<R>['read'][number][] = [];
  const accounts: ImportedAccount[] = [];
  const keys = new Set<string>();
  const named = new Set<number | string>();
  for (const record of records) {
    if ('problem' in record) read.push({ refused: [record.problem] });
    else if ('skipped' in record) read.push({ skipped: record.skipped });
    else {
      const account = await readImported(record.fields, organizations, options, now);
      if ('reasons' in account) {
        read.push({ refused: account.reasons });
        continue;
      }
      read.push(account);
      accounts.push(account);
      keys.add(account.emailKey);
      const external = originKey(account);
      if (external !== null) keys.add(external);
      for (const { organization_id, organization_name, organization_origin } of account.memberships) {
        if (organization_name === null) continue;
        if (organization_id === null) named.add(externalIdKey(organization_origin!));
        else {
          named.add(organization_id);
          organizations.set(organization_id, organization_name);
        }
      }
    }
  }
  const hashes = hashesOf(accounts, options);
  // They are awaited when the batch is written.
  hashes.catch(() => {});
  const givesIds = accounts.some(({ row }) => row.id !== undefined);
  return { records, read, accounts, hashes, keys, organizations: named, givesIds };
}

/**
 * Whether a batch can only be written after another: they share an account, one of them has ids, which the table could
 * generate for the other, or an organization is not there yet.
 * @param committed the organizations that are there
 */
export function mustFollow(
  batch: CheckedBatch<ImportedRecord>,
  other: CheckedBatch<ImportedRecord>,
  committed: ReadonlySet<number | string>,
): boolean {
  return (
    batch.givesIds ||
    other.givesIds ||
    !batch.organizations.isSubsetOf(committed) ||
    !other.organizations.isSubsetOf(committed) ||
    !batch.keys.isDisjointFrom(other.keys)
  );
}

async function hashesOf(
  accounts: readonly ImportedAccount[],
  { passwords }: Pick<ImportOptions<never>, 'passwords'>,
): Promise<ReadonlyMap<ImportedAccount, string>> {
  const hashes = new Map<ImportedAccount, string>();
  const toHash = accounts.filter(({ password, passwordHash }) => {
    return password !== null && passwordHash === null;
  });
  for (const account of accounts)
    if (account.passwordHash !== null) hashes.set(account, account.passwordHash);
  await Promise.all(
    toHash.map(async (account) =>
      hashes.set(account, await passwords.run('signed_in', (hashing) => hashing.hash(account.password!))),
    ),
  );
  return hashes;
}
