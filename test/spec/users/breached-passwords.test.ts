// C5 A new password that has appeared in a data breach is refused, by every way to a new password, if the settings name a
// source of breached passwords.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { type TestContext, test } from 'node:test';
import { createMetrics } from '../../../src/http/metrics.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { rangeServer, sha1 } from '../../support/range-server.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const breached = 'a breached password é';
const good = 'a password of nobody else';
const old = 'the old password';
const person = { first_name: 'Ann', last_name: 'Lee' };

async function start(t: TestContext, engine: EngineName) {
  const server = await rangeServer(t, [breached]);
  const metrics = createMetrics();
  const settings = {
    breachedPasswords: 'hibp',
    breachedPasswordsUrl: server.url,
    breachedPasswordsTimeoutMs: '20000',
  };
  const app = await startApp(t, engine, settings, { metrics });
  const manager = await app.createUser({ sysadmin: ['manage_users'] });
  return { server, metrics, app, manager };
}

const change = (
  app: TestApp,
  { id, token }: { id: number; token: string },
  password: string,
  current = old,
) =>
  app.request('PATCH', `/api/v2/users/${id}/update_password`, {
    token,
    body: document({ current_password: current, password }),
  });

onEachEngine((engine) => {
  test('C5 a new password that has appeared in a breach is refused with a reason, and nothing but five digits is sent or logged', async (t) => {
    const { server, app, manager, metrics } = await start(t, engine);
    const user = await app.createUser({ password: old });
    const create = (email: string, password: string) =>
      app.request('POST', '/api/v2/users', {
        token: manager.token,
        body: document({ ...person, email, password }),
      });
    const rule = ['password has appeared in a data breach'];
    assert.deepEqual(brokenRules(await create('ann@email.com', breached)), rule);
    assert.deepEqual(brokenRules(await change(app, user, breached)), rule);
    // Keyboards write the same letter in different ways.
    assert.deepEqual(brokenRules(await change(app, user, breached.normalize('NFD'))), rule);
    assert.equal((await create('ann@email.com', good)).status, 201);
    assert.equal((await change(app, user, good)).status, 200);

    // A password that another rule refuses is not looked up, nor is one that somebody signs in with.
    const asked = server.requests.length;
    assert.equal((await create('bea@email.com', 'password')).status, 422);
    const signIn = { data: { type: 'sessions', attributes: { email: 'ann@email.com', password: good } } };
    assert.equal((await app.request('POST', '/api/v2/sessions', { body: signIn })).status, 201);
    assert.equal(server.requests.length, asked);

    const hashes = [breached, good].map(sha1);
    const said = JSON.stringify([app.log, server.requests.map(({ url, rawHeaders }) => [url, rawHeaders])]);
    for (const secret of [breached, good, ...hashes.map((hash) => hash.slice(5))])
      assert.ok(!said.toLowerCase().includes(secret.toLowerCase()), secret);
    const measured = await metrics.registry.metrics();
    assert.match(measured, /^muster_breached_passwords_total\{result="found"\} 3$/m);
    assert.match(measured, /^muster_breached_passwords_total\{result="not_found"\} 2$/m);
    assert.match(measured, /^muster_breached_passwords_total\{result="unknown"\} 0$/m);
  });

  test('C5 links in mails set no password that has appeared in a breach', async (t) => {
    const { app } = await start(t, engine);
    const acme = await app.createOrganization();
    const ann = await app.createUser({ email: 'ann@email.com', password: old });
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const act = (method: string, path: string, type: string, attributes: object, token?: string) =>
      app.request(method, `/api/v2/${path}`, { token, body: { data: { type, attributes } } });
    const linkTo = async (email: string) => (await mailsTo(app, email)).at(-1)!.token!;
    const rule = ['password has appeared in a data breach'];

    await act('POST', 'passwords', 'passwords', { email: 'ann@email.com' });
    const reset = `passwords/${await linkTo('ann@email.com')}`;
    assert.deepEqual(brokenRules(await act('PATCH', reset, 'passwords', { password: breached })), rule);

    await act('PATCH', `users/${ann.id}`, 'users', { email: 'anna@email.com' }, ann.token);
    const undo = `email_undos/${await linkTo('ann@email.com')}`;
    assert.deepEqual(brokenRules(await act('PATCH', undo, 'email_undos', { password: breached })), rule);

    const invited = { ...person, email: 'ina@email.com' };
    await act('POST', `organizations/${acme}/invitations`, 'invitations', invited, owner.token);
    const accept = `invitations/${await linkTo('ina@email.com')}`;
    assert.deepEqual(brokenRules(await act('PATCH', accept, 'invitations', { password: breached })), rule);
    assert.equal((await act('PATCH', accept, 'invitations', { password: good })).status, 204);
  });

  test('C9 a wrong current password hides that the new one has appeared in a breach', async (t) => {
    const { app } = await start(t, engine);
    const user = await app.createUser({ password: old });
    const answer = await change(app, user, breached, 'a wrong password');
    assert.deepEqual(brokenRules(answer), ['current_password is not valid']);
  });

  test('a password passes while the range server does not work, and log and metrics say so, the log once a minute', async (t) => {
    const { server, app, metrics } = await start(t, engine);
    const user = await app.createUser({ password: old });
    server.answer((response) => response.writeHead(503, breached).end(breached));
    assert.equal((await change(app, user, breached)).status, 200);
    assert.equal((await change(app, user, old, breached)).status, 200);
    app.clock.now += 61_000;
    assert.equal((await change(app, user, breached)).status, 200);
    const lines = app.log.filter(({ msg }) => /breached passwords/.test(String(msg)));
    assert.deepEqual(
      lines.map(({ level, reason, passwords }) => ({ level, reason, passwords })),
      [1, 2].map((passwords) => ({ level: 40, reason: 'answers with an error', passwords })),
    );
    assert.match(
      await metrics.registry.metrics(),
      /^muster_breached_passwords_total\{result="unknown"\} 3$/m,
    );
    assert.ok(!JSON.stringify(app.log).includes(breached));
  });

  test('while the range server is slow, other accounts sign in and are changed', async (t) => {
    const { server, app, manager } = await start(t, engine);
    const ann = await app.createUser({ email: 'ann@email.com', password: old });
    // More than have a turn in the queue of password checks at a time.
    const count = 2 * availableParallelism();
    const others = await Promise.all(Array.from({ length: count }, () => app.createUser({ password: old })));
    const held: (() => void)[] = [];
    server.answer((response) => held.push(() => response.end(`${'A'.repeat(35)}:1`)));
    const waiting = [
      ...others.map((one) => change(app, one, good)),
      app.request('POST', '/api/v2/users', {
        token: manager.token,
        body: document({ ...person, email: 'bea@email.com', password: good }),
      }),
    ];
    await server.asked(waiting.length);
    const signIn = { data: { type: 'sessions', attributes: { email: 'ann@email.com', password: old } } };
    assert.equal((await app.request('POST', '/api/v2/sessions', { body: signIn })).status, 201);
    const renamed = await app.request('PATCH', `/api/v2/users/${ann.id}`, {
      token: ann.token,
      body: document({ first_name: 'Anna' }),
    });
    assert.equal(renamed.status, 200);
    server.answer(null);
    for (const release of held) release();
    for (const { status, text } of await Promise.all(waiting)) assert.ok(status < 300, text);
  });
});
