// Ending sessions: one's own, all others, and those of other accounts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { document } from '../../support/start-app.ts';
import { password, sessionsPath, startSessions } from './start-sessions.ts';

const current = `${sessionsPath}/current`;

onEachEngine((engine) => {
  test('C14 a session that is ended is refused from the next request on', async (t) => {
    const app = await startSessions(t, engine);
    const ann = await app.createUser();
    const [phone, laptop, own] = [
      await app.session(ann.id),
      await app.session(ann.id),
      await app.session(ann.id),
    ];
    const ended = await app.send(phone.token, 'DELETE', laptop.path);
    assert.deepEqual([ended.status, ended.text], [204, '']);
    assert.equal(await app.statusOf(laptop.token), 401);
    assertError(await app.send(phone.token, 'DELETE', laptop.path), 404, 'record_not_found');
    // A session that ends itself gets its answer.
    assert.equal((await app.send(phone.token, 'DELETE', current)).status, 204);
    assertError(await app.send(phone.token, 'DELETE', current), 401, 'invalid_auth_token');
    assert.equal((await app.send(own.token, 'DELETE', own.path)).status, 204);
    assert.equal(await app.statusOf(own.token), 401);
    assert.equal(await app.statusOf(ann.token), 200);
  });

  test('of many requests that end one session at once, one does', async (t) => {
    const app = await startSessions(t, engine);
    const { id, token } = await app.createUser();
    const own = await app.session(id);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        app.send(i % 2 === 0 ? own.token : token, 'DELETE', i % 2 === 0 ? current : own.path),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.equal(statuses[0], 204);
    for (const status of statuses.slice(1)) assert.ok(status === 401 || status === 404, String(status));
  });

  test('all other sign-ins end at once; this one, programs and other accounts stay', async (t) => {
    const app = await startSessions(t, engine);
    const [ann, bob] = [await app.createUser(), await app.createUser()];
    const own = await app.session(ann.id);
    const others = [await app.session(ann.id), await app.session(ann.id)];
    const ofBob = await app.session(bob.id);
    const ended = await app.send(own.token, 'DELETE');
    assert.deepEqual([ended.status, ended.text], [204, '']);
    for (const { token } of others) assert.equal(await app.statusOf(token), 401);
    for (const token of [own.token, ann.token, ofBob.token]) assert.equal(await app.statusOf(token), 200);
    assert.equal((await app.send(own.token, 'DELETE')).status, 204);
    // A program ends all of them.
    assert.equal((await app.send(ann.token, 'DELETE')).status, 204);
    assert.equal(await app.statusOf(own.token), 401);
    assertError(
      await app.send(ann.token, 'DELETE', `${sessionsPath}?filter[id]=1`),
      400,
      'unsupported_parameter',
    );
  });

  test('C14 a change of the password ends the other sign-ins', async (t) => {
    const app = await startSessions(t, engine);
    const ann = await app.createUser({ password });
    const [own, other] = [await app.session(ann.id), await app.session(ann.id)];
    const changed = await app.request('PATCH', `/api/v2/users/${ann.id}/update_password`, {
      token: own.token,
      body: document({ current_password: password, password: 'the second of many' }),
    });
    assert.equal(changed.status, 200);
    assert.deepEqual(await Promise.all([own, other].map(({ token }) => app.statusOf(token))), [200, 401]);
    const listed = await app.send(own.token, 'GET', `${sessionsPath}?filter[machine]=false`);
    assert.equal(listed.body.meta.total_count, 1);
  });

  test('D5 a sysadmin with manage_security ends sessions of others, but of nobody with a power that they lack', async (t) => {
    const app = await startSessions(t, engine);
    const guard = await app.createUser({ sysadmin: ['manage_security'] });
    const root = await app.createUser({ sysadmin: true });
    const peer = await app.createUser({ sysadmin: ['manage_security'] });
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    const [ann, former] = [
      await app.createUser(),
      await app.createUser({ values: { sysadmin_permissions: '["manage_users"]' } }),
    ];
    for (const { id, token } of [root, manager]) {
      const session = await app.session(id);
      assertError(await app.send(guard.token, 'DELETE', session.path), 403, 'access_denied');
      assert.equal(await app.statusOf(token), 200);
    }
    for (const { id } of [peer, ann, former]) {
      const session = await app.session(id);
      // Others read it, and change nothing.
      assertError(await app.send(guard.token, 'PATCH', session.path, { name: 'x' }), 403, 'access_denied');
      assert.equal((await app.send(guard.token, 'DELETE', session.path)).status, 204);
      assert.equal(await app.statusOf(session.token), 401);
    }
    const ofGuard = await app.session(guard.id);
    assertError(await app.send(manager.token, 'DELETE', ofGuard.path), 404, 'record_not_found');
    assert.equal((await app.send(root.token, 'DELETE', ofGuard.path)).status, 204);
  });

  test('callers name their sessions and write notes on them', async (t) => {
    const app = await startSessions(t, engine);
    const { id, token } = await app.createUser();
    const phone = await app.session(id);
    const named = await app.send(token, 'PATCH', phone.path, { name: 'Ann’s phone', note: 'lost?' });
    assert.equal(named.status, 200);
    assert.deepEqual(
      [named.body.data.attributes.name, named.body.data.attributes.note],
      ['Ann’s phone', 'lost?'],
    );
    const whole = { ...named.body.data.attributes, read_only: true, machine: true, token: 'x', user_id: 1 };
    const again = await app.send(phone.token, 'PATCH', phone.path, whole);
    assert.deepEqual(again.body, named.body);
    const stale = { 'If-Match': '"x"' };
    assertError(await app.send(token, 'PATCH', phone.path, { name: 'x' }, stale), 412, 'precondition_failed');
    assertError(await app.send(token, 'DELETE', phone.path, undefined, stale), 412, 'precondition_failed');
    assertError(await app.send(token, 'PATCH', phone.path, { name: ' ' }), 422, 'invalid_attribute');
  });
});
