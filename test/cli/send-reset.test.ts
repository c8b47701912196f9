// `muster users send-reset`: a link to set a password, mailed, or printed for an operator who hands it over.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { commandLine } from '../support/command-line.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { mailsTo } from '../support/mails.ts';
import { sendingThrough } from '../support/queued-mails.ts';
import { recordedSince } from '../support/recording-store.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import type { Environment } from '../support/spawn-muster.ts';
import { serveStore, testLinkSecret } from '../support/start-app.ts';

const ann = 'ann@example.com';
const create = ['users', 'create', '--email', ann, '--first-name', 'Ann', '--last-name', 'Lee'];
const password = 'a much better battery';

async function start(t: TestContext, engine: EngineName, settings: Environment = {}) {
  const muster = await commandLine(t, settings, engine);
  const made = await muster.json(...create);
  const store = await openStore(readConfig({}, muster.env));
  t.after(() => store.close());
  const app = await serveStore(t, store);
  app.clock.now = Date.now();
  const statusOf = async (link: string) => {
    const path = `/api/v2/passwords/${link.split('#')[1]}`;
    const { status } = await app.request('GET', path);
    return status;
  };
  return { muster, made, app, statusOf };
}

onEachEngine((engine) => {
  test('without SMTP the link is printed, works once, and no other link does', async (t) => {
    const { muster, made, app, statusOf } = await start(t, engine);
    assert.match(made.note, /^To let the user choose a password instead: muster users send-reset 1$/);
    const events = await recordedSince(app.store);
    const before = Date.now();
    const { link, expires_at, note, ...shown } = await muster.json('users', 'send-reset', 'ANN@example.com');
    assert.deepEqual(shown, { id: 1, email: ann });
    assert.match(link, /^http:\/\/127\.0\.0\.1:3000\/account\/reset\?lang=en#[\w-]{43}$/);
    assert.ok(expires_at >= before + 3_600_000 && expires_at <= Date.now() + 3_600_000);
    assert.match(note, /whoever opens it sets the password/);
    assert.equal(await statusOf(link), 200);
    const next = await muster.run('users', 'send-reset', '1');
    const [newer] = /http:\S+$/m.exec(next)!;
    assert.deepEqual([await statusOf(link), await statusOf(newer)], [404, 200]);
    assert.deepEqual(await mailsTo(app, ann), []);
    assert.deepEqual(
      (await events()).map(({ action, actor, subjectId, details }) => [
        action,
        actor.kind,
        subjectId,
        details,
      ]),
      [1, 2].map(() => ['user.request_password_reset', 'operator', 1, { printed: true }]),
    );
    const path = `/api/v2/passwords/${newer.split('#')[1]}`;
    const body = { data: { type: 'passwords', attributes: { password } } };
    assert.equal((await app.request('PATCH', path, { body })).status, 204);
    assert.equal((await app.request('PATCH', path, { body })).status, 404);
    const attributes = { email: ann, password };
    const signedIn = await app.request('POST', '/api/v2/sessions', {
      body: { data: { type: 'sessions', attributes } },
    });
    assert.equal(signedIn.status, 201);
  });

  test('with SMTP the link is mailed, and --print prints it instead', async (t) => {
    const server = await startSmtpServer(t);
    const { muster, app, statusOf } = await start(t, engine, sendingThrough(server));
    assert.deepEqual(await muster.json('users', 'send-reset', ann), { id: 1, email: ann, mailed: true });
    const [mail, ...others] = await app.store.read.mails.due(Date.now(), 10);
    assert.deepEqual([mail!.kind, mail!.toAddress, others], ['password_reset', ann, []]);
    const { link } = await muster.json('users', 'send-reset', ann, '--print');
    assert.match(link, /^https:\/\/users\.example\.com\/account\/reset\?lang=en#/);
    assert.equal(await statusOf(link), 200);
    assert.equal((await app.store.read.mails.due(Date.now(), 10)).length, 1);
  });

  test('an account whose access has ended gets no link, and the command says why', async (t) => {
    const { muster, app } = await start(t, engine);
    await muster.run('users', 'update', '1', 'account_access_expires_at=2020-01-01');
    const refused = await muster.fail('users', 'send-reset', ann);
    assert.match(
      refused,
      /its access ended at 2020-01-01T00:00:00.000Z\. To restore it: muster users update 1/,
    );
    assert.match(await muster.fail('users', 'send-reset', '9'), /^muster: There is no user 9$/m);
    assert.deepEqual(await mailsTo(app, ann), []);
  });

  test('an operator who sets a password where mail is off learns that nobody is told', async (t) => {
    const { muster } = await start(t, engine);
    const { note = '' } = await muster.json('users', 'set-password', ann, '--generate');
    assert.equal(
      /^No mail told the user of it: MUSTER_LINK_SECRET is not set/.test(note),
      engine === 'postgres',
    );
  });

  test('a password that an operator sets is told to its owner', async (t) => {
    const { muster, app } = await start(t, engine, { MUSTER_LINK_SECRET: testLinkSecret });
    const { link } = await muster.json('users', 'send-reset', ann);
    await muster.run('tokens', 'create', ann);
    await muster.run('users', 'set-password', ann, '--generate');
    // Queued, although this environment has no mail server: that of the service may have one.
    const [notice, ...others] = await app.store.read.mails.due(Date.now() + 1000, 10);
    assert.deepEqual(
      [notice!.toAddress, notice!.kind, notice!.data, others],
      [ann, 'password_changed', { api_tokens: 1, by: 'operator' }, []],
    );
    assert.equal((await app.request('GET', `/api/v2/passwords/${link.split('#')[1]}`)).status, 404);
  });
});
