// More sign-ins than can be checked: section C8 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { right, startSignIns, wrong } from './start-sign-in.ts';

onEachEngine((engine) => {
  test('C8 a flood of sign-ins is shed, while whoever is signed in or has a known address gets through', async (t) => {
    const { app, signIn } = await startSignIns(t, engine, { maxPasswordQueue: '16' });
    const ann = 'ann@example.com';
    const office = '203.0.113.7';
    const { id, token } = await app.createUser({ email: ann, password: right });
    assert.equal((await signIn(ann, right, { from: office })).status, 201);

    const answered = { failed: 0, shed: 0 };
    const enough = 500;
    let isOver = false;
    const flood = Array.from({ length: 64 }, async (_, i) => {
      for (let count = 0; !isOver || answered.failed + answered.shed < enough; count++) {
        const answer = await signIn(`nobody${i}.${count}@example.com`, wrong);
        if (answer.status === 401) answered.failed++;
        else {
          assertError(answer, 503, 'service_unavailable');
          assert.match(answer.headers.get('retry-after')!, /^[1-9]\d*$/);
          answered.shed++;
        }
      }
    });
    while (answered.shed === 0) assert.equal((await app.request('GET', '/health/live')).status, 200);

    const path = `/api/v2/users/${id}/update_password`;
    const change = (current_password: string, password: string) =>
      app.request('PATCH', path, {
        token,
        body: { data: { type: 'users', attributes: { current_password, password } } },
      });
    const next = 'another horse battery';
    for (let i = 0; i < 3; i++) {
      const [known, health] = await Promise.all([
        signIn(ann, right, { from: office }),
        app.request('GET', '/health/live'),
      ]);
      assert.deepEqual([known.status, health.status], [201, 200]);
      assert.equal((await change(right, next)).status, 200);
      assert.equal((await change(next, right)).status, 200);
    }
    isOver = true;
    await Promise.all(flood);

    assert.ok(answered.failed > 0);
    // Who was shed has not tried: each failure is counted under the address of its own.
    const counts = await app.store.write(({ signInAttempts }) => signInAttempts.deleteUntil(8e15, 10_000));
    assert.equal(counts, answered.failed);
  });
});
