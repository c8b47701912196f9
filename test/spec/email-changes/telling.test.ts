// A change of the email is told to the old address, whoever makes it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { outcome } from '../../support/read-answers.ts';
import { document } from '../../support/start-app.ts';
import { hour, startEmailChanges } from './start-email-changes.ts';

onEachEngine((engine) => {
  test('C16 the old address is told of each change, in the language of the account, with a link to undo it', async (t) => {
    const { app, change, root, mail, id } = await startEmailChanges(t, engine);
    assert.equal((await change({ email: 'b@email.com' })).body.data.attributes.email, 'b@email.com');
    await change({ email: 'c@email.com' }, root);
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'c'],
    ]) {
      const told = await mail(`${from}@email.com`, 'email_changed');
      assert.deepEqual(told.data, { email: `${to}@email.com` });
      assert.deepEqual([told.toName, told.locale, told.userId], ['name surname', 'de', id]);
      assert.equal(told.link!.expiresAt - app.clock.now, 72 * hour);
    }
    assert.deepEqual(await mailsTo(app, 'c@email.com'), []);
  });

  test('other capitals, another form of the domain, and other attributes are told to nobody', async (t) => {
    const { app, change, moveTo } = await startEmailChanges(t, engine);
    await moveTo('kim@xn--mller-kva.example');
    for (const attributes of [
      { email: 'KIM@müller.example' },
      { email: 'kim@müller.example', first_name: 'Kim' },
      { last_name: 'Lee' },
      { email: 'Kim@MÜLLER.example' },
    ])
      assert.equal((await change(attributes)).status, 200);
    for (const address of ['KIM@müller.example', 'kim@müller.example', 'kim@xn--mller-kva.example'])
      assert.deepEqual(await mailsTo(app, address), [], address);
  });

  test('S18 capitals beyond ASCII may be another mailbox for a mail server: the old address is told', async (t) => {
    const { moveTo, mail, undo, undoOf, email } = await startEmailChanges(t, engine);
    await moveTo('zoé@email.com');
    await moveTo('zoÉ@email.com');
    assert.deepEqual((await mail('zoé@email.com', 'email_changed')).data, { email: 'zoÉ@email.com' });
    assert.equal((await undo(await undoOf('zoé@email.com'))).status, 204);
    assert.equal(await email(), 'zoé@email.com');
  });

  test('S13 links to set a password end with the address that they were mailed to', async (t) => {
    const { app, moveTo, mail, root } = await startEmailChanges(t, engine);
    for (const [from, to, token] of [
      ['a@email.com', 'b@email.com', undefined],
      ['b@email.com', 'c@email.com', root],
    ] as const) {
      const attributes = { email: from };
      const body = { data: { type: 'passwords', attributes } };
      assert.equal((await app.request('POST', '/api/v2/passwords', { body })).status, 204);
      const link = (await mail(from, 'password_reset')).token!;
      assert.equal((await app.request('GET', `/api/v2/passwords/${link}`)).status, 200);
      await moveTo(to, token);
      assert.equal((await app.request('GET', `/api/v2/passwords/${link}`)).status, 404);
    }
  });

  test('people change their own address twenty times a day at most, because each old address gets a mail', async (t) => {
    const { app, change, root } = await startEmailChanges(t, engine);
    for (let i = 0; i < 20; i++) {
      assert.equal((await change({ email: `a${i}@email.com` })).status, 200);
      app.clock.now += 60_000;
    }
    const answer = await change({ email: 'last@email.com', first_name: 'Bea' });
    assert.equal(outcome(answer), '429 too_many_requests');
    assert.deepEqual(answer.body.errors[0].meta, { limit: 20, period: 86_400 });
    assert.equal(answer.headers.get('retry-after'), String(86_400 - 20 * 60));
    assert.equal((await change({ first_name: 'Ann', email: 'A19@email.com' })).status, 200);
    assert.equal((await change({ email: 'by-sysadmin@email.com' }, root)).status, 200);
    app.clock.now += 24 * hour - 19 * 60_000;
    assert.equal((await change({ email: 'last@email.com' })).status, 200);
  });

  test('a PATCH that is refused tells nobody', async (t) => {
    const { app, change, create } = await startEmailChanges(t, engine);
    await create('taken@email.com');
    for (const attributes of [{ email: 'taken@email.com' }, { email: 'b@email.com', first_name: ' ' }])
      assert.equal((await change(attributes)).status, 422);
    assert.equal((await change({ email: 'b@email.com' }, undefined, { 'If-Match': '"old"' })).status, 412);
    assert.deepEqual(await mailsTo(app, 'a@email.com'), []);
  });

  test('an account that is created, or deleted, tells no address', async (t) => {
    const { app, create, root } = await startEmailChanges(t, engine);
    const made = await create('new@email.com');
    await app.request('DELETE', `/api/v2/users/${made.body.data.id}`, { token: root });
    const body = document({ email: 'new@email.com', first_name: 'Bea', last_name: 'Lee' });
    assert.equal((await app.request('POST', '/api/v2/users', { token: root, body })).status, 201);
    assert.deepEqual(await mailsTo(app, 'new@email.com'), []);
  });
});
