// POST /users: required and optional input, and the created record.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, ids, outcome } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const needed = { email: 'ann@email.com', first_name: 'Ann', last_name: 'Lee' };

function poster(app: TestApp, token: string) {
  return (attributes: Record<string, unknown>) =>
    app.request('POST', '/api/v2/users', { token, body: document(attributes) });
}

onEachEngine((engine) => {
  test('makes a user out of an email and two names, and everything else as it is by default', async (t) => {
    const { app, id, token } = await startAccount(t, engine, { sysadmin: true });
    app.clock.now += 60_000;
    const answer = await poster(app, token)(needed);
    assert.equal(answer.status, 201, answer.text);
    const { intercom_hash, ...attributes } = answer.body.data.attributes;
    assert.match(intercom_hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(attributes, {
      updated_at: '2026-03-17T04:05:00.843+00:00',
      ...needed,
      time_zone: null,
      avatar_url: null,
      default_organization_id: null,
      default_organization_slug: null,
      flags: {},
      newsletter_consent: false,
      newsletter_consent_at: null,
      ical_token: null,
      preferences: null,
      sysadmin: false,
      sysadmin_permissions: [],
      two_factor_auth: false,
      sso_provision: false,
      account_access_expires_at: null,
      locale: 'en_US',
    });
    assert.deepEqual(answer.body.meta, {});
    assert.equal(answer.headers.get('location'), `${app.url}/api/v2/users/${id + 1}`);
  });

  test('takes everything that a sysadmin may write', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const written = {
      ...needed,
      time_zone: 'Europe/Zagreb',
      avatar_url: 'https://email.com/ann.png',
      flags: { new_menu: true },
      preferences: { theme: 'dark' },
      sysadmin: true,
      sysadmin_permissions: ['manage_users', 'manage_security'],
      account_access_expires_at: '2100-01-01T00:00:00.000+00:00',
      locale: 'hr_HR',
    };
    const answer = await poster(app, token)(written);
    assert.equal(answer.status, 201, answer.text);
    for (const [name, value] of Object.entries(written))
      assert.deepEqual(answer.body.data.attributes[name], value, name);
  });

  test('ignores what is not for a sysadmin to write', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: ['manage_users'] });
    const answer = await poster(
      app,
      token,
    )({
      ...needed,
      updated_at: '2020-01-01T00:00:00.000+00:00',
      default_organization_slug: '1-mine',
      intercom_hash: 'mine',
      newsletter_consent: true,
      newsletter_consent_at: '2020-01-01T00:00:00.000+00:00',
      ical_token: 'mine',
      sysadmin: true,
      sysadmin_permissions: ['manage_users'],
      two_factor_auth: true,
      sso_provision: true,
    });
    assert.equal(answer.status, 201, answer.text);
    const plain = await poster(app, token)({ ...needed, email: 'plain@email.com' });
    const { email, intercom_hash, ...attributes } = answer.body.data.attributes;
    const { email: _, intercom_hash: __, ...expected } = plain.body.data.attributes;
    assert.match(intercom_hash, /^[0-9a-f]{64}$/);
    assert.equal(email, 'ann@email.com');
    assert.deepEqual(attributes, expected);
  });

  test('asks for an email and two names', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const post = poster(app, token);
    const missing = ["email can't be blank", "first_name can't be blank", "last_name can't be blank"];
    assert.deepEqual(brokenRules(await post({})).sort(), missing);
    const noAttributes = { data: { type: 'users' } };
    const bare = await app.request('POST', '/api/v2/users', { token, body: noAttributes });
    assert.deepEqual(brokenRules(bare).sort(), missing);
    for (const blank of [null, '', ' ']) {
      const given = { email: blank, first_name: blank, last_name: blank };
      assert.deepEqual(brokenRules(await post(given)).sort(), missing, JSON.stringify(blank));
    }
    const { last_name, ...others } = needed;
    assert.deepEqual(brokenRules(await post(others)), ["last_name can't be blank"]);
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token })), [1]);
    assert.equal((await post({ ...others, last_name })).status, 201);
  });

  test('takes null for what has a default as not given, and the id that is null for no id', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const post = poster(app, token);
    const absent = await post(needed);
    const nothing = {
      flags: null,
      sysadmin: null,
      sysadmin_permissions: null,
      locale: null,
      time_zone: null,
    };
    const made = await post({ ...needed, email: 'null@email.com', ...nothing, newsletter_consent: null });
    assert.equal(made.status, 201, made.text);
    const defaults = ({ body }: typeof made) => {
      const { flags, sysadmin, sysadmin_permissions, locale, time_zone } = body.data.attributes;
      return { flags, sysadmin, sysadmin_permissions, locale, time_zone };
    };
    assert.deepEqual(defaults(made), defaults(absent));
    assert.deepEqual(defaults(made).locale, 'en_US');
    const { id } = made.body.data;
    const body = { data: { type: 'users', id, attributes: nothing } };
    assert.deepEqual(brokenRules(await app.request('PATCH', `/api/v2/users/${id}`, { token, body })).sort(), [
      "flags can't be blank",
      "sysadmin can't be blank",
      "sysadmin_permissions can't be blank",
    ]);
    const idOfNull = { data: { type: 'users', id: null, attributes: { ...needed, email: 'new@email.com' } } };
    const refused = await app.request('POST', '/api/v2/users', { token, body: idOfNull });
    assert.deepEqual(
      refused.body.errors.map(({ status, code, source }: any) => [status, code, source.pointer]),
      [['400', 'malformed_document', 'data/id']],
    );
  });

  test('says every rule that is broken at once, the password among them', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true, email: 'taken@email.com' });
    const answer = await poster(
      app,
      token,
    )({
      email: 'TAKEN@email.com',
      first_name: 'x'.repeat(256),
      time_zone: 'Mars/Olympus',
      avatar_url: 'file:///etc/passwd',
      default_organization_id: 99,
      flags: [],
      locale: 'xx_XX',
      nickname: 'Ann',
      password: 'short',
    });
    assert.deepEqual(brokenRules(answer).sort(), [
      'avatar_url is not an absolute http(s) URL',
      'default_organization_id is not a known organization',
      'email has already been taken',
      'first_name is too long (maximum is 255 characters)',
      'flags is not an object',
      "last_name can't be blank",
      'locale is not included in the list',
      'nickname is not a known attribute',
      'password is too short (minimum is 8 characters)',
      'time_zone is not included in the list',
    ]);
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token })), [1]);
  });

  test('makes an account that cannot sign in by password where none is given', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    for (const [email, password] of [
      ['none@email.com', undefined],
      ['null@email.com', null],
    ] as const) {
      const made = await poster(app, token)({ ...needed, email, ...(password === null && { password }) });
      assert.equal(made.status, 201, made.text);
      const { id } = made.body.data;
      const own = await app.createToken(Number(id));
      for (const current_password of ['null', 'undefined', 'password1234']) {
        const body = document({ current_password, password: 'a better password' });
        const path = `/api/v2/users/${id}/update_password`;
        const answer = await app.request('PATCH', path, { token: own, body });
        assert.deepEqual(brokenRules(answer), ['current_password is not valid']);
      }
    }
  });

  test('makes an account with the password that is given, and never shows it', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const password = 'correct horse battery';
    const made = await poster(app, token)({ ...needed, password });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.text.includes('password'), false);
    const { id } = made.body.data;
    const answer = await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token: await app.createToken(Number(id)),
      body: document({ current_password: password, password: 'an even better one' }),
    });
    assert.equal(answer.status, 200, answer.text);
  });

  test('refuses passwords that nobody should have', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const refused: [password: unknown, rule: string][] = [
      ['', "can't be blank"],
      [12345678, 'is not a string'],
      [{}, 'is not a string'],
      ['seven77', 'is too short (minimum is 8 characters)'],
      ['password', 'is a commonly used password'],
      ['ANN@email.com', "can't be your email"],
      ['a\0 password of note', 'contains characters that are not allowed'],
    ];
    for (const [password, rule] of refused)
      assert.deepEqual(brokenRules(await poster(app, token)({ ...needed, password })), [`password ${rule}`]);
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token })), [1]);
  });

  test('makes the new user a member of the default organization', async (t) => {
    const app = await startApp(t, engine);
    const acme = await app.createOrganization('Acme');
    const admin = await app.createUser({ sysadmin: ['manage_users'] });
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const made = await poster(app, admin.token)({ ...needed, default_organization_id: acme });
    assert.equal(made.status, 201, made.text);
    const { default_organization_id, default_organization_slug } = made.body.data.attributes;
    assert.deepEqual([default_organization_id, default_organization_slug], [acme, `${acme}-acme`]);
    const id = Number(made.body.data.id);
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token: owner.token })), [owner.id, id]);
    // A plain member sees only themselves.
    const own = await app.createToken(id);
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token: own })), [id]);
    const headers = { 'X-Organization-Id': String(acme) };
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token: own, headers })), [id]);
  });

  test('refuses a default organization that does not exist, or is no integer', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    for (const [value, rule] of [
      [99, 'is not a known organization'],
      [0, 'is not a known organization'],
      ['1', 'is not an integer'],
      [1.5, 'is not an integer'],
    ] as const)
      assert.deepEqual(brokenRules(await poster(app, token)({ ...needed, default_organization_id: value })), [
        `default_organization_id ${rule}`,
      ]);
    const none = await poster(app, token)({ ...needed, default_organization_id: null });
    assert.equal(none.status, 201, none.text);
  });

  test('is for sysadmins who manage users, and tells others nothing of what they sent', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization();
    const callers = [
      await app.createUser(),
      await app.createUser({ organizationId, role: 'owner' }),
      await app.createUser({ sysadmin: [] }),
      await app.createUser({ sysadmin: ['manage_security', 'manage_organizations'] }),
    ];
    for (const { token } of callers) {
      assert.equal(outcome(await poster(app, token)(needed)), '403 access_denied');
      assert.equal(outcome(await poster(app, token)({ nickname: 1 })), '403 access_denied');
    }
  });

  test('grants no power that the caller lacks', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: ['manage_users', 'manage_security'] });
    const granted = { sysadmin: true, sysadmin_permissions: ['manage_users', 'manage_organizations'] };
    assert.deepEqual(brokenRules(await poster(app, token)({ ...needed, ...granted })), [
      'sysadmin_permissions may not grant a power that you lack',
    ]);
  });
});
