// What a token may do with sessions if it is bound to an organization, or may only read.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { brokenRules, ids, outcome } from '../../support/read-answers.ts';
import { document } from '../../support/start-app.ts';
import { password, sessionsPath, startSessions } from './start-sessions.ts';

const email = 'ann@email.com';

/** An owner of an organization, who is a sysadmin too, with a sign-in, a bound token and a token that only reads. */
async function start(t: TestContext, engine: EngineName) {
  const settings = { tokensWithoutPassword: 'true', selfServiceOrganizations: 'true' };
  const app = await startSessions(t, engine, settings);
  const acme = await app.createOrganization();
  const ann = await app.createUser({
    ...{ email, password, organizationId: acme, role: 'owner', sysadmin: true },
  });
  const signIn = await app.session(ann.id);
  const membershipId = (await app.store.read.memberships.idOf(acme, ann.id))!;
  const bound = await app.session(ann.id, { membershipId });
  const reader = await app.session(ann.id, { readOnly: true });
  const readingSignIn = await app.session(ann.id, { readOnly: true, machine: false });
  return { app, acme, ann, signIn, bound, reader, readingSignIn };
}

onEachEngine((engine) => {
  test('a bound token sees no session but its own', async (t) => {
    const { app, ann, signIn, bound } = await start(t, engine);
    for (const query of ['', `?filter[user_id]=${ann.id}`, '?filter[user_id][not_eq]=0', '?page[after]='])
      assert.deepEqual(ids(await app.send(bound.token, 'GET', sessionsPath + query)), [bound.id]);
    for (const path of [bound.path, `${sessionsPath}/current`])
      assert.equal((await app.send(bound.token, 'GET', path)).body.data.id, String(bound.id));
    assert.equal(outcome(await app.send(bound.token, 'GET', signIn.path)), '404 record_not_found');
    const named = await app.send(bound.token, 'PATCH', bound.path, { name: 'Sync' });
    assert.equal(named.body.data.attributes.name, 'Sync');
  });

  test('D5 a bound token makes and ends no other session', async (t) => {
    const { app, signIn, bound } = await start(t, engine);
    const answers = [
      await app.send(bound.token, 'POST', `${sessionsPath}/machine`, { name: 'x', password }),
      await app.send(bound.token, 'DELETE', sessionsPath),
    ];
    for (const answer of answers) assert.equal(outcome(answer), '403 access_denied');
    assert.equal(outcome(await app.send(bound.token, 'DELETE', signIn.path)), '404 record_not_found');
    assert.equal(await app.statusOf(signIn.token), 200);
    // Whoever finds it may end it.
    assert.equal((await app.send(bound.token, 'DELETE', bound.path)).status, 204);
    assert.equal(await app.statusOf(bound.token), 401);
  });

  test('D5 a bound token creates no organization, also where everyone may', async (t) => {
    const { app, bound, signIn } = await start(t, engine);
    const body = { data: { type: 'organizations', attributes: { name: 'Other' } } };
    const create = (token: string) => app.request('POST', '/api/v2/organizations', { token, body });
    assert.equal(outcome(await create(bound.token)), '403 access_denied');
    assert.equal((await create(signIn.token)).status, 201);
  });

  test('D5 a bound token makes no other organization the default, and does not learn which others its user is in', async (t) => {
    const { app, ann, bound, signIn } = await start(t, engine);
    const [joined, foreign] = [await app.createOrganization(), await app.createOrganization()];
    await app.store.write((transaction) => setMember(transaction, joined, ann.id, 'member', app.clock.now));
    const choose = async (token: string, organizationId: number) => {
      const body = document({ default_organization_id: organizationId });
      const answer = await app.request('PATCH', `/api/v2/users/${ann.id}`, { token, body });
      return [answer.status, answer.body.data.attributes.default_organization_id];
    };
    const before = (await choose(bound.token, foreign))[1];
    assert.notEqual(before, joined);
    assert.deepEqual(await choose(bound.token, joined), [200, before]);
    assert.deepEqual(await choose(signIn.token, joined), [200, joined]);
  });

  test('D5 a bound token changes neither email nor password, also where the rest of the document may change', async (t) => {
    const { app, ann, bound, signIn } = await start(t, engine);
    await app.createUser({ email: 'user1@email.com' });
    const path = `/api/v2/users/${ann.id}`;
    const patch = (attributes: Record<string, unknown>, token = bound.token) =>
      app.request('PATCH', path, { token, body: document(attributes) });
    for (const address of ['new@email.com', 'ANN@email.com', 'user1@email.com'])
      assert.equal(outcome(await patch({ first_name: 'Anna', email: address })), '403 access_denied');
    const changed = await patch({ first_name: 'Anna', email });
    assert.deepEqual([changed.status, changed.body.data.attributes.email], [200, email]);
    const passwords = { current_password: password, password: 'the second of many' };
    const refused = await app.request('PATCH', `${path}/update_password`, {
      token: bound.token,
      body: document(passwords),
    });
    assert.equal(outcome(refused), '403 access_denied');
    const created = await app.request('POST', '/api/v2/users', {
      token: bound.token,
      body: document({ email: 'x@email.com', first_name: 'X', last_name: 'X' }),
    });
    assert.equal(outcome(created), '403 access_denied');
    const { email: stored } = (await app.request('GET', path, { token: signIn.token })).body.data.attributes;
    assert.equal(stored, email);
    assert.equal((await patch({ email: 'new@email.com' }, signIn.token)).status, 200);
  });

  test('D5 a token that only reads ends itself, and nothing else', async (t) => {
    const { app, ann, signIn, reader, readingSignIn } = await start(t, engine);
    const another = await app.session(ann.id, { readOnly: true });
    for (const { token, path } of [reader, readingSignIn]) {
      for (const [method, to, attributes] of [
        ['DELETE', signIn.path],
        ['DELETE', another.path],
        ['DELETE', sessionsPath],
        ['PATCH', path, { name: 'x' }],
        ['POST', `${sessionsPath}/machine`, { name: 'x' }],
      ] as const)
        assert.equal(outcome(await app.send(token, method, to, attributes)), '403 read_only_token', to);
      assert.equal(
        outcome(await app.send(token, 'DELETE', `${sessionsPath}/999999`)),
        '404 record_not_found',
      );
      assert.equal((await app.send(token, 'GET', sessionsPath)).status, 200);
    }
    assert.equal((await app.send(reader.token, 'DELETE', reader.path)).status, 204);
    assert.equal((await app.send(readingSignIn.token, 'DELETE', `${sessionsPath}/current`)).status, 204);
    for (const { token } of [reader, readingSignIn]) assert.equal(await app.statusOf(token), 401);
    assert.equal(await app.statusOf(signIn.token), 200);
  });

  test('a token that only reads is made by one that does not, bound or free', async (t) => {
    const { app, acme, signIn } = await start(t, engine);
    const made = await app.send(signIn.token, 'POST', `${sessionsPath}/machine`, {
      ...{ name: 'CI', read_only: true, organization_id: acme },
    });
    const { token } = made.body.data.attributes;
    assert.equal(outcome(await app.send(token, 'DELETE', signIn.path)), '404 record_not_found');
    assert.equal((await app.send(token, 'DELETE', `${sessionsPath}/current`)).status, 204);
    assert.deepEqual(brokenRules(await app.send(signIn.token, 'GET')), []);
  });
});
