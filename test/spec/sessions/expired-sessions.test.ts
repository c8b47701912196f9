// Sessions that have ended are deleted by a job, a few minutes later.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../../src/config.ts';
import { backgroundJobs } from '../../../src/jobs.ts';
import { sessions } from '../../../src/resources/sessions/sessions.ts';
import type { NewSessionRow } from '../../../src/store/sessions.ts';
import { type EngineName, emptyDatabase, engines, onEachEngine } from '../../support/engines.ts';
import { serveStore } from '../../support/start-app.ts';

const minute = 60_000;
const grace = 5 * minute;

async function start(t: TestContext, engine: EngineName) {
  const open = await emptyDatabase(t, engine);
  const [store, other] = [await open(), await open()];
  const app = await serveStore(t, store);
  const { id: userId, token } = await app.createUser();
  const { now } = app.clock;
  let count = 0;
  const create = (session: Partial<NewSessionRow>) =>
    store.write((transaction) =>
      transaction.sessions.create({
        ...{
          user_id: userId,
          created_at: now,
          hash: `hash ${++count}`,
          machine: false,
          last_activity_at: now,
        },
        ...session,
      }),
    );
  const job = backgroundJobs(readConfig({ sessionIdleMinutes: '60' }, {}), () => app.clock.now).find(
    ({ name }) => name === 'delete-expired-sessions',
  )!;
  const run = (by = store) => job.work({ write: by.write, signal: new AbortController().signal });
  const left = async () => (await store.read.sessions.list(userId)).map(({ id }) => id);
  return { app, store, other, token, now, create, run, left };
}

onEachEngine((engine) => {
  test('what has ended or was idle for too long is deleted, and nothing that is valid', async (t) => {
    const { app, token, now, create, run, left } = await start(t, engine);
    const [forever] = await left();
    const ends = { token_expires_at: now + 60 * minute };
    const endedSignIn = await create({ ...ends, last_activity_at: now + 60 * minute });
    const endedToken = await create({ ...ends, machine: true, last_activity_at: null });
    const idle = await create({ token_expires_at: now + 1000 * minute });
    const active = await create({ last_activity_at: now + 1 });
    const unused = await create({ machine: true, last_activity_at: 1 });
    assert.equal(await run(), 0);
    app.clock.now = now + 60 * minute + grace - 1;
    assert.equal(await run(), 0);
    app.clock.now++;
    assert.equal(await run(), 3);
    assert.deepEqual(await left(), [forever, active, unused]);
    for (const id of [endedSignIn, endedToken, idle]) assert.ok(!(await left()).includes(id));
    assert.equal((await app.request('GET', '/api/v2/users', { token })).status, 200);
    app.clock.now++;
    assert.equal(await run(), 1);
  });

  test('thousands are deleted in batches', async (t) => {
    const { app, store, now, run } = await start(t, engine);
    const { id: user_id } = await app.createUser();
    const rows = Array.from({ length: 1200 }, (_, i) => ({
      user_id,
      created_at: now,
      token_expires_at: now + i,
    }));
    await store.write(async (transaction) => {
      for (const [i, row] of rows.entries())
        await transaction.sessions.create({ ...row, machine: true, hash: `many ${i}` });
    });
    app.clock.now = now + minute + grace;
    assert.equal(await run(), 1200);
    assert.equal((await store.read.records(sessions).state()).rowCount, 2);
  });
});

test('a session that becomes active on another instance at that moment stays', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const { app, store, other, now, create, run, left } = await start(t, 'postgres');
  const id = await create({});
  app.clock.now = now + 60 * minute + grace;
  const activity = [{ sessionId: id, at: now + 59 * minute, address: '192.0.2.1' }];
  let deleted = 0;
  await store.write(async (transaction) => {
    await transaction.activity.writeSessions(activity, minute);
    deleted = await run(other);
  });
  assert.equal(deleted, 0);
  assert.equal(await run(other), 0);
  assert.ok((await left()).includes(id));
});
