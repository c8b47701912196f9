// When a person was last seen and active within one organization.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { ids } from '../../support/read-answers.ts';
import { join, peoplePath, readPerson, startPeople, timeOf, usersPath } from './start-people.ts';

const hour = 3_600_000;

async function start(t: TestContext, engine: EngineName) {
  const world = await startPeople(t, engine);
  const { app, elsewhere, member, sysadmin } = world;
  const signIn = (id: number) =>
    app.createToken(id, { machine: false, expiresAt: app.clock.now + 100 * hour });
  /** A request, and what a service writes a few seconds later. */
  const ask = async (token: string, organizationId?: number) => {
    const headers = organizationId === undefined ? {} : { 'X-Organization-Id': String(organizationId) };
    const answer = await app.request('GET', usersPath, { token, headers });
    await app.flushActivity();
    return answer.status;
  };
  /** last_seen_at and last_activity_at of the member, in each organization. */
  const times = async () => {
    const { body } = await app.request('GET', `${peoplePath}?filter[user_id]=${member.id}`, sysadmin);
    return body.data.map(({ attributes }: any) => [attributes.last_seen_at, attributes.last_activity_at]);
  };
  await join(app, elsewhere, member.id);
  return { ...world, world, signIn, ask, times };
}

onEachEngine((engine) => {
  test('a request with X-Organization-Id or a bound token counts in that organization alone', async (t) => {
    const { app, acme, elsewhere, member, signIn, ask, times } = await start(t, engine);
    const token = await signIn(member.id);
    const first = timeOf(app.clock.now);
    assert.equal(await ask(token, acme), 200);
    assert.deepEqual(await times(), [
      [first, first],
      [null, null],
    ]);
    const membershipId = await app.store.read.memberships.idOf(elsewhere, member.id);
    const bound = await app.createToken(member.id, { membershipId: membershipId! });
    app.clock.now += 10;
    assert.equal(await ask(bound), 200);
    assert.deepEqual(await times(), [
      [first, first],
      [null, timeOf(app.clock.now)],
    ]);
    // An id that is none, or of an organization in which the account is nobody, counts nowhere.
    app.clock.now += 2 * hour;
    assert.equal(await ask(token, 0.5), 403);
    assert.equal(await ask(token, 999), 403);
    assert.equal((await times())[0][0], first);
    assert.equal(await ask(token), 200);
    const now = timeOf(app.clock.now);
    assert.deepEqual(await times(), [
      [now, now],
      [now, now],
    ]);
  });

  test('a person gets a new tag once an hour, however many requests there are', async (t) => {
    const { app, world, acme, elsewhere, member, signIn, ask } = await start(t, engine);
    await app.store.write(({ memberships }) => memberships.eraseMany(elsewhere, [member.id]));
    const token = await signIn(member.id);
    const tags = new Set<string>();
    for (let i = 0; i < 24; i++) {
      assert.equal(await ask(token, i % 2 === 0 ? acme : undefined), 200);
      tags.add((await readPerson(world, member.id)).etag);
      app.clock.now += hour / 12;
    }
    assert.equal(tags.size, 2);
  });

  test('administrators sort people by their activity, and plain members do not see it', async (t) => {
    const { app, acme, owner, admin, member, signIn, ask } = await start(t, engine);
    for (const { id } of [member, owner, admin]) {
      app.clock.now += 1000;
      await ask(await signIn(id), acme);
    }
    const personOf = async ({ id }: { id: number }) =>
      ids(await app.request('GET', `${peoplePath}?filter[user_id]=${id}`, { ...owner }))[0];
    const order = [await personOf(admin), await personOf(owner), await personOf(member)];
    const headers = { 'X-Organization-Id': String(acme) };
    const sorted = await app.request('GET', `${peoplePath}?sort=-last_activity_at`, { ...owner, headers });
    assert.deepEqual(ids(sorted).slice(0, 3), order);
    const [own] = (await app.request('GET', peoplePath, { ...member, headers })).body.data;
    assert.deepEqual([own.attributes.last_seen_at, own.attributes.last_activity_at], [null, null]);
  });
});
