// An organization keeps an owner without an end, whatever is changed about its memberships.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { document } from '../../support/start-app.ts';
import { startMemberships, type World } from './start-memberships.ts';

const later = '2030-01-01T00:00:00Z';
const rule = 'is needed, this is the last owner';

/** Each change after which an owner does not count, and the attributes that are refused. */
const takingAway = [
  [{ role: 'admin' }, ['role']],
  [{ role: 'member' }, ['role']],
  [{ expires_at: later }, ['expires_at']],
  [{ expires_at: '2020-01-01T00:00:00Z' }, ['expires_at']],
  [{ role: 'admin', expires_at: later }, ['role', 'expires_at']],
] as const;

async function assertAllRefused({ send, pathOf }: World): Promise<void> {
  const path = await pathOf('owner');
  const before = await send('owner', 'GET', path);
  for (const who of ['owner', 'manager']) {
    for (const [change, refused] of takingAway)
      assert.deepEqual(
        brokenRules(await send(who, 'PATCH', path, change)),
        refused.map((name) => `${name} ${rule}`),
        JSON.stringify(change),
      );
    const [error] = assertError(await send(who, 'DELETE', path), 409, 'resource_conflict');
    assert.equal(error!.detail, 'The last owner cannot leave the organization');
  }
  assert.equal((await send('owner', 'GET', path)).text, before.text);
}

onEachEngine((engine) => {
  test('the last owner stays one, for owners and managers, until there is another one', async (t) => {
    const world = await startMemberships(t, engine);
    const { send, pathOf } = world;
    assert.equal((await send('owner', 'DELETE', await pathOf('second'))).status, 204);
    await assertAllRefused(world);
    const path = await pathOf('owner');
    assert.equal((await send('owner', 'PATCH', path, { role: 'owner', expires_at: null })).status, 200);
    assert.equal((await send('owner', 'PATCH', await pathOf('admin'), { role: 'owner' })).status, 200);
    assert.equal((await send('owner', 'PATCH', path, { role: 'member' })).status, 200);
  });

  test('an owner does not count whose membership has an end, or whose account has one', async (t) => {
    const world = await startMemberships(t, engine);
    const { app, accounts, send, pathOf } = world;
    const ofSecond = await pathOf('second');
    assert.equal((await send('owner', 'PATCH', ofSecond, { expires_at: later })).status, 200);
    await assertAllRefused(world);
    // Who does not count goes freely.
    assert.equal((await send('owner', 'PATCH', ofSecond, { role: 'admin' })).status, 200);
    assert.equal((await send('owner', 'PATCH', ofSecond, { role: 'owner', expires_at: null })).status, 200);
    const sysadmin = accounts.sysadmin!;
    const endAccount = (end: string | null) =>
      app.request('PATCH', `/api/v2/users/${accounts.second!.id}`, {
        token: sysadmin.token,
        body: document({ account_access_expires_at: end }),
      });
    assert.equal((await endAccount(later)).status, 200);
    await assertAllRefused(world);
    assert.equal((await send('owner', 'PATCH', ofSecond, { role: 'admin' })).status, 200);
    assert.equal((await send('owner', 'PATCH', ofSecond, { role: 'owner' })).status, 200);
    assert.equal((await endAccount(null)).status, 200);
    assert.equal((await send('owner', 'DELETE', await pathOf('owner'))).status, 204);
  });

  test('owners of other organizations do not count', async (t) => {
    const world = await startMemberships(t, engine);
    const { accounts, elsewhere, send, pathOf } = world;
    await send('owner', 'DELETE', await pathOf('second'));
    const given = { organization_id: elsewhere, user_id: accounts.second!.id, role: 'owner' };
    assert.equal((await send('manager', 'POST', '/api/v2/organization_memberships', given)).status, 201);
    await assertAllRefused(world);
  });

  test('an account ends or is deleted, although it is the last owner; then a manager names a new one', async (t) => {
    const { app, acme, accounts, send, pathOf } = await startMemberships(t, engine);
    const { token } = accounts.sysadmin!;
    const path = (name: string) => `/api/v2/users/${accounts[name]!.id}`;
    const body = document({ account_access_expires_at: later });
    assert.equal((await app.request('DELETE', path('second'), { token })).status, 204);
    assert.equal((await app.request('PATCH', path('owner'), { token, body })).status, 200);
    // Nobody counts, so nothing is refused for it.
    assert.equal((await send('owner', 'PATCH', await pathOf('owner'), { expires_at: later })).status, 200);
    assert.equal((await send('owner', 'DELETE', await pathOf('owner'))).status, 204);
    assert.equal(await app.store.read.memberships.hasLastingOwner(acme, 0), false);
    assert.equal((await send('manager', 'PATCH', await pathOf('admin'), { role: 'owner' })).status, 200);
    assert.equal(outcome(await send('admin', 'DELETE', await pathOf('admin'))), '409 resource_conflict');
  });

  test('the organization is deleted with its last owner', async (t) => {
    const { app, acme, accounts, send, pathOf } = await startMemberships(t, engine);
    await send('owner', 'DELETE', await pathOf('second'));
    const { token } = accounts.owner!;
    assert.equal((await app.request('DELETE', `/api/v2/organizations/${acme}`, { token })).status, 204);
  });
});
