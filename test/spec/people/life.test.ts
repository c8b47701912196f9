// The life of a person: it joins, changes with its account and its membership, leaves, comes back, and is deleted with
// its account or its organization.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { zone } from '../../../src/model/zone.ts';
import { people } from '../../../src/resources/people/people.ts';
import { importUsers } from '../../../src/resources/users/import-users.ts';
import { users } from '../../../src/resources/users/users.ts';
import { noBreaches } from '../../../src/security/breached-passwords.ts';
import { passwordHasher } from '../../../src/security/passwords.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { ids } from '../../support/read-answers.ts';
import {
  documentOf,
  join,
  membershipsPath,
  type Person,
  peoplePath,
  readPerson,
  startPeople,
  timeOf,
  usersPath,
  type World,
} from './start-people.ts';

async function start(t: TestContext, engine: EngineName) {
  const world = await startPeople(t, engine);
  const { app, acme, sysadmin } = world;
  const send = (method: string, path: string, type = '', attributes: object | null = null) =>
    app.request(method, path, {
      ...sysadmin,
      ...(attributes !== null && { body: documentOf(type, attributes) }),
    });
  const membershipOf = async (userId: number, organizationId = acme) =>
    `${membershipsPath}/${await app.store.read.memberships.idOf(organizationId, userId)}`;
  const changeUser = (id: number, attributes: object) =>
    send('PATCH', `${usersPath}/${id}`, 'users', attributes);
  return { ...world, world, send, membershipOf, changeUser, read: (id: number) => readPerson(world, id) };
}

/** Each way to become a member of acme. @returns the id of the account */
const ways: Readonly<
  Record<string, (world: World, send: Awaited<ReturnType<typeof start>>['send']) => Promise<number>>
> = {
  async 'a new membership'({ app, acme }, send) {
    const { id } = await app.createUser();
    const given = { organization_id: String(acme), user_id: String(id), role: 'admin' };
    const { status, text } = await send('POST', membershipsPath, 'organization_memberships', given);
    assert.equal(status, 201, text);
    return id;
  },
  async 'a new account with an organization'({ acme }, send) {
    const named = { email: 'new@acme.example', first_name: 'Nia', last_name: 'Lee' };
    const { status, body, text } = await send('POST', usersPath, 'users', {
      ...named,
      default_organization_id: acme,
    });
    assert.equal(status, 201, text);
    return Number(body.data.id);
  },
  async 'an import'({ app, acme }) {
    const fields = { email: 'imported@acme.example', first_name: 'Ian', last_name: 'Lee' };
    const record = { line: 1, size: 1, fields: new Map(Object.entries(fields)) };
    await importUsers(Readable.from([record]), {
      store: app.store,
      clock: () => app.clock.now,
      passwords: passwordHasher(1),
      publicUrl: 'https://acme.example',
      passwordPolicy: { minPasswordLength: 10, breached: noBreaches },
      zone: zone('UTC'),
      organizationId: acme,
      anyPassword: false,
      withPrivileges: false,
      onRefused: (_record, reasons) => assert.fail(reasons.join()),
      onBatch: () => {},
    });
    return (await app.store.read.records(users).findByIdentity('email', fields.email))!.id;
  },
  async 'a new organization, by its owner'({ app }, send) {
    const { body, status, text } = await send('POST', '/api/v2/organizations', 'organizations', {
      name: 'New',
    });
    assert.equal(status, 201, text);
    const [person] = ids(
      await send('GET', `${peoplePath}?filter[organization_id]=${body.data.id}&filter[role]=owner`),
    );
    return (await app.store.read.records(people).find(person!))!.user_id!;
  },
};

onEachEngine((engine) => {
  for (const [way, become] of Object.entries(ways))
    test(`${way} makes a person`, async (t) => {
      const { app, world, read, send } = await start(t, engine);
      app.clock.now += 5000;
      const userId = await become(world, send);
      const account = (await app.store.read.records(users).find(userId))!;
      const { attributes } = await read(userId);
      assert.equal(attributes.email, account.email);
      assert.equal(attributes.first_name, account.first_name);
      assert.equal(attributes.is_user, true);
      assert.equal(attributes.joined_at, timeOf(app.clock.now));
      assert.equal(attributes.created_at, timeOf(account.created_at));

      assert.equal(attributes.deactivated_at, null);
    });

  test('a change of the account is shown at once under a new tag, and other changes leave the person as it is', async (t) => {
    const { app, member, read, changeUser } = await start(t, engine);
    let before = await read(member.id);
    const change = async (attributes: object, shown: object): Promise<void> => {
      assert.equal((await changeUser(member.id, attributes)).status, 200);
      const after = await read(member.id);
      assert.deepEqual(after.attributes, { ...before.attributes, ...shown });
      assert.equal(after.etag !== before.etag, Object.keys(shown).length > 0, JSON.stringify(attributes));
      before = after;
    };
    for (const changed of [
      { first_name: 'Mía' },
      { last_name: 'Ray' },
      { email: 'mia@ray.example' },
      { avatar_url: 'https://ray.example/mia.png' },
    ])
      await change(changed, changed);
    await change({ first_name: 'Mía', time_zone: 'Europe/Zagreb', preferences: { theme: 'dark' } }, {});
    await app.store.write((transaction) =>
      transaction.records(users).update(member.id, { two_factor_auth: true }),
    );
    assert.deepEqual((await read(member.id)).attributes, { ...before.attributes, two_factor_auth: true });
  });

  test('a PATCH that changes nothing that people show writes no person', async (t) => {
    const { app, member, read, changeUser } = await start(t, engine);
    const { id } = await read(member.id);
    const revision = async () => (await app.store.read.records(people).find(id))!.revision;
    const before = await revision();
    const state = () => app.store.read.records(people).state();
    const { changeCount } = await state();
    await changeUser(member.id, { time_zone: 'Europe/Zagreb', flags: { beta: true } });
    await changeUser(member.id, { email: 'mia@acme.example', first_name: 'Mia' });
    assert.equal(await revision(), before);
    assert.equal((await state()).changeCount, changeCount);
    await changeUser(member.id, { first_name: 'Maya' });
    assert.equal(await revision(), before + 1);
  });

  test('of many renames and new roles at once, all succeed, and each person has the last name and role', async (t) => {
    const { app, acme, elsewhere, admin, member, send, membershipOf, changeUser } = await start(t, engine);
    for (const { id } of [admin, member]) await join(app, elsewhere, id);
    const paths = await Promise.all([acme, elsewhere].map((id) => membershipOf(member.id, id)));
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => [
        changeUser((i % 3 === 0 ? admin : member).id, { first_name: `Name ${i}` }),
        send('PATCH', paths[i % 2]!, 'organization_memberships', { role: i % 4 < 2 ? 'admin' : 'member' }),
      ]).flat(),
    );
    for (const { status, text } of answers) assert.equal(status, 200, text);
    for (const { id } of [admin, member]) {
      const account = (await app.store.read.records(users).find(id))!;
      const { data } = (await send('GET', `${peoplePath}?filter[user_id]=${id}`)).body;
      assert.equal(data.length, 2);
      for (const person of data) {
        const organizationId = Number(person.relationships.organization.data.id);
        const role = await app.store.read.memberships.role(organizationId, id, app.clock.now);
        const { first_name, role: shown } = person.attributes;
        assert.deepEqual([first_name, shown], [account.first_name, role]);
      }
    }
  });

  test('role and end follow the membership, under a new tag', async (t) => {
    const { app, member, read, send, membershipOf } = await start(t, engine);
    const path = await membershipOf(member.id);
    const end = timeOf(app.clock.now + 60_000);
    let before = await read(member.id);
    for (const [given, shown] of [
      [{ role: 'admin' }, { role: 'admin' }],
      [{ expires_at: end }, { access_expires_at: end }],
      [
        { expires_at: null, role: 'member' },
        { access_expires_at: null, role: 'member' },
      ],
    ]) {
      const { status, text } = await send('PATCH', path, 'organization_memberships', given!);
      assert.equal(status, 200, text);
      const after = await read(member.id);
      assert.deepEqual(after.attributes, { ...before.attributes, ...shown });
      assert.notEqual(after.etag, before.etag);
      before = after;
    }
    const { status } = await send('PATCH', path, 'organization_memberships', { role: 'member' });
    assert.equal(status, 200);
    assert.equal((await read(member.id)).etag, before.etag);
  });

  test('who leaves stays a person, with the time, and comes back as the same one', async (t) => {
    const { app, acme, owner, member, read, send, membershipOf } = await start(t, engine);
    const joined = await read(member.id);
    app.clock.now += 5000;
    assert.equal((await app.request('DELETE', await membershipOf(member.id), member)).status, 204);
    const left = await read(member.id);
    assert.equal(left.id, joined.id);
    assert.deepEqual(left.attributes, {
      ...joined.attributes,
      deactivated_at: timeOf(app.clock.now),
      role: null,
    });
    // The organization still sees who left, under the current name; the person itself sees nothing of it.
    await app.store.write((transaction) =>
      transaction.records(users).update(member.id, { first_name: 'Maya' }),
    );
    const shown = await app.request('GET', `${peoplePath}/${left.id}`, owner);
    assert.equal(shown.body.data.attributes.first_name, 'Maya');
    assertError(await app.request('GET', `${peoplePath}/${left.id}`, member), 404, 'record_not_found');
    assert.deepEqual(ids(await app.request('GET', `${peoplePath}?filter[deactivated_at]=`, owner)).length, 2);

    app.clock.now += 5000;
    const given = { organization_id: String(acme), user_id: String(member.id), role: 'admin' };
    assert.equal((await send('POST', membershipsPath, 'organization_memberships', given)).status, 201);
    const back: Person = await read(member.id);
    assert.equal(back.id, joined.id);
    assert.notEqual(back.etag, joined.etag);
    assert.deepEqual(back.attributes, {
      ...joined.attributes,
      first_name: 'Maya',
      joined_at: timeOf(app.clock.now),
      role: 'admin',
    });
  });

  test('the people of a deleted account are gone, and so are those of a deleted organization', async (t) => {
    const { app, acme, elsewhere, owner, admin, member, send } = await start(t, engine);
    await join(app, elsewhere, member.id);
    const list = async (query = '') => ids(await send('GET', `${peoplePath}${query}`));
    assert.equal((await list(`?filter[user_id]=${member.id}`)).length, 2);
    const total = async () => (await send('GET', `${peoplePath}?page[size]=1`)).body.meta.total_count;
    assert.equal(await total(), 5);
    assert.equal((await send('DELETE', `${usersPath}/${member.id}`)).status, 204);
    assert.deepEqual(await list(`?filter[user_id]=${member.id}`), []);
    assert.equal(await total(), 3);
    assert.equal((await send('DELETE', `/api/v2/organizations/${acme}`)).status, 204);
    assert.equal(await total(), 1);
    for (const { id } of [owner, admin]) assert.ok(await app.store.read.records(users).find(id));
    assert.deepEqual(await list(`?filter[query]=acme`), []);
  });

  test('before an invitation is accepted, a person has no account, and is not found by one', async (t) => {
    const { app, acme, owner, sysadmin } = await start(t, engine);
    const now = app.clock.now;
    const id = await app.store.write((transaction) =>
      transaction.records(people).insert({
        organization_id: acme,
        is_user: false,
        email: 'invited@acme.example',
        first_name: 'Ivy',
        last_name: 'Lee',
        invited_at: now,
        created_at: now,
        two_factor_auth: false,
      }),
    );
    const get = (query: string, { token } = owner) => app.request('GET', peoplePath + query, { token });
    const { data, included } = (await get(`/${id}?include=user,organization`)).body;
    const { is_user, user_id, invited_at, joined_at, role } = data.attributes;
    assert.deepEqual(
      { is_user, user_id, invited_at, joined_at, role },
      { is_user: false, user_id: null, invited_at: timeOf(now), joined_at: null, role: null },
    );
    assert.deepEqual(data.relationships.user, { data: null });
    assert.deepEqual(
      included.map(({ type }: { type: string }) => type),
      ['organizations'],
    );
    assert.deepEqual(ids(await get('?filter[is_user]=false')), [id]);
    assert.deepEqual(ids(await get('?filter[user_id]=')), [id]);
    assert.deepEqual(ids(await get('?filter[query]=ivy', sysadmin)), [id]);
    assert.equal(ids(await get('?filter[is_user]=true')).includes(id), false);
    // Several invited people have no account.
    await app.store.write(async (transaction) => {
      const { id: _, revision: _r, shown: _s, ...invited } = (await transaction.records(people).find(id))!;
      await transaction.records(people).insert({ ...invited, email: 'other@acme.example' });
    });
    assert.equal(ids(await get('?filter[is_user]=false')).length, 2);
  });
});
