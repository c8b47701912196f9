// What ends bound tokens records how many of them have ended with a membership.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { startApp } from '../../support/start-app.ts';

onEachEngine((engine) => {
  test('the event of a membership that ends says how many tokens have ended with it', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_organizations'] });
    const members = async (organizationId: number) => {
      const made = [];
      for (const count of [0, 1, 2]) {
        const { id } = await app.createUser({ organizationId });
        const membershipId = (await app.store.read.memberships.idOf(organizationId, id))!;
        for (let i = 0; i < count; i++) await app.createToken(id, { membershipId });
        made.push({ membershipId, details: count === 0 ? {} : { tokens_ended: count } });
      }
      return made;
    };
    const first = await members(await app.createOrganization('One'));
    const otherId = await app.createOrganization('Two');
    const other = await members(otherId);
    const events = await recordedSince(app.store);
    const ended = async () =>
      (await events())
        .filter(({ action }) => action === 'organization_membership.delete')
        .map(({ record, details }) => ({ membershipId: record!.id, details }));

    for (const { membershipId } of first) {
      const path = `/api/v2/organization_memberships/${membershipId}`;
      assert.equal((await app.request('DELETE', path, { token })).status, 204);
    }
    assert.deepEqual(await ended(), first);
    assert.equal((await app.request('DELETE', `/api/v2/organizations/${otherId}`, { token })).status, 204);
    assert.deepEqual(await ended(), other);
  });
});
