// Protection against guessing passwords and flooding: sections C8 and C10 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordHasher } from '../../../src/security/passwords.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { type Answer, document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const right = 'the right password';
const day = 24 * 60 * 60;

const hashOfRight = passwordHasher(1).run('signed_in', (hashing) => hashing.hash(right));

async function accountWithPassword(app: TestApp) {
  const { id, token } = await app.createUser();
  const hash = await hashOfRight;
  await app.store.write((transaction) => transaction.passwords.set(id, hash, app.clock.now));
  let attempts = 0;
  return {
    id,
    token,
    hash,
    /** Verifies the password without changing it, each time from another address. */
    attempt(password: string): Promise<Answer> {
      return app.request('PATCH', `/api/v2/users/${id}/update_password`, {
        token,
        headers: { 'X-Forwarded-For': `203.0.113.${++attempts % 250}` },
        body: document({ current_password: password, password: right }),
      });
    },
  };
}

/** @returns the seconds of Retry-After */
function assertWaits(answer: Answer): number {
  assert.equal(answer.status, 429);
  assert.equal(answer.body.errors.length, 1);
  const [error] = answer.body.errors;
  assert.equal(error.code, 'too_many_requests');
  assert.equal(error.title, 'Too many requests');
  assert.equal(typeof error.meta.limit, 'number');
  assert.equal(typeof error.meta.period, 'number');
  const seconds = answer.headers.get('retry-after')!;
  assert.match(seconds, /^[1-9]\d*$/);
  assert.equal(answer.headers.get('x-ratelimit-reset'), seconds);
  return Number(seconds);
}

onEachEngine((engine: EngineName) => {
  test('C8 sheds the password changes that do not fit in the queue, and answers everything else', async (t) => {
    const app = await startApp(t, engine, { maxPasswordQueue: '16' });
    const accounts = await Promise.all(Array.from({ length: 500 }, () => accountWithPassword(app)));
    let flooding = true;
    const flood = Promise.all(accounts.map(({ attempt }) => attempt(right))).finally(() => {
      flooding = false;
    });
    const live: number[] = [];
    while (flooding) live.push((await app.request('GET', '/health/live')).status);
    const answers = await flood;

    assert.ok(live.length >= 5, `${live.length} answers of /health/live`);
    assert.ok(live.every((status) => status === 200));
    const shed = answers.flatMap((answer, i) => (answer.status === 200 ? [] : [{ answer, i }]));
    // 16 wait at a time and one runs, or more; what ends while others still arrive makes room for more.
    assert.ok(500 - shed.length >= 17, `${shed.length} were shed`);
    assert.ok(shed.length >= 100, `${shed.length} were shed`);
    for (const { answer, i } of shed) {
      assert.equal(answer.status, 503);
      assert.equal(answer.body.errors[0].code, 'service_unavailable');
      assert.match(answer.headers.get('retry-after')!, /^[1-9]\d*$/);
      const { id, hash } = accounts[i]!;
      // Nothing changed, and nothing counted against the account.
      assert.equal(await app.store.read.passwords.find(id), hash);
      assert.deepEqual(await app.store.read.passwords.attempts(id), { failures: 0, blockedUntil: 0 });
    }
    const again = accounts[shed[0]!.i]!;
    assert.equal((await again.attempt(right)).status, 200);
    assert.equal((await again.attempt('a wrong password')).status, 422);
  });

  test('C8 sheds whatever would have to wait where the settings allow no queue', async (t) => {
    const app = await startApp(t, engine, { maxPasswordQueue: '0' });
    const accounts = await Promise.all(Array.from({ length: 200 }, () => accountWithPassword(app)));
    const answers = await Promise.all(accounts.map(({ attempt }) => attempt(right)));
    const statuses = new Set(answers.map(({ status }) => status));
    assert.deepEqual([...statuses].sort(), [200, 503]);
  });

  test('C10 slows wrong passwords by delays that double, and a right one forgets them', async (t) => {
    const app = await startApp(t, engine);
    const { attempt } = await accountWithPassword(app);
    for (let i = 0; i < 5; i++) assert.equal((await attempt('a wrong password')).status, 422);
    for (const seconds of [1, 2, 4, 8, 16, 32]) {
      assert.equal(assertWaits(await attempt('a wrong password')), seconds);
      // The correct password waits too, otherwise guessing could continue.
      assert.equal(assertWaits(await attempt(right)), seconds);
      app.clock.now += seconds * 1000 - 1;
      assert.equal(assertWaits(await attempt(right)), 1);
      app.clock.now += 1;
      assert.equal((await attempt('a wrong password')).status, 422);
    }
    app.clock.now += 64_000;
    assert.equal((await attempt(right)).status, 200);
    for (let i = 0; i < 5; i++) assert.equal((await attempt('a wrong password')).status, 422);
    assert.equal(assertWaits(await attempt(right)), 1);
  });

  test('C10 lets attempts during the wait count for nothing', async (t) => {
    const app = await startApp(t, engine);
    const { id, attempt } = await accountWithPassword(app);
    for (let i = 0; i < 6; i++) await attempt('a wrong password');
    const before = await app.store.read.passwords.attempts(id);
    for (let i = 0; i < 20; i++) assertWaits(await attempt('a wrong password'));
    assert.deepEqual(await app.store.read.passwords.attempts(id), before);
    assert.equal(before.failures, 5);
  });

  test('C10 blocks the 101st wrong password in a row for a day, from every address, but never for ever', async (t) => {
    const app = await startApp(t, engine);
    const guessed = await accountWithPassword(app);
    const other = await accountWithPassword(app);
    let waited = 0;
    for (let failures = 0; failures < 100; ) {
      const answer = await guessed.attempt('a wrong password');
      if (answer.status === 422) {
        failures++;
        continue;
      }
      const seconds = assertWaits(answer);
      assert.ok(seconds >= waited, `${seconds} after ${waited}`);
      assert.ok(seconds <= day);
      waited = seconds;
      app.clock.now += seconds * 1000;
    }
    assert.equal(assertWaits(await guessed.attempt('a wrong password')), day);
    assert.equal(assertWaits(await guessed.attempt(right)), day);
    assert.equal((await other.attempt(right)).status, 200);
    app.clock.now += day * 1000;
    // One attempt a day from now on.
    assert.equal((await guessed.attempt('a wrong password')).status, 422);
    assert.equal(assertWaits(await guessed.attempt('a wrong password')), day);
    app.clock.now += day * 1000;
    assert.equal((await guessed.attempt(right)).status, 200);
    assert.equal((await guessed.attempt('a wrong password')).status, 422);
    assert.equal((await guessed.attempt(right)).status, 200);
  });

  test('C10 counts for each account alone', async (t) => {
    const app = await startApp(t, engine);
    const guessed = await accountWithPassword(app);
    const other = await accountWithPassword(app);
    for (let i = 0; i < 6; i++) await guessed.attempt('a wrong password');
    assertWaits(await guessed.attempt(right));
    assert.equal((await other.attempt('a wrong password')).status, 422);
    assert.equal((await other.attempt(right)).status, 200);
  });

  test('C10 gives many wrong passwords at once no more than one after the other', async (t) => {
    const app = await startApp(t, engine);
    const { id, attempt } = await accountWithPassword(app);
    const answers = await Promise.all(Array.from({ length: 50 }, () => attempt('a wrong password')));
    const statuses = answers.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 422).length, 5);
    assert.equal(statuses.filter((status) => status === 429).length, 45);
    assert.equal((await app.store.read.passwords.attempts(id)).failures, 5);
  });

  test('C10 goes on counting after the service was started again', async (t) => {
    const app = await startApp(t, engine);
    const { id, token, attempt } = await accountWithPassword(app);
    for (let i = 0; i < 6; i++) await attempt('a wrong password');
    await app.close();
    const next = await serveStore(t, app.store);
    const answer = await next.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token,
      body: document({ current_password: right, password: right }),
    });
    assert.equal(assertWaits(answer), 1);
  });

  test('C10 never prolongs a wait because the clock was set back', async (t) => {
    const app = await startApp(t, engine);
    const { attempt } = await accountWithPassword(app);
    for (let i = 0; i < 6; i++) await attempt('a wrong password');
    app.clock.now -= 365 * day * 1000;
    assert.equal(assertWaits(await attempt(right)), 1);
  });

  test('C10 a new password that breaks a rule is no wrong attempt', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await accountWithPassword(app);
    for (let i = 0; i < 10; i++) {
      const answer = await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
        token,
        body: document({ current_password: right, password: 'short' }),
      });
      assert.equal(answer.status, 422);
    }
    assert.equal((await app.store.read.passwords.attempts(id)).failures, 0);
  });

  test('C10 blank or ill-typed attributes are no attempt', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await accountWithPassword(app);
    for (const attributes of [{}, { current_password: 'a wrong password' }, { password: right }, { x: 1 }]) {
      const path = `/api/v2/users/${id}/update_password`;
      assert.equal((await app.request('PATCH', path, { token, body: document(attributes) })).status, 422);
    }
    assert.equal((await app.store.read.passwords.attempts(id)).failures, 0);
  });
});
