// `muster check` says whether mails can be sent, and sends a test mail.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { commandLine, findings } from '../support/command-line.ts';
import { sendingThrough } from '../support/queued-mails.ts';
import { type SmtpServerOptions, startSmtpServer } from '../support/smtp-server.ts';

const timeout = 180_000;
const login = { user: 'muster', password: 'a-password-of-smtp' };
const strong = { MUSTER_MIN_PASSWORD_LENGTH: '15', MUSTER_PORT: '0' };

async function checked(t: TestContext, options: SmtpServerOptions = {}) {
  const server = await startSmtpServer(t, options);
  const ofLogin = options.login
    ? { MUSTER_SMTP_USER: options.login.user, MUSTER_SMTP_PASSWORD: options.login.password }
    : {};
  const muster = await commandLine(t, { ...strong, ...sendingThrough(server), ...ofLogin });
  await muster.run(
    'users',
    'create',
    '--email',
    'ann@email.com',
    '--first-name',
    'Ann',
    '--last-name',
    'Lee',
  );
  return { server, muster, subject: `127.0.0.1:${server.port}` };
}

test('check connects and logs in, and sends nothing', { timeout }, async (t) => {
  const { server, muster, subject } = await checked(t, { login });
  const finding = 'accepts the login; --mail-to ADDRESS sends a test mail';
  assert.deepEqual(await findings(muster, 'notice'), [{ level: 'notice', subject, finding }]);
  assert.ok(server.decided.includes('login muster'));
  assert.deepEqual(server.mails, []);
});

test('check sends a test mail where it is asked to, and prints the answer', { timeout }, async (t) => {
  const { server, muster, subject } = await checked(t);
  const [sent] = await muster.json('check', '--mail-to', 'eve@email.com');
  const finding = 'has taken a test mail to eve@email.com (250 Accepted as 1)';
  assert.deepEqual(sent, { level: 'notice', subject, finding });
  const [mail] = server.mails;
  assert.equal(mail!.recipient, 'eve@email.com');
  assert.match(mail!.subject!, /\S/);
  assert.match(mail!.messageId!, /@example\.com>$/);

  server.reply = (stage) => (stage === 'recipient' ? '550 5.1.1 <eve@email.com> unknown' : undefined);
  const refused = await muster.attempt('check', '--json', '--mail-to', 'eve@email.com');
  assert.equal(refused.code, 1);
  const [{ level, finding: answer }] = JSON.parse(refused.stdout);
  assert.equal(level, 'error');
  assert.match(
    answer,
    /^has not taken a test mail to eve@email\.com \(RCPT TO: 550 5\.1\.1 <eve@email\.com> unknown\)$/,
  );
  assert.match(await muster.fail('check', '--mail-to', 'eve'), /must be an email/);
});

test('check ends with 1 where mails cannot be sent, and shows no password', { timeout }, async (t) => {
  const { server, muster, subject } = await checked(t, { login });
  server.reply = (stage) => (stage === 'login' ? '535 5.7.8 no' : undefined);
  const refused = await muster.attempt('check', '--json');
  assert.equal(refused.code, 1);
  const [found] = JSON.parse(refused.stdout);
  assert.deepEqual([found.level, found.subject], ['error', subject]);
  assert.match(found.finding, /^cannot be used to send mails \(AUTH \w+: 535 5\.7\.8 no\)$/);
  await server.stop();
  const away = await muster.attempt('check');
  assert.equal(away.code, 1);
  assert.match(away.stdout, /ECONNREFUSED/);
  assert.doesNotMatch(refused.stdout + away.stdout, /a-password-of-smtp/);
});

test('check says which encryption the mail server does not offer', { timeout }, async (t) => {
  const { muster, server, subject } = await checked(t);
  const found = async (security: string) => {
    const finding = (await muster.attempt('check', '--json', '--smtp-security', security)).stdout;
    return JSON.parse(finding).find((one: { subject: string }) => one.subject === subject).finding;
  };
  assert.match(await found('starttls'), /^cannot be used to send mails \(STARTTLS: 500 /);
  assert.match(
    await found('tls'),
    /\(the server does not begin with TLS at this port, starttls may be right\)$/,
  );
  assert.deepEqual(server.mails, []);
});

test('check ends with the reason if the logo cannot be used', { timeout }, async (t) => {
  const muster = await commandLine(t, { ...strong, MUSTER_BRAND_LOGO: '/nowhere/logo.png' });
  assert.match(await muster.fail('check'), /MUSTER_BRAND_LOGO cannot be read \(ENOENT\)/);
});

test('check warns of mail that is not set up for others, or not encrypted', { timeout }, async (t) => {
  const muster = await commandLine(t, { ...strong, MUSTER_HOST: '0.0.0.0' });
  const subjects = (await findings(muster, 'warning')).map(({ subject }) => subject);
  assert.ok(subjects.includes('MUSTER_SMTP_HOST'));
  const refused = await muster.attempt('check', '--mail-to', 'eve@email.com');
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /MUSTER_SMTP_HOST +is not set, so no mail can be sent/);

  const open = await commandLine(t, {
    ...{ ...strong, MUSTER_SMTP_HOST: 'smtp.invalid', MUSTER_SMTP_SECURITY: 'none' },
    ...{ MUSTER_MAIL_FROM: 'accounts@example.com', MUSTER_PUBLIC_URL: 'https://users.example.com' },
  });
  const { stdout } = await open.attempt('check', '--json');
  const warned = JSON.parse(stdout).map((one: Record<string, string>) => `${one.level} ${one.subject}`);
  assert.ok(warned.includes('warning MUSTER_SMTP_SECURITY'), stdout);
  assert.ok(warned.includes('error smtp.invalid:25'), stdout);
});
