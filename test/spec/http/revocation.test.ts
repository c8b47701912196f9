// When a credential stops working: section C14 of the standards checklist, and C13 for tokens.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const password = 'the first of many';

async function statusOf(app: TestApp, token: string): Promise<number> {
  const answer = await app.request('GET', '/api/v2/users', { token });
  if (answer.status === 401) assert.equal(answer.body.errors[0].code, 'invalid_auth_token');
  return answer.status;
}

function change(app: TestApp, id: number, token: string, current_password = password) {
  return app.request('PATCH', `/api/v2/users/${id}/update_password`, {
    token,
    body: document({ current_password, password: 'the second of many' }),
  });
}

onEachEngine((engine) => {
  test('C14 a password change ends the other sessions, and keeps the one that made it', async (t) => {
    const app = await startApp(t, engine);
    const { id, token: api } = await app.createUser({ password });
    const mine = await app.createToken(id, { machine: false });
    const others = [
      await app.createToken(id, { machine: false }),
      await app.createToken(id, { machine: false }),
    ];
    for (const token of [api, mine, ...others]) assert.equal(await statusOf(app, token), 200);
    assert.equal((await change(app, id, mine)).status, 200);
    for (const token of others) assert.equal(await statusOf(app, token), 401);
    assert.equal(await statusOf(app, mine), 200);
    // API tokens are meant to outlast sessions.
    assert.equal(await statusOf(app, api), 200);
  });

  test('C14 a password change by an API token ends every session', async (t) => {
    const app = await startApp(t, engine);
    const { id, token: api } = await app.createUser({ password });
    const session = await app.createToken(id, { machine: false });
    assert.equal((await change(app, id, api)).status, 200);
    assert.equal(await statusOf(app, session), 401);
    assert.equal(await statusOf(app, api), 200);
  });

  test('C14 a password change touches no session of another account', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ password });
    const other = await app.createUser({ password });
    const session = await app.createToken(other.id, { machine: false });
    assert.equal((await change(app, id, token)).status, 200);
    assert.equal(await statusOf(app, session), 200);
    assert.equal((await change(app, other.id, session)).status, 200);
  });

  test('C14 a refused password change ends nothing', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ password });
    const session = await app.createToken(id, { machine: false });
    assert.equal((await change(app, id, token, 'not the first')).status, 422);
    assert.equal(await statusOf(app, session), 200);
  });

  test('C14 a token that is revoked is refused from the next request on', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const [stored] = await app.store.read.sessions.list(id);
    assert.equal(await statusOf(app, token), 200);
    assert.equal(await app.store.write((transaction) => transaction.sessions.end(stored!.id)), true);
    assert.equal(await statusOf(app, token), 401);
  });

  test('C14 a token ends at the moment it expires', async (t) => {
    const app = await startApp(t, engine);
    const { id } = await app.createUser();
    const token = await app.createToken(id, { expiresAt: app.clock.now + 60_000 });
    app.clock.now += 59_999;
    assert.equal(await statusOf(app, token), 200);
    app.clock.now += 1;
    assert.equal(await statusOf(app, token), 401);
  });

  test('C14 no credential of an account works from the moment its access expires', async (t) => {
    const app = await startApp(t, engine);
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    const { id, token } = await app.createUser({ password });
    const session = await app.createToken(id, { machine: false });
    const at = new Date(app.clock.now + 60_000).toISOString();
    const expiry = (value: string | null) =>
      app.request('PATCH', `/api/v2/users/${id}`, {
        token: manager.token,
        body: document({ account_access_expires_at: value }),
      });
    assert.equal((await expiry(at)).status, 200);
    app.clock.now += 59_999;
    for (const each of [token, session]) assert.equal(await statusOf(app, each), 200);
    app.clock.now += 1;
    for (const each of [token, session]) assert.equal(await statusOf(app, each), 401);
    assert.equal((await change(app, id, session)).status, 401);
    // If access is restored, the credentials work again.
    assert.equal((await expiry(null)).status, 200);
    for (const each of [token, session]) assert.equal(await statusOf(app, each), 200);
  });

  test('C14 the credentials of an account that is deleted are refused', async (t) => {
    const app = await startApp(t, engine);
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    assert.equal((await app.request('DELETE', path, { token: manager.token })).status, 204);
    assert.equal(await statusOf(app, token), 401);
  });

  test('C14 a sysadmin whose powers are taken has none from the next request on', async (t) => {
    const app = await startApp(t, engine);
    const first = await app.createUser({ sysadmin: true });
    const second = await app.createUser({ sysadmin: true });
    const { id } = await app.createUser();
    const rename = () =>
      app.request('PATCH', `/api/v2/users/${id}`, {
        token: second.token,
        body: document({ first_name: 'Ann' }),
      });
    assert.equal((await rename()).status, 200);
    const taken = await app.request('PATCH', `/api/v2/users/${second.id}`, {
      token: first.token,
      body: document({ sysadmin_permissions: [] }),
    });
    assert.equal(taken.status, 200);
    assert.equal((await rename()).status, 403);
    const demoted = await app.request('PATCH', `/api/v2/users/${second.id}`, {
      token: first.token,
      body: document({ sysadmin: false }),
    });
    assert.equal(demoted.status, 200);
    assert.equal((await rename()).status, 404);
  });

  test('C13 neither a token nor a password is ever logged', async (t) => {
    const app = await startApp(t, engine, { logLevel: 'trace' });
    const { id, token } = await app.createUser({ password });
    const guess = 'muster_a-token-that-nobody-has-been-given';
    assert.equal((await app.request('GET', `/api/v2/users?token=${token}`)).status, 200);
    assert.equal((await app.request('GET', `/api/v2/users/${id}?token=${guess}`)).status, 401);
    const bearer = { Authorization: `Bearer ${token}` };
    assert.equal((await app.request('GET', '/api/v2/users', { headers: bearer })).status, 200);
    assert.equal((await change(app, id, token, 'not the first')).status, 422);
    assert.equal((await change(app, id, token)).status, 200);
    await app.close();
    const log = JSON.stringify(app.log);
    assert.equal(app.log.filter(({ msg }) => msg === 'request').length, 5);
    for (const secret of [token, guess, password, 'not the first', 'the second of many'])
      assert.equal(log.includes(secret), false);
  });
});
