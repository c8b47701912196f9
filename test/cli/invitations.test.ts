// `muster invitations`: create, list, send again and delete.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { hashToken } from '../../src/security/tokens.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

onEachEngine((engine) => {
  test('somebody is invited, without SMTP by a printed link, which a new one replaces', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, { MUSTER_PUBLIC_URL: 'https://users.example.com' }, engine);
    const { json, fail } = muster;
    const store = await openStore(readConfig({}, muster.env));
    t.after(() => store.close());
    await store.write((transaction) => insertOrganization(transaction, { name: 'Acme' }, Date.now()));
    const isValid = async (link: string) => {
      const [page, token] = link.split('#');
      assert.equal(page, 'https://users.example.com/account/accept?lang=en');
      return (await store.read.links.find(hashToken(token!), 'invitation', Date.now())) !== null;
    };

    const named = ['--role', 'owner', '--first-name', 'Ina', '--expires-at', '2099-01-01T00:00:00Z'];
    const { link, note, token_expires_at, ...made } = await json(
      ...['invitations', 'create', '1', 'Ina@new.example', ...named],
    );
    assert.deepEqual(made, {
      ...{ id: 1, organization_id: 1, person_id: 1, email: 'Ina@new.example', role: 'owner' },
      expires_at: Date.parse('2099-01-01T00:00:00Z'),
    });
    assert.match(note, /^Hand this link over safely/);
    assert.ok(token_expires_at > Date.now());
    assert.equal(await isValid(link), true);

    const { link: newer } = await json('invitations', 'resend', '1');
    assert.deepEqual([await isValid(link), await isValid(newer)], [false, true]);
    assert.deepEqual(
      (await json('invitations', 'list', '--organization', '1')).map(({ email }: { email: string }) => email),
      ['Ina@new.example'],
    );
    assert.match(await fail('invitations', 'create', '1', 'INA@new.example'), /email has already been taken/);
    assert.match(await fail('invitations', 'create', '2', 'ida@new.example'), /There is no organization 2/);
    assert.match(await fail('invitations', 'resend', '7'), /There is no invitation 7/);
    assert.deepEqual(await json('invitations', 'delete', '1'), {
      ...{ id: 1, organization_id: 1, email: 'Ina@new.example', deleted: true },
    });
    assert.equal(await isValid(newer), false);
    assert.deepEqual(await json('people', 'list'), []);
    assert.deepEqual((await store.read.mails.mailbox(10, 0)).length, 0);
  });

  test('with SMTP the link is mailed, and printed on request', { timeout }, async (t) => {
    const smtp = {
      MUSTER_SMTP_HOST: '127.0.0.1',
      MUSTER_SMTP_PORT: '1',
      MUSTER_PUBLIC_URL: 'https://users.example.com',
      MUSTER_MAIL_FROM: 'muster@example.com',
      MUSTER_LINK_SECRET: 'a secret for links that is long enough',
    };
    const muster = await commandLine(t, smtp, engine);
    const { json } = muster;
    const store = await openStore(readConfig({}, muster.env));
    t.after(() => store.close());
    await store.write((transaction) =>
      insertOrganization(transaction, { name: 'Acme', locale: 'de_DE' }, Date.now()),
    );
    const mailed = await json('invitations', 'create', '1', 'ina@new.example');
    assert.deepEqual([mailed.mailed, mailed.link], [true, undefined]);
    const [mail] = await store.read.mails.due(Date.now() + 1000, 10);
    assert.deepEqual(
      [mail!.toAddress, mail!.locale, mail!.data],
      ['ina@new.example', 'de', { organization: 'Acme', inviter: '', role: 'member' }],
    );
    const printed = await json('invitations', 'resend', '1', '--print');
    assert.match(printed.link, /\/account\/accept\?lang=de#/);
    assert.equal((await store.read.mails.outbox()).queued, 1);
  });
});
