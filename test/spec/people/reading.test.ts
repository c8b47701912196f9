// Who reads which people, and what of them.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { people } from '../../../src/resources/people/people.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { removeMember } from '../../support/members.ts';
import { ids, outcome } from '../../support/read-answers.ts';
import type { RequestOptions } from '../../support/start-app.ts';
import { type Account, join, peoplePath, personOf, startPeople } from './start-people.ts';

async function start(t: TestContext, engine: EngineName, settings = {}) {
  const world = await startPeople(t, engine, settings);
  const { app, acme, elsewhere, owner, admin, member, foreigner } = world;
  const get = ({ token }: Account, query = '', options: RequestOptions = {}) =>
    app.request('GET', peoplePath + query, { token, ...options });
  const inAcme = await Promise.all([owner, admin, member].map(({ id }) => personOf(app, acme, id)));
  const boss = await personOf(app, elsewhere, foreigner.id);
  return {
    ...world,
    get,
    inAcme,
    boss,
    within: (id: number) => ({ headers: { 'X-Organization-Id': `${id}` } }),
  };
}

onEachEngine((engine) => {
  test('a person shows the attributes of the contract in their order, and its organization', async (t) => {
    const { app, acme, owner, member, get, inAcme } = await start(t, engine);
    const id = inAcme[2]!;
    const now = '2026-03-17T04:04:00.843+00:00';
    const seenAt = app.clock.now - 60_000;
    await app.store.write((transaction) =>
      transaction
        .records(people)
        .update(id, { last_seen_at: seenAt, last_activity_at: seenAt, external_id: 'hr-7' }),
    );
    const time = '2026-03-17T04:03:00.843+00:00';
    const shown = await get(owner, `/${id}`);
    const attributes = {
      avatar_url: null,
      deactivated_at: null,
      email: 'mia@acme.example',
      first_name: 'Mia',
      last_name: 'Lee',
      joined_at: now,
      last_seen_at: time as string | null,
      invited_at: null,
      is_user: true,
      user_id: member.id,
      created_at: now,
      last_activity_at: time as string | null,
      two_factor_auth: false as boolean | null,
      external_id: 'hr-7',
      role: 'member',
      access_expires_at: null,
    };
    const document = {
      data: {
        id: String(id),
        type: 'people',
        attributes,
        relationships: {
          organization: { data: { type: 'organizations', id: String(acme) } },
          user: { meta: { included: false } },
        },
      },
      meta: {},
    };
    assert.equal(shown.text, JSON.stringify(document));
    // A plain member reads less, of themselves too.
    for (const name of ['last_seen_at', 'last_activity_at', 'two_factor_auth'] as const)
      attributes[name] = null;
    assert.equal((await get(member, `/${id}`)).text, JSON.stringify(document));
    assert.deepEqual((await get(member)).body.data, JSON.parse(JSON.stringify([document.data])));
  });

  test('owners, admins and sysadmins see the people of the organization, a member only themselves', async (t) => {
    const world = await start(t, engine);
    const { acme, elsewhere, owner, admin, member, foreigner, nobody, sysadmin, get, inAcme, boss } = world;
    for (const caller of [owner, admin]) assert.deepEqual(ids(await get(caller)), inAcme);
    assert.deepEqual(ids(await get(member)), [inAcme[2]]);
    assert.deepEqual(ids(await get(foreigner)), [boss]);
    assert.deepEqual(ids(await get(nobody)), []);
    assert.deepEqual(ids(await get(sysadmin)), [...inAcme, boss]);
    assert.deepEqual(ids(await get(sysadmin, '', world.within(elsewhere))), [boss]);
    assertError(await get(member, '', world.within(elsewhere)), 403, 'access_denied');
    assertError(await get(sysadmin, '', world.within(99)), 403, 'access_denied');
    assertError(await get(member, `/${inAcme[0]}`), 404, 'record_not_found');
    assertError(await get(owner, `/${boss}`), 404, 'record_not_found');
    assertError(await get(sysadmin, `/${boss}`, world.within(acme)), 404, 'record_not_found');
    for (const id of ['abc', '1.0', '9223372036854775808'])
      assertError(await get(sysadmin, `/${id}`), 404, 'record_not_found');
  });

  test('an account in several organizations sees the people of all, and of one by the header', async (t) => {
    const world = await start(t, engine);
    const { app, acme, elsewhere, admin, get, inAcme } = world;
    const own = await join(app, elsewhere, admin.id);
    assert.deepEqual(ids(await get(admin)), [...inAcme, own]);
    assert.deepEqual(ids(await get(admin, '', world.within(acme))), inAcme);
    assert.deepEqual(ids(await get(admin, '', world.within(elsewhere))), [own]);
    assert.deepEqual(ids(await get(admin, `?filter[organization_id]=${elsewhere}`)), [own]);
    assert.equal((await get(admin, '?page[size]=1')).body.meta.total_count, 4);
  });

  test('members who see each other see the current members, and neither those who left nor those whose access ended', async (t) => {
    const world = await start(t, engine, { membersSeeEachOther: 'true' });
    const { app, acme, member, owner, get, inAcme } = world;
    const [left, ended] = [await app.createUser(), await app.createUser()];
    const leaver = await join(app, acme, left.id);
    const end = app.clock.now + 1000;
    const ending = await join(app, acme, ended.id, 'member', end);
    assert.deepEqual(ids(await get(member)), [...inAcme, leaver, ending]);
    await app.store.write((transaction) => removeMember(transaction, acme, left.id, app.clock.now));
    app.clock.now = end;
    assert.deepEqual(ids(await get(member)), inAcme);
    assertError(await get(member, `/${leaver}`), 404, 'record_not_found');
    assertError(await get(member, `/${ending}`), 404, 'record_not_found');
    assertError(await get(ended, `/${ending}`), 404, 'record_not_found');
    assert.deepEqual(ids(await get(owner)), [...inAcme, leaver, ending]);
  });

  test('nobody writes people, and methods that would are 405', async (t) => {
    const { app, sysadmin, inAcme } = await start(t, engine);
    const body = { data: { type: 'people', attributes: { first_name: 'Eve' } } };
    for (const path of [peoplePath, `${peoplePath}/${inAcme[0]}`])
      for (const method of ['POST', 'PATCH', 'PUT', 'DELETE']) {
        const answer = await app.request(method, path, { token: sysadmin.token, body });
        assert.equal(outcome(answer), '405 method_not_allowed');
        assert.equal(answer.headers.get('allow'), 'HEAD, GET, OPTIONS');
      }
  });
});
