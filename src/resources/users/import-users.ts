// Imports accounts, in batches of one transaction each. A row that breaks a rule is refused with a reason, and the
// import continues. An account whose email already exists is not changed, so an import can be repeated.

import { mailboxKey } from '../../model/mailbox.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { PasswordHasher } from '../../security/passwords.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { joinMany } from '../memberships/join-organization.ts';
import { memberships } from '../memberships/memberships.ts';
import type { Clock } from '../operation.ts';
import { newColumns } from '../operations/changed-columns.ts';
import { byOperator, recordChange, showToAccount } from '../operations/record-change.ts';
import { foundOrganization } from '../organizations/insert-organization.ts';
import { organizations } from '../organizations/organizations.ts';
import { type ImportedAccount, type ImportedRow, type ImportRules, readImported } from './read-imported.ts';
import { users } from './users.ts';

/** One account as read from the file, or the reason why it cannot be read. */
export type ImportedRecord = {
  /** The line on which it begins in the file, from 1. */
  readonly line: number;
  /** Approximate size, in characters. */
  readonly size: number;
} & ({ readonly fields: ReadonlyMap<string, unknown> } | { readonly problem: string });

/** `rows` is the sum of the others. */
export interface ImportCounts {
  rows: number;
  created: number;
  existing: number;
  refused: number;
}

export interface ImportOptions extends ImportRules {
  readonly store: Store;
  readonly clock: Clock;
  readonly passwords: PasswordHasher;
  /** Called in the order of lines, after the commit of their batch. */
  readonly onRefused: (line: number, reason: string) => void;
  /** Called after each batch, with the line on which its last record begins. */
  readonly onBatch: (counts: ImportCounts, line: number) => void;
  /** Stops the import after the current batch. */
  readonly signal?: AbortSignal;
}

type Account = ImportedAccount & { readonly line: number };

type Outcome = 'created' | 'existing' | { readonly refused: string };

const batchRows = 500;
const batchSize = 4 * 1024 * 1024;

/**
 * @throws the errors of `records` and of the store, and the reason of the signal. Batches for which `onBatch` was
 * called stay committed
 */
export async function importUsers(
  records: AsyncIterable<ImportedRecord>,
  options: ImportOptions,
): Promise<ImportCounts> {
  const counts: ImportCounts = { rows: 0, created: 0, existing: 0, refused: 0 };
  const organizations = new Map(
    (await options.store.read.organizations.list()).map(({ id, name }) => [id, name]),
  );
  let batch: ImportedRecord[] = [];
  let size = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    const outcomes = await importBatch(batch, options, organizations);
    for (const [i, outcome] of outcomes.entries()) {
      counts.rows++;
      if (outcome === 'created') counts.created++;
      else if (outcome === 'existing') counts.existing++;
      else {
        counts.refused++;
        options.onRefused(batch[i]!.line, outcome.refused);
      }
    }
    options.onBatch(counts, batch.at(-1)!.line);
    batch = [];
    size = 0;
    options.signal?.throwIfAborted();
  };
  for await (const record of records) {
    batch.push(record);
    size += record.size;
    if (batch.length === batchRows || size >= batchSize) await flush();
  }
  await flush();
  return counts;
}

/** @returns the outcome of each record */
async function importBatch(
  batch: readonly ImportedRecord[],
  options: ImportOptions,
  organizations: Map<number, string>,
): Promise<Outcome[]> {
  const { store, clock, passwords } = options;
  const outcomes = new Map<number, Outcome>();
  const accounts: Account[] = [];
  for (const record of batch) {
    const { line } = record;
    const read =
      'problem' in record
        ? { reasons: [record.problem] }
        : await readImported(record.fields, organizations, options, clock());
    if ('reasons' in read) outcomes.set(line, { refused: read.reasons.join(', ') });
    else {
      accounts.push({ line, ...read });
      for (const { organization_id, organization_name } of read.memberships)
        if (organization_name !== null) organizations.set(organization_id, organization_name);
    }
  }
  const hashes = new Map<Account, string>();
  await Promise.all(
    accounts.map(async (account) => {
      const { password, passwordHash } = account;
      const hash =
        password === null
          ? passwordHash
          : await passwords.run('signed_in', (hashing) => hashing.hash(password));
      if (hash !== null) hashes.set(account, hash);
    }),
  );
  const now = clock();
  const insert = () => store.write((transaction) => insertAccounts(transaction, accounts, hashes, now));
  const inserted = await insert().catch((error) => {
    // An account has left one of the addresses meanwhile. The next attempt finds that it is reserved.
    if (error instanceof UniqueViolation) return insert();
    throw error;
  });
  for (const [{ line }, outcome] of inserted) outcomes.set(line, outcome);
  return batch.map(({ line }) => outcomes.get(line)!);
}

async function insertAccounts(
  transaction: Transaction,
  given: readonly Account[],
  hashes: ReadonlyMap<Account, string>,
  now: number,
): Promise<Map<Account, Outcome>> {
  await makeOrganizations(transaction, given, now);
  const outcomes = new Map<Account, Outcome>();
  const accounts = await withoutReserved(transaction, given, outcomes, now);
  const ids = new Map<Account, number>();
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
  for (let i = 0; i < joined.length; i += batchRows)
    await joinMany(transaction, byOperator, joined.slice(i, i + batchRows));
  const passwords = [...ids].flatMap(([account, userId]) => {
    const hash = hashes.get(account);
    return hash === undefined ? [] : [{ userId, hash }];
  });
  await transaction.passwords.setMany(passwords, now);
  return outcomes;
}

/** Refuses accounts whose address another account may still take back, see reserved-address.ts. */
async function withoutReserved(
  { links, records }: Transaction,
  accounts: readonly Account[],
  outcomes: Map<Account, Outcome>,
  now: number,
): Promise<readonly Account[]> {
  // The triggers compare with the time of the change, which is that of the file.
  await links.forgetReserved(now);
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
      refused: `email belonged to the account ${holder}, which may still take it back`,
    });
  }
  return accounts.filter((account) => !outcomes.has(account));
}

function recordImported(transaction: Transaction, id: number, values: ValuesOf<typeof users>): void {
  recordChange(transaction, byOperator, users, { verb: 'create', before: null, after: { ...values, id } });
  showToAccount(transaction, byOperator, id);
}

/** Must run right after the insert, because a later row may create an account with the same email. */
async function whyNotCreated(transaction: Transaction, { row }: Account): Promise<Outcome> {
  const isHere =
    row.id === undefined || (await transaction.records(users).findByIdentity('email', row.email!)) !== null;
  return isHere ? 'existing' : { refused: 'id has already been taken' };
}

async function makeOrganizations(
  transaction: Transaction,
  accounts: readonly Account[],
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

/**
 * Groups accounts for one insert each. In a group, no two rows have the same email or id, and either all rows have an
 * id or none. Among rows with the same email, the first in the file is inserted first. Rows with an id are inserted
 * before those without, because the table could otherwise generate the same ids.
 */
function insertable(accounts: readonly Account[]): Account[][] {
  const free = new Set<string>();
  const [late, early] = partition(accounts, ({ row }) => {
    if (row.id === undefined) free.add(emailOf(row));
    return free.has(emailOf(row));
  });
  return [...rounds(early), ...rounds(late)];
}

function rounds(accounts: readonly Account[]): Account[][] {
  const seen = new Map<string | number, number>();
  const groups: Account[][] = [];
  for (const account of accounts) {
    const { row } = account;
    const keys = [emailOf(row), ...(row.id === undefined ? [] : [row.id])];
    const round = Math.max(...keys.map((key) => seen.get(key) ?? 0));
    for (const key of keys) seen.set(key, round + 1);
    const group = 2 * round + (row.id === undefined ? 1 : 0);
    groups[group] ??= [];
    groups[group].push(account);
  }
  return groups.filter((group) => group !== undefined);
}

function emailOf(row: ImportedRow): string {
  return mailboxKey(row.email!);
}

function partition<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of list) (test(item) ? yes : no).push(item);
  return [yes, no];
}
