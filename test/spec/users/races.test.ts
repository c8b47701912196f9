// Concurrent requests that conflict: section E12 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, countAdministrators, outcome } from '../../support/read-answers.ts';
import { type Answer, document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';

function times<T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => work(i)));
}

function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[outcome(answer)] = (counts[outcome(answer)] ?? 0) + 1;
  return counts;
}

/** The same address in one of 2^n spellings. */
function spelled(email: string, i: number): string {
  return [...email]
    .map((letter, at) => ((i >> at) & 1 ? letter.toUpperCase() : letter.toLowerCase()))
    .join('');
}

onEachEngine((engine) => {
  test('E12 of 50 new users with one email in different case, one is made', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const { rowCount } = await app.store.read.records(users).state();
    const answers = await times(50, (i) =>
      app.request('POST', usersPath, {
        token,
        body: document({ email: spelled('anneke@email.com', i), first_name: `Ann ${i}`, last_name: 'Other' }),
      }),
    );
    assert.deepEqual(tally(answers), { 201: 1, '422 invalid_attribute': 49 });
    for (const answer of answers.filter(({ status }) => status === 422))
      assert.deepEqual(brokenRules(answer), ['email has already been taken']);
    const made = answers.find(({ status }) => status === 201)!.body.data;
    assert.equal((await app.store.read.records(users).state()).rowCount, rowCount + 1);
    const found = await app.store.read.records(users).findByIdentity('email', 'anneke@email.com');
    assert.equal(String(found!.id), made.id);
    assert.equal(found!.email, made.attributes.email);
  });

  test('E12 of 20 new users with a password and one email, one is made and its password is the one given', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const answers = await times(20, (i) => {
      const named = { email: 'ann@email.com', first_name: `Ann ${i}`, last_name: 'Other' };
      return app.request('POST', usersPath, {
        token,
        body: document({ ...named, password: `password of ${i}` }),
      });
    });
    assert.deepEqual(tally(answers), { 201: 1, '422 invalid_attribute': 19 });
    const winner = answers.findIndex(({ status }) => status === 201);
    const id = Number(answers[winner]!.body.data.id);
    const change = await app.request('PATCH', `${usersPath}/${id}/update_password`, {
      token: await app.createToken(id),
      body: document({ current_password: `password of ${winner}`, password: 'another password' }),
    });
    assert.equal(change.status, 200);
  });

  test('E12 of 20 users who want one email, one gets it', async (t) => {
    const app = await startApp(t, engine);
    const people = await times(20, () => app.createUser());
    const answers = await Promise.all(
      people.map(({ id, token }, i) =>
        app.request('PATCH', `${usersPath}/${id}`, {
          token,
          body: document({ email: spelled('wanted@email.com', i) }),
        }),
      ),
    );
    assert.deepEqual(tally(answers), { 200: 1, '422 invalid_attribute': 19 });
    const winner = answers.findIndex(({ status }) => status === 200);
    const holder = await app.store.read.records(users).findByIdentity('email', 'wanted@email.com');
    assert.equal(holder!.id, people[winner]!.id);
  });

  test('E12 of 30 password changes from the same current password, one succeeds', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ password: 'password of Ann' });
    // One instance hashes one password at a time on a machine of two cores: these hash six at once.
    const others = await times(5, () => serveStore(t, app.store, {}, { clock: app.clock, log: [] }));
    const change = (current_password: string, password: string, at: TestApp = app) =>
      at.request('PATCH', `${usersPath}/${id}/update_password`, {
        token,
        body: document({ current_password, password }),
      });
    const instances = [app, ...others];
    const answers = await times(30, (i) =>
      change('password of Ann', `new password ${i}`, instances[i % instances.length]),
    );
    const counts = tally(answers);
    assert.equal(counts[200], 1, JSON.stringify(counts));
    // The others are too late: their current password is now wrong.
    for (const answer of answers.filter(({ status }) => status === 422))
      assert.deepEqual(brokenRules(answer), ['current_password is not valid']);
    const { 200: _won, '422 invalid_attribute': wrong = 0, '429 too_many_requests': slowed = 0 } = counts;
    assert.equal(wrong + slowed, 29, JSON.stringify(counts));
    const winner = answers.findIndex(({ status }) => status === 200);
    app.clock.now += 24 * 60 * 60 * 1000;
    assert.equal((await change(`new password ${winner}`, 'password of Ann')).status, 200);
  });

  test('E12 a password change and the change of another attribute do not undo each other', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ password: 'password of Ann' });
    const [changed, renamed] = await Promise.all([
      app.request('PATCH', `${usersPath}/${id}/update_password`, {
        token,
        body: document({ current_password: 'password of Ann', password: 'another password' }),
      }),
      app.request('PATCH', `${usersPath}/${id}`, { token, body: document({ first_name: 'Ann' }) }),
    ]);
    assert.deepEqual([changed.status, renamed.status], [200, 200]);
    assert.equal((await app.store.read.records(users).find(id))!.first_name, 'Ann');
  });

  test('E12 of changes to different attributes at once, none is lost', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const changes = {
      first_name: 'Ann',
      last_name: 'Other',
      time_zone: 'Europe/Zagreb',
      avatar_url: 'https://example.com/a.png',
      preferences: { a: 1 },
      locale: 'hr_HR',
      newsletter_consent: true,
      email: 'ann@email.com',
    };
    const before = (await app.store.read.records(users).find(id))!;
    const answers = await Promise.all(
      Object.entries(changes).map(([name, value]) =>
        app.request('PATCH', `${usersPath}/${id}`, { token, body: document({ [name]: value }) }),
      ),
    );
    assert.deepEqual(tally(answers), { 200: 8 });
    const { attributes } = (await app.request('GET', `${usersPath}/${id}`, { token })).body.data;
    for (const [name, value] of Object.entries(changes)) assert.deepEqual(attributes[name], value);
    // Each change is a separate version, although the clock is frozen.
    assert.equal((await app.store.read.records(users).find(id))!.revision, (before.revision as number) + 8);
    assert.equal(new Set(answers.map(({ headers }) => headers.get('etag'))).size, 8);
    assert.equal(new Set(answers.map(({ body }) => body.data.attributes.updated_at)).size, 8);
  });

  test('E12 of 100 changes that expect the same version, one succeeds', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const etag = (await app.request('GET', `${usersPath}/${id}`, { token })).headers.get('etag')!;
    const answers = await times(100, (i) =>
      app.request('PATCH', `${usersPath}/${id}`, {
        token,
        headers: { 'If-Match': etag },
        body: document({ first_name: `Ann ${i}` }),
      }),
    );
    assert.deepEqual(tally(answers), { 200: 1, '412 precondition_failed': 99 });
    const winner = answers.findIndex(({ status }) => status === 200);
    assert.equal((await app.store.read.records(users).find(id))!.first_name, `Ann ${winner}`);
  });

  test('E12 of 20 deletions of one user, one succeeds', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const { id } = await app.createUser();
    const answers = await times(20, () => app.request('DELETE', `${usersPath}/${id}`, { token }));
    assert.deepEqual(tally(answers), { 204: 1, '404 record_not_found': 19 });
    assert.equal((await app.store.read.records(users).state()).rowCount, 1);
  });

  test('E12 sysadmins who all demote or delete each other at once leave one', async (t) => {
    for (const way of ['demote', 'delete'] as const) {
      const app = await startApp(t, engine);
      const sysadmins = await times(6, () => app.createUser({ sysadmin: true }));
      await Promise.all(
        sysadmins.flatMap(({ token }) =>
          sysadmins.map(({ id }) =>
            way === 'demote'
              ? app.request('PATCH', `${usersPath}/${id}`, { token, body: document({ sysadmin: false }) })
              : app.request('DELETE', `${usersPath}/${id}`, { token }),
          ),
        ),
      );
      assert.equal(await countAdministrators(app.store), 1, way);
    }
  });

  test('E12 of a user who is changed and deleted at once, nothing is left', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    for (let round = 0; round < 10; round++) {
      const { id } = await app.createUser();
      const [deleted, ...changed] = await Promise.all([
        app.request('DELETE', `${usersPath}/${id}`, { token }),
        ...[1, 2, 3].map((i) =>
          app.request('PATCH', `${usersPath}/${id}`, { token, body: document({ first_name: `Ann ${i}` }) }),
        ),
      ]);
      assert.equal(deleted!.status, 204);
      for (const { status } of changed) assert.ok(status === 200 || status === 404, String(status));
      assert.equal(await app.store.read.records(users).find(id), null);
    }
  });
});
