// Mails through a real SMTP server, and what each of its answers means for a mail.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { AddressObject } from 'mailparser';
import { createMailer, type Mailer, type MailServer, type OutgoingMail } from '../../src/delivery/mailer.ts';
import { hasOpenssl, makeAuthority } from '../support/certificates.ts';
import { type Reply, type Stage, startSmtpServer, type TestSmtpServer } from '../support/smtp-server.ts';

const timeout = 60_000;
const ann = { name: 'Ann Lee', address: 'ann@email.com' };
const link = 'https://users.example.com/account/reset#a-token-of-a-link';

const mail: OutgoingMail = {
  messageId: '<1.abc@example.com>',
  to: ann,
  subject: 'Grüße, please reset',
  text: `Čitaj ovo:\n\n${link}\n`,
  html: `<p>Čitaj ovo: <a href="${link}">here</a></p>`,
};

/** @param settings differences from a server without TLS and login */
function mailerOf(t: TestContext, { port }: TestSmtpServer, settings: Partial<MailServer> = {}): Mailer {
  const mailer = createMailer({
    host: '127.0.0.1',
    port,
    security: 'none',
    user: '',
    password: '',
    connections: 3,
    timeoutMs: 5000,
    from: { name: 'Example & Co', address: 'accounts@example.com' },
    ...settings,
  });
  t.after(() => mailer.close());
  return mailer;
}

describe('a mail', { timeout }, () => {
  test('arrives as text and HTML, and asks for no automatic answer', async (t) => {
    const server = await startSmtpServer(t);
    const sent = await mailerOf(t, server).send(mail);
    assert.deepEqual(sent, { outcome: 'sent', answer: '250 Accepted as 1' });
    const [received] = server.mails;
    assert.equal(received!.recipient, 'ann@email.com');
    assert.equal(received!.toHeader, '"Ann Lee" <ann@email.com>');
    assert.equal(received!.from!.text, '"Example & Co" <accounts@example.com>');
    assert.equal(received!.subject, mail.subject);
    assert.equal(received!.text, mail.text);
    assert.equal(received!.html, mail.html);
    assert.equal(received!.messageId, mail.messageId);
    assert.equal(received!.headers.get('auto-submitted'), 'auto-generated');
    assert.doesNotMatch(received!.raw, /nodemailer/i);
    assert.ok(server.decided.includes('sender accounts@example.com'));
  });

  test('goes to one address, whatever the name of the recipient and the subject contain', async (t) => {
    const server = await startSmtpServer(t);
    const mailer = mailerOf(t, server);
    const names = [
      'Ann\r\nBcc: other@email.com',
      'other@email.com, Ann',
      '"Ann" <other@email.com>',
      'Ann <other@email.com',
      'Ann, (other@email.com); group: other@email.com;',
    ];
    for (const name of names) {
      const { outcome } = await mailer.send({ ...mail, to: { name, address: ann.address }, subject: name });
      assert.equal(outcome, 'sent', name);
    }
    assert.deepEqual(new Set(server.mails.map(({ recipient }) => recipient)), new Set([ann.address]));
    for (const [i, received] of server.mails.entries()) {
      assert.ok(!received.headers.has('bcc'));
      assert.equal((received.to as AddressObject).value.length, 1, received.raw);
      assert.equal(received.subject, names[i]?.replace('\r\n', ' '));
    }
  });

  test('goes to addresses and names in any script', async (t) => {
    const server = await startSmtpServer(t);
    const to = { name: 'Žofija 山田', address: 'žofija@müller.example' };
    const { outcome } = await mailerOf(t, server).send({ ...mail, to });
    assert.equal(outcome, 'sent');
    assert.match(server.mails[0]!.recipient, /^žofija@(müller|xn--mller-kva)\.example$/);
    assert.equal((server.mails[0]!.to as AddressObject).value[0]!.name, to.name);
  });
});

describe('an answer', { timeout, concurrency: 4 }, () => {
  const answers: readonly (readonly [stage: Stage, reply: Reply, outcome: string, reason: RegExp])[] = [
    ['connect', '421 4.3.2 closing', 'unreachable', /^CONN .*421 4\.3\.2 closing/],
    ['connect', '554 5.7.1 not for you', 'misconfigured', /^CONN .*554 5\.7\.1 not for you/],
    ['connect', 'drop', 'unreachable', /^CONN /],
    ['connect', 'hang', 'unreachable', /^CONN .*never received/],
    ['sender', '451 4.3.0 try later', 'unreachable', /^MAIL FROM 451 4\.3\.0 try later/],
    [
      'sender',
      '553 5.7.1 <accounts@example.com> is not yours',
      'misconfigured',
      /^MAIL FROM 553 5\.7\.1 … is not yours/,
    ],
    ['sender', '530 5.7.0 log in first', 'misconfigured', /^MAIL FROM 530/],
    ['recipient', '450 4.2.0 <ann@email.com> greylisted', 'deferred', /^RCPT TO 450 4\.2\.0$/],
    ['recipient', '421 4.3.2 closing', 'unreachable', /^(RCPT TO|CONN) 421 4\.3\.2/],
    ['recipient', '550 5.1.1 <ann@email.com> unknown', 'refused', /^RCPT TO 550 5\.1\.1$/],
    ['recipient', '550 no such user', 'refused', /^RCPT TO 550$/],
    ['recipient', '554 5.7.1 relaying denied', 'deferred', /^RCPT TO 554 5\.7\.1$/],
    ['recipient', 'drop', 'unreachable', /^CONN /],
    ['recipient', 'hang', 'deferred', /^CONN Timeout/],
    ['data', `451 4.7.1 what is ${link}`, 'deferred', /^DATA 451 4\.7\.1$/],
    ['data', `554 5.6.0 what is ${link}`, 'refused', /^DATA 554 5\.6\.0$/],
    ['data', '550 5.7.26 unauthenticated sender', 'deferred', /^DATA 550 5\.7\.26$/],
    ['data', 'drop', 'unreachable', /^CONN /],
    ['data', 'hang', 'deferred', /^CONN Timeout/],
  ];
  for (const [stage, reply, outcome, reason] of answers) {
    test(`${reply} to ${stage} means ${outcome}`, async (t) => {
      const server = await startSmtpServer(t);
      server.reply = (asked) => (asked === stage ? reply : undefined);
      const mailer = mailerOf(t, server, reply === 'hang' ? { timeoutMs: 2000 } : {});
      const result = await mailer.send(mail);
      assert.equal(result.outcome, outcome, JSON.stringify(result));
      assert.ok(result.outcome !== 'sent');
      assert.match(result.reason, reason);
      assert.doesNotMatch(result.reason, /@|https?:/);
      assert.deepEqual(server.mails, []);

      server.reply = () => undefined;
      assert.equal((await mailer.send(mail)).outcome, 'sent', 'the next mail');
    });
  }

  test('that does not come to one mail stops no other', async (t) => {
    const server = await startSmtpServer(t);
    server.reply = (stage, about) => (stage === 'recipient' && about === ann.address ? 'hang' : undefined);
    const mailer = mailerOf(t, server, { connections: 2 });
    const abort = new AbortController();
    const slow = mailer.send(mail, abort.signal);
    await server.asked('recipient ann@email.com');
    const others = ['bob@email.com', 'eve@email.com', 'joe@email.com'];
    const sent = await Promise.all(
      others.map((address) => mailer.send({ ...mail, to: { name: '', address } })),
    );
    assert.deepEqual(
      sent.map(({ outcome }) => outcome),
      ['sent', 'sent', 'sent'],
    );
    abort.abort();
    assert.equal((await slow).outcome, 'deferred');
  });

  test('that comes byte by byte ends after a while', async (t) => {
    const server = await startSmtpServer(t);
    let isHanging = true;
    server.reply = (stage) => (stage === 'data' && isHanging ? 'hang' : undefined);
    const mailer = mailerOf(t, server, { timeoutMs: 1500 });
    const sending = mailer.send(mail);
    await server.asked('data ann@email.com');
    // Sent often enough to start the time limit of an answer again and again.
    const dripping = setInterval(() => server.write('250-'), 40);
    t.after(() => clearInterval(dripping));
    assert.equal((await sending).outcome, 'deferred');
    clearInterval(dripping);
    isHanging = false;
    assert.equal((await mailer.send(mail)).outcome, 'sent');
  });

  test('of a server that is not there means unreachable', async (t) => {
    const server = await startSmtpServer(t);
    const mailer = mailerOf(t, server);
    await server.stop();
    const result = await mailer.send(mail);
    assert.equal(result.outcome, 'unreachable');
    assert.match((result as { reason: string }).reason, /^CONN connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
    await server.start();
    assert.equal((await mailer.send(mail)).outcome, 'sent');
    const unknown = mailerOf(t, server, { host: 'smtp.invalid' });
    assert.equal((await unknown.verify()).outcome, 'unreachable');
  });

  test('is used for many mails over few connections', async (t) => {
    const server = await startSmtpServer(t);
    const mailer = mailerOf(t, server, { connections: 2 });
    const sent = await Promise.all(Array.from({ length: 20 }, () => mailer.send(mail)));
    assert.ok(sent.every(({ outcome }) => outcome === 'sent'));
    const connects = server.decided.filter((stage) => stage === 'connect');
    assert.equal(connects.length, 2);
  });
});

describe('the connection to the mail server', {
  timeout,
  skip: hasOpenssl ? false : 'openssl is not installed',
}, () => {
  const login = { user: 'muster-user', password: 'a-password-of-smtp' };
  let trusted: { cert: string; key: string };
  let ofOtherName: typeof trusted;
  let untrusted: typeof trusted;
  const folder = mkdtempSync(join(tmpdir(), 'muster-'));
  after(() => rmSync(folder, { recursive: true }));
  before(() => {
    const authority = makeAuthority(folder, 'authority');
    trusted = authority.issue('localhost', 'DNS:localhost,IP:127.0.0.1');
    ofOtherName = authority.issue('other.example.com');
    untrusted = makeAuthority(folder, 'unknown').issue('localhost', 'DNS:localhost,IP:127.0.0.1');
    const known = getCACertificates('default');
    setDefaultCACertificates([...known, readFileSync(authority.file, 'utf8')]);
  });

  for (const security of ['starttls', 'tls'] as const) {
    const implicit = security === 'tls';

    test(`is encrypted before the login with ${security}`, async (t) => {
      const server = await startSmtpServer(t, { tls: trusted, implicit, login });
      const mailer = mailerOf(t, server, { ...login, security });
      assert.deepEqual(await mailer.verify(), { outcome: 'sent', answer: '' });
      assert.equal((await mailer.send(mail)).outcome, 'sent');
      assert.deepEqual(new Set(server.encrypted), new Set([true]));
    });

    for (const [what, certificate] of [
      ['another name', () => ofOtherName],
      ['an unknown authority', () => untrusted],
    ] as const)
      test(`ends at a certificate of ${what} with ${security}`, async (t) => {
        const server = await startSmtpServer(t, { tls: certificate(), implicit, login });
        const mailer = mailerOf(t, server, { ...login, security });
        const result = await mailer.send(mail);
        assert.equal(result.outcome, 'misconfigured', JSON.stringify(result));
        assert.match((result as { reason: string }).reason, /certificate|altnames/i);
        assert.equal((await mailer.verify()).outcome, 'misconfigured');
        assert.ok(!server.decided.some((stage) => /login|sender/.test(stage)));
      });
  }

  test('ends where starttls is required and the server has none', async (t) => {
    const server = await startSmtpServer(t, { login });
    const result = await mailerOf(t, server, { ...login, security: 'starttls' }).send(mail);
    assert.equal(result.outcome, 'misconfigured', JSON.stringify(result));
    assert.deepEqual(server.decided, ['connect']);
  });

  test('with tls where the server begins without is a mistake of the operator, in plain words', async (t) => {
    const server = await startSmtpServer(t, { login });
    const result = await mailerOf(t, server, { ...login, security: 'tls' }).send(mail);
    const answer = 'the server does not begin with TLS at this port, starttls may be right';
    assert.deepEqual(result, { outcome: 'misconfigured', reason: `CONN ${answer}`, answer });
  });

  test('with a wrong login is a mistake of the operator, and shows no secret', async (t) => {
    const server = await startSmtpServer(t, { login });
    const mailer = mailerOf(t, server, { ...login, password: 'another-password' });
    const result = await mailer.send(mail);
    assert.equal(result.outcome, 'misconfigured');
    assert.match((result as { reason: string }).reason, /^AUTH \w+ 535 5\.7\.8 Bad credentials/);
    server.reply = (stage, about) => (stage === 'login' ? `535 ${about} with another-password?` : undefined);
    const repeated = await mailer.verify();
    assert.doesNotMatch((repeated as { reason: string }).reason, /muster-user|another-password/);
    server.reply = (stage) => (stage === 'login' ? '454 4.7.0 later' : undefined);
    assert.equal((await mailer.verify()).outcome, 'unreachable');
  });

  test('sends nothing where the server does not know the login that is set', async (t) => {
    const server = await startSmtpServer(t);
    const result = await mailerOf(t, server, login).send(mail);
    assert.equal(result.outcome, 'misconfigured', JSON.stringify(result));
    assert.deepEqual(server.mails, []);
  });
});
