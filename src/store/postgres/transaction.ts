// One transaction on a connection.

import type pg from 'pg';
import type { CallerCheck } from '../accounts/caller-check.ts';
import { StoreUnavailable } from '../errors.ts';
import type { Database } from '../sql/engine.ts';
import { execute } from './connections.ts';
import { isBroken } from './errors.ts';
import { kysely } from './kysely.ts';

/** One Kysely for each connection, made when it writes for the first time. */
const databases = new WeakMap<pg.ClientBase, Database>();
/** The accounts that see what the open transaction writes. */
const shownTo = new WeakMap<Database, number[]>();

/** See Transaction.showTo. */
export function showTo(db: Database, userId: number): void {
  shownTo.get(db)?.push(userId);
}

/** @param check asked with the work, on behalf of its caller */
export async function transaction<T>(
  client: pg.ClientBase,
  work: (db: Database) => Promise<T>,
  check: CallerCheck | undefined,
  accounts: number[],
): Promise<T> {
  let db = databases.get(client);
  if (db === undefined) {
    db = kysely((query) => execute(client, query));
    databases.set(client, db);
  }
  shownTo.set(db, accounts);
  // Sent together; what the work has done is rolled back where the check fails.
  const begun = client.query('BEGIN');
  const checked = check && execute(client, check.query);
  const worked = (async () => work(db))();
  try {
    await Promise.allSettled([begun, checked, worked]);
    await begun;
    // After the work, which may have waited for locks: the clock has gone on, and the caller's rows are locked.
    check?.verify((await checked!).rows);
    const value = await worked;
    const { command } = await client.query('COMMIT');
    // What had failed before is rolled back by a COMMIT, without an error.
    if (command !== 'COMMIT') throw new StoreUnavailable(new Error('The transaction was rolled back'));
    return value;
  } catch (error) {
    if (!isBroken(error)) await client.query('ROLLBACK');
    throw error;
  }
}
