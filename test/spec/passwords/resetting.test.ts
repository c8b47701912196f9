// GET and PATCH /passwords/{token}: the link in the mail sets a password, once, and ends what the old one has opened.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { generateSecret } from '../../../src/security/tokens.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { outcome } from '../../support/read-answers.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { document } from '../../support/start-app.ts';
import { signInAt } from '../sessions/start-sign-in.ts';
import { ann, fresh, old, passwordDocument, path, startPasswords } from './start-passwords.ts';

onEachEngine((engine) => {
  test('C12 a link shows whose password it sets, sets it once, and is gone then', async (t) => {
    const { app, link, show, reset } = await startPasswords(t, engine);
    const { id } = await app.createUser({ email: ann, password: old });
    const token = await link(ann);
    const shown = await show(token);
    assert.equal(shown.status, 200);
    assert.equal(
      shown.text,
      `{"data":{"id":"${token}","type":"passwords","attributes":{"email":"${ann}","first_password":false}},"meta":{}}`,
    );
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    const done = await reset(token);
    assert.deepEqual([done.status, done.text], [204, '']);
    for (const answer of [await show(token), await show(token, 'HEAD'), await reset(token)])
      assert.equal(answer.status, 404);
    assertError(await reset(token, { password: 'yet another battery' }), 404, 'record_not_found');
    const signIn = signInAt(app);
    assert.equal(outcome(await signIn(ann, old)), '401 invalid_credentials');
    assert.equal((await signIn(ann, fresh)).body.data.attributes.user_id, id);
  });

  test('S11 programs that look through mails use no link up, however often and in whatever way they open it', async (t) => {
    const { app, link, show, reset } = await startPasswords(t, engine);
    await app.createUser({ email: ann, password: old });
    const token = await link(ann);
    const first = await show(token);
    assert.equal((await show(token, 'HEAD')).status, 200);
    for (let i = 0; i < 3; i++) assert.equal((await show(token)).text, first.text);
    const url = `${path}/${token}`;
    const etag = first.headers.get('etag')!;
    const known = await app.request('GET', url, { headers: { 'If-None-Match': etag } });
    assert.deepEqual([known.status, known.headers.get('cache-control')], [304, 'no-store']);
    assert.equal((await app.request('OPTIONS', url)).status, 204);
    assert.equal((await app.request('POST', url, { body: passwordDocument({}) })).status, 405);
    assert.equal((await app.request('PATCH', url, { body: passwordDocument({}) })).status, 422);
    assert.equal((await reset(token)).status, 204);
    assert.ok(!JSON.stringify(app.log).includes(token));
  });

  test('S10 a reset signs nobody in, and leaves the second factor as it is', async (t) => {
    const { app, link, reset } = await startPasswords(t, engine);
    const { id } = await app.createUser({ email: ann, password: old, values: { two_factor_auth: true } });
    const sessions = await app.store.read.sessions.list(id);
    const done = await reset(await link(ann));
    assert.deepEqual(
      [...done.headers.keys()].filter((name) => /cookie|token|location/.test(name)),
      [],
    );
    assert.deepEqual(await app.store.read.sessions.list(id), sessions);
    assert.equal((await app.store.read.records(users).find(id))!.two_factor_auth, true);
  });

  test('S14 a reset ends all sign-ins, and the API tokens too if it is asked to', async (t) => {
    const { app, link, reset } = await startPasswords(t, engine);
    for (const [end_api_tokens, left] of [
      [undefined, 2],
      [null, 2],
      [false, 2],
      [true, 0],
    ] as const) {
      const email = `ann-${end_api_tokens}@example.com`;
      const { id, token } = await app.createUser({ email, password: old });
      const other = await app.createUser();
      const script = await app.createToken(id);
      await app.createToken(id, { expiresAt: app.clock.now });
      const signIns = [
        await app.createToken(id, { machine: false }),
        await app.createToken(id, { machine: false }),
      ];
      const events = await recordedSince(app.store);
      const reset_ = { password: fresh, ...(end_api_tokens !== undefined && { end_api_tokens }) };
      assert.equal((await reset(await link(email), reset_)).status, 204);
      const status = async (session: string) =>
        (await app.request('GET', '/api/v2/users/me', { token: session })).status;
      for (const session of signIns) assert.equal(await status(session), 401);
      for (const session of [token, script]) assert.equal(await status(session), left === 0 ? 401 : 200);
      assert.equal(await status(other.token), 200);
      const notice = (await mailsTo(app, email)).at(-1)!;
      assert.deepEqual(
        [notice.kind, notice.data, notice.link],
        ['password_changed', { api_tokens: left, by: 'reset' }, null],
      );
      const event = (await events()).at(-1)!;
      assert.deepEqual(
        [event.action, event.actor, event.subjectId, event.changes, event.details],
        [
          'user.reset_password',
          { kind: 'user', userId: id },
          id,
          [{ attribute: 'password', from: 'changed', to: 'changed' }],
          { sign_ins_ended: 2, ...(left === 0 && { api_tokens_ended: 3 }) },
        ],
      );
    }
  });

  test('S13 a newer link, a new password and the end of access end every older link', async (t) => {
    const { app, link, show, reset } = await startPasswords(t, engine);
    const { id, token } = await app.createUser({ email: ann, password: old });
    const [first, second] = [await link(ann), await link(ann)];
    assert.equal((await reset(first)).status, 404);
    assert.equal((await show(second)).status, 200);
    const body = document({ current_password: old, password: fresh });
    const changed = await app.request('PATCH', `/api/v2/users/${id}/update_password`, { token, body });
    assert.equal(changed.status, 200);
    assert.equal((await reset(second)).status, 404);

    const third = await link(ann);
    const setEnd = (end: number | null) =>
      app.store.write(async ({ records }) => {
        await records(users).update(id, { account_access_expires_at: end });
      });
    await setEnd(app.clock.now);
    for (const answer of [await show(third), await reset(third)]) assert.equal(answer.status, 404);
    await setEnd(null);
    assert.equal((await show(third)).status, 200);
    app.clock.now += 59 * 60_000;
    assert.equal((await show(third)).status, 200);
    app.clock.now += 60_000;
    for (const answer of [await show(third), await reset(third)]) assert.equal(answer.status, 404);

    const fourth = await link(ann);
    await app.store.write(({ records }) => records(users).delete(id));
    for (const answer of [await show(fourth), await reset(fourth)]) assert.equal(answer.status, 404);
  });

  test('a reset ends the waits after wrong passwords and failed sign-ins', async (t) => {
    const { app, link, reset } = await startPasswords(t, engine);
    const { id, token } = await app.createUser({ email: ann, password: old });
    const signIn = signInAt(app);
    for (let failures = 0; failures < 6; failures++) await signIn(ann, 'wrong');
    assert.equal((await signIn(ann, old)).status, 429);
    const body = document({ current_password: 'wrong', password: fresh });
    const url = `/api/v2/users/${id}/update_password`;
    for (let failures = 0; failures < 6; failures++) await app.request('PATCH', url, { token, body });
    assert.equal((await reset(await link(ann))).status, 204);
    assert.equal((await signIn(ann, fresh)).status, 201);
    assert.equal((await app.store.read.passwords.attempts(id)).failures, 0);
  });

  test('an account without a password sets its first one by a link', async (t) => {
    const { app, link, show, reset } = await startPasswords(t, engine);
    await app.createUser({ email: ann });
    const token = await link(ann);
    assert.deepEqual((await mailsTo(app, ann))[0]!.data, { first_password: true });
    assert.deepEqual((await show(token)).body.data.attributes, { email: ann, first_password: true });
    assert.equal((await reset(token, { password: fresh })).status, 204);
    assert.equal((await signInAt(app)(ann, fresh)).status, 201);
  });

  test('C2, C5 a new password by a link obeys the rules of passwords, and every broken rule is named', async (t) => {
    const { app, link, show, reset } = await startPasswords(t, engine);
    await app.createUser({ email: ann, password: old });
    const token = await link(ann);
    const details = async (attributes: Readonly<Record<string, unknown>>) => {
      const { status, body } = await reset(token, attributes);
      assert.equal(status, 422);
      return body.errors.map(({ source, detail }: any) => [source.pointer.split('/').at(-1), detail]);
    };
    for (const password of [undefined, null, ''])
      assert.deepEqual(await details({ password }), [['password', "can't be blank"]]);
    assert.deepEqual(await details({ password: 12_345_678 }), [['password', 'is not a string']]);
    assert.deepEqual(await details({ password: 'short' }), [
      ['password', 'is too short (minimum is 8 characters)'],
    ]);
    assert.deepEqual(await details({ password: ann }), [['password', "can't be your email"]]);
    assert.deepEqual(
      await details({
        password: 'password1234',
        password_confirmation: 'password12345',
        end_api_tokens: 'yes',
        current_password: old,
      }),
      [
        ['password', 'is a commonly used password'],
        ['password_confirmation', "doesn't match Password"],
        ['end_api_tokens', 'is not a boolean'],
        ['current_password', 'is not a known attribute'],
      ],
    );
    for (const password_confirmation of ['', 5, `${fresh} `])
      assert.deepEqual(await details({ password: fresh, password_confirmation }), [
        ['password_confirmation', "doesn't match Password"],
      ]);
    // What the GET has shown may come back.
    const whole = { ...(await show(token)).body.data.attributes, password: fresh };
    assert.equal((await reset(token, whole)).status, 204);
  });

  test('a PATCH of a link is a document of its type, with its token as id, or without one', async (t) => {
    const { app, link } = await startPasswords(t, engine);
    await app.createUser({ email: ann, password: old });
    const token = await link(ann);
    const patch = (body: unknown, query = '') => app.request('PATCH', `${path}/${token}${query}`, { body });
    const attributes = { password: fresh };
    const whole = passwordDocument(attributes, token);
    for (const [body, expected] of [
      ['', '400 malformed_document'],
      [{ data: [] }, '400 malformed_document'],
      [{ data: { type: 'users', attributes } }, '409 resource_conflict'],
      [passwordDocument(attributes, '1'), '409 resource_conflict'],
      [passwordDocument(attributes, 1), '400 malformed_document'],
    ] as const)
      assert.equal(outcome(await patch(body)), expected);
    assert.equal(outcome(await patch(whole, '?include=user')), '400 unsupported_include');
    assert.equal(outcome(await patch(whole, '?a=1')), '400 unsupported_parameter');
    const some = await app.request('GET', `${path}/${token}?fields[passwords]=email`);
    assert.deepEqual(some.body.data.attributes, { email: ann });
    assert.equal((await patch(whole)).status, 204);
  });

  test('a token that is no link of this kind is not found, whatever it is', async (t) => {
    const { app, show, reset } = await startPasswords(t, engine);
    const { token } = await app.createUser({ email: ann, password: old });
    for (const none of [generateSecret(), token, '1', 'null', '%00', '%ff', 'ä', 'x'.repeat(5000), '..%2f'])
      for (const answer of [await show(none), await reset(none)]) {
        // A path that cannot be decoded has no route.
        assert.ok([400, 404].includes(answer.status), `${none}: ${answer.status}`);
      }
  });

  test('tokens that a client sends along are ignored, valid or not', async (t) => {
    const { app, link } = await startPasswords(t, engine);
    await app.createUser({ email: ann, password: old });
    const other = await app.createUser({ email: 'bea@example.com', password: old });
    for (const token of [other.token, 'invalid']) {
      const url = `${path}/${await link(ann)}`;
      const headers = { Authorization: 'Bearer invalid', 'X-Organization-Id': '999' };
      assert.equal((await app.request('GET', url, { token, headers })).status, 200);
      const body = passwordDocument({ password: `${fresh} ${token}` });
      assert.equal((await app.request('PATCH', url, { token, headers, body })).status, 204);
      assert.equal((await signInAt(app)(ann, `${fresh} ${token}`)).status, 201);
    }
    assert.equal((await signInAt(app)('bea@example.com', old)).status, 201);
  });

  test('every way to a new password mails a notice with the number of API tokens', async (t) => {
    const { app } = await startPasswords(t, engine);
    const { id, token } = await app.createUser({ email: ann, password: old });
    const body = document({ current_password: old, password: fresh });
    const changed = await app.request('PATCH', `/api/v2/users/${id}/update_password`, { token, body });
    assert.equal(changed.status, 200);
    const mails = await mailsTo(app, ann);
    assert.deepEqual(
      mails.map(({ kind, data }) => [kind, data]),
      [['password_changed', { api_tokens: 1, by: 'account' }]],
    );
  });
});
