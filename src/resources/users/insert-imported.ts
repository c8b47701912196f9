// Inserts the accounts of one batch of an import, in one transaction.

import type { ValuesOf } from '../../model/resource.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { joinMany } from '../memberships/join-organization.ts';
import { memberships } from '../memberships/memberships.ts';
import { newColumns } from '../operations/changed-columns.ts';
import { byOperator, recordChange, showToAccount } from '../operations/record-change.ts';
import { foundOrganization } from '../organizations/insert-organization.ts';
import { organizations } from '../organizations/organizations.ts';
import { emailOf, insertable } from './insert-order.ts';
import type { ImportedAccount } from './read-imported.ts';
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
  await makeOrganizations(transaction, given, now);
  const outcomes = new Map<ImportedAccount, Outcome>();
  // The triggers compare with the time of the change, which is that of the file.
  await transaction.links.forgetReserved(now);
  const accounts = await withoutReserved(transaction, given, outcomes, now);
  const ids = new Map<ImportedAccount, number>();
  for (const group of insertable(accounts)) {
    const rows = group.map(({ row }) => newColumns(users, row, now));
    const made = await transaction.records(users).insertMany(rows);
    await Promise.all(
      group.map(async (account, i) => {
        const id = made[i] ?? null;
        outcomes.set(account, id !== null ? 'created' : await whyNotCreated(transaction, account));
        if (id === null) return;
        ids.set(account, id);
        recordImported(transaction, id, rows[i]!);
      }),
    );
  }
  const joined = [...ids].flatMap(([account, userId]) =>
    account.memberships.map(({ organization_name: _, ...membership }) =>
      newColumns(memberships, { ...membership, user_id: userId }, now),
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

/** Refuses accounts whose address another account may still take back, see reserved-address.ts. */
export async function withoutReserved(
  { links, records }: Pick<Reads, 'links' | 'records'>,
  accounts: readonly ImportedAccount[],
  outcomes: Map<ImportedAccount, Outcome>,
  now: number,
): Promise<readonly ImportedAccount[]> {
  const reserved = await links.reserved(
    accounts.map(({ row }) => emailOf(row)),
    now,
  );
  for (const account of accounts) {
    const { row } = account;
    const holder = reserved.get(emailOf(row));
    // Its account may have taken it back.
    if (holder === undefined || (await records(users).findByIdentity('email', row.email!)) !== null) continue;
    outcomes.set(account, {
      refused: [`email belonged to the account ${holder}, which may still take it back`],
    });
  }
  return accounts.filter((account) => !outcomes.has(account));
}

function recordImported(transaction: Transaction, id: number, values: ValuesOf<typeof users>): void {
  recordChange(transaction, byOperator, users, { verb: 'create', before: null, after: { ...values, id } });
  showToAccount(transaction, byOperator, id);
}

/** Must run right after the insert, because a later row may create an account with the same email. */
export async function whyNotCreated(
  { records }: Pick<Reads, 'records'>,
  { row }: ImportedAccount,
): Promise<Outcome> {
  const isHere = row.id === undefined || (await records(users).findByIdentity('email', row.email!)) !== null;
  return isHere ? 'existing' : { refused: ['id has already been taken'] };
}

async function makeOrganizations(
  transaction: Transaction,
  accounts: readonly ImportedAccount[],
  now: number,
): Promise<void> {
  const named = new Map<number, string>();
  for (const { memberships } of accounts)
    for (const { organization_id, organization_name } of memberships)
      if (organization_name !== null) named.set(organization_id, organization_name);
  for (const [id, name] of named)
    if ((await transaction.records(organizations).find(id)) === null)
      await foundOrganization(transaction, byOperator, { name, id }, now);
}
