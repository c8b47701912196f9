// Invitations that are sent again, are taken back, or end with something else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invitations } from '../../../src/resources/invitations/invitations.ts';
import { people } from '../../../src/resources/people/people.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { insertInvitation, insertInvitations } from '../../support/invitations.ts';
import { mailsTo } from '../../support/mails.ts';
import { removeMember } from '../../support/members.ts';
import { outcome } from '../../support/read-answers.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { documentOf, join, membershipsPath, usersPath } from '../people/start-people.ts';
import { startInvitations } from './start-invitations.ts';

const email = 'ina@new.example';
const day = 86_400_000;

onEachEngine((engine) => {
  test('sending again makes a new link, ends the older one, and names who sends it', async (t) => {
    const { app, admin, invited, act, find, linksTo } = await startInvitations(t, engine);
    const invitation = await invited(email);
    const recorded = await recordedSince(app.store);
    app.clock.now += 6 * day;
    const resent = await act('PUT', invitation, '/resend', admin);
    assert.deepEqual([resent.status, resent.text], [204, '']);
    assert.deepEqual(await linksTo(email), [false, true]);
    const after = (await find(invitation.id))!;
    assert.equal(after.token_expires_at, app.clock.now + 7 * day);
    assert.deepEqual([after.inviter_id, after.person_id], [admin.id, invitation.person_id]);
    const [, mail] = await mailsTo(app, email);
    assert.deepEqual(mail!.data, { organization: 'Acme', inviter: 'Ada Lee', role: 'member' });
    const [event] = await recorded();
    assert.equal(event!.action, 'invitation.resend');
    assert.deepEqual(
      event!.changes.map(({ attribute }) => attribute),
      ['token_expires_at', 'inviter_id'],
    );
  });

  test('an invitation whose link has expired stays, and is sent again', async (t) => {
    const { app, invited, act, find, linksTo } = await startInvitations(t, engine);
    const invitation = await invited(email);
    app.clock.now += 30 * day;
    assert.deepEqual(await linksTo(email), [false]);
    assert.ok(await find(invitation.id));
    assert.equal((await act('PUT', invitation, '/resend')).status, 204);
    assert.deepEqual(await linksTo(email), [false, true]);
  });

  test('an invitation to a membership that would have ended is not sent again, and the answer says why', async (t) => {
    const { app, invited, act, find, owner, member } = await startInvitations(t, engine);
    const invitation = await invited(email, { expires_at: new Date(app.clock.now + day).toISOString() });
    app.clock.now += day;
    const before = await mailsTo(app, email);
    for (const headers of [{}, { 'If-Match': '"of another version"' }]) {
      const refused = await act('PUT', invitation, '/resend', { ...owner, headers });
      const [error] = assertError(refused, 422, 'invalid_attribute');
      assert.equal(error!.detail, 'is in the past');
      assert.deepEqual(error!.source, { pointer: 'data/attributes/expires_at' });
    }
    assert.equal((await act('PUT', invitation, '/resend', member)).status, 404);
    assert.deepEqual([await find(invitation.id), await mailsTo(app, email)], [invitation, before]);
  });

  test('taking it back ends its link and removes the person who waited', async (t) => {
    const { app, invited, act, find, linksTo } = await startInvitations(t, engine);
    const invitation = await invited(email);
    const before = await app.store.read.records(people).count(null, null);
    assert.deepEqual(outcome(await act('DELETE', invitation)), '204');
    assert.deepEqual([await find(invitation.id), await linksTo(email)], [null, [false]]);
    assert.equal(await app.store.read.records(people).find(invitation.person_id), null);
    assert.equal(await app.store.read.records(people).count(null, null), before - 1);
    for (const [method, what] of [
      ['DELETE', ''],
      ['PUT', '/resend'],
    ] as const)
      assertError(await act(method, invitation, what), 404, 'record_not_found');
    // The address can be invited again.
    await invited(email);
  });

  test('a person who was a member stays when the invitation to come back is taken back', async (t) => {
    const { app, acme, invited, act } = await startInvitations(t, engine);
    const { id } = await app.createUser({ email });
    const personId = await join(app, acme, id);
    await app.store.write((transaction) => removeMember(transaction, acme, id, app.clock.now));
    const invitation = await invited(email);
    assert.equal(invitation.person_id, personId);
    assert.equal((await act('DELETE', invitation)).status, 204);
    assert.equal((await app.store.read.records(people).find(personId))!.user_id, id);
  });

  test('admins send again and take back what invites a member; a version that is not current is refused', async (t) => {
    const { admin, member, foreigner, invited, act, app, path, owner } = await startInvitations(t, engine);
    const [member1, admin1] = [await invited(email), await invited('ida@new.example', { role: 'admin' })];
    for (const [method, what] of [
      ['PUT', '/resend'],
      ['DELETE', ''],
    ] as const) {
      assert.equal(outcome(await act(method, admin1, what, admin)), '403 access_denied');
      assert.equal(outcome(await act(method, member1, what, member)), '404 record_not_found');
      assert.equal(outcome(await act(method, member1, what, foreigner)), '404 record_not_found');
      const stale = { ...admin, headers: { 'If-Match': '"other"' } };
      assert.equal(outcome(await act(method, member1, what, stale)), '412 precondition_failed');
      assert.equal(outcome(await act(method, member1, what, admin)), '204');
    }
    assert.equal((await app.request('GET', path, owner)).body.meta.total_count, 1);
  });

  test('an invitation outlives the role and the account of its inviter', async (t) => {
    const { app, acme, sysadmin, owner, path, linksTo, invited } = await startInvitations(t, engine);
    const inviter = await app.createUser({ organizationId: acme, role: 'owner' });
    await invited(email, {}, inviter);
    await app.request('DELETE', `${usersPath}/${inviter.id}`, sysadmin);
    assert.deepEqual(await linksTo(email), [true]);
    const { body } = await app.request('GET', `${path}?include=inviter`, owner);
    assert.deepEqual(body.data[0].relationships.inviter, { data: null });
  });

  test('it ends when its person becomes a member in another way, or its account is deleted', async (t) => {
    const { app, acme, sysadmin, invited, find, linksTo } = await startInvitations(t, engine);
    const account = await app.createUser({ email });
    const [invitation, other] = [await invited(email), await invited('ida@new.example')];
    const recorded = await recordedSince(app.store);
    const body = documentOf('organization_memberships', {
      organization_id: String(acme),
      user_id: String(account.id),
    });
    const { status, text } = await app.request('POST', membershipsPath, { ...sysadmin, body });
    assert.equal(status, 201, text);
    assert.deepEqual([await find(invitation.id), await linksTo(email)], [null, [false]]);
    assert.deepEqual((await recorded()).map(({ action }) => action).sort(), [
      ...['invitation.delete', 'organization_membership.create', 'user.update'],
    ]);
    assert.ok(await find(other.id));

    await app.store.write((transaction) => removeMember(transaction, acme, account.id, app.clock.now));
    const back = await invited(email);
    assert.equal(back.person_id, invitation.person_id);
    await recorded();
    await app.request('DELETE', `${usersPath}/${account.id}`, sysadmin);
    assert.deepEqual([await find(back.id), await linksTo(email)], [null, [false, false]]);
    assert.deepEqual((await recorded()).map(({ action }) => action).sort(), [
      ...['invitation.delete', 'user.delete'],
    ]);
  });

  test('all of them end with the organization, also a large number, and each is in the trail', async (t) => {
    const { app, acme, elsewhere, owner, sysadmin, invited, linksTo } = await startInvitations(t, engine);
    await invited(email);
    await insertInvitation(app, elsewhere, email);
    await insertInvitations(app, acme, 1050);
    const recorded = await recordedSince(app.store);
    const { status, text } = await app.request('DELETE', `/api/v2/organizations/${acme}`, owner);
    assert.equal(status, 204, text);
    assert.deepEqual(await linksTo(email), [false]);
    const left = app.store.read.records(invitations);
    assert.equal(await left.count(null, null), 1);
    assert.equal((await left.state()).rowCount, 1);
    const ended = (await recorded()).filter(({ action }) => action === 'invitation.delete');
    assert.equal(ended.length, 1051);
    assert.equal(new Set(ended.map(({ record }) => record!.id)).size, 1051);
    assert.ok(ended.every(({ organizationId }) => organizationId === acme));
    const people = await app.request('GET', '/api/v2/people?filter[is_user]=false', sysadmin);
    assert.equal(people.body.meta.total_count, 1);
  });
});
