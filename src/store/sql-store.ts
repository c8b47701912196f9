// The store over any SQL engine.

import { sql } from 'kysely';
import type { Resource } from '../model/resource.ts';
import { activity } from './accounts/activity.ts';
import { administrators } from './accounts/administrators.ts';
import { attemptsIn } from './accounts/attempts.ts';
import { authenticatorWithRow } from './accounts/authenticate-with-row.ts';
import { authenticator } from './accounts/authentication.ts';
import { callerChecks } from './accounts/caller-check.ts';
import { passwords, secrets } from './accounts/credentials.ts';
import { idempotencyKeys } from './accounts/idempotency-keys.ts';
import { invitations } from './accounts/invitations.ts';
import { links } from './accounts/links.ts';
import { mails } from './accounts/mails.ts';
import { memberships } from './accounts/memberships.ts';
import { organizations } from './accounts/organizations.ts';
import { origins } from './accounts/origins.ts';
import { sessions } from './accounts/sessions.ts';
import { knownAddresses, knownDevices, signInAttempts } from './accounts/sign-in-attempts.ts';
import { memoryRequestCounter } from './memory-request-counter.ts';
import { serverRequestCounter } from './postgres/request-counter.ts';
import { recordChanger } from './sql/change-record.ts';
import { collectionStates } from './sql/collection-states.ts';
import type { KnownQueries } from './sql/compiled-queries.ts';
import type { Database, Engine } from './sql/engine.ts';
import { eventRecorder, recordNothing } from './sql/events.ts';
import { leases } from './sql/leases.ts';
import { records, type TableRecords } from './sql/records.ts';
import { ofResource, resourceTable } from './sql/resource-table.ts';
import { allTables } from './sql/tables.ts';
import type { Caller, RequestCounter, Store, Trail, Transaction, Writes } from './store.ts';

/**
 * @param resources all resources whose records the store holds
 * @param requestCounter by default the database server counts requests; if the engine is in this process, its memory
 * @param trail null if no audit events are written
 */
export function sqlStore(
  engine: Engine,
  resources: readonly Resource[],
  requestCounter: RequestCounter = engine.queryNow === null
    ? serverRequestCounter(engine)
    : memoryRequestCounter(),
  trail: Trail | null = null,
): Store {
  const tables = new Map(resources.map((resource) => [resource, resourceTable(resource)]));
  const queries: KnownQueries = new Map();

  /** The records of each resource on one connection, created at first use. */
  function recordsOn(db: Database): (resource: Resource) => TableRecords {
    const made = new Map<Resource, TableRecords>();
    const stateOf = collectionStates(db, engine, queries);
    return (resource) => {
      let known = made.get(resource);
      if (known === undefined) {
        known = records(db, engine, ofResource(tables, resource), stateOf);
        made.set(resource, known);
      }
      return known;
    };
  }

  const transactionOn = (db: Database) => ({
    showTo: (userId: number) => engine.showTo?.(db, userId),
    records: recordsOn(db) as Transaction['records'],
    administrators: administrators(db, engine),
    organizations: organizations(db),
    memberships: memberships(db, engine, queries),
    invitations: invitations(db, engine, queries),
    passwords: passwords(db, engine, queries),
    origins: origins(db),
    emailAttempts: attemptsIn(db, 'email_attempts'),
    signInAttempts: signInAttempts(db, engine, queries),
    knownAddresses: knownAddresses(db, engine, queries),
    knownDevices: knownDevices(db),
    sessions: sessions(db, engine, queries),
    activity: activity(db, engine),
    idempotencyKeys: idempotencyKeys(db, engine),
    secrets: secrets(db),
    links: links(db, engine, queries),
    mails: mails(db, engine),
    leases: leases(db, engine),
    record: recordNothing,
  });

  /** Cached by connection: an engine has few connections and reuses them. */
  const known = new WeakMap<Database, ReturnType<typeof transactionOn>>();
  function transactionOf(db: Database) {
    let transaction = known.get(db);
    if (transaction === undefined) {
      transaction = transactionOn(db);
      known.set(db, transaction);
    }
    return transaction;
  }

  const read = transactionOf(engine.reader);
  const checkOf = callerChecks(engine);
  const changer = recordChanger(engine, recordsOn(engine.reader), trail);
  const recorded = eventRecorder(engine, trail, queries);

  function writesAs(caller?: Caller): Writes {
    const check = caller && checkOf(caller);
    const write: Writes['write'] = (work, locks, sync) =>
      engine.write((db) => recorded(db, transactionOf(db), work), { check, locks, sync });
    return { write, changeRecord: changer(write, check) as Writes['changeRecord'] };
  }

  return {
    engine: engine.name,
    authenticate: authenticatorWithRow(authenticator(engine, [...tables.values()]), read.records),
    read,
    readAfter: (walPosition) => transactionOf(engine.readerAfter(walPosition)),
    ...writesAs(),
    writesAs,
    requestCounter,
    async info() {
      const counts: Record<string, number> = {};
      for (const { name } of allTables(resources).filter((table) => table.isCounted)) {
        const { rows } = await sql<{ count: number }>`
          select count(*) as count from ${sql.table(name)}
        `.execute(engine.reader);
        counts[name] = Number(rows[0]!.count);
      }
      return { engine: engine.name, migrations: engine.migrations, ...(await engine.info()), counts };
    },
    size: () => engine.info(),
    endLongReads: () => engine.endLongReads(),
    async close() {
      requestCounter.close();
      await engine.close();
    },
  };
}
