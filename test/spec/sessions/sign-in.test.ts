// POST /sessions: who signs in, and what the answer and the session show.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../src/http/metrics.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { spawnMuster } from '../../support/spawn-muster.ts';
import { send } from '../../support/start-app.ts';
import { right, sessionDocument, signInAt, startSignIns, wrong } from './start-sign-in.ts';

const timeout = 180_000;

onEachEngine((engine) => {
  test('somebody signs in with email and password, and uses the token', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id } = await app.createUser({ email: 'Ann@Example.com', password: right });
    const answer = await signIn('ann@example.com', right, {
      from: '203.0.113.7',
      headers: {
        'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0',
      },
      attributes: { name: "Ann's laptop", app_version: '1.2.3' },
    });
    assert.equal(answer.status, 201);
    const { type, id: sessionId, attributes, relationships } = answer.body.data;
    assert.equal(type, 'sessions');
    assert.equal(answer.headers.get('location'), `${app.url}/api/v2/sessions/${sessionId}`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('etag'), null);
    const { token, ...others } = attributes;
    assert.match(token, /^muster_[\w-]{43}$/);
    assert.deepEqual(others, {
      name: "Ann's laptop",
      note: null,
      user_id: id,
      last_ip: '203.0.113.7',
      location: null,
      device: 'desktop',
      platform: 'Windows 10',
      browser: 'Firefox 125',
      machine: false,
      read_only: false,
      last_activity_at: '2026-03-17T04:04:00.843+00:00',
      token_expires_at: '2026-06-15T04:04:00.843+00:00',
      two_factor_auth: false,
      single_sign_on: false,
      agent_first_name: null,
      agent_last_name: null,
      agent_avatar: null,
    });
    assert.deepEqual(relationships, { user: { meta: { included: false } } });
    const me = await app.request('GET', '/api/v2/users/me', { token });
    assert.equal(me.status, 200);
    assert.equal(me.body.data.id, String(id));
  });

  test('what the client says of itself counts more than its User-Agent', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: 'ann@example.com', password: right });
    const attributes = {
      device: 'Pixel 8',
      platform: 'Android 14',
      browser: '',
      name: null,
      read_only: true,
    };
    const headers = { 'User-Agent': 'curl/8.5.0' };
    const answer = await signIn('ann@example.com', right, { attributes, headers });
    const shown = answer.body.data.attributes;
    assert.deepEqual(
      [shown.device, shown.platform, shown.browser, shown.name, shown.read_only],
      ['Pixel 8', 'Android 14', 'curl 8.5.0', null, true],
    );
    const { token } = shown;
    const change = { token, body: { data: { type: 'users', attributes: { first_name: 'Ann' } } } };
    const path = `/api/v2/users/${shown.user_id}`;
    assert.equal((await app.request('GET', path, { token })).status, 200);
    assertError(await app.request('PATCH', path, change), 403, 'read_only_token');
  });

  test('the sign-in of a document that breaks a rule is refused with each reason', async (t) => {
    const { app } = await startSignIns(t, engine);
    const reasons = async (attributes: Record<string, unknown>) => {
      const answer = await app.request('POST', '/api/v2/sessions', { body: sessionDocument(attributes) });
      const errors = assertError(answer, 422, 'invalid_attribute');
      return errors.map(
        ({ source, detail }) => `${String(source.pointer).replace('data/attributes/', '')} ${detail}`,
      );
    };
    assert.deepEqual(await reasons({}), ["email can't be blank", "password can't be blank"]);
    assert.deepEqual(await reasons({ email: '', password: null }), [
      "email can't be blank",
      "password can't be blank",
    ]);
    assert.deepEqual(await reasons({ email: ['ann@example.com'], password: 1 }), [
      'email is not a string',
      'password is not a string',
    ]);
    const long = 'x'.repeat(256);
    const others = { name: long, device: long, platform: 7, read_only: 'maybe', app_version: long, otp: '1' };
    assert.deepEqual(await reasons({ email: 'ann@example.com', password: right, ...others }), [
      'name is too long (maximum is 255 characters)',
      'device is too long (maximum is 255 characters)',
      'platform is not a string',
      'read_only is not a boolean',
      'app_version is too long (maximum is 255 characters)',
      'otp is not a known attribute',
    ]);
    const { data } = sessionDocument({ email: 'ann@example.com', password: right });
    const device = { data: { type: 'devices', id: '1' } };
    const relationships = { device, person: { meta: {} }, user: { data: { type: 'users', id: '1' } } };
    const answer = await app.request('POST', '/api/v2/sessions', {
      body: { data: { ...data, relationships } },
    });
    assert.deepEqual(
      assertError(answer, 422, 'invalid_attribute').map(({ source, detail }) => [source.pointer, detail]),
      [['data/relationships/device', 'is not a known relationship']],
    );
  });

  test('S27 a token that is presented is ignored, wherever it is, and the new one is another', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { token } = await app.createUser({ email: 'ann@example.com', password: right });
    const other = await app.createUser();
    const tokens = new Set([token]);
    const presented = [token, other.token, 'muster_invalid', ''];
    for (const old of presented)
      for (const headers of [{ 'X-Auth-Token': old }, { Authorization: `Bearer ${old}` }] as Record<
        string,
        string
      >[]) {
        const answer = await signIn('ann@example.com', right, { headers });
        assert.equal(answer.status, 201);
        tokens.add(answer.body.data.attributes.token);
      }
    const asked = { headers: { 'X-Auth-Token': token, Authorization: 'Bearer x' } };
    const body = sessionDocument({ email: 'ann@example.com', password: right });
    const queries = [`token=${token}`, `token=invalid&token=${token}`];
    for (const query of queries) {
      const answer = await app.request('POST', `/api/v2/sessions?${query}`, { ...asked, body });
      assert.equal(answer.status, 201);
      tokens.add(answer.body.data.attributes.token);
    }
    assert.equal(tokens.size, 2 * presented.length + queries.length + 1);
  });

  test('S19, S20, C6 an account is found by any form of its address, and a password by any form of its characters', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: 'Zoë.I@Müller.example', password: 'Pässwort für Zoë ' });
    for (const email of [
      'zoë.i@müller.example',
      'ZOE\u0308.I@MU\u0308LLER.EXAMPLE',
      'Zoë.I@xn--mller-kva.example',
    ])
      assert.equal((await signIn(email, 'Pa\u0308sswort fu\u0308r Zoe\u0308 ')).status, 201, email);
    // What no address is equal to is not found: a dotless i, an invisible character, a space.
    for (const email of [
      'zoë.ı@müller.example',
      'zoë.i\u200b@müller.example',
      '\u200fzoë.i@müller.example',
      ' zoë.i@müller.example',
      'zoë.i@müller.example\u00a0',
      'zoë.i@müller.example\0',
      'zoë.i@müller.example\ud800',
    ])
      assertError(await signIn(email, 'Pässwort für Zoë '), 401, 'invalid_credentials');
    for (const password of ['Pässwort für Zoë', 'pässwort für zoë ', 'Pässwort für Zoë \0'])
      assertError(await signIn('zoë.i@müller.example', password), 401, 'invalid_credentials');
  });

  test('metrics count sign-ins by their outcome', async (t) => {
    const metrics = createMetrics();
    const { app, signIn } = await startSignIns(t, engine, {}, { metrics });
    await app.createUser({ email: 'ann@example.com', password: right });
    await signIn('ann@example.com', right);
    for (let i = 0; i < 6; i++) await signIn('ann@example.com', wrong);
    await signIn('', wrong);
    const [counter] = (await metrics.registry.getMetricsAsJSON()).filter(
      ({ name }) => name === 'muster_sign_ins_total',
    );
    const counts = counter!.values.map(({ labels, value }) => [labels.outcome, value]);
    assert.deepEqual(Object.fromEntries(counts), { success: 1, failure: 5, throttled: 1, shed: 0 });
  });

  test('an Idempotency-Key is ignored, because there is no account to which it could belong', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: 'ann@example.com', password: right });
    const headers = { 'Idempotency-Key': '"key"' };
    const answers = [
      await signIn('ann@example.com', right, { headers }),
      await signIn('ann@example.com', right, { headers }),
      await signIn('ann@example.com', wrong, { headers }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 401],
    );
    assert.notEqual(answers[0]!.body.data.id, answers[1]!.body.data.id);
  });
});

test('S19 the language of the machine changes nothing: an i is an i in Turkish too', {
  timeout,
}, async (t) => {
  const muster = await spawnMuster(t, {
    env: {
      ...{ LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      ...{ MUSTER_BOOTSTRAP_EMAIL: 'Info@Iris.example', MUSTER_BOOTSTRAP_PASSWORD: right },
    },
  });
  const signIn = signInAt({ request: (...asked) => send(muster.url, ...asked) });
  for (const email of ['INFO@IRIS.EXAMPLE', 'info@iris.example'])
    assert.equal((await signIn(email, right)).status, 201, email);
  for (const email of ['\u0130nfo@iris.example', '\u0131nfo@iris.example'])
    assertError(await signIn(email, right), 401, 'invalid_credentials');
});
