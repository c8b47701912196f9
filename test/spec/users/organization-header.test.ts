// X-Organization-Id restricts what is visible to one organization; only its members may use it.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { document, startApp } from '../../support/start-app.ts';

/** An owner of two organizations, a member in each, and a third organization without the owner. */
async function twoOrganizations(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const first = await app.createOrganization('First');
  const second = await app.createOrganization('Second');
  const foreign = await app.createOrganization('Foreign');
  const owner = await app.createUser({ organizationId: first, role: 'owner' });
  await app.store.write((transaction) => setMember(transaction, second, owner.id, 'owner', app.clock.now));
  const inFirst = await app.createUser({ organizationId: first });
  const inSecond = await app.createUser({ organizationId: second });
  const outside = await app.createUser({ organizationId: foreign });
  const request = (
    method: string,
    path: string,
    token: string,
    organization?: number | string,
    body?: object,
  ) =>
    app.request(method, path, {
      token,
      ...(organization !== undefined && { headers: { 'X-Organization-Id': String(organization) } }),
      ...(body !== undefined && { body }),
    });
  const list = async (token: string, organization?: number) => {
    const { body } = await request('GET', '/api/v2/users', token, organization);
    assert.equal(body.meta.total_count, body.data.length);
    return body.data.map((user: { id: string }) => Number(user.id));
  };
  return { app, request, list, first, second, foreign, owner, inFirst, inSecond, outside };
}

onEachEngine((engine) => {
  test('narrows a list to the members of the organization', async (t) => {
    const { list, owner, inFirst, inSecond, first, second } = await twoOrganizations(t, engine);
    assert.deepEqual(await list(owner.token), [owner.id, inFirst.id, inSecond.id]);
    assert.deepEqual(await list(owner.token, first), [owner.id, inFirst.id]);
    assert.deepEqual(await list(owner.token, second), [owner.id, inSecond.id]);
    assert.deepEqual(await list(inFirst.token, first), [inFirst.id]);
  });

  test('does not know a user of the other organization', async (t) => {
    const { request, owner, inFirst, inSecond, first } = await twoOrganizations(t, engine);
    const get = (id: number) => request('GET', `/api/v2/users/${id}`, owner.token, first);
    assert.equal((await get(inFirst.id)).status, 200);
    assert.equal((await get(owner.id)).status, 200);
    const hidden = await get(inSecond.id);
    assertError(hidden, 404, 'record_not_found');
    assert.equal(hidden.text, (await get(999_999)).text);
  });

  test('narrows a sysadmin to the members of an organization that they belong to', async (t) => {
    const { app, list, request, first, owner, inFirst, outside } = await twoOrganizations(t, engine);
    const sysadmin = await app.createUser({ organizationId: first, sysadmin: true });
    assert.deepEqual(await list(sysadmin.token, first), [owner.id, inFirst.id, sysadmin.id]);
    const path = `/api/v2/users/${outside.id}`;
    assert.equal((await request('GET', path, sysadmin.token)).status, 200);
    assertError(await request('GET', path, sysadmin.token, first), 404, 'record_not_found');
    const patched = await request('PATCH', path, sysadmin.token, first, document({ first_name: 'Ann' }));
    assertError(patched, 404, 'record_not_found');
    assertError(await request('DELETE', path, sysadmin.token, first), 404, 'record_not_found');
    assert.equal((await request('GET', path, sysadmin.token)).body.data.attributes.first_name, 'name');
  });

  test('answers 403 to whoever is not a member of the organization, on every route', async (t) => {
    const { request, owner, foreign } = await twoOrganizations(t, engine);
    const path = `/api/v2/users/${owner.id}`;
    const body = document({ first_name: 'Ann' });
    for (const organization of [foreign, 999_999]) {
      for (const [method, url, sent] of [
        ['GET', '/api/v2/users'],
        ['POST', '/api/v2/users', body],
        ['GET', path],
        ['PATCH', path, body],
        ['DELETE', path],
        ['PATCH', `${path}/update_password`, body],
        ['GET', '/api/v2/users/999999'],
      ] as const) {
        const answer = await request(method, url, owner.token, organization, sent);
        assertError(answer, 403, 'access_denied');
      }
    }
    const { body: unchanged } = await request('GET', path, owner.token);
    assert.equal(unchanged.data.attributes.first_name, 'name');
  });

  test('answers 403 to a sysadmin for an organization that does not exist, and makes no user there', async (t) => {
    const { app, request } = await twoOrganizations(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const body = document({ email: 'ann@email.com', first_name: 'Ann', last_name: 'Lee' });
    assertError(await request('GET', '/api/v2/users', token, 999_999), 403, 'access_denied');
    assertError(await request('POST', '/api/v2/users', token, 999_999, body), 403, 'access_denied');
    const found = await request('GET', '/api/v2/users?filter[email]=ann@email.com', token);
    assert.equal(found.body.meta.total_count, 0);
  });

  test('answers 403 to what is no organization at all', async (t) => {
    const { request, owner, first } = await twoOrganizations(t, engine);
    for (const organization of ['abc', '0', '-1', '1.5', `${first}, ${first}`, '9'.repeat(30), `0${first}`])
      for (const path of ['/api/v2/users', `/api/v2/users/${owner.id}`])
        assertError(await request('GET', path, owner.token, organization), 403, 'access_denied');
  });

  test('asks who it is before it looks at the organization', async (t) => {
    const { request, foreign } = await twoOrganizations(t, engine);
    assertError(await request('GET', '/api/v2/users', 'invalid', foreign), 401, 'invalid_auth_token');
  });
});
