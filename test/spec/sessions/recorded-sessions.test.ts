// Every write of a session records an audit event in its transaction, and never a token.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionsRoutes } from '../../../src/resources/sessions/sessions-routes.ts';
import { onEachEngine } from '../../support/engines.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { document } from '../../support/start-app.ts';
import { password, sessionsPath, startSessions } from './start-sessions.ts';

onEachEngine((engine) => {
  test('each route that writes sessions records who did what to whose session, and no token', async (t) => {
    const app = await startSessions(t, engine);
    const guard = await app.createUser({ sysadmin: ['manage_security'] });
    const ann = await app.createUser({ password });
    const own = await app.session(ann.id);
    const [lost, ofGuard] = [await app.session(ann.id), await app.sessionOf(guard.token)];
    const others = [await app.session(ann.id), await app.session(ann.id)];
    const leaving = await app.session(ann.id, { readOnly: true });
    const events = await recordedSince(app.store);
    const acts: Readonly<Record<string, [string, string, string, object?]>> = {
      createMachineSession: [own.token, 'POST', `${sessionsPath}/machine`, { name: 'CI', password }],
      updateSession: [own.token, 'PATCH', own.path, { name: 'Laptop' }],
      deleteSession: [guard.token, 'DELETE', lost.path],
      endOtherSignIns: [own.token, 'DELETE', sessionsPath],
      deleteCurrentSession: [leaving.token, 'DELETE', `${sessionsPath}/current`],
    };
    const writing = sessionsRoutes.filter(({ method }) => method !== 'GET').map(({ name }) => name);
    assert.deepEqual(Object.keys(acts).sort(), [...writing].sort(), 'a route that writes has no act here');
    const recorded = [];
    for (const [name, [token, method, path, attributes]] of Object.entries(acts)) {
      const { status, body } = await app.send(token, method, path, attributes as Record<string, unknown>);
      assert.ok(status < 300, `${name}: ${status}`);
      const [event, ...more] = await events();
      assert.deepEqual(more, [], name);
      assert.deepEqual([event!.outcome, event!.subjectId], ['success', ann.id]);
      assert.equal(event!.origin!.address, '127.0.0.1');
      const shown = JSON.stringify(event);
      for (const secret of [token, password, body?.data.attributes.token ?? token])
        assert.ok(!shown.includes(secret), name);
      assert.equal(event!.record!.type, 'sessions');
      recorded.push([event!.action, event!.actor, event!.record!.id, event!.details]);
    }
    const byAnn = { kind: 'user', userId: ann.id };
    const [created, ...rest] = recorded;
    assert.deepEqual(created!.slice(0, 2), ['session.create', byAnn]);
    assert.deepEqual(rest, [
      ['session.update', byAnn, own.id, {}],
      ['session.delete', { kind: 'token', userId: guard.id }, lost.id, {}],
      ['session.end_others', byAnn, own.id, { sign_ins_ended: others.length }],
      ['session.delete', { kind: 'token', userId: ann.id }, leaving.id, {}],
    ]);

    // What is refused, or ends nothing, records nothing.
    assert.equal((await app.send(own.token, 'DELETE')).status, 204);
    assert.equal((await app.send(own.token, 'DELETE', ofGuard.path)).status, 404);
    assert.equal((await app.send(own.token, 'PATCH', own.path, { name: 'Laptop' })).status, 200);
    assert.equal((await app.send(ann.token, 'POST', `${sessionsPath}/machine`, { name: 'CI' })).status, 403);
    assert.deepEqual(await events(), []);
  });

  test('the event of a changed password says how many sign-ins it has ended', async (t) => {
    const app = await startSessions(t, engine);
    const ann = await app.createUser({ password });
    for (let i = 0; i < 3; i++) await app.session(ann.id);
    const events = await recordedSince(app.store);
    const changed = await app.request('PATCH', `/api/v2/users/${ann.id}/update_password`, {
      token: ann.token,
      body: document({ current_password: password, password: 'the second of many' }),
    });
    assert.equal(changed.status, 200);
    const [event] = await events();
    assert.deepEqual([event!.action, (event!.details as any).sign_ins_ended], ['user.update_password', 3]);
  });

  test('a wrong password of somebody who is signed in is in the trail, a throttled one is not', async (t) => {
    const app = await startSessions(t, engine);
    const ann = await app.createUser({ password });
    const events = await recordedSince(app.store);
    const wrong = 'not the password';
    const change = () =>
      app.request('PATCH', `/api/v2/users/${ann.id}/update_password`, {
        token: ann.token,
        body: document({ current_password: wrong, password: 'the second of many' }),
      });
    assert.equal((await change()).status, 422);
    const create = () =>
      app.send(ann.token, 'POST', `${sessionsPath}/machine`, { name: 'CI', password: wrong });
    assert.equal((await create()).status, 422);
    const failed = await events();
    assert.deepEqual(
      failed.map(({ action, outcome, actor, subjectId, details }) => [
        action,
        outcome,
        actor.userId,
        subjectId,
        details,
      ]),
      ['user.update_password', 'session.create'].map((action) => [
        action,
        'failure',
        ann.id,
        ann.id,
        { reason: 'wrong_password' },
      ]),
    );
    assert.ok(!JSON.stringify(failed).includes(wrong));

    while ((await change()).status === 422);
    await events();
    assert.equal((await create()).status, 429);
    assert.deepEqual(await events(), []);
  });
});
