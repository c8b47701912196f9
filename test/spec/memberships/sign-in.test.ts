// The first request of clients of the hosted API, as they send it. They take `data[0]` for the caller.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { mediaType } from '../../support/start-app.ts';
import { membershipsPath, startMemberships } from './start-memberships.ts';

const queries = [
  'include=person',
  'include=person,organization',
  'include=organization,person',
  'include=person,organization&fields[organizations]=name',
  'include=person,organization&fields[organization_memberships]=person&fields[people]=first_name,last_name,email',
  'include=person&fields[organization_memberships]=person&fields[people]=first_name,last_name,email&page[size]=200&page[number]=1',
];

onEachEngine((engine) => {
  test('the first record is the membership of the caller, with the caller as a person, whoever the caller is', async (t) => {
    const { app, acme, elsewhere, accounts } = await startMemberships(t, engine);
    for (const [name, organizationId] of [
      ['owner', acme],
      ['second', acme],
      ['admin', acme],
      ['member', acme],
      ['foreigner', elsewhere],
    ] as const)
      for (const query of queries)
        for (const header of [{}, { 'X-Organization-Id': String(organizationId) }]) {
          const { id, token } = accounts[name]!;
          const headers = { 'Content-Type': mediaType, ...header };
          const answer = await app.request('GET', `${membershipsPath}?${query}`, { token, headers });
          assert.equal(answer.status, 200, answer.text);
          const { data, included } = answer.body;
          assert.equal(data.length, 1);
          const personId = data[0].relationships.person.data.id;
          const person = included.find((one: any) => one.type === 'people');
          const user = await app.request('GET', '/api/v2/users/me', { token });
          assert.equal(user.body.data.id, String(id));
          assert.deepEqual(
            [person.id, person.attributes.email],
            [personId, user.body.data.attributes.email],
            `${name} ${query}`,
          );
          const organization = included.find((one: any) => one.type === 'organizations');
          const isIncluded = new URLSearchParams(query).get('include')!.split(',').includes('organization');
          assert.equal(organization?.id, isIncluded ? String(organizationId) : undefined);
        }
  });

  test('one of several organizations is named by the header or a filter; who is in none gets an empty list', async (t) => {
    const { app, acme, elsewhere, accounts } = await startMemberships(t, engine);
    const { id, token } = accounts.foreigner!;
    const joined = { role: 'member', organization_id: String(acme), user_id: String(id) };
    const body = { data: { type: 'organization_memberships', attributes: joined } };
    const made = await app.request('POST', membershipsPath, { token: accounts.manager!.token, body });
    assert.equal(made.status, 201, made.text);
    const organizationsOf = async (query: string, headers = {}) => {
      const answer = await app.request('GET', `${membershipsPath}?include=person&${query}`, {
        token,
        headers,
      });
      return answer.body.data.map((one: any) => Number(one.relationships.organization.data.id));
    };
    assert.deepEqual(await organizationsOf(''), [elsewhere, acme]);
    for (const one of [acme, elsewhere]) {
      assert.deepEqual(await organizationsOf('', { 'X-Organization-Id': String(one) }), [one]);
      assert.deepEqual(await organizationsOf(`filter[organization_id]=${one}`), [one]);
    }
    for (const name of ['nobody', 'sysadmin'] as const) {
      const { token } = accounts[name]!;
      const { body } = await app.request('GET', `${membershipsPath}?${queries[1]}`, { token });
      assert.deepEqual([body.data, body.included], [[], []]);
    }
  });
});
