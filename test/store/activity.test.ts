// The times of the last activity in the database: written by many processes, and never waited for.

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { databaseFile } from '../../src/open-store.ts';
import { people } from '../../src/resources/people/people.ts';
import { sessions } from '../../src/resources/sessions/sessions.ts';
import { activity } from '../../src/store/accounts/activity.ts';
import type { PersonActivity, SessionActivity } from '../../src/store/activity.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import {
  type EngineName,
  emptyDatabase,
  emptyDatabaseConfig,
  engines,
  onEachEngine,
} from '../support/engines.ts';
import { setMember } from '../support/members.ts';
import { recordedQueries } from '../support/recorded-queries.ts';
import { serveStore } from '../support/start-app.ts';

const minute = 60_000;
const hour = 60 * minute;
const at = 100 * hour;

/** Two processes on one database, with two organizations and accounts that are in both. */
async function start(t: TestContext, engine: EngineName) {
  const open = await emptyDatabase(t, engine);
  const [store, other] = [await open(), await open()];
  const app = await serveStore(t, store);
  const [acme, elsewhere] = [await app.createOrganization('Acme'), await app.createOrganization('Elsewhere')];
  const join = (userId: number, organizationId: number, expiresAt: number | null = null) =>
    store.write((transaction) => setMember(transaction, organizationId, userId, 'member', 1, expiresAt));
  const createUser = async () => {
    const { id } = await app.createUser();
    await join(id, acme);
    await join(id, elsewhere);
    return id;
  };
  const note = (activities: readonly PersonActivity[], by = store) =>
    by.write(({ activity }) => activity.writePeople(activities, hour));
  const personOf = async (userId: number, organizationId = acme) => {
    const all = await store.read.records(people).findMany([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    return all.find((one) => one.user_id === userId && one.organization_id === organizationId)!;
  };
  /** Of both organizations: last_seen_at, last_activity_at and the revision. */
  const timesOf = async (userId: number) =>
    Promise.all(
      [acme, elsewhere].map(async (id) => {
        const { last_seen_at, last_activity_at, revision } = await personOf(userId, id);
        return [last_seen_at, last_activity_at, revision];
      }),
    );
  /** A session of a new account that was last active at this time. */
  const createSession = async (lastActivityAt: number | null = null) => {
    const { id } = await app.createUser();
    const [session] = await store.read.sessions.list(id);
    const last = { last_activity_at: lastActivityAt };
    await store.write(({ records }) => records(sessions).update(session!.id, last));
    return session!.id;
  };
  const noteSessions = (activities: readonly SessionActivity[], by = store) =>
    by.write(({ activity }) => activity.writeSessions(activities, minute));
  /** last_activity_at, last_ip and the revision. */
  const sessionOf = async (id: number) => {
    const { last_activity_at, last_ip, revision } = (await store.read.records(sessions).find(id))!;
    return [last_activity_at, last_ip, revision];
  };
  return {
    ...{ app, store, other, acme, elsewhere, join, createUser, note, personOf, timesOf },
    ...{ createSession, noteSessions, sessionOf },
  };
}

const byAddress = (sessionId: number, time: number, address = '192.0.2.1'): SessionActivity => ({
  sessionId,
  at: time,
  address,
});

const byPerson = (
  userId: number,
  activeAt: number,
  organizationId: number | null = null,
): PersonActivity => ({
  userId,
  organizationId,
  activeAt,
  seenAt: activeAt,
});
const byProgram = (
  userId: number,
  activeAt: number,
  organizationId: number | null = null,
): PersonActivity => ({
  userId,
  organizationId,
  activeAt,
  seenAt: null,
});

onEachEngine((engine) => {
  test('a session is written once a minute by all processes together, with its address, and never back', async (t) => {
    const { other, createSession, noteSessions, sessionOf } = await start(t, engine);
    const [fresh, used] = [await createSession(), await createSession(at)];
    const ipv6 = '2001:db8:1:2:3:4:5:6';
    await Promise.all([
      noteSessions([byAddress(fresh, at, ipv6), byAddress(used, at + minute - 1)]),
      noteSessions([byAddress(fresh, at, ipv6)], other),
    ]);
    assert.deepEqual(await sessionOf(fresh), [at, ipv6, 3]);
    assert.deepEqual(await sessionOf(used), [at, null, 2]);
    await noteSessions([byAddress(used, at - 10 * minute), byAddress(fresh, at + minute)], other);
    assert.deepEqual(await sessionOf(fresh), [at + minute, '192.0.2.1', 4]);
    assert.deepEqual(await sessionOf(used), [at, null, 2]);
  });

  test('a session that has ended is not made again by what was collected before', async (t) => {
    const { store, createSession, noteSessions, sessionOf } = await start(t, engine);
    const [ended, alive] = [await createSession(), await createSession()];
    await store.write((transaction) => transaction.sessions.end(ended));
    assert.deepEqual(await noteSessions([byAddress(ended, at), byAddress(alive, at)]), []);
    assert.equal(await store.read.records(sessions).find(ended), null);
    assert.deepEqual(await sessionOf(alive), [at, '192.0.2.1', 3]);
  });

  test('a request that names an organization counts there alone, one that names none counts in all', async (t) => {
    const { acme, createUser, note, timesOf } = await start(t, engine);
    const [ann, bea] = [await createUser(), await createUser()];
    assert.deepEqual(await note([byPerson(ann, at, acme), byPerson(bea, at)]), []);
    assert.deepEqual(await timesOf(ann), [
      [at, at, 2],
      [null, null, 1],
    ]);
    assert.deepEqual(await timesOf(bea), [
      [at, at, 2],
      [at, at, 2],
    ]);
  });

  test('a program is active, but is not somebody who was seen', async (t) => {
    const { acme, createUser, note, timesOf } = await start(t, engine);
    const ann = await createUser();
    await note([byProgram(ann, at, acme)]);
    assert.deepEqual((await timesOf(ann))[0], [null, at, 2]);
    await note([byPerson(ann, at + 1, acme)]);
    assert.deepEqual((await timesOf(ann))[0], [at + 1, at + 1, 3]);
    await note([byProgram(ann, at + 2, acme)]);
    assert.deepEqual((await timesOf(ann))[0], [at + 1, at + 1, 3]);
    // Both in one batch are one change.
    await note([byProgram(ann, at + 2 * hour, acme), byPerson(ann, at + 2 * hour - 5)]);
    assert.deepEqual((await timesOf(ann))[0], [at + 2 * hour - 5, at + 2 * hour, 4]);
  });

  test('a person is written once an hour by all processes together, and never back', async (t) => {
    const { other, createUser, note, timesOf } = await start(t, engine);
    const ann = await createUser();
    await Promise.all([note([byPerson(ann, at)]), note([byPerson(ann, at + 5)], other)]);
    const [[first]] = (await timesOf(ann)) as [[number]];
    assert.ok(first === at || first === at + 5);
    await note([byPerson(ann, at + hour - 1)], other);
    await note([byPerson(ann, at - 10 * hour)]);
    assert.deepEqual((await timesOf(ann))[0], [first, first, 2]);
    await note([byPerson(ann, first + hour)], other);
    assert.deepEqual((await timesOf(ann))[0], [first + hour, first + hour, 3]);
  });

  test('who has left, and whose membership has ended, is not active there', async (t) => {
    const { store, acme, elsewhere, join, createUser, note, personOf, timesOf } = await start(t, engine);
    const ann = await createUser();
    await join(ann, acme, at);
    const { id } = await personOf(ann, elsewhere);
    await store.write(({ records }) => records(people).update(id, { deactivated_at: 1 }));
    const before = await timesOf(ann);
    await note([byPerson(ann, at), byPerson(ann, at, acme), byPerson(ann, at, elsewhere)]);
    assert.deepEqual(await timesOf(ann), before);
    await note([byPerson(ann, at - 1)]);
    assert.deepEqual((await timesOf(ann))[0]!.slice(0, 2), [at - 1, at - 1]);
  });
});

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('a session that another transaction has locked is not waited for, and can be tried again', async (t) => {
    const { store, other, createSession, noteSessions, sessionOf } = await start(t, 'postgres');
    const [one, two] = [await createSession(), await createSession()];
    await store.write(async ({ records }) => {
      await records(sessions).findForUpdate(one);
      assert.deepEqual(await noteSessions([byAddress(one, at), byAddress(two, at)], other), [one]);
    });
    assert.deepEqual(await sessionOf(one), [null, null, 2]);
    assert.deepEqual(await sessionOf(two), [at, '192.0.2.1', 3]);
    assert.deepEqual(await noteSessions([byAddress(one, at)], other), []);
    assert.deepEqual(await sessionOf(one), [at, '192.0.2.1', 3]);
  });

  test('a person that another transaction has locked is not waited for, and can be tried again', async (t) => {
    const { store, other, acme, createUser, note, personOf, timesOf } = await start(t, 'postgres');
    const [ann, bea] = [await createUser(), await createUser()];
    const { id } = await personOf(ann);
    await store.write(async ({ records }) => {
      await records(people).findForUpdate(id);
      assert.deepEqual(await note([byPerson(ann, at), byPerson(bea, at, acme)], other), [ann]);
    });
    assert.deepEqual(await timesOf(ann), [
      [null, null, 1],
      [at, at, 2],
    ]);
    assert.deepEqual((await timesOf(bea))[0], [at, at, 2]);
    assert.deepEqual(await note([byPerson(ann, at)], other), []);
    assert.deepEqual((await timesOf(ann))[0], [at, at, 2]);
  });
});

test('on SQLite, a batch is written without a scan of the table, however large both are', {
  skip: !engines.includes('sqlite'),
}, async (t) => {
  const config = await emptyDatabaseConfig(t, 'sqlite');
  const engine = await openSqlite(databaseFile(config), config);
  t.after(() => engine.close());
  const recorded = recordedQueries(engine);
  const { writeSessions, writePeople } = activity(recorded.engine.reader, engine);
  const many = Array.from({ length: 256 }, (_, i) => i + 1);
  // These connections only read: the statements are recorded, and fail.
  await assert.rejects(
    writeSessions(
      many.map((id) => byAddress(id, at)),
      minute,
    ),
  );
  await assert.rejects(
    writePeople(
      many.map((id) => byPerson(id, at)),
      hour,
    ),
  );
  const statements = recorded.taken();
  assert.equal(statements.length, 2);
  const database = new DatabaseSync(databaseFile(config));
  t.after(() => database.close());
  for (const { sql: text, parameters } of statements) {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...(parameters as string[]));
    const plan = rows.map(({ detail }) => String(detail));
    assert.ok(plan.some((line) => /^SEARCH (sessions|people) USING/.test(line)));
    assert.deepEqual(
      plan.filter((line) => /^SCAN (sessions|people)/.test(line)),
      [],
    );
  }
});
