// POST /passwords: who gets a link, and that the response shows nobody who has an account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { outcome } from '../../support/read-answers.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { type Answer, mediaType } from '../../support/start-app.ts';
import { fingerprint } from '../access-matrix/check-cells.ts';
import { ann, old, passwordDocument, path, startPasswords } from './start-passwords.ts';

onEachEngine((engine) => {
  test('C11, S15 the response is the same for every address, and only who may sign in gets a mail', async (t) => {
    const { app, ask } = await startPasswords(t, engine);
    const ended = { account_access_expires_at: app.clock.now };
    const { id } = await app.createUser({ email: ann, password: old });
    const expired = await app.createUser({ email: 'expired@example.com', password: old, values: ended });
    await app.createUser({ email: 'without@example.com' });
    const events = await recordedSince(app.store);
    const typed = [
      ann,
      'expired@example.com',
      'nobody@example.com',
      'not an address',
      '\u0000',
      'x'.repeat(1e6),
    ];
    const answers: Answer[] = [];
    for (const email of typed) answers.push(await ask(email));
    for (const answer of answers) assert.deepEqual(fingerprint(answer), fingerprint(answers[0]!));
    assert.deepEqual([answers[0]!.status, answers[0]!.text], [204, '']);
    assert.deepEqual(
      (await app.store.read.mails.mailbox(10, 0)).map(({ toAddress, userId }) => [toAddress, userId]),
      [[ann, id]],
    );
    const recorded = await events();
    assert.deepEqual(
      recorded.map(({ action, outcome, subjectId, details }) => [action, outcome, subjectId, details]),
      [
        ['success', id, {}],
        ['failure', expired.id, { reason: 'expired' }],
        ...typed.slice(2).map(() => ['failure', null, { reason: 'unknown_address' }]),
      ].map((event) => ['user.request_password_reset', ...event]),
    );
    for (const { actor } of recorded) assert.deepEqual(actor, { kind: 'user', userId: null });
  });

  test('a mail goes to the stored address, in the language of the account', async (t) => {
    const { app, ask } = await startPasswords(t, engine);
    const values = { first_name: 'Änn', last_name: 'Lee', locale: 'de_AT' };
    await app.createUser({ email: 'Ann@Example.com', values });
    await ask(' ann@example.com');
    await ask('ANN@EXAMPLE.COM');
    const [mail, ...others] = await mailsTo(app, 'Ann@Example.com');
    assert.deepEqual([mail!.toName, mail!.locale, others], ['Änn Lee', 'de', []]);
    assert.equal((await app.store.read.mails.mailbox(10, 0)).length, 1);
  });

  test('S18 letters that fold to others mail nobody but the stored address', async (t) => {
    const { app, ask } = await startPasswords(t, engine);
    await app.createUser({ email: 'kim@example.com' });
    const typed = [
      '\u212Aim@example.com',
      'k\u0131m@example.com',
      'K\u0130M@example.com',
      'kim@example.\uFF43om',
    ];
    for (const email of typed) assert.equal((await ask(email)).status, 204);
    const mails = await app.store.read.mails.mailbox(10, 0);
    assert.ok(mails.length > 0);
    for (const { toAddress } of mails) assert.equal(toAddress, 'kim@example.com');
    assert.ok(!JSON.stringify(mails).includes('\u212A'));
  });

  test('D8 a hundred requests for one account mail five links, of which the last one works', async (t) => {
    const { app, ask, show } = await startPasswords(t, engine);
    const { id } = await app.createUser({ email: ann, password: old });
    const events = await recordedSince(app.store);
    const answers: Answer[] = [];
    for (let i = 0; i < 100; i++) answers.push(await ask(i % 2 === 0 ? ann : 'ANN@example.com'));
    for (const answer of answers) assert.deepEqual(fingerprint(answer), fingerprint(answers[0]!));
    const mails = await mailsTo(app, ann);
    assert.equal(mails.length, 5);
    const statuses = [];
    for (const { token } of mails) statuses.push((await show(token!)).status);
    assert.deepEqual(statuses, [404, 404, 404, 404, 200]);
    const failed = (await events()).filter(({ outcome }) => outcome === 'failure');
    assert.equal(failed.length, 95);
    for (const { details, subjectId } of failed)
      assert.deepEqual([details, subjectId], [{ reason: 'too_many_mails' }, id]);
    await ask('bea@example.com');
  });

  test('D8 whoever invites an address does not use up its limit of links to set a new password', async (t) => {
    const { app, ask } = await startPasswords(t, engine, { mailsPerAddress: '1' });
    await app.createUser({ email: ann });
    const owner = await app.createUser({ sysadmin: true });
    const invite = async () => {
      const path = `/api/v2/organizations/${await app.createOrganization()}/invitations`;
      const body = { data: { type: 'invitations', attributes: { email: ann } } };
      return (await app.request('POST', path, { token: owner.token, body })).status;
    };
    assert.deepEqual([await invite(), await invite()], [201, 429]);
    await ask(ann);
    await ask(ann);
    const kinds = (await mailsTo(app, ann)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['invitation', 'password_reset']);
  });

  test('D8 one client network causes a limited number of mails, to all accounts together', async (t) => {
    const { app, ask } = await startPasswords(t, engine, { mailsPerClient: '3' });
    const emails = Array.from({ length: 5 }, (_, i) => `user-${i}@example.com`);
    for (const email of emails) await app.createUser({ email });
    const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
    for (const email of emails) assert.equal((await ask(email, from('2001:db8:9::1'))).status, 204);
    assert.equal((await app.store.read.mails.mailbox(10, 0)).length, 3);
    await ask(emails[4], from('2001:db8:9:1::1'));
    assert.equal((await app.store.read.mails.mailbox(10, 0)).length, 4);
  });

  test('a client that asks too often waits, whatever it asks for', async (t) => {
    const { ask } = await startPasswords(t, engine);
    const options = { headers: { 'X-Forwarded-For': '2001:db8:9::2' } };
    for (let i = 0; i < 100; i++) assert.equal((await ask('nobody@example.com', options)).status, 204);
    const answer = await ask(ann, options);
    assertError(answer, 429, 'too_many_requests');
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
  });

  test('the request is a document with an email, and no token counts', async (t) => {
    const { app, ask } = await startPasswords(t, engine);
    const { token } = await app.createUser({ email: ann });
    const post = (body: unknown, query = '') => app.request('POST', path + query, { body });
    const attributes = { email: ann };
    for (const [body, expected] of [
      ['', '400 malformed_document'],
      ['{"data":', '400 malformed_document'],
      [{ data: [{ type: 'passwords', attributes }] }, '400 malformed_document'],
      [{ data: { type: 'users', attributes } }, '409 resource_conflict'],
      [passwordDocument(attributes, 'x'), '403 access_denied'],
    ] as const)
      assert.equal(outcome(await post(body)), expected);
    assert.equal(outcome(await post(passwordDocument(attributes), '?a=1')), '400 unsupported_parameter');
    for (const email of [undefined, null, '', 5, ['a@b.c']]) {
      const { status, body } = await ask(email);
      const detail =
        email === undefined || email === null || email === '' ? "can't be blank" : 'is not a string';
      assert.deepEqual(
        [status, body.errors.map((error: any) => [error.source.pointer, error.detail])],
        [422, [['data/attributes/email', detail]]],
      );
    }
    const unknown = await post(passwordDocument({ ...attributes, first_password: true, name: 'x' }));
    assert.deepEqual(
      unknown.body.errors.map((error: any) => error.source.pointer),
      ['data/attributes/name'],
    );
    for (const presented of [token, 'invalid'])
      assert.equal((await ask(ann, { token: presented })).status, 204);
    assert.equal((await app.request('GET', `${path}?token=invalid`)).status, 405);
  });

  test('S17 the link does not follow the Host, the Origin or a proxy of the request', async (t) => {
    const forged = {
      Host: 'evil.example.com',
      Origin: 'https://evil.example.com',
      Referer: 'https://evil.example.com/',
      Forwarded: 'host=evil.example.com;proto=http',
      'X-Forwarded-Host': 'evil.example.com',
      'X-Forwarded-Proto': 'http',
      'Content-Type': mediaType,
    };
    const publicUrl = 'https://users.example.com/accounts';
    for (const settings of [{ publicUrl }, { publicUrl, allowedHosts: 'evil.example.com' }, {}]) {
      const { app, ask, show } = await startPasswords(t, engine, settings);
      await app.createUser({ email: ann });
      const { token } = await app.createUser({ sysadmin: true });
      await ask(ann);
      const body = JSON.stringify(passwordDocument({ email: ann }));
      assert.equal((await sendPlain(t, app.url, ['POST', path], forged, body)).status, 204);
      const { data } = (await app.request('GET', '/api/v2/mailbox', { token })).body;
      assert.equal(data.length, 2);
      const begin = settings.publicUrl ?? app.url;
      for (const { attributes } of data) {
        assert.ok(attributes.text.includes(`\n${begin}/account/reset?lang=en#`), attributes.text);
        assert.ok(!JSON.stringify(attributes).includes('evil'));
      }
      const newest = /#([\w-]{43})\s/.exec(data[0].attributes.text)![1]!;
      assert.equal((await show(newest)).status, 200);
    }
  });

  test('where no mail can be sent, the response is the same, and the trail has the reason', async (t) => {
    const without = { databaseUrl: 'postgres://127.0.0.1/muster', linkSecret: undefined };
    const { app, ask } = await startPasswords(t, engine, without);
    await app.createUser({ email: ann });
    const { token } = await app.createUser({ sysadmin: true });
    for (const email of [ann, 'nobody@example.com']) assert.equal((await ask(email)).status, 204);
    const { data } = (
      await app.request('GET', '/api/v2/events?filter[action]=user.request_password_reset', { token })
    ).body;
    const reasons = data.map(({ attributes }: { attributes: any }) => attributes.details.reason);
    assert.deepEqual(reasons, ['mail_off', 'unknown_address']);
  });
});
