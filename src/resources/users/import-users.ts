// Imports accounts, in batches of one transaction each. A row that breaks a rule is refused with a reason, and the
// import continues. An account whose email already exists is not changed, so an import can be repeated.

import type { Awaitable } from '../../model/awaitable.ts';
import type { PasswordHasher } from '../../security/passwords.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { insertAccounts, type Outcome } from './insert-imported.ts';
import { type ImportedAccount, type ImportRules, readImported } from './read-imported.ts';
import { type Rehearsal, rehearsal } from './rehearse-import.ts';

/** One account as read from the file, the reason why it cannot be read, or the reason why it is none. */
export type ImportedRecord = {
  /** The line on which it begins in the file, from 1. */
  readonly line: number;
  /** Approximate size, in characters. */
  readonly size: number;
} & (
  | { readonly fields: ReadonlyMap<string, unknown> }
  | { readonly problem: string }
  | { readonly skipped: string; readonly isContext?: boolean }
);

/** `rows` is the sum of the others. */
export interface ImportCounts {
  rows: number;
  created: number;
  existing: number;
  /** Records that are no accounts. */
  skipped: number;
  refused: number;
}

export interface ImportOptions<R extends ImportedRecord> extends ImportRules {
  readonly store: Store;
  readonly clock: Clock;
  readonly passwords: PasswordHasher;
  /** Called in the order of lines, after the commit of their batch. */
  readonly onRefused: (record: R, reasons: readonly string[]) => void;
  /** The same for records that are no accounts. */
  readonly onSkipped?: (record: R, reason: string) => void;
  /** Called after each batch, with the line on which its last record begins. */
  readonly onBatch: (counts: ImportCounts, line: number) => Awaitable<void>;
  /** Writes nothing, and only finds out what would happen to each row. */
  readonly isRehearsal?: boolean;
  /** Stops the import after the current batch. */
  readonly signal?: AbortSignal;
}

type Account = ImportedAccount & { readonly line: number };

type RecordOutcome = Outcome | { readonly skipped: string };

const batchRows = 500;
const batchSize = 4 * 1024 * 1024;

/**
 * @throws the errors of `records` and of the store, and the reason of the signal. Batches for which `onBatch` was
 * called stay committed
 */
export async function importUsers<R extends ImportedRecord>(
  records: AsyncIterable<R>,
  options: ImportOptions<R>,
): Promise<ImportCounts> {
  const counts: ImportCounts = { rows: 0, created: 0, existing: 0, skipped: 0, refused: 0 };
  const organizations = new Map(
    (await options.store.read.organizations.list()).map(({ id, name }) => [id, name]),
  );
  const rehearse = options.isRehearsal ? rehearsal(options.store.read) : null;
  let batch: R[] = [];
  let size = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    const outcomes = await importBatch(batch, options, organizations, rehearse);
    for (const [i, outcome] of outcomes.entries()) {
      counts.rows++;
      if (outcome === 'created') counts.created++;
      else if (outcome === 'existing') counts.existing++;
      else if ('skipped' in outcome) {
        counts.skipped++;
        options.onSkipped?.(batch[i]!, outcome.skipped);
      } else {
        counts.refused++;
        options.onRefused(batch[i]!, outcome.refused);
      }
    }
    await options.onBatch(counts, batch.at(-1)!.line);
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
  options: Omit<ImportOptions<never>, 'onRefused'>,
  organizations: Map<number, string>,
  rehearse: Rehearsal | null,
): Promise<RecordOutcome[]> {
  const outcomes = new Map<number, RecordOutcome>();
  const accounts: Account[] = [];
  for (const record of batch) {
    const { line } = record;
    if ('skipped' in record) {
      outcomes.set(line, { skipped: record.skipped });
      continue;
    }
    const read =
      'problem' in record
        ? { reasons: [record.problem] }
        : await readImported(record.fields, organizations, options, options.clock());
    if ('reasons' in read) outcomes.set(line, { refused: read.reasons });
    else {
      accounts.push({ line, ...read });
      for (const { organization_id, organization_name } of read.memberships)
        if (organization_id !== null && organization_name !== null)
          organizations.set(organization_id, organization_name);
    }
  }
  const found = await (rehearse === null
    ? insertWithHashes(accounts, options)
    : rehearse(accounts, options.clock()));
  for (const account of accounts) outcomes.set(account.line, found.get(account)!);
  return batch.map(({ line }) => outcomes.get(line)!);
}

async function insertWithHashes(
  accounts: readonly Account[],
  { store, clock, passwords }: Pick<ImportOptions<never>, 'store' | 'clock' | 'passwords'>,
): Promise<ReadonlyMap<ImportedAccount, Outcome>> {
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
  return insert().catch((error) => {
    // An account has left one of the addresses meanwhile. The next attempt finds that it is reserved.
    if (error instanceof UniqueViolation) return insert();
    throw error;
  });
}
