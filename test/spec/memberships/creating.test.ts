// Sysadmins with manage_organizations add members.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { linkTo, membershipsPath, startMemberships } from './start-memberships.ts';

onEachEngine((engine) => {
  test('a manager adds an account by relationships or by ids; the answer is that of GET', async (t) => {
    const { acme, elsewhere, accounts, send } = await startMemberships(t, engine);
    const { id } = accounts.nobody!;
    const byRelationships = await send('manager', 'POST', membershipsPath, {
      role: 'admin',
      expires_at: '2030-01-01T00:00:00.000+00:00',
      relationships: { organization: linkTo('organizations', acme), user: linkTo('users', id) },
    });
    assert.equal(byRelationships.status, 201, byRelationships.text);
    const { data } = byRelationships.body;
    assert.deepEqual(data.attributes, {
      created_at: '2026-03-17T04:04:00.843+00:00',
      updated_at: '2026-03-17T04:04:00.843+00:00',
      role: 'admin',
      expires_at: '2030-01-01T00:00:00.000+00:00',
    });
    assert.deepEqual(data.relationships, {
      organization: linkTo('organizations', acme),
      user: { meta: { included: false } },
      person: { meta: { included: false } },
    });
    const path = `${membershipsPath}/${data.id}`;
    assert.ok(byRelationships.headers.get('location')!.endsWith(path));
    const shown = await send('manager', 'GET', path);
    assert.equal(shown.text, byRelationships.text);
    assert.equal(shown.headers.get('etag'), byRelationships.headers.get('etag'));

    const byIds = await send('manager', 'POST', `${membershipsPath}?include=user`, {
      organization_id: elsewhere,
      user_id: id,
    });
    assert.deepEqual(
      [byIds.status, byIds.body.data.attributes.role, byIds.body.data.attributes.expires_at],
      [201, 'member', null],
    );
    assert.deepEqual(byIds.body.data.relationships.user, linkTo('users', id));
    assert.equal(byIds.body.included[0].id, String(id));
  });

  test('nobody else adds members', async (t) => {
    const { acme, accounts, send } = await startMemberships(t, engine);
    const given = { organization_id: acme, user_id: accounts.nobody!.id };
    for (const who of ['owner', 'admin', 'member', 'foreigner', 'nobody', 'sysadmin'])
      assertError(await send(who, 'POST', membershipsPath, given), 403, 'access_denied');
  });

  test('an unknown organization or account, a missing one, and a second membership are refused where they are named', async (t) => {
    const { acme, accounts, send, pathOf } = await startMemberships(t, engine);
    const { id } = accounts.nobody!;
    const refusals = async (given: Record<string, unknown>) =>
      assertError(await send('manager', 'POST', membershipsPath, given), 422, 'invalid_attribute').map(
        ({ detail, source }) => `${source.pointer} ${detail}`,
      );
    assert.deepEqual(
      await refusals({
        relationships: { organization: linkTo('organizations', 999), user: linkTo('users', 999) },
      }),
      [
        'data/relationships/organization is not a known organization',
        'data/relationships/user is not a known user',
      ],
    );
    assert.deepEqual(await refusals({ organization_id: 999, user_id: id }), [
      'data/attributes/organization_id is not a known organization',
    ]);
    assert.deepEqual(await refusals({ role: 'boss' }), [
      'data/attributes/role is not included in the list',
      "data/attributes/organization_id can't be blank",
      "data/attributes/user_id can't be blank",
    ]);
    const member = { organization_id: acme, user_id: accounts.member!.id };
    assert.deepEqual(await refusals(member), ['data/attributes/user_id is already a member']);
    await send('owner', 'PATCH', await pathOf('member'), { expires_at: '2020-01-01T00:00:00Z' });
    assert.deepEqual(
      await refusals({
        organization_id: acme,
        relationships: { user: linkTo('users', accounts.member!.id) },
      }),
      ['data/relationships/user is already a member'],
    );
  });

  test('with X-Organization-Id a manager adds accounts to that organization alone', async (t) => {
    const { acme, elsewhere, accounts, send } = await startMemberships(t, engine);
    const given = { organization_id: acme, user_id: accounts.nobody!.id };
    const within = (id: number) => ({ 'X-Organization-Id': String(id) });
    const refused = await send('manager', 'POST', membershipsPath, given, within(elsewhere));
    assert.deepEqual(brokenRules(refused), ['organization_id is not a known organization']);
    assert.equal((await send('manager', 'POST', membershipsPath, given, within(acme))).status, 201);
    assertError(await send('manager', 'POST', membershipsPath, given, within(999)), 403, 'access_denied');
  });

  test('a repeated POST with an Idempotency-Key adds one membership', async (t) => {
    const { acme, accounts, send, app } = await startMemberships(t, engine);
    const { id } = accounts.nobody!;
    const key = { 'Idempotency-Key': 'once' };
    const given = { organization_id: acme, user_id: id };
    const [one, again] = [
      await send('manager', 'POST', membershipsPath, given, key),
      await send('manager', 'POST', membershipsPath, given, key),
    ];
    assert.deepEqual([one.status, again.status, again.text], [201, 201, one.text]);
    const other = await send('manager', 'POST', membershipsPath, { ...given, role: 'admin' }, key);
    assertError(other, 422, 'idempotency_key_reused');
    assert.equal((await app.store.read.memberships.listAllOf([id])).length, 1);
  });
});
