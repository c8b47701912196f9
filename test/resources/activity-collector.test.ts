// When the collected activity of sessions is written: a few seconds later, at once if it is urgent, at the end, and again
// if it failed. By the timers of a real process, which the test moves.

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { databaseFile, openStore } from '../../src/open-store.ts';
import { ActivityCollector } from '../../src/resources/activity/activity-collector.ts';
import { byOperator } from '../../src/resources/operations/record-change.ts';
import { sessions } from '../../src/resources/sessions/sessions.ts';
import { insertUser } from '../../src/resources/users/create-user.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { clearedPostgres, emptyDatabaseConfig, engines } from '../support/engines.ts';
import { serveStore } from '../support/start-app.ts';

const minute = 60_000;
const hour = 60 * minute;
const at = 1000 * hour;

async function start(t: TestContext) {
  const config = { ...(await emptyDatabaseConfig(t, 'sqlite')), busyTimeoutMs: 50 };
  const store = await openStore(config);
  t.after(() => store.close());
  const lines: string[] = [];
  const log = {
    warn: (_details: object, message: string) => void lines.push(message),
    error: (details: object, message: string) => void lines.push(`${message} ${JSON.stringify(details)}`),
  };
  let writes = 0;
  let pending = 0;
  const write: typeof store.write = (...work) => {
    writes++;
    pending++;
    return store.write(...work).finally(() => pending--);
  };
  const collector = new ActivityCollector(write, 2 * hour);
  const userId = await store.write((transaction) => {
    const person = { email: 'ann@email.com', first_name: 'Ann', last_name: 'Lee' };
    return insertUser(transaction, byOperator, person, { now: 1, passwordHash: null });
  });
  /** A sign-in that was last active so long ago. */
  const session = async (idleMs: number, machine = false) => {
    const lastActivityAt = at - idleMs;
    const row = { user_id: userId, created_at: 1, machine, last_activity_at: lastActivityAt };
    const hash = `hash of one idle for ${idleMs}`;
    const sessionId = await store.write((transaction) => transaction.sessions.create({ ...row, hash }));
    return { sessionId, userId, machine, lastActivityAt };
  };
  const lastOf = async (id: number) => {
    const { last_activity_at, last_ip } = (await store.read.records(sessions).find(id))!;
    return [last_activity_at! - at, last_ip];
  };
  /** The time of the timers passes. @returns the number of transactions meanwhile */
  const pass = async (ms: number) => {
    const before = writes;
    t.mock.timers.tick(ms);
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    return writes - before;
  };
  /** Resolves when every write that was begun is on disk, which takes real time. */
  const settled = async () => {
    while (pending > 0) await setImmediate();
    await setImmediate();
  };
  return { config, collector, log, lines, session, lastOf, pass, settled };
}

const address = '192.0.2.1';

test('requests of five seconds are written together', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { collector, log, session, lastOf, pass, settled } = await start(t);
  const [one, two] = [await session(minute), await session(30 * minute)];
  collector.start(log);
  collector.addSession(one, at, address);
  assert.equal(await pass(4000), 0);
  collector.addSession(two, at + 10, address);
  collector.addSession(one, at + 20, '2001:db8::1');
  collector.addSession(one, at - 20, address);
  assert.equal(await pass(999), 0);
  assert.equal(await pass(1), 1);
  await settled();
  assert.deepEqual(await lastOf(one.sessionId), [20, '2001:db8::1']);
  assert.deepEqual(await lastOf(two.sessionId), [10, address]);
  assert.equal(collector.waiting, 0);
  assert.equal(await pass(hour), 0);
});

test('a sign-in that was idle for more than half of its limit is written at once, an API token is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { collector, log, session, lastOf, pass, settled } = await start(t);
  collector.start(log);
  const machine = await session(5 * hour, true);
  collector.addSession(machine, at, address);
  assert.equal(await pass(1), 0);
  const idle = await session(hour + 1);
  collector.addSession(idle, at, address);
  assert.equal(await pass(1), 1);
  await settled();
  for (const { sessionId } of [machine, idle]) assert.deepEqual(await lastOf(sessionId), [0, address]);
});

test('a write that fails is tried again, and loses nothing that was collected meanwhile', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { config, collector, log, lines, session, lastOf, pass, settled } = await start(t);
  const [one, two] = [await session(minute), await session(2 * minute)];
  collector.start(log);
  const other = new DatabaseSync(databaseFile(config));
  other.exec('BEGIN IMMEDIATE');
  collector.addSession(one, at, address);
  assert.equal(await pass(5000), 1);
  collector.addSession(two, at + 1, address);
  // The lock is not free in time.
  while (lines.length === 0) await pass(10);
  assert.deepEqual(lines, ['activity not written']);
  assert.equal(collector.waiting, 2);
  other.exec('COMMIT');
  other.close();
  assert.equal(await pass(5000), 1);
  await settled();
  assert.deepEqual(await lastOf(one.sessionId), [0, address]);
  assert.deepEqual(await lastOf(two.sessionId), [1, address]);
  assert.equal(collector.waiting, 0);
});

test('what waits is written when the service stops, and nothing after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { collector, log, session, lastOf, pass } = await start(t);
  const [one, two] = [await session(minute), await session(2 * minute)];
  collector.start(log);
  collector.addSession(one, at, address);
  await collector.stop(1000);
  assert.deepEqual(await lastOf(one.sessionId), [0, address]);
  collector.addSession(two, at, address);
  assert.equal(await pass(hour), 0);
});

test('only a request a minute after the stored time is collected', () => {
  const collector = new ActivityCollector(() => assert.fail('nothing is to be written'), hour);
  const session = { sessionId: 1, userId: 1, machine: false, lastActivityAt: at };
  const due = [at - hour, at, at + minute - 1, at + minute].map((now) => collector.isDue(session, now));
  assert.deepEqual(due, [false, false, false, true]);
  assert.ok(collector.isDue({ ...session, machine: true, lastActivityAt: null }, 0));
});

test('memory is bounded, however many sessions are active while the database is away', () => {
  const collector = new ActivityCollector(() => assert.fail('not started'), hour);
  for (let sessionId = 1; sessionId <= 60_000; sessionId++)
    collector.addSession({ sessionId, userId: 1, machine: true, lastActivityAt: null }, at, address);
  assert.equal(collector.waiting, 50_000);
});

test('on PostgreSQL, what is not written because the database does not answer waits on', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const databaseUrl = await clearedPostgres(t);
  const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '200' }, {}));
  t.after(() => store.close());
  const app = await serveStore(t, store);
  const { id: userId, token } = await app.createUser();
  assert.equal((await app.request('GET', '/api/v2/users', { token })).status, 200);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  t.after(() => client.end());
  await client.query('BEGIN');
  await client.query('LOCK TABLE sessions IN EXCLUSIVE MODE');
  await assert.rejects(app.flushActivity(), StoreUnavailable);
  // Nobody notices.
  assert.equal((await app.request('GET', '/api/v2/users', { token })).status, 200);
  await client.query('COMMIT');
  await app.flushActivity();
  const [session] = await store.read.sessions.list(userId);
  assert.equal(session!.last_activity_at, app.clock.now);
});
