// Imports accounts, in batches of one transaction each. A row that breaks a rule is refused with a reason, and the
// import continues. An account whose email already exists is not changed, so an import can be repeated.

import type { Awaitable } from '../../model/awaitable.ts';
import type { PasswordHasher } from '../../security/passwords.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../operation.ts';
import { type CheckedBatch, checkBatch, mustFollow } from './check-batch.ts';
import { insertAccounts, type Outcome } from './insert-imported.ts';
import type { ImportedAccount, ImportRules } from './read-imported.ts';
import { rehearsal } from './rehearse-import.ts';

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

type Outcomes = ReadonlyMap<ImportedAccount, Outcome>;

const batchRows = 500;
const batchSize = 4 * 1024 * 1024;

/**
 * Batches are reported in the order of the file. While some are written, the next one is read and checked. PostgreSQL
 * writes two at once, on two connections. If one fails, the one after it may be committed already and is not reported: its
 * accounts exist when the import is continued.
 * @throws the errors of `records` and of the store, and the reason of the signal. Batches for which `onBatch` was
 * called stay committed
 */
export async function importUsers<R extends ImportedRecord>(
  records: AsyncIterable<R>,
  options: ImportOptions<R>,
): Promise<ImportCounts> {
  const { store, clock, isRehearsal = false, signal } = options;
  const counts: ImportCounts = { rows: 0, created: 0, existing: 0, skipped: 0, refused: 0 };
  const organizations = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  const committed = new Set<number | string>(organizations.keys());
  const rehearse = isRehearsal ? rehearsal(store.read) : null;
  const maxWriting = isRehearsal || store.engine === 'sqlite' ? 1 : 2;
  const writing: { readonly batch: CheckedBatch<R>; readonly inserted: Promise<Outcomes> }[] = [];
  let allReported = true;

  async function finishFirst(): Promise<void> {
    allReported = false;
    const { batch, inserted } = writing[0]!;
    const outcomes = await inserted;
    writing.shift();
    for (const organization of batch.organizations) committed.add(organization);
    report(batch, outcomes, counts, options);
    await options.onBatch(counts, batch.records.at(-1)!.line);
    allReported = true;
  }

  try {
    for await (const part of batchesOf(records)) {
      const batch = await checkBatch(part, options, organizations);
      while (
        writing.length === maxWriting ||
        writing.some((other) => mustFollow(batch, other.batch, committed))
      ) {
        await finishFirst();
        signal?.throwIfAborted();
      }
      const inserted =
        rehearse === null ? insertWithHashes(batch, options) : rehearse(batch.accounts, clock());
      // It is awaited later.
      inserted.catch(() => {});
      writing.push({ batch, inserted });
    }
    while (writing.length > 0) {
      await finishFirst();
      signal?.throwIfAborted();
    }
  } catch (error) {
    while (writing.length > 0 && allReported) await finishFirst().catch(() => {});
    await Promise.allSettled(writing.map(({ inserted }) => inserted));
    throw error;
  }
  return counts;
}

async function* batchesOf<R extends ImportedRecord>(records: AsyncIterable<R>): AsyncGenerator<R[]> {
  let batch: R[] = [];
  let size = 0;
  for await (const record of records) {
    batch.push(record);
    size += record.size;
    if (batch.length < batchRows && size < batchSize) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

function report<R extends ImportedRecord>(
  { records, read }: CheckedBatch<R>,
  outcomes: Outcomes,
  counts: ImportCounts,
  { onRefused, onSkipped }: Pick<ImportOptions<R>, 'onRefused' | 'onSkipped'>,
): void {
  for (const [i, record] of records.entries()) {
    const account = read[i]!;
    const outcome = 'row' in account ? outcomes.get(account)! : account;
    counts.rows++;
    if (outcome === 'created') counts.created++;
    else if (outcome === 'existing') counts.existing++;
    else if ('skipped' in outcome) {
      counts.skipped++;
      onSkipped?.(record, outcome.skipped);
    } else {
      counts.refused++;
      onRefused(record, outcome.refused);
    }
  }
}

async function insertWithHashes(
  { accounts, hashes }: CheckedBatch<ImportedRecord>,
  { store, clock }: Pick<ImportOptions<never>, 'store' | 'clock'>,
): Promise<Outcomes> {
  const hashed = await hashes;
  if (accounts.length === 0) return new Map();
  const now = clock();
  const insert = () => store.write((transaction) => insertAccounts(transaction, accounts, hashed, now));
  return insert().catch((error) => {
    // An account has left one of the addresses meanwhile. The next attempt finds that it is reserved.
    if (error instanceof UniqueViolation) return insert();
    throw error;
  });
}
