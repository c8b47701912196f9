// Sessions with two instances on one database.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { sendAround, startInstances } from '../../support/two-instances.ts';
import { sessionsPath, withSessions } from './start-sessions.ts';

onEachEngine((engine) => {
  test('C14 a session that ends at one instance is refused by the other from the next request on', async (t) => {
    const instances = await startInstances(t, engine);
    const [one, other] = [withSessions(instances.one), withSessions(instances.other)];
    const ann = await one.createUser();
    const [phone, laptop, own] = [
      await one.session(ann.id),
      await one.session(ann.id),
      await one.session(ann.id),
    ];
    for (const { token } of [phone, laptop, own]) assert.equal(await other.statusOf(token), 200);
    assert.equal((await one.send(own.token, 'DELETE', phone.path)).status, 204);
    assert.equal(await other.statusOf(phone.token), 401);
    assert.equal((await other.send(own.token, 'DELETE')).status, 204);
    assert.equal(await one.statusOf(laptop.token), 401);
    const made = await one.send(own.token, 'POST', `${sessionsPath}/machine`, { name: 'CI' });
    const { token } = made.body.data.attributes;
    assert.equal(await other.statusOf(token), 200);
    assert.equal((await other.send(token, 'DELETE', `${sessionsPath}/current`)).status, 204);
    assert.equal(await one.statusOf(token), 401);
  });

  test('a sign-in that ends before its request for a token has arrived makes none', async (t) => {
    const instances = await startInstances(t, engine);
    const one = withSessions(instances.one);
    const ann = await one.createUser();
    const own = await one.session(ann.id);
    const body = { data: { type: 'sessions', attributes: { name: 'CI' } } };
    const path = `${sessionsPath}/machine`;
    const answer = await sendAround(
      t,
      instances,
      { method: 'POST', path, token: own.token, body },
      async () => {
        const ended = await instances.other.request('DELETE', own.path, { token: ann.token });
        assert.equal(ended.status, 204);
      },
    );
    assert.equal(outcome(answer), '401 invalid_auth_token');
    assert.equal((await one.store.read.sessions.list(ann.id)).length, 1);
  });
});
