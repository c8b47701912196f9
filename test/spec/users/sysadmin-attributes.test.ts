// sysadmin, sysadmin_permissions and account_access_expires_at: what they mean and who may write them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const security = ['manage_users', 'manage_security'];

/** The powers of another account, changed by a sysadmin. */
function patcher(app: TestApp, token: string) {
  return (id: number, attributes: Record<string, unknown>) =>
    app.request('PATCH', `/api/v2/users/${id}`, { token, body: document(attributes) });
}

onEachEngine((engine) => {
  test('lets sysadmins who manage security make a sysadmin, with powers of their own', async (t) => {
    const app = await startApp(t, engine);
    const admin = await app.createUser({ sysadmin: security });
    const { id, token } = await app.createUser();
    const answer = await patcher(app, admin.token)(id, {
      sysadmin: true,
      sysadmin_permissions: ['manage_security', 'manage_users'],
    });
    const { sysadmin, sysadmin_permissions } = answer.body.data.attributes;
    assert.deepEqual([answer.status, sysadmin, sysadmin_permissions], [200, true, security]);
    assert.equal((await app.request('GET', `/api/v2/users/${admin.id}`, { token })).status, 200);
  });

  test('ignores sysadmin and its powers from everybody else', async (t) => {
    const app = await startApp(t, engine);
    const asked = { sysadmin: true, sysadmin_permissions: ['manage_users'] };
    const member = await app.createUser();
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    for (const token of [member.token, manager.token]) {
      const answer = await patcher(app, token)(member.id, asked);
      const { sysadmin, sysadmin_permissions } = answer.body.data.attributes;
      assert.deepEqual([answer.status, sysadmin, sysadmin_permissions], [200, false, []]);
    }
    const own = await patcher(app, manager.token)(manager.id, { sysadmin_permissions: security });
    assert.deepEqual(own.body.data.attributes.sysadmin_permissions, ['manage_users']);
  });

  test('lets nobody grant a power that they lack', async (t) => {
    const app = await startApp(t, engine);
    const admin = await app.createUser({ sysadmin: security });
    const patch = patcher(app, admin.token);
    const member = await app.createUser();
    const rule = ['sysadmin_permissions may not grant a power that you lack'];
    for (const id of [member.id, admin.id]) {
      for (const sysadmin_permissions of [['manage_organizations'], [...security, 'manage_organizations']])
        assert.deepEqual(brokenRules(await patch(id, { sysadmin: true, sysadmin_permissions })), rule);
    }
    // A power that was granted can be revoked.
    const given = await patch(member.id, { sysadmin: true, sysadmin_permissions: security });
    assert.deepEqual(given.body.data.attributes.sysadmin_permissions, security);
    const taken = await patch(member.id, { sysadmin_permissions: [] });
    assert.deepEqual(taken.body.data.attributes.sysadmin_permissions, []);
  });

  test('lets nobody bring back a power that they lack by making its former holder a sysadmin', async (t) => {
    const app = await startApp(t, engine);
    const admin = await app.createUser({ sysadmin: security });
    const former = await app.createUser({ values: { sysadmin_permissions: '["manage_organizations"]' } });
    const patch = patcher(app, admin.token);
    await patch(former.id, { sysadmin: true });
    const { attributes } = (await app.request('GET', `/api/v2/users/${former.id}`, { token: admin.token }))
      .body.data;
    assert.equal(
      attributes.sysadmin && attributes.sysadmin_permissions.includes('manage_organizations'),
      false,
    );
  });

  test('lets a sysadmin without powers read and nothing else', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: [] });
    const { id } = await app.createUser();
    assert.equal((await app.request('GET', `/api/v2/users/${id}`, { token })).status, 200);
    assert.equal(outcome(await patcher(app, token)(id, { first_name: 'Ann' })), '403 access_denied');
  });

  test('neither demotes nor deletes the last sysadmin', async (t) => {
    const { app, id, token, path, change, attributes } = await startAccount(t, engine, { sysadmin: true });
    assert.deepEqual(brokenRules(await change({ sysadmin: false })), [
      'sysadmin is needed, this is the last sysadmin',
    ]);
    assert.equal(outcome(await app.request('DELETE', path, { token })), '409 resource_conflict');
    assert.equal((await attributes()).sysadmin, true);
    const other = await app.createUser({ sysadmin: true });
    assert.deepEqual(brokenRules(await change({ sysadmin: false })), []);
    assert.equal((await attributes()).sysadmin, false);
    assert.deepEqual(brokenRules(await patcher(app, other.token)(other.id, { sysadmin: false })), [
      'sysadmin is needed, this is the last sysadmin',
    ]);
    assert.equal((await app.request('DELETE', `/api/v2/users/${id}`, { token: other.token })).status, 204);
  });

  test('refuses powers that do not exist, and what is no list of them', async (t) => {
    const { change, attributes } = await startAccount(t, engine, { sysadmin: true });
    const refused: [attribute: string, value: unknown, rule: string][] = [
      ['sysadmin', 'true', 'is not a boolean'],
      ['sysadmin', 1, 'is not a boolean'],
      ['sysadmin', null, "can't be blank"],
      ['sysadmin_permissions', null, "can't be blank"],
      ['sysadmin_permissions', 'manage_users', 'is not an array'],
      ['sysadmin_permissions', { manage_users: true }, 'is not an array'],
      ['sysadmin_permissions', ['manage_everything'], 'is not included in the list'],
      ['sysadmin_permissions', ['manage_users', 'MANAGE_SECURITY'], 'is not included in the list'],
      ['sysadmin_permissions', ['manage_users', null], 'is not included in the list'],
      ['sysadmin_permissions', [['manage_users']], 'is not included in the list'],
    ];
    for (const [attribute, value, rule] of refused)
      assert.deepEqual(brokenRules(await change({ [attribute]: value })), [`${attribute} ${rule}`]);
    assert.deepEqual((await attributes()).sysadmin_permissions, [
      'manage_users',
      'manage_organizations',
      'manage_security',
    ]);
  });

  test('writes powers as a set, in one order, each once', async (t) => {
    const { app, change } = await startAccount(t, engine, { sysadmin: true });
    await app.createUser({ sysadmin: true });
    const sysadmin_permissions = ['manage_security', 'manage_users', 'manage_security'];
    const answer = await change({ sysadmin_permissions });
    assert.deepEqual(answer.body.data.attributes.sysadmin_permissions, security);
  });

  test('ends the access of an account at the moment that a sysadmin sets', async (t) => {
    const app = await startApp(t, engine);
    const admin = await app.createUser({ sysadmin: ['manage_users'] });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const patch = patcher(app, admin.token);
    const at = '2026-03-17T05:04:00.843+00:00';
    const answer = await patch(id, { account_access_expires_at: at });
    assert.equal(answer.body.data.attributes.account_access_expires_at, at);
    const access = async () => (await app.request('GET', path, { token })).status;
    app.clock.now = Date.parse(at) - 1;
    assert.equal(await access(), 200);
    app.clock.now += 1;
    assert.equal(await access(), 401);
    assert.equal((await app.request('GET', path, { token: await app.createToken(id) })).status, 401);
    assert.equal((await patch(id, { account_access_expires_at: null })).status, 200);
    assert.equal(await access(), 200);
  });

  test('reads that moment in any zone, and writes it in the zone of the server', async (t) => {
    const { app, change } = await startAccount(t, engine, { sysadmin: true }, { timeZone: 'Europe/Zagreb' });
    await app.createUser({ sysadmin: true });
    const moments: Readonly<Record<string, string>> = {
      '2030-07-01T12:00:00.000+02:00': '2030-07-01T12:00:00.000+02:00',
      '2030-07-01T10:00:00Z': '2030-07-01T12:00:00.000+02:00',
      '2030-07-01T10:00Z': '2030-07-01T12:00:00.000+02:00',
      '2030-07-01T06:00:00.5-04:00': '2030-07-01T12:00:00.500+02:00',
      '2030-07-01T12:00:00': '2030-07-01T12:00:00.000+02:00',
      '2030-01-01T12:00:00': '2030-01-01T12:00:00.000+01:00',
      '2030-07-01': '2030-07-01T00:00:00.000+02:00',
    };
    for (const [sent, written] of Object.entries(moments)) {
      const answer = await change({ account_access_expires_at: sent });
      assert.equal(answer.body.data.attributes.account_access_expires_at, written, sent);
    }
    for (const value of [
      '',
      'tomorrow',
      '2030-02-30',
      '2030-13-01',
      '2030-01-01T25:00:00',
      1_893_456_000,
      true,
      {},
    ])
      assert.deepEqual(
        brokenRules(await change({ account_access_expires_at: value })),
        ['account_access_expires_at is not a time'],
        JSON.stringify(value),
      );
  });

  test('lets no user end or lengthen their own access', async (t) => {
    const expires = Date.UTC(2100, 0, 1);
    const { change, attributes } = await startAccount(t, engine, {
      values: { account_access_expires_at: expires },
    });
    for (const value of [null, '2200-01-01', '2020-01-01', 'nonsense'])
      assert.equal((await change({ account_access_expires_at: value })).status, 200);
    assert.equal((await attributes()).account_access_expires_at, '2100-01-01T00:00:00.000+00:00');
  });
});
