// Filters, sorts, search, pages, tags, sparse fields and include of people.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { people } from '../../../src/resources/people/people.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { ids, walk } from '../../support/read-answers.ts';
import { type Account, join, peoplePath, personOf, startPeople } from './start-people.ts';

async function start(t: TestContext, engine: EngineName) {
  const world = await startPeople(t, engine);
  const { app, acme, owner, admin, member } = world;
  const [ola, ada, mia] = (await Promise.all(
    [owner, admin, member].map(({ id }) => personOf(app, acme, id)),
  )) as [number, number, number];
  const get = (query: string, { token }: Account = owner, headers = {}) =>
    app.request('GET', peoplePath + query, { token, headers });
  const found = async (query: string, who?: Account) => ids(await get(query, who));
  return { ...world, ola, ada, mia, get, found };
}

onEachEngine((engine) => {
  test('people are found by each filter, and by words of their names and address', async (t) => {
    const { app, acme, admin, ola, ada, mia, found } = await start(t, engine);
    assert.deepEqual(await found(`?filter[id]=${ada},${mia}`), [ada, mia]);
    assert.deepEqual(await found('?filter[email]=ADA@acme.example'), [ada]);
    assert.deepEqual(await found('?filter[email][contains]=acme'), [ola, ada, mia]);
    assert.deepEqual(await found(`?filter[user_id]=${admin.id}`), [ada]);
    assert.deepEqual(await found('?filter[is_user]=true'), [ola, ada, mia]);
    assert.deepEqual(await found('?filter[is_user]=false'), []);
    assert.deepEqual(await found('?filter[role]=owner,admin'), [ola, ada]);
    assert.deepEqual(await found('?filter[query]=mia%20lee'), [mia]);
    assert.deepEqual(await found('?filter[query]=ada@'), [ada]);
    await app.store.write((transaction) => removeMember(transaction, acme, admin.id, app.clock.now));
    assert.deepEqual(await found('?filter[deactivated_at]='), [ola, mia]);
    assert.deepEqual(await found('?filter[deactivated_at][not_eq]='), [ada]);
    assert.deepEqual(await found('?filter[deactivated_at][lt_eq]=2026-03-17'), [ada]);
    assert.deepEqual(await found('?filter[role]='), [ada]);
    const filters = '?filter[$op]=or&filter[0][role]=owner&filter[1][email]=mia@acme.example';
    assert.deepEqual(await found(filters), [ola, mia]);
  });

  test('people are sorted by each sort, with a total, and by cursor', async (t) => {
    const { app, ola, ada, mia, get, found, owner } = await start(t, engine);
    assert.deepEqual(await found('?sort=first_name'), [ada, mia, ola]);
    assert.deepEqual(await found('?sort=-email'), [ola, mia, ada]);
    assert.deepEqual(await found('?sort=last_name,-first_name'), [ola, mia, ada]);
    assert.deepEqual(await found('?sort=created_at'), [ola, ada, mia]);
    assert.deepEqual(await found('?sort=-id'), [mia, ada, ola]);
    assert.deepEqual((await get('?page[size]=2&page[number]=2')).body.meta.total_count, 3);
    const pages = await walk(app, `${peoplePath}?sort=-first_name&page[after]=&page[size]=2`, owner.token);
    assert.deepEqual(pages.map(ids), [[ola, mia], [ada]]);
    assertError(await get('?sort=role'), 400, 'unsupported_sort');
    assertError(await get('?filter[first_name]=Ada'), 400, 'unsupported_filter');
  });

  test('who manages all people of a list sorts by their last activity, nobody else', async (t) => {
    const { app, acme, elsewhere, owner, admin, member, sysadmin, ola, ada, mia, get, found } = await start(
      t,
      engine,
    );
    for (const [i, id] of [mia, ola].entries())
      await app.store.write((transaction) =>
        transaction.records(people).update(id, { last_activity_at: app.clock.now + i }),
      );
    assert.deepEqual(await found('?sort=-last_activity_at', owner), [ola, mia, ada]);
    assert.deepEqual((await found('?sort=-last_activity_at', sysadmin)).slice(0, 2), [ola, mia]);
    assertError(await get('?sort=last_activity_at', member), 400, 'unsupported_sort');
    // No filter and no search tells anything either.
    assertError(await get('?filter[last_activity_at][gt]=2026-01-01', owner), 400, 'unsupported_filter');
    assertError(await get('?filter[two_factor_auth]=false', member), 400, 'unsupported_filter');
    await join(app, elsewhere, admin.id);
    assertError(await get('?sort=last_activity_at', admin), 400, 'unsupported_sort');
    const within = (id: number) => get('?sort=-last_activity_at', admin, { 'X-Organization-Id': `${id}` });
    assert.deepEqual(ids(await within(acme)), [ola, mia, ada]);
    assertError(await within(elsewhere), 400, 'unsupported_sort');
    await app.store.write((transaction) => setMember(transaction, acme, owner.id, 'member', app.clock.now));
    assertError(await get('?sort=last_activity_at', owner), 400, 'unsupported_sort');
  });

  test('a tag is that of the caller and of what is shown', async (t) => {
    const { owner, member, mia, get } = await start(t, engine);
    for (const path of ['', `/${mia}`, `/${mia}?include=user`]) {
      const { headers } = await get(path);
      const etag = headers.get('etag')!;
      assert.equal((await get(path, owner, { 'If-None-Match': etag })).status, 304);
      // The member reads less of the same record.
      assert.equal((await get(path, member, { 'If-None-Match': etag })).status, 200);
      assert.notEqual((await get(path, member)).headers.get('etag'), etag);
    }
  });

  test('include shows the account and the organization, with the fields that are asked for', async (t) => {
    const { acme, member, ola, mia, get } = await start(t, engine);
    const query = `/${mia}?include=user,organization&fields[people]=first_name,user&fields[users]=email&fields[organizations]=name`;
    const { data, included } = (await get(query)).body;
    assert.deepEqual(data, {
      id: String(mia),
      type: 'people',
      attributes: { first_name: 'Mia' },
      relationships: { user: { data: { type: 'users', id: String(member.id) } } },
    });
    assert.deepEqual(included, [
      { id: String(member.id), type: 'users', attributes: { email: 'mia@acme.example' } },
      { id: String(acme), type: 'organizations', attributes: { name: 'Acme' } },
    ]);
    assert.deepEqual((await get('?include=user')).body.included.length, 3);
    assertError(await get('?include=membership'), 400, 'unsupported_include');
    assertError(await get(`/${ola}?include=user`, member), 404, 'record_not_found');
  });

  test('an account that the caller no longer sees is not included, and its linkage is null', async (t) => {
    const { app, acme, member, mia, get } = await start(t, engine);
    await app.store.write((transaction) => removeMember(transaction, acme, member.id, app.clock.now));
    const { data, included } = (await get(`/${mia}?include=user`)).body;
    assert.deepEqual(data.relationships.user, { data: null });
    assert.deepEqual(included, []);
    assert.equal(data.attributes.user_id, member.id);
  });
});
