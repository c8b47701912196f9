// Deleting an organization removes its memberships and keeps the accounts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openStore } from '../../../src/open-store.ts';
import { addMembers } from '../../support/add-members.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const path = '/api/v2/organizations';
const membersOf = (organizationId: number) => ({ organizationId, userId: null });

onEachEngine((engine) => {
  test('the accounts stay, and have their oldest other organization as their default, or none', async (t) => {
    const config = { ...(await clearedConfig(t, engine)), workers: 2 };
    const open = async () => {
      const store = await openStore(config);
      t.after(() => store.close());
      return serveStore(t, store);
    };
    const [app, another] = [await open(), await open()];
    const [acme, older, newer] = [
      await app.createOrganization('Acme'),
      await app.createOrganization('Older'),
      await app.createOrganization('Newer'),
    ];
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const many = await app.createUser({ organizationId: acme });
    const elsewhere = await app.createUser({ organizationId: newer });
    await app.store.write(async (transaction) => {
      await setMember(transaction, newer, many.id, 'member', app.clock.now + 2);
      await setMember(transaction, older, many.id, 'member', app.clock.now + 1);
      await setMember(transaction, acme, elsewhere.id, 'admin', app.clock.now);
    });
    const show = async (from: TestApp, { id, token }: typeof owner, headers = {}) =>
      from.request('GET', `/api/v2/users/${id}`, { token, headers });
    for (const from of [app, another])
      for (const person of [owner, many, elsewhere]) for (let i = 0; i < 3; i++) await show(from, person);
    const tag = (await show(another, many)).headers.get('etag')!;
    app.clock.now += 1000;
    const deleted = await app.request('DELETE', `${path}/${acme}`, { token: owner.token });
    assert.equal(deleted.status, 204);
    for (const from of [app, another]) {
      const defaults = await Promise.all(
        [owner, many, elsewhere].map(async (person) => {
          const { attributes } = (await show(from, person)).body.data;
          return [attributes.default_organization_id, attributes.default_organization_slug];
        }),
      );
      assert.deepEqual(defaults, [
        [null, null],
        [older, `${older}-older`],
        [newer, `${newer}-newer`],
      ]);
      assert.equal((await show(from, many, { 'If-None-Match': tag })).status, 200);
      const header = { 'X-Organization-Id': String(acme) };
      assert.equal((await show(from, many, header)).status, 403);
      assert.equal((await from.request('GET', path, { token: owner.token })).body.meta.total_count, 0);
    }
    assert.deepEqual(await app.store.read.memberships.list(membersOf(acme), 10), []);
  });

  test('If-Match is asked before any member is removed', async (t) => {
    const app = await startApp(t, engine);
    const acme = await app.createOrganization('Acme');
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    await addMembers(app, acme, 1100);
    const remove = (headers: Record<string, string>) =>
      app.request('DELETE', `${path}/${acme}`, { token: owner.token, headers });
    assert.equal((await remove({ 'If-Match': '"other"' })).status, 412);
    assert.equal(await app.store.read.memberships.count(membersOf(acme)), 1101);
    const { headers } = await app.request('GET', `${path}/${acme}`, { token: owner.token });
    assert.equal((await remove({ 'If-Match': headers.get('etag')! })).status, 204);
    assert.equal(await app.store.read.memberships.count(membersOf(acme)), 0);
  });

  test('people go with the organization, also those who had left; those of other organizations stay', async (t) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const [acme, other] = [await app.createOrganization('Acme'), await app.createOrganization('Other')];
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const members = await addMembers(app, acme, 620);
    await app.store.write(async (transaction) => {
      for (const id of members.slice(0, 510)) await removeMember(transaction, acme, id, app.clock.now);
      for (const id of [owner.id, members[0]!, members[1]!])
        await setMember(transaction, other, id, 'member', app.clock.now);
      await removeMember(transaction, other, members[1]!, app.clock.now);
    });
    const people = () => rowsOf(config, 'people');
    assert.equal((await people()).length, 624);
    const { status } = await app.request('DELETE', `${path}/${acme}`, { token: owner.token });
    assert.equal(status, 204);
    assert.deepEqual(
      (await people()).map((person) => [person.organization_id, person.user_id, person.role]),
      [
        [other, owner.id, 'member'],
        [other, members[0], 'member'],
        [other, members[1], null],
      ],
    );
  });

  test('other writes go on while many members are removed, and each change is recorded', async (t) => {
    const app = await startApp(t, engine);
    const acme = await app.createOrganization('Acme');
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const other = await app.createUser();
    const members = await addMembers(app, acme, 1700);
    const recorded = await recordedSince(app.store);
    let isDone = false;
    const deleting = app
      .request('DELETE', `${path}/${acme}`, { token: owner.token })
      .finally(() => (isDone = true));
    let between = 0;
    while (!isDone) {
      const left = await app.store.read.memberships.count(membersOf(acme));
      const body = { data: { type: 'users', attributes: { first_name: `${left}` } } };
      const changed = await app.request('PATCH', `/api/v2/users/${other.id}`, { token: other.token, body });
      assert.equal(changed.status, 200);
      if (left > 0 && left < 1701) between++;
    }
    assert.equal((await deleting).status, 204);
    assert.ok(between > 0, 'no write came between');
    const events = await recorded();
    const ofMembers = events.filter(({ record }) => record?.type === 'users' && record?.id !== other.id);
    assert.deepEqual(
      ofMembers.map(({ record }) => record!.id).sort((a, b) => a - b),
      [owner.id, ...members].sort((a, b) => a - b),
    );
    const left = events.filter(({ action }) => action === 'organization_membership.delete');
    assert.equal(new Set(left.map(({ record }) => record?.id)).size, 1701);
    assert.ok(left.every(({ organizationId }) => organizationId === acme));
    assert.deepEqual(
      events.filter(({ record }) => record?.type === 'organizations').map(({ action }) => action),
      ['organization.delete'],
    );
  });

  test('a deletion that stops halfway is repeated by an owner', async (t) => {
    const app = await startApp(t, engine);
    const acme = await app.createOrganization('Acme');
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    await addMembers(app, acme, 1100);
    const deleting = app.request('DELETE', `${path}/${acme}`, { token: owner.token });
    // The role is taken away between two transactions.
    while ((await app.store.read.memberships.count(membersOf(acme))) === 1101) await setImmediate();
    await app.store.write((transaction) => setMember(transaction, acme, owner.id, 'member', app.clock.now));
    const { status } = await deleting;
    const left = await app.store.read.memberships.count(membersOf(acme));
    if (status === 403) {
      assert.ok(left > 0 && left < 1101);
      await app.store.write((transaction) => setMember(transaction, acme, owner.id, 'owner', app.clock.now));
      const again = await app.request('DELETE', `${path}/${acme}`, { token: owner.token });
      assert.equal(again.status, 204);
    } else assert.equal(status, 204);
    assert.equal(await app.store.read.memberships.count(membersOf(acme)), 0);
  });
});
