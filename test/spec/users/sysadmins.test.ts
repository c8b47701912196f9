// What sysadmins may grant and revoke, and how accounts are created and deleted: section D5 of the standards
// checklist, with POST and DELETE of users.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, countAdministrators, ids } from '../../support/read-answers.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const lacked = ['sysadmin_permissions may not grant a power that you lack'];

function patch(app: TestApp, token: string, id: number, attributes: Record<string, unknown>) {
  return app.request('PATCH', `${usersPath}/${id}`, { token, body: document(attributes) });
}

function post(app: TestApp, token: string, attributes: Record<string, unknown>) {
  const named = { email: 'new@email.com', first_name: 'New', last_name: 'User', ...attributes };
  return app.request('POST', usersPath, { token, body: document(named) });
}

/** What the account is actually allowed to do. */
async function powersOf(app: TestApp, id: number): Promise<string[]> {
  const row = (await app.store.read.records(users).find(id))!;
  return row.sysadmin === true ? JSON.parse(row.sysadmin_permissions as string) : [];
}

onEachEngine((engine) => {
  test('D5 a sysadmin with manage_security grants the powers they hold, and no other', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users', 'manage_security'] });
    const { id } = await app.createUser();
    const grant = (...sysadmin_permissions: string[]) =>
      patch(app, token, id, { sysadmin: true, sysadmin_permissions });
    assert.deepEqual(brokenRules(await grant('manage_organizations')), lacked);
    assert.deepEqual(brokenRules(await grant('manage_users', 'manage_organizations')), lacked);
    assert.deepEqual(await powersOf(app, id), []);
    assert.equal((await app.store.read.records(users).find(id))!.sysadmin, false);
    assert.equal((await grant('manage_security', 'manage_users')).status, 200);
    assert.deepEqual(await powersOf(app, id), ['manage_users', 'manage_security']);
    assert.equal((await grant()).status, 200);
    assert.deepEqual(await powersOf(app, id), []);
  });

  test('D5 a sysadmin grants themselves nothing that they lack', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: ['manage_security'] });
    const all = ['manage_users', 'manage_organizations', 'manage_security'];
    assert.deepEqual(brokenRules(await patch(app, token, id, { sysadmin_permissions: all })), lacked);
    assert.deepEqual(await powersOf(app, id), ['manage_security']);
    const weak = await app.createUser({ sysadmin: ['manage_users'] });
    const ignored = await patch(app, weak.token, weak.id, { sysadmin_permissions: all });
    assert.equal(ignored.status, 200);
    assert.deepEqual(ignored.body.data.attributes.sysadmin_permissions, ['manage_users']);
  });

  test('D5 powers that are held already may be sent back', async (t) => {
    const app = await startApp(t, engine);
    const both = ['manage_users', 'manage_security'];
    const { id, token } = await app.createUser({ sysadmin: both });
    const other = await app.createUser({ sysadmin: ['manage_users'] });
    for (const user of [id, other.id]) {
      const { body } = await app.request('GET', `${usersPath}/${user}`, { token });
      assert.equal((await patch(app, token, user, body.data.attributes)).status, 200);
    }
    assert.deepEqual(await powersOf(app, id), both);
    assert.deepEqual(await powersOf(app, other.id), ['manage_users']);
  });

  test('D5 promoting someone grants no power that lay waiting and that the promoter lacks', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users', 'manage_security'] });
    const all = JSON.stringify(['manage_users', 'manage_organizations', 'manage_security']);
    const { id } = await app.createUser({ values: { sysadmin_permissions: all } });
    await patch(app, token, id, { sysadmin: true });
    assert.equal((await powersOf(app, id)).includes('manage_organizations'), false);
    await patch(app, token, id, { sysadmin: true, sysadmin_permissions: JSON.parse(all) });
    assert.equal((await powersOf(app, id)).includes('manage_organizations'), false);
  });

  test('D5 a power that the caller lacks is not written down either, where it would lie still for now', async (t) => {
    const app = await startApp(t, engine);
    const held = ['manage_users', 'manage_security'];
    const { token } = await app.createUser({ sysadmin: held });
    const resting = await app.createUser({ values: { sysadmin_permissions: JSON.stringify(held) } });
    const person = await app.createUser();
    const storedOf = async (id: number) =>
      (await app.store.read.records(users).find(id))!.sysadmin_permissions;
    for (const { id } of [resting, person]) {
      const before = await storedOf(id);
      for (const more of [{}, { sysadmin: false }])
        for (const sysadmin_permissions of [
          ['manage_organizations'],
          ['manage_users', 'manage_organizations'],
          ['manage_organizations', 'manage_security'],
        ])
          assert.deepEqual(
            brokenRules(await patch(app, token, id, { ...more, sysadmin_permissions })),
            lacked,
          );
      assert.equal(await storedOf(id), before);
      assert.equal((await patch(app, token, id, { sysadmin_permissions: held })).status, 200);
      assert.equal(await storedOf(id), JSON.stringify(held));
    }
    const { rowCount } = await app.store.read.records(users).state();
    for (const more of [{}, { sysadmin: false }]) {
      const created = await post(app, token, { ...more, sysadmin_permissions: ['manage_organizations'] });
      assert.deepEqual(brokenRules(created), lacked);
    }
    assert.equal((await app.store.read.records(users).state()).rowCount, rowCount);
  });

  test('D5 powers are a list of those that there are', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    for (const [value, rule] of [
      [['manage_everything'], 'is not included in the list'],
      [['manage_users', 1], 'is not included in the list'],
      ['manage_users', 'is not an array'],
      [{ manage_users: true }, 'is not an array'],
      [null, "can't be blank"],
    ] as const)
      assert.deepEqual(brokenRules(await patch(app, token, id, { sysadmin_permissions: value })), [
        `sysadmin_permissions ${rule}`,
      ]);
    assert.equal((await powersOf(app, id)).length, 3);
  });

  test('D5 the last sysadmin can be neither demoted nor deleted', async (t) => {
    const app = await startApp(t, engine);
    const last = await app.createUser({ sysadmin: true });
    const other = await app.createUser({ sysadmin: true });
    assert.equal((await patch(app, last.token, other.id, { sysadmin: false })).status, 200);
    assert.deepEqual(brokenRules(await patch(app, last.token, last.id, { sysadmin: false })), [
      'sysadmin is needed, this is the last sysadmin',
    ]);
    const path = `${usersPath}/${last.id}`;
    assertError(await app.request('DELETE', path, { token: last.token }), 409, 'resource_conflict');
    assert.equal((await app.request('GET', path, { token: last.token })).body.data.attributes.sysadmin, true);
    // With another sysadmin, it is no longer the last one.
    assert.equal((await patch(app, last.token, other.id, { sysadmin: true })).status, 200);
    assert.equal((await app.request('DELETE', path, { token: last.token })).status, 204);
    assert.equal(await countAdministrators(app.store), 1);
  });

  test('D5 a sysadmin creates a user, who is found where Location says and in their organization', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const organizationId = await app.createOrganization('Acme & Sons');
    const owner = await app.createUser({ organizationId, role: 'owner' });
    const answer = await post(app, token, {
      email: 'Ann@Email.com',
      default_organization_id: organizationId,
      time_zone: 'Europe/Zagreb',
      locale: 'hr_HR',
      flags: { beta: 1 },
      preferences: [1, null],
      avatar_url: 'https://example.com/ann.png',
      account_access_expires_at: '2030-01-01',
    });
    assert.equal(answer.status, 201, answer.text);
    const { id, attributes } = answer.body.data;
    assert.equal(attributes.email, 'Ann@Email.com');
    assert.equal(attributes.default_organization_slug, `${organizationId}-acme-sons`);
    assert.equal(attributes.locale, 'hr_HR');
    assert.deepEqual(attributes.flags, { beta: 1 });
    assert.deepEqual(attributes.preferences, [1, null]);
    assert.equal(attributes.account_access_expires_at, '2030-01-01T00:00:00.000+00:00');
    assert.equal(attributes.updated_at, '2026-03-17T04:04:00.843+00:00');
    assert.equal(answer.headers.get('location'), `${app.url}${usersPath}/${id}`);
    const shown = await app.request('GET', `${usersPath}/${id}`, { token });
    assert.deepEqual(shown.body, answer.body);
    assert.equal(await app.store.read.memberships.role(organizationId, Number(id), app.clock.now), 'member');
    assert.deepEqual(ids(await app.request('GET', usersPath, { token: owner.token })), [
      owner.id,
      Number(id),
    ]);
  });

  test('D5 a new user has the password that was given, or none', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const withPassword = await post(app, token, { password: 'password of Ann' });
    const without = await post(app, token, { email: 'second@email.com' });
    assert.equal(withPassword.status, 201);
    assert.equal(without.status, 201);
    assert.equal(withPassword.text.includes('password of Ann'), false);
    const id = Number(withPassword.body.data.id);
    const answer = await app.request('PATCH', `${usersPath}/${id}/update_password`, {
      token: await app.createToken(id),
      body: document({ current_password: 'password of Ann', password: 'another of Ann' }),
    });
    assert.equal(answer.status, 200);
    assert.equal(await app.store.read.passwords.find(Number(without.body.data.id)), null);
  });

  test('D5 a new user that breaks rules is not made, and each rule is named', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const { rowCount } = await app.store.read.records(users).state();
    const empty = await app.request('POST', usersPath, { token, body: document({}) });
    assert.deepEqual(brokenRules(empty).sort(), [
      "email can't be blank",
      "first_name can't be blank",
      "last_name can't be blank",
    ]);
    assert.deepEqual(brokenRules(await post(app, token, { email: 'x', first_name: ' ', nonsense: 1 })), [
      'email is not an email',
      "first_name can't be blank",
      'nonsense is not a known attribute',
    ]);
    assert.deepEqual(brokenRules(await post(app, token, { password: 'short' })), [
      'password is too short (minimum is 8 characters)',
    ]);
    assert.deepEqual(brokenRules(await post(app, token, { password: 'new@email.com' })), [
      "password can't be your email",
    ]);
    assert.equal(brokenRules(await post(app, token, { default_organization_id: 999 })).length, 1);
    assert.equal((await app.store.read.records(users).state()).rowCount, rowCount);
  });

  test('D5 a sysadmin without manage_security makes nobody a sysadmin', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const answer = await post(app, token, { sysadmin: true, sysadmin_permissions: ['manage_users'] });
    assert.equal(answer.status, 201);
    assert.equal(answer.body.data.attributes.sysadmin, false);
    assert.deepEqual(answer.body.data.attributes.sysadmin_permissions, []);
    const security = await app.createUser({ sysadmin: ['manage_users', 'manage_security'] });
    const granting = { email: 'second@email.com', sysadmin: true };
    assert.deepEqual(
      brokenRules(
        await post(app, security.token, { ...granting, sysadmin_permissions: ['manage_organizations'] }),
      ),
      lacked,
    );
    const made = await post(app, security.token, { ...granting, sysadmin_permissions: ['manage_users'] });
    assert.deepEqual(made.body.data.attributes.sysadmin_permissions, ['manage_users']);
  });

  test('D5 a deleted user is gone with all that was theirs, and their id is never given again', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    await app.createUser({ sysadmin: true });
    const organizationId = await app.createOrganization();
    const gone = await app.createUser({
      email: 'ann@email.com',
      organizationId,
      password: 'password of Ann',
    });
    const path = `${usersPath}/${gone.id}`;
    const deleted = await app.request('DELETE', path, {
      token,
      headers: { 'Content-Type': 'application/vnd.api+json' },
    });
    assert.equal(deleted.status, 204);
    assert.equal(deleted.text, '');
    assertError(await app.request('GET', path, { token }), 404, 'record_not_found');
    assertError(await app.request('DELETE', path, { token }), 404, 'record_not_found');
    const { read } = app.store;
    assert.equal(await read.passwords.find(gone.id), null);
    assert.deepEqual(await read.sessions.list(gone.id), []);
    assert.equal(await read.memberships.role(organizationId, gone.id, app.clock.now), null);
    const again = await post(app, token, { email: 'ANN@email.com' });
    assert.equal(again.status, 201);
    assert.ok(Number(again.body.data.id) > gone.id);
  });
});
