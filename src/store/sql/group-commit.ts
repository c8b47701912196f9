// One commit, and so one fsync, for all writes that wait.

import type { DatabaseSync } from 'node:sqlite';
import type { Database, Engine } from './engine.ts';
import { translated } from './sqlite-errors.ts';

interface Job {
  run(): Promise<void>;
  settle(error?: unknown): void;
}

/**
 * One commit, and so one fsync, for all writes that arrive in the same turn of the event loop. Each has a savepoint of
 * its own: it is all or nothing and fails alone, and it is answered only after the commit that holds it.
 */
export function groupCommit(database: DatabaseSync, db: Database, committed: () => void): Engine['write'] {
  let waiting: Job[] = [];
  let committing = false;

  async function commitWaiting(): Promise<void> {
    const jobs = waiting;
    waiting = [];
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const job of jobs) await job.run();
      database.exec('COMMIT');
      committed();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const job of jobs) job.settle(error);
      return;
    }
    for (const job of jobs) job.settle();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) await commitWaiting();
    committing = false;
  }

  return (work) =>
    new Promise((resolve, reject) => {
      let settle: () => void = () => reject(new Error('The write did not run'));
      waiting.push({
        async run() {
          database.exec('SAVEPOINT write');
          try {
            const value = await work(db);
            settle = () => resolve(value);
          } catch (error) {
            database.exec('ROLLBACK TO write');
            settle = () => reject(translated(error));
          }
          database.exec('RELEASE write');
        },
        settle: (error) => (error === undefined ? settle() : reject(translated(error))),
      });
      if (!committing) {
        committing = true;
        // After the poll phase, in which the other requests of this turn are read.
        setImmediate(drain);
      }
    });
}
