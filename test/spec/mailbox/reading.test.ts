// GET /mailbox: the mails that a service without SMTP keeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config.ts';
import { powers } from '../../../src/model/actor.ts';
import { openMail } from '../../../src/open-mail.ts';
import { type MailToQueue, queueMail } from '../../../src/resources/mails/queue-mail.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { ids, outcome, values, walk } from '../../support/read-answers.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { serveStore, startApp, testLinkSecret } from '../../support/start-app.ts';

const path = '/api/v2/mailbox';
const now = Date.parse('2026-03-17T04:04:00.843Z');

const resetOf = (address: string): MailToQueue<'password_reset'> => ({
  kind: 'password_reset',
  userId: null,
  to: { address, name: 'Ann Lee' },
  locale: 'en',
  data: { first_password: false },
  link: { expiresAt: now + 3_600_000 },
});

function queue(store: Store, mail: MailToQueue<'password_reset'>, linkSecret = testLinkSecret) {
  const services = {
    mail: openMail(readConfig({ linkSecret }, {})),
    clock: () => now,
  };
  return store.write((transaction) => queueMail(services, transaction, mail));
}

/** The tokens in the links of a text. */
const tokensIn = (text: string) => [...text.matchAll(/#([\w-]{43})/g)].map(([, token]) => token!);

onEachEngine((engine) => {
  test('a mail is shown decoded and with its link, the newest first', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_security'] });
    for (const address of ['ann@email.com', 'bob@email.com']) await queue(app.store, resetOf(address));
    const answer = await app.request('GET', path, { token });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.deepEqual(values(answer, 'to'), ['bob@email.com', 'ann@email.com']);
    const [, mail] = answer.body.data;
    assert.deepEqual(Object.keys(mail.attributes), ['to', 'subject', 'text', 'html', 'created_at']);
    assert.equal(mail.type, 'mailbox');
    assert.equal(mail.attributes.created_at, '2026-03-17T04:04:00.843+00:00');
    const [received] = await mailsTo(app, 'ann@email.com');
    const link = `${app.url}/account/reset?lang=en#${received!.token}`;
    const lines: string[] = mail.attributes.text.split('\n');
    assert.ok(lines.includes(link), mail.attributes.text);
    assert.ok(mail.attributes.html.includes(`href="${link}"`));
    assert.notEqual(
      await app.store.read.links.find(hashToken(received!.token!), 'password_reset', now),
      null,
    );

    const again = { token, headers: { 'If-None-Match': answer.headers.get('etag')! } };
    const unchanged = await app.request('GET', path, again);
    assert.deepEqual([unchanged.status, unchanged.headers.get('cache-control')], [304, 'no-store']);
    const sparse = await app.request('GET', `${path}?fields[mailbox]=to`, { token });
    assert.deepEqual(sparse.body.data[0].attributes, { to: 'bob@email.com' });
  });

  test('a mail that this version cannot render does not hide the others', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: powers });
    await queue(app.store, resetOf('ann@email.com'));
    const later = { ...resetOf('bob@email.com'), kind: 'of_a_later_version', link: undefined };
    await queue(app.store, later as unknown as MailToQueue<'password_reset'>);
    const answer = await app.request('GET', path, { token });
    assert.deepEqual(values(answer, 'subject'), [
      'This mail cannot be shown',
      'Reset your password for Muster',
    ]);
  });

  test('pages of the mailbox by number and by cursor have each mail once', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: powers });
    for (let i = 0; i < 5; i++) await queue(app.store, resetOf(`${i}@email.com`));
    const all = ids(await app.request('GET', path, { token }));
    assert.deepEqual(
      all,
      all.toSorted((a, b) => b - a),
    );
    for (const page of ['page[number]=1', 'page[after]=']) {
      const pages = await walk(app, `${path}?${page}&page[size]=2`, token);
      assert.deepEqual(pages.map(ids), [all.slice(0, 2), all.slice(2, 4), all.slice(4)], page);
    }
    const beyond = await app.request('GET', `${path}?page[number]=4&page[size]=2`, { token });
    assert.deepEqual([ids(beyond), beyond.body.meta.total_count], [[], 5]);
    for (const query of ['sort=id', 'filter[id]=1', 'filter[to]=a', 'filter[query]=a', 'page[after]=x'])
      assert.match(outcome(await app.request('GET', `${path}?${query}`, { token })), /^400 /, query);
  });

  test('the links of the mailbox begin with the public URL, or where the service listens, whatever a request says', async (t) => {
    const store = await emptyStore(t, engine);
    await queue(store, resetOf('ann@email.com'));
    const headers = {
      Host: 'evil.example.com',
      'X-Forwarded-Host': 'evil.example.com',
      Forwarded: 'host=evil.example.com',
      Origin: 'https://evil.example.com',
    };
    const publicUrl = 'https://users.example.com/base';
    for (const [i, settings] of [{}, { publicUrl }, { allowedHosts: 'evil.example.com' }].entries()) {
      const app = await serveStore(t, store, settings);
      const { token } = await app.createUser({ email: `root${i}@email.com`, sysadmin: powers });
      const { text } = await sendPlain(t, app.url, ['GET', path], { ...headers, 'X-Auth-Token': token });
      const base = 'publicUrl' in settings ? publicUrl : app.url;
      const links = JSON.parse(text).data[0].attributes.text.match(/\S+\/account\/\S+/g);
      assert.ok(links.length > 0);
      for (const link of links) assert.ok(link.startsWith(`${base}/account/reset?lang=en#`), link);
    }
  });

  test('links work after the secret was replaced', async (t) => {
    const store = await emptyStore(t, engine);
    await queue(store, resetOf('ann@email.com'), 'the secret that was replaced later on');
    const app = await serveStore(t, store);
    const { token } = await app.createUser({ sysadmin: powers });
    const [text] = values(await app.request('GET', path, { token }), 'text');
    const found = await store.read.links.find(hashToken(tokensIn(text)[0]!), 'password_reset', now);
    assert.equal(found?.purpose, 'password_reset');
  });

  test('only sysadmins who manage security read the mailbox', async (t) => {
    const app = await startApp(t, engine);
    const acme = await app.createOrganization('Acme');
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const sysadmin = await app.createUser({
      sysadmin: powers.filter((power) => power !== 'manage_security'),
    });
    const reader = await app.createUser({ sysadmin: ['manage_security'] });
    const ask = async (token: string | undefined, headers = {}) =>
      outcome(await app.request('GET', path, { token, headers }));
    assert.equal(await ask(undefined), '401 invalid_auth_token');
    for (const { token } of [owner, sysadmin]) assert.equal(await ask(token), '403 access_denied');
    assert.equal(await ask(reader.token, { 'X-Organization-Id': String(acme) }), '200');
    // A link of the mailbox could set the password of the account.
    const readOnly = await app.createToken(reader.id, { readOnly: true });
    assert.equal(await ask(readOnly), '403 read_only_token');
    assert.equal(await ask(reader.token, { 'X-Organization-Id': '999' }), '403 access_denied');
  });
});

test('the mailbox exists where mails are not sent, and on other addresses than loopback only if it is asked for', async (t) => {
  const store = await emptyStore(t, 'sqlite');
  const smtp = {
    smtpHost: 'localhost',
    mailFrom: 'accounts@example.com',
    publicUrl: 'https://users.example.com',
  };
  for (const [i, [settings, expected]] of (
    [
      [{ host: '127.0.0.1' }, '200'],
      [{ host: 'localhost' }, '200'],
      [{ host: '0.0.0.0' }, '404 record_not_found'],
      [{ host: '0.0.0.0', mailbox: 'true' }, '200'],
      [{ mailbox: 'true', ...smtp }, '404 record_not_found'],
    ] as const
  ).entries()) {
    const app = await serveStore(t, store, settings);
    const { token } = await app.createUser({ email: `root${i}@email.com`, sysadmin: powers });
    assert.equal(outcome(await app.request('GET', path, { token })), expected, JSON.stringify(settings));
    const described = await app.request('GET', '/api/v2/openapi.json');
    assert.equal(described.body.paths[path] !== undefined, expected === '200');
  }
});
