// With MUSTER_CONFIRM_EMAIL, a new address that people give to their own account waits until they confirm it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { confirmations, hour, startEmailChanges } from './start-email-changes.ts';

const settings = { confirmEmail: 'true' };

onEachEngine((engine) => {
  test('an own new address waits for the link that is mailed to it, and everything else changes at once', async (t) => {
    const { app, token, id, root, change, mail, confirm, email } = await startEmailChanges(
      t,
      engine,
      settings,
    );
    const before = await app.request('GET', `/api/v2/users/${id}`, { token });
    const answer = await change({ email: 'b@email.com', first_name: 'Ann' });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.meta, { pending_email: 'b@email.com' });
    assert.equal(answer.body.data.attributes.email, 'a@email.com');
    assert.equal(answer.body.data.attributes.first_name, 'Ann');
    assert.notEqual(answer.headers.get('etag'), before.headers.get('etag'));
    const asked = await mail('b@email.com', 'email_confirmation');
    assert.deepEqual([asked.data, asked.locale], [{ email: 'b@email.com' }, 'de']);
    assert.deepEqual(await mailsTo(app, 'a@email.com'), []);

    const path = `${confirmations}/${asked.token}`;
    for (const method of ['HEAD', 'GET', 'GET']) assert.equal((await app.request(method, path)).status, 200);
    const shown = await app.request('GET', path);
    assert.deepEqual(shown.body.data, {
      id: asked.token,
      type: 'email_confirmations',
      attributes: { email: 'b@email.com' },
    });
    const confirmed = await confirm(asked.token!);
    assert.deepEqual([confirmed.status, confirmed.text], [204, '']);
    assert.equal(await email(), 'b@email.com');
    assert.deepEqual((await mail('a@email.com', 'email_changed')).data, { email: 'b@email.com' });
    assert.equal((await app.request('GET', '/api/v2/users/me', { token })).status, 200);
    for (const again of [await confirm(asked.token!), await app.request('GET', path)])
      assert.equal(outcome(again), '404 record_not_found');
    const trail = await app.request('GET', `/api/v2/events?filter[subject_id]=${id}&sort=-id`, {
      token: root,
    });
    const [done, requested] = trail.body.data.map((event: any) => event.attributes);
    assert.equal(done.action, 'user.update');
    assert.deepEqual(done.changes, [{ attribute: 'email', from: 'a@email.com', to: 'b@email.com' }]);
    assert.equal(requested.action, 'user.request_email');
    assert.deepEqual(requested.changes, [{ attribute: 'pending_email', from: null, to: 'b@email.com' }]);
  });

  test('asking for the address alone changes nothing that the tag covers, and asking again mails nothing', async (t) => {
    const { app, id, token, change, mail } = await startEmailChanges(t, engine, settings);
    const before = await app.request('GET', `/api/v2/users/${id}`, { token });
    const etag = before.headers.get('etag')!;
    for (let i = 0; i < 2; i++) {
      const answer = await change({ email: 'b@email.com' }, token, { 'If-Match': etag });
      assert.deepEqual([answer.status, answer.headers.get('etag')], [200, etag]);
      assert.deepEqual(answer.body, { data: before.body.data, meta: { pending_email: 'b@email.com' } });
      app.clock.now += 1000;
    }
    assert.equal((await mailsTo(app, 'b@email.com')).length, 1);
    assert.ok((await mail('b@email.com', 'email_confirmation')).token);
    const after = await app.request('GET', `/api/v2/users/${id}`, { token });
    assert.equal(after.text, before.text);
    const stale = await change({ email: 'c@email.com' }, token, { 'If-Match': '"stale"' });
    assert.equal(outcome(stale), '412 precondition_failed');
    assert.deepEqual(await mailsTo(app, 'c@email.com'), []);
  });

  test('S22 of two changes in a row, the link of the first one is dead', async (t) => {
    const { change, mail, confirm, email } = await startEmailChanges(t, engine, settings);
    await change({ email: 'b@email.com' });
    assert.deepEqual((await change({ email: 'c@email.com' })).body.meta, { pending_email: 'c@email.com' });
    const [first, second] = [
      await mail('b@email.com', 'email_confirmation'),
      await mail('c@email.com', 'email_confirmation'),
    ];
    assert.equal(outcome(await confirm(first.token!)), '404 record_not_found');
    assert.equal(await email(), 'a@email.com');
    assert.equal((await confirm(second.token!)).status, 204);
    assert.equal(await email(), 'c@email.com');
  });

  test('asking for the address that the account has withdraws the one that waits', async (t) => {
    const { change, mail, confirm, email } = await startEmailChanges(t, engine, settings);
    for (const own of ['a@email.com', 'A@email.com']) {
      await change({ email: 'b@email.com' });
      const { token: link } = await mail('b@email.com', 'email_confirmation');
      assert.deepEqual((await change({ first_name: 'Bea' })).body.meta, {});
      const answer = await change({ email: own });
      assert.deepEqual([answer.body.meta, answer.body.data.attributes.email], [{}, own]);
      assert.equal((await confirm(link!)).status, 404);
      assert.equal(await email(), own);
    }
  });

  test('a sysadmin changes the address of somebody else at once, which ends the link of the one that waits', async (t) => {
    const { change, root, mail, confirm, email } = await startEmailChanges(t, engine, settings);
    await change({ email: 'b@email.com' });
    const { token: link } = await mail('b@email.com', 'email_confirmation');
    const answer = await change({ email: 'c@email.com' }, root);
    assert.deepEqual([answer.body.meta, answer.body.data.attributes.email], [{}, 'c@email.com']);
    assert.equal((await confirm(link!)).status, 404);
    assert.equal(await email(), 'c@email.com');
  });

  test('S13 a new password ends the link of an address that waits', async (t) => {
    const { app, id, token, change, mail, confirm } = await startEmailChanges(t, engine, settings);
    await change({ email: 'b@email.com' });
    const { token: link } = await mail('b@email.com', 'email_confirmation');
    const attributes = { current_password: 'rain on the tin roof', password: 'a kettle of warm water' };
    const body = { data: { type: 'users', attributes } };
    await app.request('PATCH', `/api/v2/users/${id}/update_password`, { token, body });
    assert.equal((await confirm(link!)).status, 404);
  });

  test('an address that waits is free for others, and is checked again when it is confirmed', async (t) => {
    const { app, change, create, mail, confirm, email, root } = await startEmailChanges(t, engine, settings);
    await change({ email: 'b@email.com' });
    const { token: link } = await mail('b@email.com', 'email_confirmation');
    const made = await create('B@email.com');
    assert.equal(made.status, 201);
    assert.deepEqual(brokenRules(await confirm(link!)), ['email has already been taken']);
    assert.equal(await email(), 'a@email.com');
    await app.request('DELETE', `/api/v2/users/${made.body.data.id}`, { token: root });
    assert.equal((await confirm(link!)).status, 204);
    assert.equal(await email(), 'b@email.com');
    assert.deepEqual(brokenRules(await change({ email: 'root@email.com' })), [
      'email has already been taken',
    ]);
  });

  test('two accounts that confirm the same address at once get it once', async (t) => {
    const { app, change, mail, confirm } = await startEmailChanges(t, engine, settings);
    const other = await app.createUser();
    await change({ email: 'b@email.com' });
    const first = await mail('b@email.com', 'email_confirmation');
    const body = { data: { type: 'users', attributes: { email: 'b@email.com' } } };
    await app.request('PATCH', `/api/v2/users/${other.id}`, { token: other.token, body });
    const second = await mail('b@email.com', 'email_confirmation');
    const answers = await Promise.all([confirm(first.token!), confirm(second.token!)]);
    assert.deepEqual(answers.map(outcome).sort(), ['204', '422 invalid_attribute']);
  });

  test('the link works for a day, and not while the access of the account has ended', async (t) => {
    const { app, change, root, mail, confirm } = await startEmailChanges(t, engine, settings);
    await change({ email: 'b@email.com' });
    const { token: link } = await mail('b@email.com', 'email_confirmation');
    const path = `${confirmations}/${link}`;
    const end = new Date(app.clock.now - 1).toISOString();
    await change({ account_access_expires_at: end }, root);
    assert.equal((await app.request('GET', path)).status, 404);
    assert.equal((await confirm(link!)).status, 404);
    await change({ account_access_expires_at: null }, root);
    app.clock.now += 24 * hour - 1;
    assert.equal((await app.request('GET', path)).status, 200);
    app.clock.now += 1;
    assert.equal((await confirm(link!)).status, 404);
  });

  test('an address gets five such mails an hour at most, and the PATCH that asks for more changes nothing', async (t) => {
    const { app, change } = await startEmailChanges(t, engine, { ...settings, mailsPerAddress: '5' });
    for (let i = 0; i < 5; i++) {
      assert.equal((await change({ email: 'b@email.com' })).status, 200);
      await change({ email: 'a@email.com' });
    }
    const answer = await change({ email: 'B@email.com', first_name: 'Bea' });
    assert.equal(outcome(answer), '429 too_many_requests');
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await mailsTo(app, 'b@email.com')).length, 5);
    const own = await change({ email: 'a@email.com' });
    assert.equal(own.body.data.attributes.first_name, 'name');
  });
});
