// Who changes and ends memberships, and which roles they give.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { membershipsPath, startMemberships } from './start-memberships.ts';

const later = '2030-01-01T00:00:00.000+00:00';

onEachEngine((engine) => {
  test('owners and managers change every membership, admins what is and stays a member, others none', async (t) => {
    const { send, pathOf, join } = await startMemberships(t, engine);
    for (const who of ['owner', 'manager'])
      for (const whom of ['second', 'other', 'member'])
        for (const role of ['owner', 'admin', 'member']) {
          const { status, body } = await send(who, 'PATCH', await pathOf(whom), { role });
          assert.deepEqual([status, body.data.attributes.role], [200, role], `${who} ${whom}`);
        }
    await send('owner', 'PATCH', await pathOf('second'), { role: 'owner' });
    await send('owner', 'PATCH', await pathOf('other'), { role: 'admin' });

    const ofMember = await pathOf('member');
    const ended = await send('admin', 'PATCH', ofMember, { expires_at: later });
    assert.deepEqual([ended.status, ended.body.data.attributes.expires_at], [200, later]);
    assert.equal((await send('admin', 'PATCH', ofMember, { role: 'member', expires_at: null })).status, 200);
    for (const role of ['admin', 'owner'])
      assert.deepEqual(brokenRules(await send('admin', 'PATCH', ofMember, { role })), [
        'role is above your own',
      ]);
    for (const whom of ['owner', 'other', 'admin'])
      for (const given of [{ role: 'member' }, { expires_at: later }, {}])
        assertError(await send('admin', 'PATCH', await pathOf(whom), given), 403, 'access_denied');

    for (const whom of ['member', 'owner'])
      assertError(await send('sysadmin', 'PATCH', await pathOf(whom), {}), 403, 'access_denied');
    assertError(await send('member', 'PATCH', ofMember, { expires_at: later }), 403, 'access_denied');
    await join('colleague');
    assertError(await send('member', 'PATCH', await pathOf('colleague'), {}), 404, 'record_not_found');
    for (const who of ['foreigner', 'nobody'])
      assertError(await send(who, 'PATCH', ofMember, {}), 404, 'record_not_found');
  });

  test('a sysadmin who owns the organization changes its memberships, without the power', async (t) => {
    const { app, acme, accounts, send, pathOf } = await startMemberships(t, engine);
    const sysadmin = await app.createUser({
      organizationId: acme,
      role: 'owner',
      sysadmin: ['manage_users'],
    });
    Object.assign(accounts, { both: sysadmin });
    assert.equal((await send('both', 'PATCH', await pathOf('other'), { role: 'owner' })).status, 200);
    assertError(await send('both', 'POST', membershipsPath, {}), 403, 'access_denied');
  });

  test('owners and managers remove everybody, admins members, and everybody leaves', async (t) => {
    const { send, pathOf, join } = await startMemberships(t, engine);
    const outcomeOf = async (who: string, path: string) => outcome(await send(who, 'DELETE', path));
    for (const [who, whom, expected] of [
      ['member', 'admin', '404 record_not_found'],
      ['foreigner', 'member', '404 record_not_found'],
      ['sysadmin', 'member', '403 access_denied'],
      ['admin', 'other', '403 access_denied'],
      ['admin', 'owner', '403 access_denied'],
    ] as const)
      assert.equal(await outcomeOf(who, await pathOf(whom)), expected, `${who} removes ${whom}`);
    for (const [who, role] of [
      ['owner', 'owner'],
      ['owner', 'admin'],
      ['owner', 'member'],
      ['manager', 'owner'],
      ['admin', 'member'],
    ] as const) {
      const path = await join('newcomer', role);
      assert.equal(await outcomeOf(who, path), '204', `${who} removes ${role}`);
      assertError(await send(who, 'GET', path), 404, 'record_not_found');
    }
    for (const who of ['member', 'admin', 'second'])
      assert.equal(await outcomeOf(who, await pathOf(who)), '204', `${who} leaves`);
  });

  test('what nobody may give in a PATCH is ignored', async (t) => {
    const { accounts, elsewhere, send, pathOf } = await startMemberships(t, engine);
    const path = await pathOf('member');
    const before = (await send('manager', 'GET', path)).body.data;
    const given = {
      created_at: later,
      updated_at: later,
      organization_id: elsewhere,
      user_id: accounts.nobody!.id,
      relationships: { organization: { data: { type: 'organizations', id: String(elsewhere) } } },
    };
    assert.deepEqual((await send('manager', 'PATCH', path, given)).body.data, before);
  });
});
