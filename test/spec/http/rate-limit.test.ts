// B13: rate limits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { type Answer, document, startApp } from '../../support/start-app.ts';

function assertLimited(answer: Answer, limit: number): void {
  const [error] = assertError(answer, 429, 'too_many_requests');
  assert.equal(error!.title, 'Too many requests');
  assert.deepEqual(error!.meta, { limit, period: 10 });
  for (const name of ['x-ratelimit-reset', 'retry-after'])
    assert.match(answer.headers.get(name) ?? '', /^([1-9]|10)$/, name);
}

onEachEngine((engine) => {
  test('B13 answers 429 with the seconds to wait, and the limit and its period', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '3' });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    for (let i = 0; i < 3; i++) assert.equal((await app.request('GET', path, { token })).status, 200);
    assertLimited(await app.request('GET', path, { token }), 3);
    assertLimited(await app.request('PATCH', path, { token, body: document({ first_name: 'Ann' }) }), 3);
    assertLimited(
      await app.request('GET', '/api/v2/users', { headers: { Authorization: `Bearer ${token}` } }),
      3,
    );
    assertLimited(await app.request('GET', `/api/v2/users?token=${token}`), 3);
  });

  test('B13 is not fooled by other addresses in X-Forwarded-For', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '3' });
    const { token } = await app.createUser();
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const address = `203.0.113.${i}`;
      const headers = { 'X-Forwarded-For': address, 'X-Real-IP': address, Forwarded: `for=${address}` };
      statuses.push((await app.request('GET', '/api/v2/users', { token, headers })).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 429, 429, 429, 429, 429]);
  });

  test('B13 counts each token by itself', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '2' });
    const { id, token } = await app.createUser();
    const other = await app.createToken(id);
    for (let i = 0; i < 3; i++) await app.request('GET', '/api/v2/users', { token });
    assertLimited(await app.request('GET', '/api/v2/users', { token }), 2);
    assert.equal((await app.request('GET', '/api/v2/users', { token: other })).status, 200);
  });

  test('B13 counts requests that come at once no more gently', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '10' });
    const { token } = await app.createUser();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.request('GET', '/api/v2/users', { token })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 10);
    for (const answer of answers.filter(({ status }) => status !== 200)) assertLimited(answer, 10);
  });

  test('B13 never limits health checks, nor anything where the limit is 0', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '1' });
    for (let i = 0; i < 5; i++) assert.equal((await app.request('GET', '/health/live')).status, 200);
    const free = await startApp(t, engine, { rateLimit: '0' });
    const { token } = await free.createUser();
    for (let i = 0; i < 50; i++)
      assert.equal((await free.request('GET', '/api/v2/users', { token })).status, 200);
  });
});
