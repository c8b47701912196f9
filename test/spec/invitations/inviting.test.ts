// Inviting somebody to an organization.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { people } from '../../../src/resources/people/people.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { insertInvitation } from '../../support/invitations.ts';
import { mailsTo } from '../../support/mails.ts';
import { removeMember } from '../../support/members.ts';
import { brokenRules, ids, outcome } from '../../support/read-answers.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { join, timeOf } from '../people/start-people.ts';
import { startInvitations } from './start-invitations.ts';

const email = 'Ina@New.example';
const day = 86_400_000;

onEachEngine((engine) => {
  test('an owner invites somebody, who is shown the organization and the inviter in a mail with a link', async (t) => {
    const { app, acme, owner, invite, linksTo } = await startInvitations(t, engine);
    const recorded = await recordedSince(app.store);
    const given = { email, role: 'admin', first_name: 'Ina', last_name: 'Ost', expires_at: null };
    const answer = await invite(given);
    assert.equal(answer.status, 201, answer.text);
    const { id, attributes, relationships } = answer.body.data;
    assert.deepEqual(attributes, {
      ...given,
      token_expires_at: timeOf(app.clock.now + 7 * day),
      created_at: timeOf(app.clock.now),
      updated_at: timeOf(app.clock.now),
    });
    assert.deepEqual(relationships, {
      organization: { data: { type: 'organizations', id: String(acme) } },
      inviter: { meta: { included: false } },
      person: { meta: { included: false } },
    });
    const location = answer.headers.get('location')!;
    assert.equal(location, `${app.url}/api/v2/organizations/${acme}/invitations?filter%5Bid%5D=${id}`);
    assert.deepEqual(ids(await app.request('GET', location.replace(app.url, ''), owner)), [Number(id)]);

    const [mail, ...more] = await mailsTo(app, email);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [mail!.kind, mail!.toName, mail!.locale, mail!.userId],
      ['invitation', 'Ina Ost', 'en', null],
    );
    assert.deepEqual(mail!.data, { organization: 'Acme', inviter: 'Ola Lee', role: 'admin' });
    assert.equal(mail!.link!.expiresAt, app.clock.now + 7 * day);
    assert.deepEqual(await linksTo(email), [true]);

    const [event, ...others] = await recorded();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event!.action, event!.organizationId, event!.actor.userId],
      ['invitation.create', acme, owner.id],
    );
  });

  test('the person waits, is shown to owners and admins, and to no member', async (t) => {
    const world = await startInvitations(t, engine, { membersSeeEachOther: 'true' });
    const { app, admin, member, invited } = world;
    const { person_id } = await invited(email, { first_name: 'Ina' });
    const show = (token: string) => app.request('GET', `/api/v2/people/${person_id}`, { token });
    const { attributes } = (await show(admin.token)).body.data;
    assert.deepEqual([attributes.first_name, attributes.last_name], ['Ina', '']);
    assert.deepEqual([attributes.is_user, attributes.user_id], [false, null]);
    assert.equal(attributes.invited_at, timeOf(app.clock.now));
    assertError(await show(member.token), 404, 'record_not_found');
    assert.equal(ids(await app.request('GET', '/api/v2/people', member)).includes(person_id), false);
  });

  test('the role is member, and names are empty, if they are not given', async (t) => {
    const { invite } = await startInvitations(t, engine);
    const { body } = await invite({ email, role: null, first_name: null, last_name: '' });
    const { role, first_name, last_name, expires_at } = body.data.attributes;
    assert.deepEqual(
      { role, first_name, last_name, expires_at },
      {
        ...{ role: 'member', first_name: '', last_name: '', expires_at: null },
      },
    );
  });

  test('an address must be an address, and of somebody who is neither a member nor invited', async (t) => {
    const { app, acme, invite, invited, owner } = await startInvitations(t, engine);
    assert.deepEqual(brokenRules(await invite({})), ["email can't be blank"]);
    assert.deepEqual(brokenRules(await invite({ email: '' })), ["email can't be blank"]);
    assert.deepEqual(brokenRules(await invite({ email: 'ina' })), ['email is not an email']);
    assert.deepEqual(brokenRules(await invite({ email: 'MIA@acme.example' })), [
      'email has already been taken',
    ]);
    await invited('ina@müller.example');
    for (const form of ['INA@müller.example', 'ina@xn--mller-kva.example'])
      assert.deepEqual(brokenRules(await invite({ email: form })), ['email has already been taken']);
    // Whoever has left, or whose membership has ended, may be invited; so may members of other organizations.
    const [left, ended, elsewhere] = [
      await app.createUser({ email: 'left@new.example' }),
      await app.createUser({ email: 'ended@new.example' }),
      await app.createUser({
        email: 'elsewhere@new.example',
        organizationId: await app.createOrganization(),
      }),
    ];
    await join(app, acme, left.id);
    await app.store.write((transaction) => removeMember(transaction, acme, left.id));
    await join(app, acme, ended.id, 'member', app.clock.now);
    assert.ok(elsewhere.id > 0);
    for (const who of ['left', 'ended', 'elsewhere']) await invited(`${who}@new.example`);
    assert.deepEqual(brokenRules(await invite({ email, role: 'guest', expires_at: '2001-01-01' })), [
      'role is not included in the list',
      'expires_at is in the past',
    ]);
    assert.deepEqual(brokenRules(await invite({ email, expires_at: timeOf(app.clock.now) })), [
      'expires_at is in the past',
    ]);
    assert.deepEqual(brokenRules(await invite({ email, token: 'x' })), ['token is not a known attribute']);
    assert.equal((await invite({ email }, owner)).status, 201);
  });

  test('admins invite members only, owners and managers of organizations anybody', async (t) => {
    const { app, admin, member, owner, foreigner, sysadmin, invite } = await startInvitations(t, engine);
    const manager = await app.createUser({ sysadmin: ['manage_organizations'] });
    const userManager = await app.createUser({ sysadmin: ['manage_users'] });
    for (const role of ['owner', 'admin'])
      assert.deepEqual(brokenRules(await invite({ email, role }, admin)), ['role is above your own']);
    const invites = async (who: { token: string }, role: string, address: string) =>
      outcome(await invite({ email: address, role }, who));
    assert.equal(await invites(admin, 'member', 'a@new.example'), '201');
    assert.equal(await invites(owner, 'owner', 'b@new.example'), '201');
    assert.equal(await invites(manager, 'admin', 'c@new.example'), '201');
    assert.equal(await invites(sysadmin, 'owner', 'd@new.example'), '201');
    assert.equal(await invites(member, 'member', email), '403 access_denied');
    assert.equal(await invites(userManager, 'member', email), '403 access_denied');
    assert.equal(await invites(foreigner, 'member', email), '404 record_not_found');
    assert.deepEqual(await mailsTo(app, email), []);
  });

  test('a bound token invites to its organization alone, without powers of a sysadmin, and a read-only one to none', async (t) => {
    const { app, acme, elsewhere, owner, sysadmin, invite } = await startInvitations(t, engine);
    await join(app, elsewhere, owner.id, 'owner');
    await join(app, elsewhere, sysadmin.id, 'member');
    const boundTo = async (organizationId: number, userId: number) =>
      app.createToken(userId, {
        membershipId: (await app.store.read.memberships.idOf(organizationId, userId))!,
      });
    const invites = async (token: string, address: string) =>
      outcome(await invite({ email: address }, { token }));
    assert.equal(await invites(await boundTo(acme, owner.id), 'a@new.example'), '201');
    assert.equal(await invites(await boundTo(elsewhere, owner.id), email), '404 record_not_found');
    assert.equal(await invites(await boundTo(elsewhere, sysadmin.id), email), '404 record_not_found');
    const readOnly = await app.createToken(owner.id, { readOnly: true });
    assert.equal(await invites(readOnly, email), '403 read_only_token');
  });

  test('the mail has the language of the account, for somebody new that of the inviter', async (t) => {
    const { app, acme, invited } = await startInvitations(t, engine);
    const inviter = await app.createUser({
      organizationId: acme,
      role: 'owner',
      values: { locale: 'hr_HR', first_name: 'Iva', last_name: 'Ban' },
    });
    await app.createUser({ email: 'Known@new.example', values: { locale: 'de_AT' } });
    await invited('KNOWN@new.example', {}, inviter);
    await invited(email, {}, inviter);
    // The address as the account has it.
    assert.equal((await mailsTo(app, 'Known@new.example'))[0]!.locale, 'de');
    assert.equal((await mailsTo(app, email))[0]!.locale, 'hr');
  });

  test('S18 a form of an address that folds to that of an account goes to the address of the account', async (t) => {
    const { app, invited } = await startInvitations(t, engine);
    await app.createUser({ email: 'kim@new.example' });
    const kelvin = '\u212Aim@new.example';
    await invited(kelvin);
    assert.deepEqual(await mailsTo(app, kelvin), []);
    assert.equal((await mailsTo(app, 'kim@new.example')).length, 1);
  });

  test('a link is valid as long as the setting says, and not longer than the membership would be', async (t) => {
    const { app, invite, linksTo } = await startInvitations(t, engine, { invitationDays: '2' });
    const endOf = async (attributes: object) =>
      (await invite(attributes)).body.data.attributes.token_expires_at;
    assert.equal(await endOf({ email }), timeOf(app.clock.now + 2 * day));
    const soon = timeOf(app.clock.now + day);
    assert.equal(await endOf({ email: 'brief@new.example', expires_at: soon }), soon);
    app.clock.now += day;
    assert.deepEqual([await linksTo(email), await linksTo('brief@new.example')], [[true], [false]]);
    app.clock.now += day;
    assert.deepEqual(await linksTo(email), [false]);
  });

  test('a retry with the same Idempotency-Key invites nobody again', async (t) => {
    const { app, owner, invite } = await startInvitations(t, engine);
    const headers = { 'Idempotency-Key': 'one' };
    const first = await invite({ email }, { ...owner, headers });
    const retry = await invite({ email }, { ...owner, headers });
    assert.equal(first.status, 201);
    assert.equal(retry.text, first.text);
    assert.equal(retry.headers.get('location'), first.headers.get('location'));
    assert.equal((await mailsTo(app, email)).length, 1);
    const other = await invite({ email: 'other@new.example' }, { ...owner, headers });
    assert.equal(outcome(other), '422 idempotency_key_reused');
  });

  test('so many mails go to one address and come from one client, then it is 429 and nothing is written', async (t) => {
    const settings = { mailsPerAddress: '2', mailsPerClient: '4' };
    const { app, invite, invited, act } = await startInvitations(t, engine, settings);
    const invitation = await invited(email);
    assert.equal((await act('PUT', invitation, '/resend')).status, 204);
    const resent = await act('PUT', invitation, '/resend');
    const [error] = assertError(resent, 429, 'too_many_requests');
    assert.deepEqual(error!.meta, { limit: 2, period: 3600 });
    assert.equal((await mailsTo(app, email)).length, 2);
    await invited('b@new.example');
    const before = await app.store.read.records(people).count(null, null);
    const refused = await invite({ email: 'c@new.example' });
    assertError(refused, 429, 'too_many_requests');
    assert.match(refused.headers.get('retry-after')!, /^\d+$/);
    // What is wrong is told first, and does not count.
    assert.deepEqual(brokenRules(await invite({ email: 'd' })), ['email is not an email']);
    assert.equal(await app.store.read.records(people).count(null, null), before);
  });

  test('without mail there are no invitations, and the answer says why', async (t) => {
    const off = { databaseUrl: 'postgres://127.0.0.1/none', linkSecret: undefined };
    const { app, invite, act, acme, path, owner, member } = await startInvitations(t, engine, off);
    const [error] = assertError(await invite({ email }), 503, 'service_unavailable');
    assert.match(error!.detail, /MUSTER_LINK_SECRET/);
    assertError(await invite({ email }, member), 403, 'access_denied');
    const invitation = await insertInvitation(app, acme, email);
    assertError(await act('PUT', invitation, '/resend'), 503, 'service_unavailable');
    assert.deepEqual(ids(await app.request('GET', path, owner)), [invitation.id]);
    assert.equal((await act('DELETE', invitation)).status, 204);
  });
});
