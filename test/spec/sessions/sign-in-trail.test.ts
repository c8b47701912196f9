// What the audit trail holds of sign-ins.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { newAddress, right, startSignIns, wrong } from './start-sign-in.ts';

onEachEngine((engine) => {
  test('the trail holds each sign-in, and why one failed, without the address that was typed', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id } = await app.createUser({ email: 'ann@example.com', password: right });
    const { id: unable } = await app.createUser({ email: 'bob@example.com' });
    const values = { account_access_expires_at: app.clock.now };
    const { id: expired } = await app.createUser({ email: 'eve@example.com', password: right, values });
    const recorded = await recordedSince(app.store);
    const headers = { 'User-Agent': 'curl/8.5.0', 'X-Request-Id': 'request-1' };
    const attributes = { app_version: '1.2.3' };
    const answer = await signIn('ann@example.com', right, { from: '203.0.113.7', headers, attributes });
    const sessionId = Number(answer.body.data.id);
    await signIn('ann@example.com', wrong);
    await signIn('bob@example.com', wrong);
    await signIn('eve@example.com', wrong);
    await signIn('eve@example.com', right);
    await signIn('typed-by-mistake@example.com', right);

    const events = await recorded();
    const [first] = events;
    assert.equal(first!.action, 'session.create');
    assert.deepEqual(first!.actor, { kind: 'user', userId: id });
    assert.deepEqual(first!.record, { type: 'sessions', id: sessionId });
    assert.deepEqual(first!.origin, {
      address: '203.0.113.7',
      userAgent: 'curl/8.5.0',
      requestId: 'request-1',
    });
    assert.deepEqual(
      events.map(({ outcome, subjectId, details }) => [outcome, subjectId, details]),
      [
        ['success', id, { app_version: '1.2.3' }],
        ['failure', id, { reason: 'wrong_password' }],
        ['failure', unable, { reason: 'no_password' }],
        ['failure', expired, { reason: 'wrong_password' }],
        ['failure', expired, { reason: 'expired' }],
        ['failure', null, { reason: 'unknown_address' }],
      ],
    );
    for (const event of events.slice(1)) {
      assert.equal(event.action, 'session.create');
      assert.deepEqual(event.actor, { kind: 'user', userId: null });
      assert.deepEqual([event.record, event.changes], [null, []]);
    }
    assert.doesNotMatch(JSON.stringify(events), /typed-by-mistake|muster_|correct horse|wrong password/);
  });

  test('what is throttled or has no valid document is not in the trail', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: 'ann@example.com', password: right });
    for (let i = 0; i < 5; i++) await signIn('ann@example.com', wrong, { from: newAddress() });
    const recorded = await recordedSince(app.store);
    for (const password of [wrong, right])
      assert.equal((await signIn('ann@example.com', password)).status, 429);
    assert.equal((await signIn('ann@example.com', '')).status, 422);
    assert.deepEqual(await recorded(), []);
  });
});
