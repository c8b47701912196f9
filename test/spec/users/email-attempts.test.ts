// Changing one's own email reveals which addresses are taken, so repeated attempts are slowed down.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EngineName, emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { type Answer, document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const day = 24 * 60 * 60 * 1000;
const taken = '422 invalid_attribute';
const slowed = '429 too_many_requests';

/** A user, and others who have the addresses other0@email.com to other59@email.com. */
async function asker(app: TestApp, sysadmin?: readonly string[]) {
  for (let i = 0; i < 60; i++) await app.createUser({ email: `other${i}@email.com` });
  const { id, token } = await app.createUser({
    email: 'asker@email.com',
    ...(sysadmin !== undefined && { sysadmin }),
  });
  let asked = 0;
  const change = (attributes: Record<string, unknown>, at: TestApp = app) =>
    at.request('PATCH', `/api/v2/users/${id}`, { token, body: document(attributes) });
  return {
    id,
    token,
    change,
    /** Tries to change to the next taken address. */
    ask: (at?: TestApp) => change({ email: `other${asked++ % 60}@email.com` }, at),
  };
}

function assertWaits(answer: Answer, seconds: number): void {
  assert.equal(outcome(answer), slowed);
  const [error] = answer.body.errors;
  assert.equal(error.title, 'Too many requests');
  assert.match(error.detail, /addresses/);
  assert.deepEqual(error.meta, { limit: 5, period: seconds });
  for (const name of ['retry-after', 'x-ratelimit-reset'])
    assert.equal(answer.headers.get(name), String(seconds));
}

async function twoInstances(t: TestContext, engine: EngineName): Promise<[TestApp, TestApp]> {
  const open = await emptyDatabase(t, engine, { workers: 2 });
  return [await serveStore(t, await open()), await serveStore(t, await open())];
}

onEachEngine((engine) => {
  test('five addresses that are taken are told at once, from then on by delays that double', async (t) => {
    const app = await startApp(t, engine);
    const { ask, change } = await asker(app);
    for (let i = 0; i < 5; i++) assert.equal(outcome(await ask()), taken);
    for (const seconds of [1, 2, 4, 8, 16]) {
      assertWaits(await ask(), seconds);
      // A free address waits too, otherwise attempts could continue. Requests that reveal nothing do not wait.
      assertWaits(await change({ email: 'free@email.com' }), seconds);
      assert.equal((await change({ first_name: 'Other' })).status, 200);
      app.clock.now += seconds * 1000;
      assert.equal(outcome(await ask()), taken);
    }
    app.clock.now += 32_000;
    assert.equal((await change({ email: 'free@email.com' })).status, 200);
    // A free address does not reset the count.
    assert.equal(outcome(await ask()), taken);
    assertWaits(await ask(), 64);
  });

  test('the own address, in any case, is no question', async (t) => {
    const app = await startApp(t, engine);
    const { ask, change } = await asker(app);
    for (let i = 0; i < 5; i++) await ask();
    for (const email of ['asker@email.com', 'ASKER@email.com', 'asker@email.com'])
      assert.equal((await change({ email, first_name: email })).status, 200);
    assertWaits(await ask(), 1);
  });

  test('what is no email, or free, counts for nothing', async (t) => {
    const app = await startApp(t, engine);
    const { ask, change } = await asker(app);
    for (let i = 0; i < 20; i++) {
      assert.equal(outcome(await change({ email: `nobody${i}` })), taken);
      assert.equal((await change({ email: `free${i}@email.com` })).status, 200);
    }
    assert.equal(outcome(await ask()), taken);
  });

  test('other broken rules beside it, or more errors than are shown, hide no question', async (t) => {
    const app = await startApp(t, engine);
    const { change } = await asker(app);
    const unknown = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`unknown${i}`, 1]));
    for (let i = 0; i < 5; i++) {
      const rest = i % 2 === 0 ? { first_name: ' ' } : unknown;
      assert.equal((await change({ ...rest, email: `other${i}@email.com` })).status, 422);
    }
    assertWaits(await change({ email: 'other9@email.com' }), 1);
  });

  test('many questions at once, at two instances, are no more than one after the other', async (t) => {
    const apps = await twoInstances(t, engine);
    const { ask, id } = await asker(apps[0]);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(apps[i % 2])));
    const outcomes = answers.map(outcome);
    assert.equal(outcomes.filter((text) => text === taken).length, 5);
    assert.equal(outcomes.filter((text) => text === slowed).length, 35);
    assert.equal((await apps[1].store.read.emailAttempts.attempts(id)).failures, 5);
  });

  test('the wait outlives a start, ends however the clock was set, and is forgotten after a day', async (t) => {
    const app = await startApp(t, engine);
    const { id, token, ask } = await asker(app);
    for (let i = 0; i < 5; i++) await ask();
    await app.close();
    const next = await serveStore(t, app.store);
    next.clock.now = app.clock.now;
    const again = (email: string) =>
      next.request('PATCH', `/api/v2/users/${id}`, { token, body: document({ email }) });
    assertWaits(await again('other1@email.com'), 1);
    next.clock.now -= 400 * day;
    assertWaits(await again('other1@email.com'), 1);
    next.clock.now += 1000;
    assert.equal(outcome(await again('other1@email.com')), taken);
    assertWaits(await again('other1@email.com'), 2);
    next.clock.now += day + 3000;
    for (let i = 0; i < 5; i++) assert.equal(outcome(await again(`other${i}@email.com`)), taken);
    assertWaits(await again('other1@email.com'), 1);
  });

  test('wrong passwords and taken addresses are counted apart, and for each account alone', async (t) => {
    const app = await startApp(t, engine);
    const { id, token, ask } = await asker(app);
    const other = await app.createUser();
    for (let i = 0; i < 6; i++) await ask();
    const password = await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token,
      body: document({ current_password: 'a wrong password', password: 'another password' }),
    });
    assert.equal(outcome(password), taken);
    const body = document({ email: 'other1@email.com' });
    const theirs = await app.request('PATCH', `/api/v2/users/${other.id}`, { token: other.token, body });
    assert.equal(outcome(theirs), taken);
  });

  test('a sysadmin who manages users sees everybody and never waits', async (t) => {
    const app = await startApp(t, engine);
    const { ask } = await asker(app, ['manage_users']);
    for (let i = 0; i < 20; i++) assert.equal(outcome(await ask()), taken);
  });
});
