// Changes that are one statement each. Those that wait at the same time are one transaction: they share its commit, and
// so the wait for the disk.

import type { CompiledQuery } from 'kysely';
import type pg from 'pg';
import type { CallerCheck } from '../accounts/caller-check.ts';
import { StoreUnavailable } from '../errors.ts';
import { execute } from './connections.ts';
import { isBroken } from './errors.ts';

export interface Change {
  readonly query: CompiledQuery<unknown>;
  readonly check: CallerCheck | undefined;
}

type Rows = readonly never[];

interface Waiting extends Change {
  settle(rows: Rows | Promise<Rows>): void;
}

/** At the same time. If commits are slow, few transactions carry many changes. */
const maxTransactions = 3;
/** In one transaction. Each change keeps its locks until the last one is done. */
const maxChanges = 16;

/**
 * @param onConnection runs work on a connection of its own
 * @param alone runs a change as a transaction of its own
 */
export function changesTogether(
  onConnection: <T>(work: (client: pg.ClientBase) => Promise<T>) => Promise<T>,
  alone: (change: Change) => Promise<Rows>,
): (change: Change) => Promise<Rows> {
  let waiting: Waiting[] = [];
  let transactions = 0;

  async function run(changes: readonly Waiting[]): Promise<void> {
    const settleAll = (rowsOf: (change: Change, i: number) => Rows | Promise<Rows>) => {
      const settled = changes.map((change, i) => {
        const rows = rowsOf(change, i);
        change.settle(rows);
        return rows;
      });
      return Promise.allSettled(settled);
    };
    if (changes.length === 1) return void (await settleAll(alone));
    try {
      const rows = await onConnection((client) => inOneTransaction(client, changes));
      await settleAll((_, i) => rows[i]!);
    } catch (error) {
      // Without the connection, nobody knows what was committed. Else nothing was, and each change learns its own error.
      await settleAll(isBroken(error) ? () => Promise.reject(error) : alone);
    }
  }

  function next(): void {
    while (waiting.length > 0 && transactions < maxTransactions) {
      const changes = waiting.slice(0, maxChanges);
      waiting = waiting.slice(maxChanges);
      transactions++;
      run(changes).finally(() => {
        transactions--;
        next();
      });
    }
  }

  return (change) =>
    new Promise((settle) => {
      // setImmediate runs after the poll phase, in which the other changes of this turn are decided.
      if (waiting.length === 0) setImmediate(next);
      waiting.push({ ...change, settle });
    });
}

/**
 * Sends all statements without waiting for the answers.
 * @throws the error of the first that fails; then nothing is written
 */
async function inOneTransaction(client: pg.ClientBase, changes: readonly Change[]): Promise<Rows[]> {
  for (const { check } of changes) check?.verifyTime();
  const begun = client.query('BEGIN');
  const executed = changes.map(({ query }) => execute(client, query));
  const committed = client.query('COMMIT');
  await Promise.allSettled([begun, ...executed, committed]);
  await begun;
  const results = await Promise.all(executed);
  // After a failed statement, COMMIT rolls back and reports no error.
  if ((await committed).command !== 'COMMIT')
    throw new StoreUnavailable(new Error('The transaction was rolled back'));
  return results.map(({ rows }) => rows);
}
