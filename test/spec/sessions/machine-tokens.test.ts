// POST /sessions/machine: who makes an API token, what it needs, and what the answer shows.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { memberships } from '../../../src/resources/memberships/memberships.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { brokenRules, ids } from '../../support/read-answers.ts';
import { document } from '../../support/start-app.ts';
import { password, sessionsPath, startSessions } from './start-sessions.ts';

const path = `${sessionsPath}/machine`;
const name = 'CI';

/** An account that has just signed in. */
async function start(t: TestContext, engine: EngineName, settings = {}) {
  const app = await startSessions(t, engine, settings);
  const ann = await app.createUser({ password });
  const signIn = await app.session(ann.id);
  const make = (attributes: Record<string, unknown>, { token }: { token: string } = signIn, headers = {}) =>
    app.send(token, 'POST', path, attributes, headers);
  return { app, ann, signIn, make };
}

onEachEngine((engine) => {
  test('a program gets a token that the answer shows once', async (t) => {
    const { app, ann, signIn, make } = await start(t, engine);
    const made = await make({ name: 'test token', read_only: true });
    assert.equal(made.status, 201, made.text);
    const { id, attributes } = made.body.data;
    assert.match(attributes.token, /^muster_[\w-]{43}$/);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    assert.equal(made.headers.get('etag'), null);
    assert.equal(made.headers.get('location'), `${app.url}${sessionsPath}/${id}`);
    assert.deepEqual(
      { ...attributes, token: null },
      {
        ...Object.fromEntries(Object.keys(attributes).map((key) => [key, null])),
        name: 'test token',
        user_id: ann.id,
        machine: true,
        read_only: true,
        two_factor_auth: false,
        single_sign_on: false,
      },
    );
    const { token } = attributes;
    assert.equal(await app.statusOf(token), 200);
    assert.equal((await app.send(token, 'GET', `${sessionsPath}/current`)).body.data.id, id);
    assertError(await app.send(token, 'PATCH', `${sessionsPath}/${id}`, { name }), 403, 'read_only_token');
    // From now on nobody sees it, however often they ask.
    for (const query of ['', '', '?fields[sessions]=token', '?include=user'])
      for (const where of [`${sessionsPath}/${id}${query}`, `${sessionsPath}${query}`]) {
        const shown = await app.send(signIn.token, 'GET', where);
        assert.equal(shown.status, 200);
        assert.ok(!shown.text.includes('muster_'), where);
      }
    const creator = await app.send(signIn.token, 'GET', `${sessionsPath}?filter[creator_id]=${ann.id}`);
    assert.deepEqual(ids(creator), [Number(id)]);
    const sparse = await make({ name });
    assert.equal(sparse.body.data.attributes.read_only, false);
    const only = await app.send(signIn.token, 'POST', `${path}?fields[sessions]=token&include=user`, {
      name,
    });
    assert.deepEqual(Object.keys(only.body.data.attributes), ['token']);
    assert.equal(only.body.included[0].id, String(ann.id));
    assert.equal(only.headers.get('cache-control'), 'no-store');
  });

  test('a retry with the Idempotency-Key makes no second token, and does not show the first again', async (t) => {
    const { app, ann, signIn, make } = await start(t, engine);
    const key = { 'Idempotency-Key': '"one"' };
    const first = await make({ name, password }, signIn, key);
    assert.equal(first.status, 201);
    // A retry with another password is none by which it could be guessed.
    assert.equal((await make({ name, password: 'wrong' }, signIn, key)).status, 201);
    const again = await make({ name, password }, signIn, key);
    assert.equal(again.status, 201);
    assert.deepEqual(again.body.data.attributes, { ...first.body.data.attributes, token: null });
    assert.deepEqual(again.body.data.id, first.body.data.id);
    assert.equal((await app.store.read.sessions.list(ann.id)).length, 3);
    assertError(await make({ name: 'other', password }, signIn, key), 422, 'idempotency_key_reused');
    assert.equal(
      (await app.send(signIn.token, 'DELETE', `${sessionsPath}/${first.body.data.id}`)).status,
      204,
    );
    assertError(await make({ name, password }, signIn, key), 404, 'record_not_found');
  });

  test('it needs the password, or a sign-in of the last ten minutes', async (t) => {
    const { app, ann, signIn, make } = await start(t, engine);
    app.clock.now += 10 * 60_000;
    assert.equal((await make({ name })).status, 201);
    app.clock.now += 1;
    // Also if a body is wrong: without the password nothing is said about it.
    for (const given of [{ name }, { name, password: null }, {}])
      assertError(await make(given), 403, 'reauthentication_required');
    assert.equal((await make({ name, password })).status, 201);
    // Nobody knows who has an API token.
    const fresh = await app.session(ann.id, { machine: true });
    assertError(await make({ name }, fresh), 403, 'reauthentication_required');
    assert.equal((await make({ name, password }, fresh)).status, 201);
    assert.deepEqual(brokenRules(await make({ name, password: 'wrong' }, fresh)), ['password is not valid']);
    const newSignIn = await app.session(ann.id);
    assert.deepEqual(brokenRules(await make({ name, password: 'wrong' }, newSignIn)), [
      'password is not valid',
    ]);
    for (const [given, rule] of [
      ['', "password can't be blank"],
      [5, 'password is not a string'],
    ] as const)
      assert.deepEqual(brokenRules(await make({ name, password: given }, signIn)), [rule]);
  });

  test('a setting opens it for clients of the hosted API', async (t) => {
    const { app, ann, make } = await start(t, engine, { tokensWithoutPassword: 'true' });
    app.clock.now += 60 * 60_000;
    assert.equal((await make({ name })).status, 201);
    assert.equal((await make({ name }, ann)).status, 201);
    assert.deepEqual(brokenRules(await make({ name, password: 'wrong' })), ['password is not valid']);
  });

  test('C10 wrong passwords are counted together with those of a change of the password', async (t) => {
    const { app, ann, make } = await start(t, engine);
    for (let i = 0; i < 3; i++)
      assert.deepEqual(brokenRules(await make({ name, password: 'wrong' })), ['password is not valid']);
    const change = (current_password: string) =>
      app.request('PATCH', `/api/v2/users/${ann.id}/update_password`, {
        token: ann.token,
        body: document({ current_password, password: 'the second of many' }),
      });
    for (let i = 0; i < 2; i++) assert.equal((await change('wrong')).status, 422);
    const refused = await make({ name, password });
    assertError(refused, 429, 'too_many_requests');
    assert.equal(refused.headers.get('retry-after'), '1');
    // Without a password there is nothing to guess.
    assert.equal((await make({ name })).status, 201);
    app.clock.now += 1000;
    assert.equal((await make({ name, password })).status, 201);
    assert.deepEqual(brokenRules(await make({ name, password: 'wrong' })), ['password is not valid']);
    assert.equal((await change(password)).status, 200);
  });

  test('a token has a name, and an end that is not in the past', async (t) => {
    const { app, make } = await start(t, engine);
    for (const [given, rules] of [
      [{}, ["name can't be blank"]],
      [{ name: null }, ["name can't be blank"]],
      [{ name: ' ' }, ["name can't be blank"]],
      [{ name: 'x'.repeat(256) }, ['name is too long (maximum is 255 characters)']],
      [{ name, token_expires_at: '2026-03-17T04:04:00.843Z' }, ['token_expires_at is in the past']],
      [{ name, token_expires_at: 'soon' }, ['token_expires_at is not a time']],
      [
        { name, read_only: 'yes', nothing: 1 },
        ['read_only is not a boolean', 'nothing is not a known attribute'],
      ],
    ] as const)
      assert.deepEqual(brokenRules(await make(given)), rules);
    // What only the server writes is ignored.
    const made = await make({
      ...{ name, note: 'For tests.', token_expires_at: '2026-03-17T04:05:00.843Z' },
      ...{
        token: 'x',
        machine: false,
        user_id: 1,
        device: 'x',
        last_ip: 'x',
        creator_id: '1',
        membership_id: '1',
      },
    });
    const { attributes } = made.body.data;
    assert.deepEqual([attributes.note, attributes.machine, attributes.device], ['For tests.', true, null]);
    assert.equal(await app.statusOf(attributes.token), 200);
    app.clock.now += 60_000;
    assert.equal(await app.statusOf(attributes.token), 401);
  });

  test('a token is bound only to an organization of which the caller is a current member', async (t) => {
    const { app, ann, signIn, make } = await start(t, engine);
    const bob = await app.createUser();
    const [acme, globex, ended] = [
      await app.createOrganization(),
      await app.createOrganization(),
      await app.createOrganization(),
    ];
    await app.store.write(async (transaction) => {
      await setMember(transaction, acme, ann.id, 'member', app.clock.now);
      await setMember(transaction, globex, bob.id, 'owner', app.clock.now);
      await setMember(transaction, ended, ann.id, 'member', app.clock.now);
      const id = (await transaction.memberships.idOf(ended, ann.id))!;
      await transaction.records(memberships).update(id, { expires_at: app.clock.now });
    });
    for (const organization_id of [globex, ended, 999_999])
      assert.deepEqual(brokenRules(await make({ name, organization_id })), [
        'organization_id is not an organization of yours',
      ]);
    assert.deepEqual(brokenRules(await make({ name, organization_id: 'acme' })), [
      'organization_id is not an id',
    ]);
    for (const organization_id of [acme, String(acme)]) {
      const { token } = (await make({ name, organization_id })).body.data.attributes;
      const memberships = await app.request('GET', '/api/v2/organization_memberships', { token });
      assert.equal(memberships.body.data.length, 1);
      const foreign = { 'X-Organization-Id': String(globex) };
      assertError(
        await app.request('GET', '/api/v2/users', { token, headers: foreign }),
        403,
        'access_denied',
      );
    }
    assert.equal((await make({ name, organization_id: null })).status, 201);
    // The documented resource has one relationship, whose account is the caller's whatever a client sends.
    const related = (relationships: object) => {
      const body = { data: { type: 'sessions', attributes: { name }, relationships } };
      return app.request('POST', path, { token: signIn.token, body });
    };
    const user = { data: { type: 'users', id: String(bob.id) } };
    assert.equal((await related({ user })).body.data.attributes.user_id, ann.id);
    const organization = { data: { type: 'organizations', id: String(acme) } };
    const [unknown] = assertError(await related({ organization }), 422, 'invalid_attribute');
    assert.equal(unknown!.detail, 'is not a known relationship');
  });
});
