// GET and PATCH /invitations/{token}: the link of an invitation shows to whom it was mailed, and makes its address a member,
// once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invitation } from '../../../src/resources/invitations/invitations.ts';
import { generateSecret } from '../../../src/security/tokens.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { setMember } from '../../support/members.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { document } from '../../support/start-app.ts';
import { documentOf } from '../people/start-people.ts';
import { signInAt } from '../sessions/start-sign-in.ts';
import { ina, linkTo, password, path, startAccepting } from './start-accepting.ts';

const dayMs = 24 * 60 * 60 * 1000;

onEachEngine((engine) => {
  test('somebody new sees the invitation, accepts it with a password, and is a member who signs in', async (t) => {
    const { app, acme, linkFor, show, accept, account, roleOf, peopleWith } = await startAccepting(t, engine);
    const end = '2027-01-01T00:00:00.000Z';
    const given = { role: 'admin', first_name: 'Ina', last_name: 'Ost', expires_at: end };
    const token = await linkFor(ina, given);
    const [waiting] = await peopleWith(ina);
    const shown = await show(token);
    assert.equal(
      shown.text,
      `{"data":{"id":"${token}","type":"invitations","attributes":{"email":"${ina}","first_name":"Ina","last_name":"Ost","time_zone":null}},"meta":{"has_account":false}}`,
    );
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    const fields = await app.request('GET', `${path}/${token}?fields[invitations]=email`);
    assert.deepEqual(fields.body.data.attributes, { email: ina });

    app.clock.now += 5000;
    const done = await accept(token, { first_name: 'Irina', password, newsletter_consent: true });
    assert.deepEqual([done.status, done.text], [204, '']);
    const made = (await account(ina))!;
    assert.deepEqual([made.first_name, made.last_name, made.email], ['Irina', 'Ost', ina]);
    assert.deepEqual([made.newsletter_consent, made.newsletter_consent_at], [true, app.clock.now]);
    assert.deepEqual([made.default_organization_id, made.sysadmin], [acme, false]);
    assert.equal(await roleOf(made.id), 'admin');
    const people = await peopleWith(ina);
    assert.deepEqual(
      people.map((one) => [one!.id, one!.user_id, one!.first_name, one!.joined_at, one!.access_expires_at]),
      [[waiting!.id, made.id, 'Irina', app.clock.now, Date.parse(end)]],
    );
    assert.equal((await signInAt(app)(ina, password)).status, 201);
    for (const answer of [await show(token), await show(token, 'HEAD'), await accept(token)])
      assert.equal(answer.status, 404);
    assert.ok(!JSON.stringify(app.log).includes(token));
  });

  test('S11 programs that look through mails use no link up, however often and in whatever way they open it', async (t) => {
    const { app, linkFor, show, accept } = await startAccepting(t, engine);
    const token = await linkFor(ina, { first_name: 'Ina', last_name: 'Ost' });
    const first = await show(token);
    assert.equal((await show(token, 'HEAD')).status, 200);
    for (let i = 0; i < 3; i++) assert.equal((await show(token)).text, first.text);
    const headers = { 'If-None-Match': first.headers.get('etag')! };
    assert.equal((await app.request('GET', `${path}/${token}`, { headers })).status, 304);
    assert.equal((await app.request('OPTIONS', `${path}/${token}`)).status, 204);
    assert.equal((await accept(token, {})).status, 422);
    assert.equal((await accept(token)).status, 204);
  });

  test('the rules of new accounts hold, each with its attribute, and break no link', async (t) => {
    const { linkFor, accept } = await startAccepting(t, engine);
    const token = await linkFor(ina);
    const names = { first_name: 'Ina', last_name: 'Ost' };
    for (const [attributes, rules] of [
      [{}, ["first_name can't be blank", "last_name can't be blank", "password can't be blank"]],
      [{ ...names, password: null }, ["password can't be blank"]],
      [{ ...names, password: 'short' }, ['password is too short (minimum is 8 characters)']],
      [{ ...names, password: 7 }, ['password is not a string']],
      [{ ...names, password: ina }, ["password can't be your email"]],
      [{ ...names, password: 'Ina Ost Ina Ost' }, ["password can't be your name"]],
      [{ ...names, password: 'password1' }, ['password is a commonly used password']],
      [{ ...names, password, newsletter_consent: 'maybe' }, ['newsletter_consent is not a boolean']],
      [{ ...names, password, role: 'owner', sysadmin: true }, null],
    ] as const) {
      const answer = await accept(token, attributes);
      if (rules === null)
        assert.deepEqual(brokenRules(answer).sort(), [
          'role is not a known attribute',
          'sysadmin is not a known attribute',
        ]);
      else assert.deepEqual(brokenRules(answer).sort(), [...rules].sort(), JSON.stringify(attributes));
    }
    // JSON:API clients send back what they were shown.
    const whole = { ...names, email: 'other@new.example', time_zone: 'Europe/Berlin', password };
    assert.equal((await accept(token, whole)).status, 204);
  });

  test('an account gets the language of whoever invites, and the time zone of the organization', async (t) => {
    const { app, acme, owner, linkFor, accept, show, account } = await startAccepting(t, engine);
    const own = { locale: 'hr_HR', time_zone: 'Europe/Zagreb' };
    await app.request('PATCH', `/api/v2/users/${owner.id}`, { ...owner, body: document(own) });
    const names = { first_name: 'Ina', last_name: 'Ost' };
    const token = await linkFor(ina, names);
    assert.equal((await show(token)).body.data.attributes.time_zone, 'Europe/Zagreb');
    assert.equal((await accept(token)).status, 204);
    const first = (await account(ina))!;
    assert.deepEqual([first.locale, first.time_zone], ['hr_HR', 'Europe/Zagreb']);

    const body = documentOf('organizations', { time_zone: 'Europe/Berlin', locale: 'de_AT' });
    await app.request('PATCH', `/api/v2/organizations/${acme}`, { ...owner, body });
    assert.equal((await accept(await linkFor('b@new.example', names))).status, 204);
    const second = (await account('b@new.example'))!;
    assert.deepEqual([second.locale, second.time_zone], ['hr_HR', 'Europe/Berlin']);
  });

  test('where the address has an account, its token is needed, and the account keeps its names and password', async (t) => {
    const { app, acme, invited, show, accept, account, roleOf } = await startAccepting(t, engine);
    const values = { first_name: 'Irina', last_name: 'West' };
    // The mail goes to the address as the account has it.
    const user = await app.createUser({ email: 'Ina@New.example', password, values });
    await invited(ina, { first_name: 'Ina', last_name: 'Ost' });
    const token = await linkTo(app, 'Ina@New.example');
    assert.deepEqual((await show(token)).body.meta, { has_account: true });
    const another = { first_name: 'X', password: 'another password' };
    const refused = await accept(token, another);
    assertError(refused, 401, 'invalid_auth_token');
    assert.match(refused.body.errors[0].detail, /has an account/);
    assert.equal(refused.headers.get('www-authenticate') !== null, true);
    assert.equal(outcome(await accept(token, {}, { token: 'invalid' })), '401 invalid_auth_token');
    assert.equal(await roleOf(user.id), null);

    assert.equal((await accept(token, another, { token: user.token })).status, 204);
    const after = (await account(ina))!;
    assert.deepEqual([after.id, after.first_name, after.last_name], [user.id, 'Irina', 'West']);
    assert.equal(after.default_organization_id, acme);
    assert.equal(await roleOf(user.id), 'member');
    assert.equal((await signInAt(app)(ina, password)).status, 201);
  });

  test('the link of an account whose access has ended opens nothing until the access is extended', async (t) => {
    const { app, linkFor, accept } = await startAccepting(t, engine);
    const values = { account_access_expires_at: app.clock.now };
    const user = await app.createUser({ email: ina, password, values });
    const token = await linkFor(ina);
    assert.equal(outcome(await accept(token)), '401 invalid_auth_token');
    assert.equal(outcome(await accept(token, {}, { token: user.token })), '401 invalid_auth_token');
  });

  test('S21 nobody accepts the invitation of somebody else, whether that has an account or not', async (t) => {
    const { app, linkFor, accept, show, account, nobody } = await startAccepting(t, engine);
    await app.createUser({ email: 'bea@new.example', password });
    const own = (await app.request('GET', '/api/v2/users/me', nobody)).body.data.attributes.email;
    for (const invited of [ina, 'bea@new.example']) {
      const token = await linkFor(invited, { first_name: 'Ina', last_name: 'Ost' });
      const answer = await accept(token, { password }, nobody);
      const [error] = assertError(answer, 409, 'invitation_for_another_account');
      assert.equal(error!.title, 'Resource Conflict');
      assert.equal(error!.detail, `The invitation is for ${invited}, and you are signed in as ${own}`);
      assert.deepEqual(error!.meta, { invited, signed_in: own });
      assert.equal((await show(token)).status, 200);
    }
    assert.equal(await account(ina), null);
  });

  test('tokens that only read, or that are bound to an organization, accept nothing', async (t) => {
    const { app, acme, elsewhere, linkFor, accept, roleOf } = await startAccepting(t, engine);
    const { id } = await app.createUser({ email: ina, organizationId: elsewhere });
    const token = await linkFor(ina);
    const membershipId = (await app.store.read.memberships.idOf(elsewhere, id))!;
    const readOnly = await app.createToken(id, { readOnly: true });
    const bound = await app.createToken(id, { membershipId });
    assert.equal(outcome(await accept(token, {}, { token: readOnly })), '403 read_only_token');
    assert.equal(outcome(await accept(token, {}, { token: bound })), '403 access_denied');
    assert.equal(await roleOf(id), null);
    assert.ok(acme > 0);
  });

  test('whoever has become a member meanwhile accepts, and keeps the role', async (t) => {
    const { app, acme, linkFor, accept, roleOf, owner } = await startAccepting(t, engine);
    const user = await app.createUser({ email: ina, password });
    // The address becomes that of a member after the invitation.
    const token = await linkFor('later@new.example', { role: 'member' });
    await app.store.write(async (transaction) => {
      await setMember(transaction, acme, user.id, 'admin', app.clock.now);
    });
    const changed = await app.request('PATCH', `/api/v2/users/${user.id}`, {
      token: user.token,
      body: document({ email: 'later@new.example' }),
    });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await accept(token, {}, { token: user.token })).status, 204);
    assert.equal(await roleOf(user.id), 'admin');
    const list = await app.request('GET', `/api/v2/organizations/${acme}/invitations`, owner);
    assert.equal(list.body.data.length, 0);
  });

  test('a link that is unknown, has expired, was used or taken back is not found, by GET and by PATCH', async (t) => {
    const { app, acme, owner, sysadmin, invited, act, linkFor, show, accept } = await startAccepting(
      t,
      engine,
      { invitationDays: '3' },
    );
    const gone = async (token: string) => {
      assertError(await show(token), 404, 'record_not_found');
      for (const body of [{ password }, {}, { password: 'short' }])
        assertError(await accept(token, body), 404, 'record_not_found');
    };
    const names = { first_name: 'Ina', last_name: 'Ost' };
    await gone(generateSecret());
    await gone('1');

    const expired = await linkFor(ina, names);
    app.clock.now += 3 * dayMs - 1;
    assert.equal((await show(expired)).status, 200);
    app.clock.now += 1;
    await gone(expired);

    const deleted = await invited('b@new.example', names);
    const token = await linkTo(app, 'b@new.example');
    assert.equal((await act('DELETE', deleted)).status, 204);
    await gone(token);

    const resent = await invited('c@new.example', names);
    const older = await linkTo(app, 'c@new.example');
    assert.equal((await act('PUT', resent, '/resend')).status, 204);
    await gone(older);
    assert.equal((await show(await linkTo(app, 'c@new.example'))).status, 200);

    const orphan = await linkTo(app, 'c@new.example');
    assert.equal((await app.request('DELETE', `/api/v2/organizations/${acme}`, sysadmin)).status, 204);
    await gone(orphan);
    assert.ok(owner.id > 0);
  });

  test('the role of an owner or admin is given by whoever may give it when the link is used, and by who sends it again', async (t) => {
    const { app, acme, owner, sysadmin, invited, act, show, accept, roleOf, account } = await startAccepting(
      t,
      engine,
    );
    const inviter = await app.createUser({ organizationId: acme, role: 'owner' });
    const names = { first_name: 'Ina', last_name: 'Ost' };
    const addresses = { owner: 'x@new.example', admin: 'y@new.example', member: 'z@new.example' };
    const ids: Record<string, Invitation> = {};
    for (const [role, email] of Object.entries(addresses))
      ids[role] = await invited(email, { role, ...names }, inviter);
    const statuses = () =>
      Promise.all(
        Object.values(addresses).map(async (email) => (await show(await linkTo(app, email))).status),
      );
    assert.deepEqual(await statuses(), [200, 200, 200]);
    const membership = await app.store.read.memberships.idOf(acme, inviter.id);
    const path = `/api/v2/organization_memberships/${membership}`;
    const demoted = { data: { type: 'organization_memberships', attributes: { role: 'admin' } } };
    assert.equal((await app.request('PATCH', path, { ...owner, body: demoted })).status, 200);
    assert.deepEqual(await statuses(), [404, 404, 200]);
    assert.equal((await app.request('DELETE', path, owner)).status, 204);
    assert.deepEqual(await statuses(), [404, 404, 200]);
    assert.equal(outcome(await accept(await linkTo(app, addresses.owner))), '404 record_not_found');
    assert.equal((await act('PUT', ids.owner!, '/resend')).status, 204);
    assert.equal((await act('PUT', ids.admin!, '/resend', sysadmin)).status, 204);
    assert.deepEqual(await statuses(), [200, 200, 200]);
    for (const [role, email] of Object.entries(addresses)) {
      assert.equal((await accept(await linkTo(app, email))).status, 204);
      assert.equal(await roleOf((await account(email))!.id), role);
    }
  });

  test('the inviter gets a notice in their language, unless they may not see the members any more', async (t) => {
    const { app, acme, admin, owner, linkFor, invited, accept } = await startAccepting(t, engine);
    const names = { first_name: 'Ina', last_name: 'Ost' };
    await app.request('PATCH', `/api/v2/users/${owner.id}`, {
      ...owner,
      body: document({ locale: 'de_AT' }),
    });
    assert.equal((await accept(await linkFor(ina, names))).status, 204);
    const [notice] = (await mailsTo(app, 'ola@acme.example')).filter(
      ({ kind }) => kind === 'invitation_accepted',
    );
    assert.deepEqual(notice!.data, { organization: 'Acme', name: 'Ina Ost', email: ina });
    assert.equal(notice!.locale, 'de');

    await invited('b@new.example', names, admin);
    await app.store.write((transaction) => setMember(transaction, acme, admin.id, 'member', app.clock.now));
    assert.equal((await accept(await linkTo(app, 'b@new.example'))).status, 204);
    const toAdmin = await mailsTo(app, 'ada@acme.example');
    assert.deepEqual(
      toAdmin.filter(({ kind }) => kind === 'invitation_accepted'),
      [],
    );
  });

  test('the trail has the acceptance, the new account and the membership, by that account and from its address', async (t) => {
    const { app, acme, linkFor, accept, account } = await startAccepting(t, engine);
    const token = await linkFor(ina, { first_name: 'Ina', last_name: 'Ost' });
    const recorded = await recordedSince(app.store);
    assert.equal((await accept(token)).status, 204);
    const { id } = (await account(ina))!;
    const events = await recorded();
    assert.deepEqual(
      events.map(({ action, actor, subjectId }) => [action, actor.userId, subjectId]).sort(),
      [
        ['invitation.accept', id, id],
        ['organization_membership.create', id, id],
        ['user.create', id, id],
        ['user.update', id, id],
      ].sort(),
    );
    assert.ok(events.every(({ origin }) => origin!.address.startsWith('2001:db8:')));
    assert.ok(!JSON.stringify(events).includes(password));
    assert.ok(acme > 0);
  });
});
