// Tokens that are bound to an organization.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { memberships } from '../../../src/resources/memberships/memberships.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { outcome } from '../../support/read-answers.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';
import { type Sent, sendAround, startInstances } from '../../support/two-instances.ts';

const minute = 60_000;

interface People {
  /** An owner of two organizations, and a sysadmin with all powers. */
  readonly id: number;
  /** Bound to the first organization. */
  readonly token: string;
  readonly free: string;
  readonly organizationIds: readonly [number, number];
  readonly membershipId: number;
  /** Members of the first and of the second organization. */
  readonly memberIds: readonly [number, number];
}

let made = 0;

async function makePeople(app: TestApp): Promise<People> {
  const email = (name: string) => `${name}${++made}@email.com`;
  const organizationIds = [await app.createOrganization('One'), await app.createOrganization('Two')] as const;
  const [organizationId, otherId] = organizationIds;
  const caller = { email: email('caller'), organizationId, role: 'owner', sysadmin: true } as const;
  const { id, token: free } = await app.createUser(caller);
  const lasting = await app.createUser({ email: email('owner'), organizationId, role: 'owner' });
  await app.store.write((transaction) => setMember(transaction, otherId, id, 'owner', app.clock.now));
  const membershipId = (await app.store.read.memberships.idOf(organizationId, id))!;
  const other = await app.createUser({ email: email('other'), organizationId: otherId });
  const token = await app.createToken(id, { membershipId });
  return { id, token, free, organizationIds, membershipId, memberIds: [lasting.id, other.id] };
}

/** Every way in which the membership ends. */
const ends: Readonly<Record<string, (app: TestApp, people: People) => Promise<unknown>>> = {
  'its membership is deleted': async (app, { membershipId, free: token }) =>
    assertDone(await app.request('DELETE', `/api/v2/organization_memberships/${membershipId}`, { token })),
  'its membership is ended': async (app, { membershipId: id, free: token }) => {
    const attributes = { expires_at: new Date(app.clock.now).toISOString() };
    const body = { data: { type: 'organization_memberships', attributes } };
    assertDone(await app.request('PATCH', `/api/v2/organization_memberships/${id}`, { token, body }));
  },
  'its organization is deleted': async (app, { organizationIds: [id], free: token }) =>
    assertDone(await app.request('DELETE', `/api/v2/organizations/${id}`, { token })),
};

function assertDone({ status, text }: { readonly status: number; readonly text: string }): void {
  assert.ok(status < 300, text);
}

/** Changes in one statement, and in a transaction of several. */
const writes: readonly ((people: People) => Omit<Sent, 'token'>)[] = [
  ({ id }) => ({
    method: 'PATCH',
    path: `/api/v2/users/${id}`,
    body: document({ first_name: 'Changed' }),
  }),
  ({ id, organizationIds }) => ({
    method: 'PATCH',
    path: `/api/v2/users/${id}`,
    body: document({ first_name: 'Changed', default_organization_id: organizationIds[0] }),
  }),
  ({ organizationIds }) => ({
    method: 'PATCH',
    path: `/api/v2/organizations/${organizationIds[0]}`,
    body: { data: { type: 'organizations', attributes: { name: 'Changed' } } },
  }),
];

async function start(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const people = await makePeople(app);
  const { token } = people;
  return {
    app,
    ...people,
    get: (path: string, headers: Record<string, string> = {}) =>
      app.request('GET', `/api/v2/${path}`, { token, headers }),
  };
}

const idsIn = ({ body }: { readonly body: any }) => body.data.map(({ id }: { id: string }) => Number(id));

onEachEngine((engine) => {
  test('a bound token acts as if every request named its organization', async (t) => {
    const { get, organizationIds, memberIds, id } = await start(t, engine);
    const [own, other] = organizationIds;
    assert.deepEqual(idsIn(await get('organizations')), [own]);
    assert.deepEqual(idsIn(await get('users')), [id, memberIds[0]]);
    assert.equal((await get(`users/${memberIds[0]}`)).status, 200);
    assert.equal((await get(`users/${memberIds[1]}`)).status, 404);
    assert.equal((await get(`organizations/${other}`)).status, 404);
    assert.equal((await get('users', { 'X-Organization-Id': String(own) })).status, 200);
    for (const header of [String(other), '999', 'x'])
      assert.equal(outcome(await get('users', { 'X-Organization-Id': header })), '403 access_denied');
  });

  test('a bound token has no powers of a sysadmin', async (t) => {
    const { app, token, free, organizationIds, memberIds } = await start(t, engine);
    const send = (token: string, method: string, path: string, type: string, attributes: object) =>
      app.request(method, `/api/v2/${path}`, { token, body: { data: { type, attributes } } });
    const create = (token: string) =>
      send(token, 'POST', 'organizations', 'organizations', { name: 'Three' });
    const rename = (token: string, id: number) =>
      send(token, 'PATCH', `users/${id}`, 'users', { first_name: 'Changed' });
    assert.equal(outcome(await create(token)), '403 access_denied');
    assert.equal(outcome(await rename(token, memberIds[0])), '403 access_denied');
    assert.equal(outcome(await rename(token, memberIds[1])), '404 record_not_found');
    const [own] = organizationIds;
    const flags = { flags: { beta: true } };
    const flagged = await send(token, 'PATCH', `organizations/${own}`, 'organizations', flags);
    assert.deepEqual([flagged.status, flagged.body.data.attributes.flags], [200, {}]);
    assert.equal((await create(free)).status, 201);
    assert.equal((await rename(free, memberIds[0])).status, 200);
  });

  test('a bound and a free token in one request are refused, as are those of two people', async (t) => {
    const { app, token, free } = await start(t, engine);
    for (const [first, second] of [
      [token, free],
      [free, token],
    ])
      assert.equal(
        outcome(await app.request('GET', `/api/v2/users?token=${first}`, { token: second })),
        '401 invalid_auth_token',
      );
  });

  test('C14 a bound token ends from the moment its membership does', async (t) => {
    const { app, get, membershipId } = await start(t, engine);
    const expires_at = app.clock.now + minute;
    await app.store.write(({ records }) => records(memberships).update(membershipId, { expires_at }));
    app.clock.now += minute - 1;
    assert.equal((await get('users')).status, 200);
    app.clock.now += 1;
    assert.equal(outcome(await get('users')), '401 invalid_auth_token');
  });

  for (const [end, happens] of Object.entries(ends))
    test(`C14 a bound token is refused from the next request on where ${end}`, async (t) => {
      const { app, get, ...people } = await start(t, engine);
      assert.equal((await get('users')).status, 200);
      await happens(app, people);
      assert.equal(outcome(await get('users')), '401 invalid_auth_token');
      assert.equal((await app.request('GET', '/api/v2/users', { token: people.free })).status, 200);
    });

  test('a write by a bound token writes nothing where its membership ends before its body has come', async (t) => {
    const instances = await startInstances(t, engine);
    for (const [end, happens] of Object.entries(ends))
      for (const write of writes) {
        const people = await makePeople(instances.one);
        let before: unknown;
        const answer = await sendAround(t, instances, { ...write(people), token: people.token }, async () => {
          await happens(instances.other, people);
          before = await instances.rows();
        });
        assert.equal(outcome(answer), '401 invalid_auth_token', end);
        assert.deepEqual(await instances.rows(), before, end);
      }
  });

  test('a write by a bound token is done where nothing ends', async (t) => {
    const instances = await startInstances(t, engine);
    const people = await makePeople(instances.one);
    for (const write of writes)
      assert.equal(
        (await sendAround(t, instances, { ...write(people), token: people.token }, async () => {})).status,
        200,
      );
  });
});
