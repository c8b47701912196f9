// `muster mailbox`, and what a service says at its start of mails that it does not send.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openMail } from '../../src/open-mail.ts';
import { openStore } from '../../src/open-store.ts';
import { type MailToQueue, queueMail } from '../../src/resources/mails/queue-mail.ts';
import { hashToken } from '../../src/security/tokens.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { type Environment, runMuster, spawnMuster } from '../support/spawn-muster.ts';

const linkSecret = 'the secret of the operator, which is long';

/** As an act of a service with these settings does it, or of a command: its mail is to be sent. */
async function queue(env: Environment, address: string, firstState: 'queued' | 'mailbox' = 'mailbox') {
  const config = readConfig({}, env);
  const store = await openStore(config);
  const mail = { ...openMail(config, firstState), linkSecret };
  const reset: MailToQueue<'password_reset'> = {
    kind: 'password_reset',
    userId: null,
    locale: 'en',
    data: { first_password: false },
    to: { address, name: 'Ann Lee' },
    link: { expiresAt: Date.now() + 3_600_000 },
  };
  await store.write((transaction) => queueMail({ mail, clock: Date.now }, transaction, reset));
  await store.close();
}

onEachEngine((engine) => {
  test('the mailbox is listed, and a mail is printed whole, with a link that works', async (t) => {
    const { env, run, json, fail } = await commandLine(t, { MUSTER_LINK_SECRET: linkSecret }, engine);
    for (const address of ['ann@email.com', 'bob@email.com']) await queue(env, address);
    const [bob, ann, ...rest] = await json('mailbox');
    assert.deepEqual([bob.to, ann.to, rest], ['bob@email.com', 'ann@email.com', []]);
    assert.deepEqual(Object.keys(ann), ['id', 'created_at', 'to', 'subject']);
    assert.match(await run('mailbox'), /^id +created_at +to +subject\n\d+ +\S+ +bob@email\.com {2}\S/);

    const text = await run('mailbox', String(ann.id), '--public-url', 'https://users.example.com');
    const link = /^https:\/\/users\.example\.com\/account\/reset\?lang=en#([\w-]{43})$/m.exec(text);
    assert.ok(link !== null, text);
    const whole = await json('mailbox', String(ann.id));
    assert.deepEqual(Object.keys(whole), ['id', 'created_at', 'to', 'subject', 'text', 'html']);
    assert.ok(whole.text.includes(`http://127.0.0.1:3000/account/reset?lang=en#${link[1]}`));
    assert.ok(whole.html.includes(`http://127.0.0.1:3000/account/reset?lang=en#${link[1]}`));
    const store = await openStore(readConfig({}, env));
    t.after(() => store.close());
    const { find } = store.read.links;
    assert.notEqual(await find(hashToken(link[1]!), 'password_reset', Date.now()), null);
    assert.match(await fail('mailbox', '999'), /There is no mail 999 in the mailbox/);
    assert.match(await fail('mailbox', 'abc'), /There is no mail abc in the mailbox/);
  });

  test('a service without SMTP moves mails to its mailbox that were to be sent', async (t) => {
    const { env, json, attempt } = await commandLine(t, { MUSTER_LINK_SECRET: linkSecret }, engine);
    await queue(env, 'ann@email.com', 'queued');
    const { stdout, stderr } = await attempt('mailbox', '--json');
    assert.deepEqual(
      [stdout, stderr],
      ['[]\n', 'Mails that wait for the service to send them, or to move them here: 1\n'],
    );
    const service = await spawnMuster(t, { env });
    await service.logged('job done', 'send-mails');
    assert.equal((await json('mailbox')).length, 1);
  });

  if (engine === 'postgres')
    test('on PostgreSQL without a secret there are no mails, and the service and commands say so', async (t) => {
      const { env, attempt, fail } = await commandLine(t, {}, engine);
      const service = await spawnMuster(t, { env });
      const { level } = await service.logged(
        'mail is off, because links need MUSTER_LINK_SECRET: no mails are created',
      );
      assert.equal(level, 40);
      assert.match(await fail('mailbox'), /There are no mails, because MUSTER_LINK_SECRET is not set/);
      const check = await attempt('check', '--json');
      assert.match(check.stdout, /"level":"notice","subject":"MUSTER_LINK_SECRET"/);
    });
});

test('the secret that a service makes is the one that commands use, and a backup does not have it', async (t) => {
  const { env, dataDir, run } = await commandLine(t);
  const service = await spawnMuster(t, { env });
  const secret = readFileSync(join(dataDir, 'muster.db-link-secret'), 'utf8').trim();
  assert.equal(openMail(readConfig({}, env)).linkSecret, secret);
  await run('backup', join(dataDir, 'copy.db'));
  await service.stop('SIGKILL');
  for (const file of ['copy.db', 'muster.db', 'muster.db-wal'])
    assert.ok(!readFileSync(join(dataDir, file)).includes(secret), file);
  assert.ok(!service.stdout.includes(secret));
});

test('a service does not start with a secret that is too short, and says why before it creates an account', async (t) => {
  const { env, dataDir } = await commandLine(t);
  writeFileSync(join(dataDir, 'muster.db-link-secret'), 'short', { mode: 0o600 });
  for (const workers of ['1', '2']) {
    const { code, stdout, stderr } = await runMuster(['serve', '--port', '0', '--workers', workers], { env });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^muster: \S+-link-secret has fewer than 32 characters: restore it, or delete it/m);
  }
});

test('a service that does not send mails says at its start who can see them', async (t) => {
  const loopback = await spawnMuster(t, {});
  assert.equal(
    loopback.log.some(({ msg }) => /GET \/api\/v2\/mailbox shows them/.test(String(msg))),
    true,
  );
  const open = await spawnMuster(t, { env: { MUSTER_HOST: '0.0.0.0' } });
  const line = await open.logged('mails are not sent, only `muster mailbox` shows them');
  assert.equal(line.level, 40);
});
