// The store, over any engine.

import type { CompiledQuery } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import { memoryRequestCounter } from '../memory-request-counter.ts';
import { knownMigrations } from '../migrations/migrate.ts';
import { serverRequestCounter } from '../postgres/request-counter.ts';
import type { Caller, EventWriter, RequestCounter, Store, Writes } from '../store.ts';
import { memberships, organizations } from './accounts.ts';
import { administrators } from './administrators.ts';
import { attemptsIn } from './attempts.ts';
import { authenticator } from './authentication.ts';
import { callerChecks } from './caller-check.ts';
import { userChanger } from './change-user.ts';
import { passwords, secrets, tokens } from './credentials.ts';
import type { Database, Engine } from './engine.ts';
import { eventRecorder } from './events.ts';
import { idempotencyKeys } from './idempotency-keys.ts';
import { records } from './records.ts';

/**
 * @param requestCounter where requests are counted: by default by the server, and without one in this process
 * @param eventWriter null where no audit events are kept
 */
export function sqlStore(
  engine: Engine,
  users: Resource,
  requestCounter: RequestCounter = engine.queryNow === null
    ? serverRequestCounter(engine)
    : memoryRequestCounter(),
  eventWriter: EventWriter | null = null,
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
  const changer = userChanger(engine, read.users, eventWriter !== null);
  const recorded = eventRecorder(eventWriter);

  function writesAs(caller?: Caller): Writes {
    const check = caller && checkOf(caller);
    const write: Writes['write'] = (work) => engine.write((db) => recorded(session(db), work), check);
    return { write, changeUser: changer(write, check) };
  }

  return {
    engine: engine.name,
    authenticate: authenticator(engine),
    read,
    readAfter(walPosition) {
      const db = engine.readerAfter(walPosition);
      let known = readers.get(db);
      if (known === undefined) {
        known = session(db);
        readers.set(db, known);
      }
      return known;
    },
    ...writesAs(),
    writesAs,
    requestCounter,
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
      requestCounter.close();
      await engine.close();
    },
  };
}
