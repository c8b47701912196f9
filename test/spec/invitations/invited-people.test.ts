// The person of an invitation: it waits, becomes the member when the account of its address joins in whatever way, and is
// gone with an invitation that is not accepted.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { acceptInvitation } from '../../../src/resources/invitations/accept-invitation.ts';
import { type Invitation, invitations } from '../../../src/resources/invitations/invitations.ts';
import { byOperator } from '../../../src/resources/operations/record-change.ts';
import { type Person, people } from '../../../src/resources/people/people.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { insertInvitation } from '../../support/invitations.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { startApp } from '../../support/start-app.ts';

const address = 'Ina@New.example';

async function start(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const acme = await app.createOrganization('Acme');
  const { store, clock } = app;
  return {
    app,
    acme,
    invite: (email = address, values = {}) =>
      insertInvitation(app, acme, email, { first_name: 'Ina', ...values }),
    join: (userId: number, role: 'owner' | 'member' = 'member', end: number | null = null) =>
      store.write((transaction) => setMember(transaction, acme, userId, role, clock.now, end)),
    leave: (userId: number) =>
      store.write((transaction) => removeMember(transaction, acme, userId, clock.now)),
    accept: (invitation: Invitation, userId: number) =>
      store.write((transaction) => acceptInvitation(transaction, byOperator, invitation, userId, clock.now)),
    person: async (id: number): Promise<Person | null> => store.read.records(people).find(id),
    invitation: async (id: number) => store.read.records(invitations).find(id),
    roleOf: async (userId: number) => store.read.memberships.role(acme, userId, clock.now),
  };
}

/** Each way in which the account of the address becomes a member. */
const ways = ['accepts', 'is added'] as const;

onEachEngine((engine) => {
  test('a person waits with the names that the inviter wrote', async (t) => {
    const { app, invite, person } = await start(t, engine);
    const { person_id } = await invite();
    const { revision: _, shown: __, ...waiting } = (await person(person_id))!;
    assert.equal(waiting.email, address);
    assert.deepEqual([waiting.first_name, waiting.last_name], ['Ina', '']);
    assert.deepEqual([waiting.is_user, waiting.user_id, waiting.role], [false, null, null]);
    assert.deepEqual([waiting.invited_at, waiting.joined_at], [app.clock.now, null]);
    assert.equal(waiting.created_at, app.clock.now);
  });

  for (const way of ways)
    test(`the same person becomes the member when the account ${way}, with the names of the account`, async (t) => {
      const { app, invite, join, accept, person, roleOf } = await start(t, engine);
      const invited = await invite();
      const before = (await person(invited.person_id))!;
      app.clock.now += 5000;
      const values = { first_name: 'Irina', last_name: 'Ost', avatar_url: 'https://new.example/i.png' };
      const account = await app.createUser({ email: 'ina@new.example', values });
      app.clock.now += 5000;
      if (way === 'accepts') await accept(invited, account.id);
      else await join(account.id);
      const after = (await person(invited.person_id))!;
      assert.deepEqual(
        { ...after, revision: 0 },
        {
          ...{ ...before, ...values, revision: 0, email: 'ina@new.example', user_id: account.id },
          ...{ is_user: true, role: 'member', joined_at: app.clock.now, created_at: app.clock.now - 5000 },
        },
      );
      assert.ok(after.revision > before.revision);
      assert.equal(await roleOf(account.id), 'member');
      assert.equal(await app.store.read.records(people).count(null, null), 1);
    });

  test('who has left and is invited again stays the same person, who is out until the acceptance', async (t) => {
    const { app, invite, join, leave, accept, person } = await start(t, engine);
    const { id } = await app.createUser({ email: address });
    await join(id);
    await leave(id);
    app.clock.now += 5000;
    const invited = await invite();
    const out = (await person(invited.person_id))!;
    assert.deepEqual([out.user_id, out.is_user, out.invited_at], [id, true, app.clock.now]);
    assert.equal(out.deactivated_at, app.clock.now - 5000);
    await accept(invited, id);
    const back = (await person(invited.person_id))!;
    assert.deepEqual([back.user_id, back.deactivated_at, back.joined_at], [id, null, app.clock.now]);
    assert.equal(await app.store.read.records(people).count(null, null), 1);
  });

  test('accepting extends a membership that has ended, and leaves the role of a current one', async (t) => {
    const { app, invite, join, accept, roleOf, invitation } = await start(t, engine);
    const { id } = await app.createUser({ email: address });
    await join(id, 'member', app.clock.now);
    assert.equal(await roleOf(id), null);
    await accept(await invite(address, { role: 'admin' }), id);
    assert.equal(await roleOf(id), 'admin');

    const another = await invite('other@new.example', { role: 'member' });
    await accept(another, id);
    assert.equal(await roleOf(id), 'admin');
    assert.equal(await invitation(another.id), null);
    assert.equal(await app.store.read.records(people).count(null, null), 1);
  });

  test('people of other organizations and other addresses are not taken over', async (t) => {
    const { app, invite, person } = await start(t, engine);
    const { person_id } = await invite();
    const elsewhere = await app.createOrganization('Elsewhere');
    await app.createUser({ email: address, organizationId: elsewhere });
    const { id } = await app.createUser({ email: 'other@new.example' });
    await app.store.write((transaction) => setMember(transaction, elsewhere, id, 'member', app.clock.now));
    assert.equal((await person(person_id))!.user_id, null);
    assert.equal(await app.store.read.records(people).count(null, null), 3);
  });
});
