// Lists of memberships: one's own, those of an organization, those of a user; with include, tags, filters and cursors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import { linkTo, membershipsPath, startMemberships } from './start-memberships.ts';

onEachEngine((engine) => {
  test('clients sign in with one request: their oldest membership comes first, with the person and the organization', async (t) => {
    const { app, acme, elsewhere, accounts, send, pathOf } = await startMemberships(t, engine);
    await send('manager', 'POST', membershipsPath, {
      organization_id: elsewhere,
      user_id: accounts.member!.id,
    });
    const query = 'include=person,organization,user&fields[people]=first_name,last_name,email';
    const answer = await send('member', 'GET', `${membershipsPath}?${query}`);
    const { data, included, meta } = answer.body;
    assert.deepEqual(
      data.map(({ relationships }: any) => relationships.organization),
      [linkTo('organizations', acme), linkTo('organizations', elsewhere)],
    );
    assert.equal(`${membershipsPath}/${data[0].id}`, await pathOf('member'));
    assert.equal(meta.total_count, 2);
    const person = included.find(
      ({ type, id }: any) => type === 'people' && id === data[0].relationships.person.data.id,
    );
    const { email } = (await app.request('GET', '/api/v2/users/me', accounts.member!)).body.data.attributes;
    assert.deepEqual(person.attributes, { email, first_name: 'name', last_name: 'surname' });
    const types = included.map(({ type }: any) => type);
    assert.deepEqual([...new Set(types)].sort(), ['organizations', 'people', 'users']);
    assert.deepEqual(data[0].relationships.user, linkTo('users', accounts.member!.id));

    const bare = 'fields[organization_memberships]=person&include=person&fields[people]=';
    const [first] = (await send('member', 'GET', `${membershipsPath}?${bare}`)).body.data;
    assert.deepEqual(Object.keys(first), ['id', 'type', 'relationships']);
    assert.deepEqual(Object.keys(first.relationships), ['person']);
  });

  test('the list is of the caller alone, whoever asks, and narrower with an organization', async (t) => {
    const { acme, elsewhere, accounts, send, pathOf } = await startMemberships(t, engine);
    await send('manager', 'POST', membershipsPath, {
      organization_id: elsewhere,
      user_id: accounts.owner!.id,
    });
    const own = async (who: string, query = '', headers = {}) =>
      ids(await send(who, 'GET', membershipsPath + query, undefined, headers)).map(
        (id) => `${membershipsPath}/${id}`,
      );
    const [inAcme, inElsewhere] = [await pathOf('owner'), await pathOf('owner', elsewhere)];
    assert.deepEqual(await own('owner'), [inAcme, inElsewhere]);
    assert.deepEqual(await own('owner', `?filter[organization_id]=${elsewhere}`), [inElsewhere]);
    assert.deepEqual(await own('owner', '', { 'X-Organization-Id': String(acme) }), [inAcme]);
    assert.deepEqual(await own('owner', `?filter[user_id]=${accounts.admin!.id}`), []);
    for (const who of ['manager', 'sysadmin', 'nobody']) assert.deepEqual(await own(who), []);
    assert.deepEqual(await own('manager', '', { 'X-Organization-Id': String(acme) }), []);
    const foreign = await send('nobody', 'GET', membershipsPath, undefined, {
      'X-Organization-Id': String(acme),
    });
    assertError(foreign, 403, 'access_denied');
  });

  test('owners, admins and sysadmins list an organization; of a user, everyone what they see', async (t) => {
    const { acme, elsewhere, accounts, send, pathOf } = await startMemberships(t, engine);
    const of = (organizationId: number) => `/api/v2/organizations/${organizationId}/organization_memberships`;
    for (const who of ['owner', 'admin', 'sysadmin', 'manager'])
      assert.equal(ids(await send(who, 'GET', of(acme))).length, 5, who);
    assertError(await send('member', 'GET', of(acme)), 403, 'access_denied');
    for (const who of ['foreigner', 'nobody'])
      assertError(await send(who, 'GET', of(acme)), 404, 'record_not_found');
    assertError(await send('manager', 'GET', of(999)), 404, 'record_not_found');

    await send('manager', 'POST', membershipsPath, {
      organization_id: elsewhere,
      user_id: accounts.member!.id,
    });
    const ofMember = `/api/v2/users/${accounts.member!.id}/organization_memberships`;
    const count = async (who: string) => ids(await send(who, 'GET', ofMember)).length;
    assert.deepEqual(
      [await count('member'), await count('manager'), await count('owner'), await count('foreigner')],
      [2, 2, 1, 1],
    );
    assert.equal(outcome(await send('nobody', 'GET', ofMember)), '404 record_not_found');
    // From its end on it is there for those who manage it alone.
    await send('owner', 'PATCH', await pathOf('member'), { expires_at: '2020-01-01T00:00:00Z' });
    assert.deepEqual([await count('member'), await count('manager'), await count('owner')], [1, 2, 1]);
    assert.equal(ids(await send('owner', 'GET', `${of(acme)}?filter[expires_at][lt]=2021-01-01`)).length, 1);
  });

  test('filters, sorts, pages and cursors work within an organization, with honest totals', async (t) => {
    const { app, acme, send, join } = await startMemberships(t, engine);
    for (let i = 0; i < 7; i++) {
      app.clock.now += 1000;
      await send('owner', 'PATCH', await join(`m${i}`), {
        expires_at: new Date(2_000_000_000_000 - i * 1e7).toISOString(),
      });
    }
    const list = `/api/v2/organizations/${acme}/organization_memberships`;
    const asked = async (query: string) => send('owner', 'GET', `${list}?${query}`);
    assert.equal((await asked('filter[role]=owner')).body.meta.total_count, 2);
    assert.equal(ids(await asked('filter[role]=admin,owner')).length, 4);
    const all = ids(await asked(''));
    assert.deepEqual(ids(await asked('sort=-created_at')).slice(0, 7), all.slice(5).reverse());
    assert.deepEqual(ids(await asked('sort=expires_at')).slice(5), all.slice(5).reverse());
    assert.deepEqual(ids(await asked(`filter[id]=${all[3]}`)), [all[3]]);
    for (const query of [
      'page[size]=5',
      'page[size]=5&page[after]=',
      'page[size]=5&page[after]=&sort=-created_at',
    ]) {
      const pages = await walk(
        app,
        `${list}?${query}`,
        (await app.createUser({ organizationId: acme, role: 'owner', email: `${query.length}@email.com` }))
          .token,
      );
      const listed = pages.flatMap(ids);
      assert.equal(new Set(listed).size, listed.length);
      assert.ok(
        all.every((id) => listed.includes(id)),
        query,
      );
    }
    assertError(await asked('sort=role'), 400, 'unsupported_sort');
    assertError(await asked('filter[created_at]=2020'), 400, 'unsupported_filter');
    assertError(await asked('include=members'), 400, 'unsupported_include');
  });

  test('tags: 304 as long as nothing changes that is shown, 412 with an old one', async (t) => {
    const { app, accounts, send, pathOf } = await startMemberships(t, engine);
    const path = await pathOf('member');
    const withPerson = `${path}?include=person,organization`;
    const tagOf = async (to: string) => (await send('owner', 'GET', to)).headers.get('etag')!;
    const isSame = async (to: string, tag: string) =>
      (await send('owner', 'GET', to, undefined, { 'If-None-Match': tag })).status === 304;
    const [tag, including, list] = [await tagOf(path), await tagOf(withPerson), await tagOf(membershipsPath)];
    assert.deepEqual(
      [await isSame(path, tag), await isSame(withPerson, including), await isSame(membershipsPath, list)],
      [true, true, true],
    );
    const body = { data: { type: 'users', attributes: { first_name: 'Renamed' } } };
    await app.request('PATCH', `/api/v2/users/${accounts.member!.id}`, {
      token: accounts.member!.token,
      body,
    });
    assert.deepEqual([await isSame(path, tag), await isSame(withPerson, including)], [true, false]);
    const change = (given: object, ifMatch: string) =>
      send('owner', 'PATCH', path, given as Record<string, unknown>, { 'If-Match': ifMatch });
    const changed = await change({ role: 'admin' }, including);
    assert.equal(changed.status, 200);
    assert.equal(changed.headers.get('etag'), await tagOf(path));
    assertError(await change({ role: 'member' }, tag), 412, 'precondition_failed');
    const removed = await send('owner', 'DELETE', path, undefined, { 'If-Match': tag });
    assertError(removed, 412, 'precondition_failed');
    assert.equal(await isSame(membershipsPath, list), false);
  });
});
