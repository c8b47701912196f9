// GET and PATCH /email_undos/{token}: whoever reads the mail of the address before gets the account back, whatever a thief
// has done with it since.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { serveStore } from '../../support/start-app.ts';
import { another, hour, password, startEmailChanges, undos } from './start-email-changes.ts';

onEachEngine((engine) => {
  test('C16 the link in the notice restores the address, once, and leaves a password that is as old', async (t) => {
    const { app, id, token, moveTo, undoOf, undo, email, signIn } = await startEmailChanges(t, engine);
    const machine = await app.createToken(id);
    await moveTo('b@email.com');
    const link = await undoOf('a@email.com');
    const shown = await app.request('GET', `${undos}/${link}`);
    assert.deepEqual(shown.body, {
      data: {
        id: link,
        type: 'email_undos',
        attributes: { email: 'a@email.com', password_needed: false },
      },
      meta: {},
    });
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    const answer = await undo(link);
    assert.deepEqual([answer.status, answer.text], [204, '']);
    assert.equal(await email(), 'a@email.com');
    assert.equal(outcome(await app.request('GET', '/api/v2/users/me', { token })), '401 invalid_auth_token');
    assert.equal((await app.request('GET', '/api/v2/users/me', { token: machine })).status, 200);
    assert.equal((await signIn('a@email.com', password)).status, 201);
    for (const again of [await undo(link), await app.request('GET', `${undos}/${link}`)])
      assert.equal(outcome(again), '404 record_not_found');
  });

  test('S11 reading the link in any way uses nothing up', async (t) => {
    const { app, moveTo, undoOf, undo } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    const path = `${undos}/${await undoOf('a@email.com')}`;
    for (const method of ['HEAD', 'GET', 'GET', 'OPTIONS', 'GET'])
      assert.ok((await app.request(method, path)).status < 300);
    assert.equal((await undo(path.slice(undos.length + 1))).status, 204);
  });

  test('a password that was set since is void, and the link sets another one', async (t) => {
    const { app, id, token, root, moveTo, undoOf, undo, signIn, mail } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    const body = {
      data: {
        type: 'users',
        attributes: { current_password: password, password: 'the password of a thief' },
      },
    };
    await app.request('PATCH', `/api/v2/users/${id}/update_password`, { token, body });
    const thief = await app.createToken(id);
    const link = await undoOf('a@email.com');
    const shown = await app.request('GET', `${undos}/${link}`);
    assert.equal(shown.body.data.attributes.password_needed, true);
    for (const [attributes, rules] of [
      [{ password: 'short' }, ['password is too short (minimum is 8 characters)']],
      [{ password: another, password_confirmation: 'x' }, ["password_confirmation doesn't match Password"]],
      [{ password: 'a@email.com' }, ["password can't be your email"]],
      [{ colour: 'red' }, ['colour is not a known attribute']],
    ] as const)
      assert.deepEqual(brokenRules(await undo(link, attributes)), rules);
    const own = { email: 'a@email.com', password_needed: true };
    const given = { ...own, password: another, password_confirmation: another };
    assert.equal((await undo(link, given)).status, 204);
    assert.equal((await signIn('a@email.com', 'the password of a thief')).status, 401);
    assert.equal((await signIn('a@email.com', another)).status, 201);
    assert.equal((await app.request('GET', '/api/v2/users/me', { token: thief })).status, 401);
    assert.deepEqual((await mail('a@email.com', 'password_changed')).data, { api_tokens: 1, by: 'reset' });
    const trail = await app.request('GET', `/api/v2/events?filter[subject_id]=${id}&sort=-id`, {
      token: root,
    });
    const undone = trail.body.data.find((event: any) => event.attributes.action === 'user.undo_email');
    assert.deepEqual(undone.attributes.changes, [
      { attribute: 'email', from: 'b@email.com', to: 'a@email.com' },
      { attribute: 'password', from: 'changed', to: 'changed' },
    ]);
    assert.deepEqual(undone.attributes.details.api_tokens_ended, 1);
  });

  test('without a new password the account has none, until a reset by the address that it got back', async (t) => {
    const { app, id, moveTo, undoOf, undo, mail, signIn } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    await app.store.write(({ passwords }) => passwords.set(id, 'the hash of a thief', app.clock.now));
    const ask = async (email: string) => {
      const body = { data: { type: 'passwords', attributes: { email } } };
      await app.request('POST', '/api/v2/passwords', { body });
      return (await mail(email, 'password_reset')).token!;
    };
    const ofThief = await ask('b@email.com');
    assert.equal((await undo(await undoOf('a@email.com'))).status, 204);
    assert.equal(await app.store.read.passwords.find(id), null);
    assert.equal((await app.request('GET', `/api/v2/passwords/${ofThief}`)).status, 404);
    const reset = await ask('a@email.com');
    const fresh = { data: { type: 'passwords', attributes: { password: another } } };
    assert.equal((await app.request('PATCH', `/api/v2/passwords/${reset}`, { body: fresh })).status, 204);
    assert.equal((await signIn('a@email.com', another)).status, 201);
  });

  test('another hash of the same password, which a sign-in stores, is no new password', async (t) => {
    const { app, id, moveTo, undoOf, undo, signIn } = await startEmailChanges(t, engine);
    const foreign = '$2b$10$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS';
    await app.store.write(({ passwords }) => passwords.set(id, foreign, app.clock.now));
    await moveTo('b@email.com');
    assert.equal((await signIn('b@email.com', 'correct horse battery')).status, 201);
    assert.notEqual(await app.store.read.passwords.find(id), foreign);
    const link = await undoOf('a@email.com');
    const shown = await app.request('GET', `${undos}/${link}`);
    assert.equal(shown.body.data.attributes.password_needed, false);
    assert.equal((await undo(link)).status, 204);
    assert.equal((await signIn('a@email.com', 'correct horse battery')).status, 201);
  });

  test('what a thief made since ends although the clock was set back meanwhile, and what is older stays', async (t) => {
    const { app, id, moveTo, undoOf, undo, signIn } = await startEmailChanges(t, engine);
    const mine = await app.createToken(id);
    await moveTo('b@email.com');
    app.clock.now -= 2 * hour;
    const theirs = await app.createToken(id);
    await app.store.write(({ passwords }) => passwords.set(id, 'the hash of a thief', app.clock.now));
    assert.equal((await undo(await undoOf('a@email.com'), { password: another })).status, 204);
    assert.equal((await app.request('GET', '/api/v2/users/me', { token: mine })).status, 200);
    assert.equal((await app.request('GET', '/api/v2/users/me', { token: theirs })).status, 401);
    assert.equal((await signIn('a@email.com', another)).status, 201);
  });

  test('the owner wins against a thief who goes on to a third address, undoes that change and asks for resets', async (t) => {
    const start = await startEmailChanges(t, engine);
    const { app, id, change, moveTo, undoOf, undo, mail, email, signIn } = start;
    await moveTo('b@email.com');
    await moveTo('c@email.com');
    const [ofOwner, ofThief] = [await undoOf('a@email.com'), await undoOf('b@email.com')];
    // The thief has both addresses, and uses all that they give.
    assert.equal((await undo(ofThief, { password: 'the password of a thief' })).status, 204);
    assert.equal(await email(), 'b@email.com');
    const thief = await app.createToken(id, { machine: false });
    await change({ first_name: 'Thief' }, thief);
    await moveTo('a@email.com', thief);
    await moveTo('d@email.com', thief);
    const ask = { data: { type: 'passwords', attributes: { email: 'd@email.com' } } };
    await app.request('POST', '/api/v2/passwords', { body: ask });
    const reset = (await mail('d@email.com', 'password_reset')).token!;
    const later = await undoOf('a@email.com');
    assert.notEqual(later, ofOwner);

    app.clock.now += 71 * hour;
    assert.equal((await undo(ofOwner, { password: another })).status, 204);
    assert.equal(await email(), 'a@email.com');
    assert.equal((await app.request('GET', '/api/v2/users/me', { token: thief })).status, 401);
    const fresh = { data: { type: 'passwords', attributes: { password: 'the password of a thief' } } };
    assert.equal((await app.request('PATCH', `/api/v2/passwords/${reset}`, { body: fresh })).status, 404);
    // No link that was made after the owner's works, and none was made by the undo.
    for (const dead of [ofThief, later]) assert.equal((await undo(dead)).status, 404);
    for (const address of ['b@email.com', 'c@email.com', 'd@email.com'])
      for (const { kind, token: link } of await mailsTo(app, address))
        if (kind === 'email_changed') assert.equal((await undo(link!)).status, 404, address);
    assert.equal((await signIn('a@email.com', another)).status, 201);
  });

  test('an undo at a later address ends no link of an earlier one', async (t) => {
    const { moveTo, undoOf, undo, email } = await startEmailChanges(t, engine);
    for (const to of ['b', 'c', 'd']) await moveTo(`${to}@email.com`);
    const links = [await undoOf('a@email.com'), await undoOf('b@email.com'), await undoOf('c@email.com')];
    for (const [link, address] of [
      [links[2]!, 'c@email.com'],
      [links[1]!, 'b@email.com'],
      [links[0]!, 'a@email.com'],
    ] as const) {
      assert.equal((await undo(link)).status, 204);
      assert.equal(await email(), address);
    }
  });

  test('a thief who takes the address of somebody invited, and undoes that when they have joined, is in no organization of theirs', async (t) => {
    const { app, id, token, root, moveTo, undoOf, undo, signIn } = await startEmailChanges(t, engine);
    const own = await app.createOrganization();
    const acme = await app.createOrganization();
    const join = async (organizationId: number, role: string) => {
      const attributes = { organization_id: organizationId, user_id: id, role };
      const body = { data: { type: 'organization_memberships', attributes } };
      const answer = await app.request('POST', '/api/v2/organization_memberships', { token: root, body });
      assert.equal(answer.status, 201, answer.text);
    };
    await join(own, 'member');
    await moveTo('victim@email.com', token);
    await join(acme, 'owner');
    const preferring = { data: { type: 'users', attributes: { default_organization_id: acme } } };
    const preferred = await app.request('PATCH', `/api/v2/users/${id}`, { token, body: preferring });
    assert.equal(preferred.body.data.attributes.default_organization_id, acme);
    assert.equal((await undo(await undoOf('a@email.com'))).status, 204);
    const signedIn = (await signIn('a@email.com', password)).body.data.attributes.token;
    const left = await app.request('GET', '/api/v2/organization_memberships?include=organization', {
      token: signedIn,
    });
    assert.deepEqual(
      left.body.included.map((one: any) => one.id),
      [String(own)],
    );
    const me = await app.request('GET', '/api/v2/users/me', { token: signedIn });
    assert.equal(me.body.data.attributes.default_organization_id, own);
    const trail = await app.request('GET', `/api/v2/events?filter[organization_id]=${acme}&sort=-id`, {
      token: root,
    });
    assert.equal(trail.body.data[0].attributes.action, 'organization_membership.delete');
    const people = await app.request('GET', `/api/v2/people?filter[user_id]=${id}`, {
      token: root,
      headers: { 'X-Organization-Id': String(acme) },
    });
    assert.notEqual(people.body.data[0].attributes.deactivated_at, null);
  });

  test('the address that loses the account is told, without a link', async (t) => {
    const { moveTo, undoOf, undo, mail } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    await undo(await undoOf('a@email.com'));
    const told = await mail('b@email.com', 'email_restored');
    assert.deepEqual([told.data, told.token], [{}, null]);
  });

  test('the link works for 72 hours, and not after the account is deleted', async (t) => {
    const { app, id, root, moveTo, undoOf, undo } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    const first = await undoOf('a@email.com');
    app.clock.now += 72 * hour - 1001;
    assert.equal((await app.request('GET', `${undos}/${first}`)).status, 200);
    app.clock.now += 1;
    for (const answer of [await app.request('GET', `${undos}/${first}`), await undo(first)])
      assert.equal(outcome(answer), '404 record_not_found');
    await moveTo('c@email.com', root);
    const second = await undoOf('b@email.com');
    await app.request('DELETE', `/api/v2/users/${id}`, { token: root });
    assert.equal((await app.request('GET', `${undos}/${second}`)).status, 404);
    assert.equal((await undo(second)).status, 404);
  });

  test('the last sysadmin gives a new password with the undo, so that somebody can administer', async (t) => {
    const { app, undo, undoOf, signIn } = await startEmailChanges(t, engine);
    const root = (await app.store.read.records(users).findByIdentity('email', 'root@email.com'))!;
    const [session] = await app.store.read.sessions.list(root.id);
    await app.store.write(({ sessions }) => sessions.end(session!.id));
    const token = await app.createToken(root.id, { machine: false });
    const body = { data: { type: 'users', attributes: { email: 'thief@email.com' } } };
    await app.request('PATCH', `/api/v2/users/${root.id}`, { token, body });
    app.clock.now += 1000;
    await app.store.write(({ passwords }) => passwords.set(root.id, 'the hash of a thief', app.clock.now));
    const link = await undoOf('root@email.com');
    assert.deepEqual(brokenRules(await undo(link)), ['password is needed, this is the last sysadmin']);
    assert.equal((await undo(link, { password: another })).status, 204);
    assert.equal((await signIn('root@email.com', another)).status, 201);
    assert.ok(await app.store.read.administrators.includes(root.id));
  });

  test('S12 of a hundred at once with one link, at two instances, one succeeds', async (t) => {
    const open = await emptyDatabase(t, engine, { workers: 2 });
    const shared = { clock: { now: Date.parse('2026-03-17T04:04:00.843Z') }, log: [] };
    const one = await serveStore(t, await open(), {}, shared);
    const other = await serveStore(t, await open(), {}, shared);
    const { moveTo, undoOf } = await startEmailChanges(t, engine, {}, one);
    await moveTo('b@email.com');
    const link = await undoOf('a@email.com');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const attributes = i % 10 === 0 ? { password: another } : {};
        const body = { data: { type: 'email_undos', attributes } };
        return (i % 2 === 0 ? one : other).request('PATCH', `${undos}/${link}`, { body });
      }),
    );
    const outcomes = answers.map(outcome);
    assert.equal(outcomes.filter((text) => text === '204').length, 1);
    assert.deepEqual([...new Set(outcomes)].sort(), ['204', '404 record_not_found']);
  });

  test('tokens that are no link, and links of another kind, are not found', async (t) => {
    const { app, moveTo, undoOf, undo, confirm } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    const link = await undoOf('a@email.com');
    for (const answer of [await undo('x'), await undo(`${link}x`), await confirm(link)])
      assert.equal(outcome(answer), '404 record_not_found');
    const headers = { 'X-Auth-Token': 'not a token' };
    assert.equal((await app.request('GET', `${undos}/${link}?token=not`, { headers })).status, 200);
  });
});
