// Who reads and writes attributes of organizations. Who may call which route is in the access matrix.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { startApp } from '../../support/start-app.ts';

const path = '/api/v2/organizations';
const body = (attributes: Record<string, unknown>) => ({ data: { type: 'organizations', attributes } });

async function start(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const acme = await app.createOrganization('Acme');
  const elsewhere = await app.createOrganization('Elsewhere');
  const callers: Record<string, { id: number; token: string }> = {
    owner: await app.createUser({ organizationId: acme, role: 'owner' }),
    admin: await app.createUser({ organizationId: acme, role: 'admin' }),
    member: await app.createUser({ organizationId: acme }),
    foreigner: await app.createUser({ organizationId: elsewhere, role: 'owner' }),
    nobody: await app.createUser(),
    sysadmin: await app.createUser({ sysadmin: ['manage_users', 'manage_security'] }),
    manager: await app.createUser({ sysadmin: ['manage_organizations'] }),
  };
  const send = (
    who: string,
    method: string,
    to: string,
    attributes?: Record<string, unknown>,
    headers = {},
  ) =>
    app.request(method, to, {
      token: callers[who]!.token,
      headers,
      ...(attributes && { body: body(attributes) }),
    });
  return { app, acme, elsewhere, callers, send };
}

onEachEngine((engine) => {
  test('the join secret is for owners, admins and managers, and is made by the server', async (t) => {
    const { acme, send } = await start(t, engine);
    const made = await send('admin', 'PATCH', `${path}/${acme}`, { invitation_token: 'mine' });
    const secret = made.body.data.attributes.invitation_token;
    assert.match(secret, /^[\w-]{40,}$/);
    const seenBy = async (who: string) => [
      (await send(who, 'GET', `${path}/${acme}`)).body.data.attributes.invitation_token,
      (await send(who, 'GET', `${path}?filter[id]=${acme}`)).body.data[0].attributes.invitation_token,
    ];
    for (let round = 0; round < 3; round++) {
      for (const who of ['owner', 'admin', 'manager']) assert.deepEqual(await seenBy(who), [secret, secret]);
      for (const who of ['member', 'sysadmin']) assert.deepEqual(await seenBy(who), [null, null]);
    }
    for (const query of ['filter[invitation_token]=x', 'sort=invitation_token', 'filter[slug]=x'])
      assert.equal((await send('owner', 'GET', `${path}?${query}`)).status, 400);
    const anew = await send('owner', 'PATCH', `${path}/${acme}`, { invitation_token: secret });
    assert.notEqual(anew.body.data.attributes.invitation_token, secret);
    const revoked = await send('manager', 'PATCH', `${path}/${acme}`, { invitation_token: null });
    assert.equal(revoked.body.data.attributes.invitation_token, null);
  });

  test('flags are changed by managers alone, and what nobody may give is ignored', async (t) => {
    const { acme, send } = await start(t, engine);
    const given = { flags: { beta: true }, force_single_sign_on: true, slug: 'x', creator_id: '1' };
    const shown = await send('owner', 'PATCH', `${path}/${acme}`, given);
    assert.deepEqual(shown.body.data.attributes.flags, {});
    assert.equal(shown.body.data.attributes.force_single_sign_on, false);
    const changed = await send('manager', 'PATCH', `${path}/${acme}`, given);
    assert.deepEqual(changed.body.data.attributes.flags, { beta: true });
  });

  test('a subdomain is a DNS label that no other organization has, in lower case', async (t) => {
    const { acme, elsewhere, send } = await start(t, engine);
    const set = (id: number, subdomain: unknown) => send('manager', 'PATCH', `${path}/${id}`, { subdomain });
    assert.equal((await set(acme, 'Acme-24')).body.data.attributes.subdomain, 'acme-24');
    const taken = await set(elsewhere, 'ACME-24');
    assertError(taken, 422, 'invalid_attribute');
    assert.equal(taken.body.errors[0].detail, 'has already been taken');
    for (const wrong of ['', '-a', 'a-', 'a.b', 'a_b', 'ä', 'a'.repeat(64), 7])
      assertError(await set(acme, wrong), 422, 'invalid_attribute');
    for (const label of ['a', '1', 'a'.repeat(63), 'acme-24'])
      assert.equal((await set(acme, label)).status, 200, label);
    const found = await send('manager', 'GET', `${path}?filter[subdomain]=aCME-24`);
    assert.deepEqual(
      found.body.data.map(({ id }: { id: string }) => id),
      [String(acme)],
    );
    assert.equal((await set(acme, null)).status, 200);
    assert.equal((await set(elsewhere, 'acme-24')).status, 200);
  });
});
