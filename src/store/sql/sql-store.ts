// The store, over any engine.

import type { CompiledQuery } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import { memoryRates } from '../memory-request-counter.ts';
import type { Caller, Rates, Store, Writes } from '../store.ts';
import { memberships, organizations } from './accounts.ts';
import { administrators } from './administrators.ts';
import { attemptsIn } from './attempts.ts';
import { authenticator } from './authentication.ts';
import { callerChecks } from './caller-check.ts';
import { userChanger } from './change-user.ts';
import { passwords, secrets, tokens } from './credentials.ts';
import type { Database, Engine } from './engine.ts';
import { idempotencyKeys } from './idempotency-keys.ts';
import { knownMigrations } from '../migrations/migrate.ts';
import { records } from './records.ts';
import { serverRates } from '../postgres/request-counter.ts';

/** @param rates where requests are counted: by default by the server, and without one in this process */
export function sqlStore(
  engine: Engine,
  users: Resource,
  rates: Rates = engine.queryNow === null ? serverRates(engine) : memoryRates(),
): Store {
  const shapes = new Map<string, CompiledQuery<unknown>>();
  const session = (db: Database) => ({
    users: records(db, engine, users, shapes),
    administrators: administrators(db, engine),
    organizations: organizations(db, engine),
    memberships: memberships(db),
    passwords: passwords(db),
    emailAttempts: attemptsIn(db, 'email_attempts'),
    tokens: tokens(db),
    idempotencyKeys: idempotencyKeys(db),
    secrets: secrets(db),
  });

  const read = session(engine.reader);
  const readers = new Map([[engine.reader, read]]);
  const checkOf = callerChecks(engine);
  const changer = userChanger(engine, read.users);

  function writesAs(caller?: Caller): Writes {
    const check = caller && checkOf(caller);
    const write: Writes['write'] = (work) => engine.write((db) => work(session(db)), check);
    return { write, changeUser: changer(write, check) };
  }

  return {
    engine: engine.name,
    authenticate: authenticator(engine),
    read,
    readAfter(position) {
      const db = engine.readerAfter(position);
      let known = readers.get(db);
      if (known === undefined) {
        known = session(db);
        readers.set(db, known);
      }
      return known;
    },
    ...writesAs(),
    writesAs,
    rates,
    async info() {
      const counts: Record<string, number> = {};
      for (const table of ['users', 'organizations', 'memberships', 'passwords', 'tokens'] as const) {
        const { count } = await engine.reader
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        counts[table] = Number(count);
      }
      return { engine: engine.name, migrations: knownMigrations, ...(await engine.info()), counts };
    },
    size: () => engine.info(),
    async close() {
      rates.close();
      await engine.close();
    },
  };
}
