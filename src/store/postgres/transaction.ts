// Runs one transaction on a connection.

import type pg from 'pg';
import type { CallerCheck } from '../accounts/caller-check.ts';
import { type LockStatement, lockStatements } from '../accounts/locks.ts';
import { StoreUnavailable } from '../errors.ts';
import type { Database } from '../sql/engine.ts';
import type { Locks, Sync } from '../store.ts';
import { execute } from './connections.ts';
import { isBroken } from './errors.ts';
import { kysely } from './kysely.ts';

const noLocks: Locks = { organization: null, userIds: [] };

/** In one message. */
const beginLater = 'BEGIN; SET LOCAL synchronous_commit TO off';

/** One Kysely for each connection, created at its first write. */
const databases = new WeakMap<pg.ClientBase, Database>();
/** The accounts that must see what the open transaction writes. */
const shownTo = new WeakMap<Database, number[]>();

/** See Transaction.showTo. */
export function showTo(db: Database, userId: number): void {
  shownTo.get(db)?.push(userId);
}

export interface TransactionOptions {
  /** The check of the caller; it runs in the same round trip as the first statement of the work. */
  readonly check: CallerCheck | undefined;
  readonly locks: Locks | undefined;
  readonly sync: Sync | undefined;
  /** The accounts that must see the write; showTo adds to it. */
  readonly accounts: number[];
}

export async function transaction<T>(
  client: pg.ClientBase,
  work: (db: Database) => Promise<T>,
  { check, locks, sync, accounts }: TransactionOptions,
): Promise<T> {
  let db = databases.get(client);
  if (db === undefined) {
    db = kysely((query) => execute(client, query));
    databases.set(client, db);
  }
  shownTo.set(db, accounts);
  const { before, after } = lockStatements(locks ?? noLocks, check?.userId ?? null);
  const run = (statements: readonly LockStatement[]) => statements.map((one) => client.query(one));
  // BEGIN, locks, check and work are sent together. If the check fails, the work is rolled back.
  const begun = [client.query(sync === 'later' ? beginLater : 'BEGIN'), ...run(before)];
  const checked = check && execute(client, check.query);
  const locked = run(after);
  const worked = (async () => work(db))();
  try {
    await Promise.allSettled([...begun, checked, ...locked, worked]);
    // In the order of the statements: after one that fails, the others fail too, and do not say why.
    await Promise.all(begun);
    await checked;
    await Promise.all(locked);
    // After the work, because it may have waited for locks and time has passed. The caller's rows stay locked.
    check?.verify((await checked!).rows);
    const value = await worked;
    const { command } = await client.query('COMMIT');
    // After a failed statement, COMMIT rolls back and reports no error.
    if (command !== 'COMMIT') throw new StoreUnavailable(new Error('The transaction was rolled back'));
    return value;
  } catch (error) {
    if (!isBroken(error)) await client.query('ROLLBACK');
    throw error;
  }
}
