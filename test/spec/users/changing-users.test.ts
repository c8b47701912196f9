// What a PATCH changes, ignores and refuses, and when updated_at changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';
import { document } from '../../support/start-app.ts';

onEachEngine((engine) => {
  test('ignores what users may not write about themselves', async (t) => {
    const { app, change, attributes } = await startAccount(t, engine);
    const before = await attributes();
    app.clock.now += 60_000;
    const ignored = {
      updated_at: '2020-01-01T00:00:00.000+00:00',
      default_organization_slug: '1-mine',
      intercom_hash: 'mine',
      flags: { admin: true },
      newsletter_consent_at: '2020-01-01T00:00:00.000+00:00',
      sysadmin: true,
      sysadmin_permissions: ['manage_users'],
      two_factor_auth: true,
      sso_provision: true,
      account_access_expires_at: '2100-01-01T00:00:00.000+00:00',
    };
    for (const [name, value] of Object.entries(ignored)) {
      const answer = await change({ [name]: value });
      assert.deepEqual([answer.status, answer.body.data.attributes], [200, before], name);
    }
    const answer = await change({ ...ignored, first_name: 'Ann' });
    const { updated_at, first_name, ...others } = answer.body.data.attributes;
    const { updated_at: _, first_name: __, ...otherBefore } = before;
    assert.deepEqual([first_name, others], ['Ann', otherBefore]);
    assert.equal(updated_at, '2026-03-17T04:05:00.843+00:00');
  });

  test('ignores wrong values of what the user may not write as well', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    const before = await attributes();
    const answer = await change({ sysadmin: 'yes', flags: [], updated_at: null, two_factor_auth: {} });
    assert.deepEqual([answer.status, answer.body.data.attributes], [200, before]);
  });

  test('ignores what a sysadmin may not write about others', async (t) => {
    const { app, path, attributes, change } = await startAccount(t, engine);
    const admin = await app.createUser({ sysadmin: true });
    await change({ ical_token: 'new', preferences: { a: 1 }, newsletter_consent: true });
    const before = await attributes();
    const ignored = {
      newsletter_consent: false,
      ical_token: null,
      preferences: null,
      locale: 'hr_HR',
      two_factor_auth: true,
      sso_provision: true,
    };
    const answer = await app.request('PATCH', path, { token: admin.token, body: document(ignored) });
    assert.equal(answer.status, 200);
    assert.deepEqual(await attributes(), before);
  });

  test('lets a sysadmin write what is theirs to write about others', async (t) => {
    const { app, path, attributes } = await startAccount(t, engine);
    const admin = await app.createUser({ sysadmin: ['manage_users'] });
    const written = {
      email: 'ann@email.com',
      first_name: 'Ann',
      last_name: 'Lee',
      time_zone: 'Europe/Zagreb',
      avatar_url: 'https://email.com/ann.png',
      flags: { new_menu: true },
      account_access_expires_at: '2100-01-01T00:00:00.000+00:00',
    };
    const answer = await app.request('PATCH', path, { token: admin.token, body: document(written) });
    assert.equal(answer.status, 200);
    const after = await attributes();
    for (const [name, value] of Object.entries(written)) assert.deepEqual(after[name], value, name);
  });

  test('takes a whole resource back as it was shown, and changes nothing', async (t) => {
    const settings = { timeZone: 'Europe/Zagreb' };
    const { app, path, token } = await startAccount(t, engine, { sysadmin: true }, settings);
    const organizationId = await app.createOrganization();
    const other = await app.createUser({
      organizationId,
      values: {
        time_zone: 'UTC',
        avatar_url: 'https://email.com/a.png',
        flags: '{"id":12345678901234567890}',
        preferences: '{"z":1,"a":[0.1]}',
        newsletter_consent: true,
        newsletter_consent_at: app.clock.now - 1,
        account_access_expires_at: Date.UTC(2100, 6, 1),
      },
    });
    app.clock.now += 60_000;
    const views: [path: string, token: string][] = [
      [path, token],
      [`/api/v2/users/${other.id}`, token],
      [`/api/v2/users/${other.id}`, other.token],
    ];
    for (const [path, token] of views) {
      const shown = await app.request('GET', path, { token });
      const answer = await app.request('PATCH', path, { token, body: shown.text });
      assert.deepEqual([answer.status, answer.text], [200, shown.text]);
      assert.equal(answer.headers.get('etag'), shown.headers.get('etag'));
    }
  });

  test('refuses attributes that do not exist, each with an error of its own', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    const before = await attributes();
    const unknown = ['nickname', 'First_name', 'id', 'type', 'password', 'revision', 'email_key', ''];
    const inherited = ['constructor', 'toString', 'hasOwnProperty'];
    for (const name of [...unknown, ...inherited])
      assert.deepEqual(
        brokenRules(await change({ first_name: 'Eve', [name]: 'x' })),
        [`${name} is not a known attribute`],
        name,
      );
    assert.deepEqual(brokenRules(await change('{"__proto__":{"sysadmin":true}}')), [
      '__proto__ is not a known attribute',
    ]);
    assert.deepEqual(brokenRules(await change({ nickname: null, shoe_size: 43 })), [
      'nickname is not a known attribute',
      'shoe_size is not a known attribute',
    ]);
    assert.deepEqual(await attributes(), before);
  });

  test('names an unknown attribute without failing over its letters, and not at length', async (t) => {
    const { change } = await startAccount(t, engine);
    for (const name of ['\\u0000', '\\ud800', 'x'.repeat(100_000)]) {
      const answer = await change(`{"${name}":1}`);
      assert.equal(answer.status, 422);
      assert.ok(answer.text.length < 1000);
    }
  });

  test('moves updated_at exactly when something that is shown changes', async (t) => {
    const { app, id, change, attributes } = await startAccount(t, engine, { email: 'a@email.com' });
    const [mine, foreign] = [await app.createOrganization(), await app.createOrganization()];
    await app.store.write((transaction) => setMember(transaction, mine, id, 'member', app.clock.now));
    const steps: [attributes: object, moves: boolean][] = [
      [{}, false],
      [{ first_name: 'name' }, false],
      [{ first_name: 'Ann' }, true],
      [{ first_name: 'Ann' }, false],
      [{ first_name: 'ann' }, true],
      [{ email: 'A@email.com' }, true],
      [{ email: 'A@email.com', last_name: 'surname' }, false],
      [{ time_zone: null, avatar_url: null }, false],
      [{ time_zone: 'UTC' }, true],
      [{ time_zone: null }, true],
      [{ avatar_url: 'https://email.com/a.png' }, true],
      [{ default_organization_id: foreign }, false],
      [{ default_organization_id: mine }, true],
      [{ default_organization_id: mine }, false],
      [{ default_organization_id: null }, true],
      [{ newsletter_consent: false }, false],
      [{ newsletter_consent: true }, true],
      [{ newsletter_consent: true }, false],
      [{ ical_token: null }, false],
      [{ ical_token: 'new' }, true],
      [{ ical_token: 'new' }, true],
      [{ ical_token: null }, true],
      [{ preferences: null }, false],
      [{ preferences: { a: [1] } }, true],
      [{ preferences: { a: [1] } }, false],
      [{ preferences: {} }, true],
      [{ locale: 'en_US' }, false],
      [{ locale: 'hr_HR' }, true],
      [{ sysadmin: true, flags: { a: 1 }, updated_at: '2030-01-01T00:00:00.000+00:00' }, false],
      [{ first_name: '' }, false],
      [{ first_name: 'Eve', nickname: 'E' }, false],
    ];
    for (const [step, moves] of steps) {
      const { updated_at: before } = await attributes();
      app.clock.now += 1000;
      const now = new Date(app.clock.now).toISOString().replace('Z', '+00:00');
      await change({ ...step });
      assert.equal((await attributes()).updated_at, moves ? now : before, JSON.stringify(step));
    }
  });

  test('moves updated_at forwards even where the clock stands still or goes back', async (t) => {
    const { app, change } = await startAccount(t, engine);
    const moved = async (first_name: string) =>
      (await change({ first_name })).body.data.attributes.updated_at as string;
    const times = [await moved('a'), await moved('b'), await moved('c')];
    app.clock.now -= 3_600_000;
    times.push(await moved('d'), await moved('e'));
    assert.deepEqual(times, times.toSorted());
    assert.equal(new Set(times).size, 5);
    assert.ok(times[0]! > '2026-03-17T04:04:00.843+00:00');
  });

  test('leaves updated_at where it was when a password changes, which nobody sees', async (t) => {
    const password = 'the first of many';
    const { app, path, token, attributes } = await startAccount(t, engine, { password });
    const before = await attributes();
    app.clock.now += 60_000;
    const body = document({ current_password: password, password: 'the second of many' });
    const answer = await app.request('PATCH', `${path}/update_password`, { token, body });
    assert.deepEqual([answer.status, answer.body.data.attributes], [200, before]);
  });
});
