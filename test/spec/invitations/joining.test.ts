// POST /invitations: the join link of an organization mails an invitation to whoever asks for it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config.ts';
import { openMail } from '../../../src/open-mail.ts';
import { countMail, maxPerJoinLink } from '../../../src/resources/mails/count-mail.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { generateSecret } from '../../../src/security/tokens.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { startApp, testLinkSecret } from '../../support/start-app.ts';
import { documentOf } from '../people/start-people.ts';
import { ina, linkTo, password, path, startAccepting } from './start-accepting.ts';

const names = { first_name: 'Ina', last_name: 'Ost' };

onEachEngine((engine) => {
  test('whoever has the join link gets a mail from the organization, and is a member by its link', async (t) => {
    const { app, acme, joinLink, ask, show, accept, account, roleOf, peopleWith, owner } =
      await startAccepting(t, engine);
    const asked = await ask({ token: await joinLink(), email: ina });
    assert.deepEqual([asked.status, asked.text], [204, '']);
    const [mail] = await mailsTo(app, ina);
    assert.deepEqual(mail!.data, { organization: 'Acme', inviter: '', role: 'member' });
    // Nobody else sees an address before its owner has used the link.
    assert.deepEqual(await peopleWith(ina), []);
    const list = await app.request('GET', `/api/v2/organizations/${acme}/invitations`, owner);
    assert.deepEqual(list.body.data, []);

    const { attributes } = (await show(mail!.token!)).body.data;
    assert.deepEqual(attributes, { email: ina, first_name: '', last_name: '', time_zone: null });
    assert.deepEqual(brokenRules(await accept(mail!.token!)).sort(), [
      "first_name can't be blank",
      "last_name can't be blank",
    ]);
    assert.equal((await accept(mail!.token!, { ...names, password })).status, 204);
    const { id, default_organization_id } = (await account(ina))!;
    assert.deepEqual([await roleOf(id), default_organization_id], ['member', acme]);
    assert.equal(outcome(await accept(mail!.token!)), '404 record_not_found');
  });

  test('the rules are in the words of the hosted API, one error for each', async (t) => {
    const { app, acme, joinLink, ask } = await startAccepting(t, engine);
    const token = await joinLink();
    const blank = ["email can't be blank", "token can't be blank"];
    for (const none of [undefined, null, '', ' ']) {
      const answer = await ask({ token: none, email: none });
      assert.deepEqual(brokenRules(answer).sort(), blank);
      assert.deepEqual(
        answer.body.errors.map(({ source }: any) => source.pointer),
        ['data/attributes/token', 'data/attributes/email'],
      );
    }
    const wrongTokens = [
      generateSecret(),
      token.slice(0, -1),
      `${token}x`,
      token.slice(0, 8),
      token.toLowerCase(),
      `${token.slice(0, 9)}${generateSecret().slice(9)}`,
      'x'.repeat(100_000),
      '\u0000\ud800',
      String(acme),
      7,
      [token],
      { token },
    ];
    for (const wrong of wrongTokens)
      assert.deepEqual(brokenRules(await ask({ token: wrong, email: ina })), ['token is not valid']);
    for (const wrong of [
      'ina',
      'ina@',
      '@new.example',
      'a b@c.d',
      7,
      [ina],
      `${'x'.repeat(300)}@new.example`,
    ])
      assert.deepEqual(brokenRules(await ask({ token, email: wrong })), ['email is not an email']);
    assert.deepEqual(brokenRules(await ask({ token: 'x', email: 'y', role: 'owner' })).sort(), [
      'email is not an email',
      'role is not a known attribute',
      'token is not valid',
    ]);
    assert.equal((await ask({ token, email: ina }, { token: 'invalid' })).status, 204);
    assert.equal((await app.request('POST', path, { body: '{' })).status, 400);
  });

  test('a join link that is revoked or renewed is not valid, nor are the links that it has mailed', async (t) => {
    const { app, acme, owner, joinLink, ask, show, invited } = await startAccepting(t, engine);
    const first = await joinLink();
    assert.equal((await ask({ token: first, email: ina })).status, 204);
    const mailed = await linkTo(app, ina);
    await invited('b@new.example');
    assert.equal((await show(mailed)).status, 200);
    const second = await joinLink();
    assert.deepEqual(brokenRules(await ask({ token: first, email: ina })), ['token is not valid']);
    assert.equal((await show(mailed)).status, 404);
    // Who was invited by the owner still is.
    assert.equal((await show(await linkTo(app, 'b@new.example'))).status, 200);
    assert.equal((await ask({ token: second, email: ina })).status, 204);
    const body = documentOf('organizations', { invitation_token: null });
    await app.request('PATCH', `/api/v2/organizations/${acme}`, { ...owner, body });
    assert.deepEqual(brokenRules(await ask({ token: second, email: ina })), ['token is not valid']);
    assert.equal((await show(await linkTo(app, ina))).status, 404);
  });

  test('the link of a join link is gone with its organization', async (t) => {
    const { app, acme, sysadmin, joinLink, ask, show } = await startAccepting(t, engine);
    const token = await joinLink();
    await ask({ token, email: ina });
    const mailed = await linkTo(app, ina);
    await app.request('DELETE', `/api/v2/organizations/${acme}`, sysadmin);
    assert.equal((await show(mailed)).status, 404);
    assert.deepEqual(brokenRules(await ask({ token, email: ina })), ['token is not valid']);
  });

  test('S16 members, those who are invited, other accounts and strangers cause the same answer and the same rows', async (t) => {
    const { app, joinLink, ask, invited } = await startAccepting(t, engine);
    const token = await joinLink();
    await app.createUser({ email: 'account@new.example' });
    const ended = { account_access_expires_at: app.clock.now };
    await app.createUser({ email: 'ended@new.example', values: ended });
    await invited('invited@new.example');
    const addresses = [
      'mia@acme.example',
      'invited@new.example',
      'account@new.example',
      'ended@new.example',
      'nobody@new.example',
    ];
    const answers = new Set<string>();
    const events = new Set<string>();
    for (const email of addresses) {
      const recorded = await recordedSince(app.store);
      const before = (await mailsTo(app, email)).length;
      const { status, text, headers } = await ask({ token, email });
      const told = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
      answers.add(JSON.stringify([status, text, told]));
      const mails = await mailsTo(app, email);
      assert.equal(mails.length, before + 1, email);
      assert.deepEqual(
        [mails.at(-1)!.kind, mails.at(-1)!.data],
        ['invitation', { organization: 'Acme', inviter: '', role: 'member' }],
      );
      const [event, ...others] = await recorded();
      assert.equal(others.length, 0);
      assert.equal(event!.action, 'invitation.request');
      // No address that somebody has typed, and no account: owners read it.
      assert.ok(!JSON.stringify(event).includes('new.example'));
      events.add(JSON.stringify({ ...event, id: 0, createdAt: null, origin: null }));
    }
    assert.equal(answers.size, 1);
    assert.equal(events.size, 1, [...events].join('\n'));
  });

  test('S18 the mail goes to the address that the account has, and not to the one that was typed', async (t) => {
    const { app, joinLink, ask } = await startAccepting(t, engine);
    await app.createUser({ email: 'kim@new.example', values: { locale: 'de_DE' } });
    const token = await joinLink();
    for (const typed of ['KIM@new.example', '\u212aim@new.example'])
      assert.equal((await ask({ token, email: typed })).status, 204);
    const mails = await mailsTo(app, 'kim@new.example');
    assert.deepEqual(
      mails.map(({ locale }) => locale),
      ['de', 'de'],
    );
    assert.equal((await app.store.read.mails.mailbox(10, 0)).length, 2);
  });

  test('D8 nobody fills a mailbox with a join link: above the limit, the answer is the same, and there is no mail', async (t) => {
    const { app, acme, joinLink, ask } = await startAccepting(t, engine, { mailsPerAddress: '2' });
    const token = await joinLink();
    const recorded = await recordedSince(app.store);
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push((await ask({ token, email: ina })).status);
    assert.deepEqual(answers, [204, 204, 204, 204]);
    assert.equal((await mailsTo(app, ina)).length, 2);
    const failures = (await recorded()).filter(({ outcome }) => outcome === 'failure');
    assert.deepEqual(
      failures.map(({ details, organizationId }) => [details, organizationId]),
      Array(2).fill([{ reason: 'too_many_mails' }, acme]),
    );
  });

  test('D8 a join link that was published mails no more than so many in an hour, and others still do', async (t) => {
    const { app } = await startAccepting(t, engine);
    const mail = openMail(
      readConfig({ linkSecret: testLinkSecret, mailsPerAddress: '0', mailsPerClient: '0' }, {}),
    );
    const count = (organizationId: number) =>
      countMail({ mail, store: app.store }, { to: ina, network: 'a', organizationId });
    for (let i = 0; i < maxPerJoinLink; i++) assert.equal(await count(1), null);
    assert.equal((await count(1))?.limit, maxPerJoinLink);
    assert.equal(await count(2), null);
  });

  test('whoever was invited with another role meanwhile gets that one, also by the link of the join link', async (t) => {
    const { app, joinLink, ask, accept, account, roleOf, invited } = await startAccepting(t, engine);
    await ask({ token: await joinLink(), email: ina });
    const link = await linkTo(app, ina);
    await invited(ina, { role: 'admin', ...names });
    assert.equal((await accept(link)).status, 204);
    assert.equal(await roleOf((await account(ina))!.id), 'admin');
  });

  test('a join link gives no role of an invitation whose link has expired, or whose inviter may not give it any more', async (t) => {
    const { app, sysadmin, acme, joinLink, ask, accept, account, roleOf, invited } = await startAccepting(
      t,
      engine,
    );
    const token = await joinLink();
    await invited(ina, { role: 'owner', ...names });
    const inviter = await app.createUser({ organizationId: acme, role: 'owner' });
    await invited('b@new.example', { role: 'owner', ...names }, inviter);
    await app.request('DELETE', `/api/v2/users/${inviter.id}`, sysadmin);
    app.clock.now += 8 * 24 * 60 * 60 * 1000;
    await invited('c@new.example', { role: 'admin', ...names }, sysadmin);
    const rights = { [ina]: 'member', 'b@new.example': 'member', 'c@new.example': 'admin' };
    for (const [email, role] of Object.entries(rights)) {
      await ask({ token, email });
      assert.equal((await accept(await linkTo(app, email), { ...names, password })).status, 204);
      assert.equal(await roleOf((await account(email))!.id), role, email);
    }
  });

  test('a member who uses a join link stays what they are', async (t) => {
    const { app, joinLink, ask, accept, admin, roleOf } = await startAccepting(t, engine);
    await ask({ token: await joinLink(), email: 'ada@acme.example' });
    const link = await linkTo(app, 'ada@acme.example');
    assert.equal(outcome(await accept(link)), '401 invalid_auth_token');
    assert.equal((await accept(link, {}, { token: admin.token })).status, 204);
    assert.equal(await roleOf(admin.id), 'admin');
  });

  test('without mail, asking with a join link is refused with the reason', async (t) => {
    const without = { databaseUrl: 'postgres://127.0.0.1/muster', linkSecret: undefined };
    const app = await startApp(t, engine, without);
    const id = await app.createOrganization();
    const token = generateSecret();
    await app.store.write(({ records }) => records(organizations).update(id, { invitation_token: token }));
    const answer = await app.request('POST', path, {
      body: documentOf('invitations', { token, email: ina }),
    });
    assert.equal(outcome(answer), '503 service_unavailable');
  });
});
