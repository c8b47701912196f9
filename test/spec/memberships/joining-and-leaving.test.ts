// What follows from a membership that begins, ends or is removed: the default organization, the person, audit events.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { people } from '../../../src/resources/people/people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { startApp } from '../../support/start-app.ts';
import { makeWorld, membershipsPath, startMemberships, type World } from './start-memberships.ts';

async function defaultOf({ app, accounts }: World, name: string) {
  const { id, token } = accounts[name]!;
  const { body, headers } = await app.request('GET', `/api/v2/users/${id}`, { token });
  return { id: body.data.attributes.default_organization_id, tag: headers.get('etag') };
}

onEachEngine((engine) => {
  test('the first membership becomes the default; losing it gives the oldest other one, or none, at once', async (t) => {
    const world = await startMemberships(t, engine);
    const { app, acme, elsewhere, accounts, send, pathOf } = world;
    const third = await app.createOrganization('Third');
    const add = (organizationId: number, given = {}) => {
      app.clock.now += 1000;
      const user_id = accounts.nobody!.id;
      return send('manager', 'POST', membershipsPath, { organization_id: organizationId, user_id, ...given });
    };
    const shown = async () => (await defaultOf(world, 'nobody')).id;
    await add(third, { expires_at: new Date(app.clock.now).toISOString() });
    assert.equal(await shown(), null, 'one that has ended is no default');
    const { tag } = await defaultOf(world, 'nobody');
    await add(acme);
    const first = await defaultOf(world, 'nobody');
    assert.equal(first.id, acme);
    assert.notEqual(first.tag, tag);
    await add(elsewhere);
    assert.equal(await shown(), acme);

    // Its end, its extension, its removal.
    const ofAcme = await pathOf('nobody', acme);
    await send('owner', 'PATCH', ofAcme, { role: 'admin' });
    assert.equal(await shown(), acme);
    await send('owner', 'PATCH', ofAcme, { expires_at: new Date(app.clock.now).toISOString() });
    assert.equal(await shown(), elsewhere);
    await send('nobody', 'DELETE', await pathOf('nobody', elsewhere));
    assert.equal(await shown(), null);
    await send('owner', 'PATCH', ofAcme, { expires_at: null });
    assert.equal(await shown(), acme);
    await send('manager', 'PATCH', await pathOf('nobody', third), { expires_at: null });
    assert.equal((await send('nobody', 'DELETE', ofAcme)).status, 204);
    assert.equal(await shown(), third);
  });

  test('the person stays, with the time at which it left, and comes back', async (t) => {
    const { app, acme, accounts, send, pathOf } = await startMemberships(t, engine);
    const shown = async () =>
      (await send('manager', 'GET', `${await pathOf('member')}?include=person`)).body.included[0];
    const before = await shown();
    const personOf = async () => (await app.store.read.records(people).find(Number(before.id)))!;
    app.clock.now += 5000;
    assert.equal((await send('member', 'DELETE', await pathOf('member'))).status, 204);
    const left = await personOf();
    assert.deepEqual(
      [left.deactivated_at, left.role, left.user_id],
      [app.clock.now, null, accounts.member!.id],
    );
    app.clock.now += 5000;
    await send('manager', 'POST', membershipsPath, {
      organization_id: acme,
      user_id: accounts.member!.id,
      role: 'admin',
    });
    const back = await personOf();
    assert.deepEqual([back.deactivated_at, back.role, back.joined_at], [null, 'admin', app.clock.now]);
    assert.equal((await shown()).id, before.id);
  });

  test('audit events name the organization, also of those who join or leave with something else', async (t) => {
    const { app, acme, accounts, send, pathOf } = await makeWorld(await startApp(t, engine));
    const recorded = await recordedSince(app.store);
    const taken = async () =>
      (await recorded())
        .filter(({ action }) => action.startsWith('organization'))
        .map(({ action, actor, organizationId, changes }) => [
          action,
          actor.userId,
          organizationId,
          changes.flatMap((change) => ('to' in change ? [[change.attribute, change.from, change.to]] : [])),
        ]);
    const ofMember = await pathOf('member');
    const { owner, admin, manager, nobody } = accounts as Record<string, { id: number; token: string }>;
    await send('admin', 'PATCH', ofMember, { expires_at: '2030-01-01T00:00:00.000Z' });
    assert.deepEqual(await taken(), [
      [
        'organization_membership.update',
        admin!.id,
        acme,
        [['expires_at', null, '2030-01-01T00:00:00.000+00:00']],
      ],
    ]);
    await send('admin', 'PATCH', ofMember, { role: 'member' });
    assert.deepEqual(await taken(), []);
    await send('owner', 'DELETE', ofMember);
    assert.deepEqual(
      (await taken()).map((event) => event.slice(0, 3)),
      [['organization_membership.delete', owner!.id, acme]],
    );
    await send('manager', 'POST', membershipsPath, { organization_id: acme, user_id: nobody!.id });
    assert.deepEqual(
      (await taken()).map((event) => event.slice(0, 3)),
      [['organization_membership.create', manager!.id, acme]],
    );

    const post = (type: string, token: string, attributes: object) =>
      app.request('POST', `/api/v2/${type}`, { token, body: { data: { type, attributes } } });
    const made = await post('organizations', manager!.token, { name: 'New' });
    const id = Number(made.body.data.id);
    assert.deepEqual((await taken()).map((event) => event.slice(0, 3)).sort(), [
      ['organization.create', manager!.id, id],
      ['organization_membership.create', manager!.id, id],
    ]);
    const person = {
      email: 'new@email.com',
      first_name: 'Ann',
      last_name: 'Lee',
      default_organization_id: id,
    };
    await post('users', accounts.sysadmin!.token, person);
    assert.deepEqual(
      (await taken()).map((event) => event.slice(0, 3)),
      [['organization_membership.create', accounts.sysadmin!.id, id]],
    );
    await app.request('DELETE', `/api/v2/organizations/${id}`, { token: manager!.token });
    assert.deepEqual((await taken()).map((event) => event.slice(0, 3)).sort(), [
      ['organization.delete', manager!.id, id],
      ['organization_membership.delete', manager!.id, id],
      ['organization_membership.delete', manager!.id, id],
    ]);
  });
});
