// Inserts the accounts of one batch of an import, in one transaction.

import { mailboxKeys } from '../../model/mailbox.ts';
import type { ValuesOf } from '../../model/resource.ts';
import { type ExternalId, externalIdKey } from '../../store/origins.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { joinMany } from '../memberships/join-organization.ts';
import { memberships } from '../memberships/memberships.ts';
import { newColumns } from '../operations/changed-columns.ts';
import { byOperator, recordChange, showToAccount } from '../operations/record-change.ts';
import { foundOrganization } from '../organizations/insert-organization.ts';
import { organizations } from '../organizations/organizations.ts';
import { externalIdOf, insertable, originKey } from './insert-order.ts';
import type { ImportedAccount } from './read-imported.ts';
import { shownName } from './read-imported-memberships.ts';
import { users } from './users.ts';

/** Refused: the reasons. */
export type Outcome = 'created' | 'existing' | { readonly refused: readonly string[] };

/** Memberships that are inserted by one statement. */
const joinedRows = 500;

/**
 * Inserts accounts with their memberships and passwords.
 * @returns the outcome of each
 */
export async function insertAccounts(
  transaction: Transaction,
  given: readonly ImportedAccount[],
  hashes: ReadonlyMap<ImportedAccount, string>,
  now: number,
): Promise<Map<ImportedAccount, Outcome>> {
  const organizationOf = await makeOrganizations(transaction, given, now);
  const outcomes = new Map<ImportedAccount, Outcome>();
  // The triggers compare with the time of the change, which is that of the file.
  await transaction.links.forgetReserved(now);
  const unknown = await withoutKnown(transaction, given, outcomes);
  const free = await withoutReserved(transaction, unknown, outcomes, now);
  // Asked before the inserts: on PostgreSQL, an insert that is skipped uses up an id.
  const accounts = await withoutTaken(transaction, free, outcomes);
  const ids = new Map<ImportedAccount, number>();
  const seen = new Set<string>();
  for (const round of insertable(accounts)) {
    const group = withoutSeen(round, seen, outcomes);
    const rows = group.map(({ row, defaultOrigin }) => {
      const byDefault =
        defaultOrigin === null ? {} : { default_organization_id: organizationOf(defaultOrigin) };
      return newColumns(users, { ...row, ...byDefault }, now);
    });
    const made = await transaction.records(users).insertMany(rows);
    await Promise.all(
      group.map(async (account, i) => {
        const id = made[i] ?? null;
        outcomes.set(account, id !== null ? 'created' : await whyNotCreated(transaction, account));
        if (id === null) return;
        ids.set(account, id);
        const key = originKey(account);
        if (key !== null) seen.add(key);
        recordImported(transaction, id, rows[i]!);
      }),
    );
    // Before the next rows, which may have the same addresses, and the memberships, whose people show the ids.
    await transaction.origins.insertMany(
      group.flatMap((account) => {
        const userId = ids.get(account);
        return account.origin === null || userId === undefined ? [] : [{ userId, ...account.origin }];
      }),
    );
  }
  const joined = [...ids].flatMap(([account, userId]) =>
    account.memberships.map(
      ({ organization_name: _, organization_origin, organization_id, ...membership }) => {
        const organization = organization_id ?? organizationOf(organization_origin!);
        return newColumns(
          memberships,
          { ...membership, organization_id: organization, user_id: userId },
          now,
        );
      },
    ),
  );
  for (let i = 0; i < joined.length; i += joinedRows)
    await joinMany(transaction, byOperator, joined.slice(i, i + joinedRows));
  const passwords = [...ids].flatMap(([account, userId]) => {
    const hash = hashes.get(account);
    return hash === undefined ? [] : [{ userId, hash, importedFormat: account.passwordFormat }];
  });
  await transaction.passwords.setMany(passwords, now);
  return outcomes;
}

/** Leaves out accounts whose id in another system is here already, also if their address has changed since. */
export async function withoutKnown(
  { origins }: Pick<Reads, 'origins'>,
  accounts: readonly ImportedAccount[],
  outcomes: Map<ImportedAccount, Outcome>,
): Promise<readonly ImportedAccount[]> {
  const ids = accounts.flatMap((account) => externalIdOf(account) ?? []);
  const known = new Set((await origins.usersOf(ids)).keys());
  return withoutSeen(accounts, known, outcomes);
}

/** @param seen the keys of ids that are here */
export function withoutSeen(
  accounts: readonly ImportedAccount[],
  seen: Pick<ReadonlySet<string>, 'size' | 'has'>,
  outcomes: Map<ImportedAccount, Outcome>,
): readonly ImportedAccount[] {
  if (seen.size === 0) return accounts;
  for (const account of accounts) {
    const key = originKey(account);
    if (key !== null && seen.has(key)) outcomes.set(account, 'existing');
  }
  return accounts.filter((account) => !outcomes.has(account));
}

/** Refuses accounts whose address another account may still take back, see reserved-address.ts. */
export async function withoutReserved(
  { links, records }: Pick<Reads, 'links' | 'records'>,
  accounts: readonly ImportedAccount[],
  outcomes: Map<ImportedAccount, Outcome>,
  now: number,
): Promise<readonly ImportedAccount[]> {
  const reserved = await links.reserved(
    accounts.map(({ emailKey }) => emailKey),
    now,
  );
  for (const account of accounts) {
    const { row, emailKey } = account;
    const holder = reserved.get(emailKey);
    // Its account may have taken it back.
    if (holder === undefined || (await records(users).findByIdentity('email', row.email!)) !== null) continue;
    outcomes.set(account, {
      refused: [`email belonged to the account ${holder}, which may still take it back`],
    });
  }
  return accounts.filter((account) => !outcomes.has(account));
}

/** Leaves out accounts whose email an account has already. */
async function withoutTaken(
  { records, origins }: Transaction,
  accounts: readonly ImportedAccount[],
  outcomes: Map<ImportedAccount, Outcome>,
): Promise<readonly ImportedAccount[]> {
  const taken = await records(users).takenIdentities(
    'email',
    accounts.map(({ row }) => row.email!),
  );
  const here = accounts.filter(({ row }) => taken.has(row.email!));
  const holders = await holdersOf(origins, here);
  for (const account of here) outcomes.set(account, existing(account, holders));
  return accounts.filter((account) => !outcomes.has(account));
}

/** The ids in other systems of the accounts that have the addresses of these. */
export function holdersOf(
  origins: Reads['origins'],
  accounts: readonly ImportedAccount[],
): Promise<ReadonlyMap<string, ExternalId>> {
  return origins.ofAddresses(
    accounts.flatMap((account) => (externalIdOf(account) === null ? [] : mailboxKeys(account.row.email!))),
  );
}

/**
 * The outcome of an account whose address is here. With two ids in one system, it is not the same account, and what it has
 * would be lost without a word.
 * @param holders the ids in other systems of those who have the addresses, by `mailboxKeys`
 */
export function existing(
  account: ImportedAccount,
  holders: Pick<ReadonlyMap<string, ExternalId>, 'get'>,
): Outcome {
  const own = externalIdOf(account);
  if (own === null) return 'existing';
  const other = mailboxKeys(account.row.email!)
    .map((key) => holders.get(key))
    .find((one) => one?.source === own.source && one.externalId !== own.externalId);
  if (other === undefined) return 'existing';
  return {
    refused: [
      `email belongs to another account of the same system, with the id ${shownName(other.externalId)}`,
    ],
  };
}

function recordImported(transaction: Transaction, id: number, values: ValuesOf<typeof users>): void {
  recordChange(transaction, byOperator, users, { verb: 'create', before: null, after: { ...values, id } });
  showToAccount(transaction, byOperator, id);
}

/** Must run right after the insert, because a later row may create an account with the same email. */
export async function whyNotCreated(
  { records, origins }: Pick<Reads, 'records' | 'origins'>,
  account: ImportedAccount,
): Promise<Outcome> {
  const { row } = account;
  const isHere = row.id === undefined || (await records(users).findByIdentity('email', row.email!)) !== null;
  if (!isHere) return { refused: ['id has already been taken'] };
  return existing(account, await holdersOf(origins, [account]));
}

/**
 * Creates the organizations that the accounts name and that do not exist.
 * @returns finds an organization by its id in another system
 */
async function makeOrganizations(
  transaction: Transaction,
  accounts: readonly ImportedAccount[],
  now: number,
): Promise<(id: ExternalId) => number> {
  const named = new Map<number, string>();
  const external = new Map<string, { readonly id: ExternalId; readonly name: string }>();
  for (const { memberships } of accounts)
    for (const { organization_id, organization_origin, organization_name } of memberships) {
      if (organization_origin !== null) {
        const key = externalIdKey(organization_origin);
        if (!external.has(key)) external.set(key, { id: organization_origin, name: organization_name! });
      } else if (organization_name !== null) named.set(organization_id!, organization_name);
    }
  for (const [id, name] of named)
    if ((await transaction.records(organizations).find(id)) === null)
      await foundOrganization(transaction, byOperator, { name, id }, now);
  const known = await transaction.origins.organizationsOf([...external.values()].map(({ id }) => id));
  for (const [key, { id, name }] of external) {
    if (known.has(key)) continue;
    const made = await foundOrganization(transaction, byOperator, { name }, now);
    await transaction.origins.insertOrganization(made, id);
    known.set(key, made);
  }
  return (id) => known.get(externalIdKey(id))!;
}
