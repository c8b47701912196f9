// The access matrix: every route of organizations, for every kind of caller.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { startApp } from '../../support/start-app.ts';

const path = '/api/v2/organizations';
const body = (attributes: Record<string, unknown>) => ({ data: { type: 'organizations', attributes } });

/** Status of each route; of the list, the names that are seen. */
type Row = Readonly<Record<'show' | 'create' | 'update' | 'delete', number>> & { readonly sees: string };

const matrix: Readonly<Record<string, Row>> = {
  owner: { sees: 'Acme', show: 200, create: 403, update: 200, delete: 204 },
  admin: { sees: 'Acme', show: 200, create: 403, update: 200, delete: 403 },
  member: { sees: 'Acme', show: 200, create: 403, update: 403, delete: 403 },
  foreigner: { sees: 'Elsewhere', show: 404, create: 403, update: 404, delete: 404 },
  nobody: { sees: '', show: 404, create: 403, update: 404, delete: 404 },
  sysadmin: { sees: 'Acme Elsewhere', show: 200, create: 403, update: 403, delete: 403 },
  manager: { sees: 'Acme Elsewhere', show: 200, create: 201, update: 200, delete: 204 },
};

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
  test('each caller can do what the matrix says, and nothing else', async (t) => {
    const routes = catalog.filter(({ resource }) => resource === organizations).map(({ name }) => name);
    assert.deepEqual(routes.map((name) => name.replace(/Organizations?$/, '')).sort(), [
      'create',
      'delete',
      'list',
      'show',
      'update',
    ]);
    for (const [who, expected] of Object.entries(matrix)) {
      const { app, acme, send } = await start(t, engine);
      const listed = await send(who, 'GET', `${path}?sort=name`);
      const names = listed.body.data.map(({ attributes }: any) => attributes.name).join(' ');
      assert.deepEqual(
        [names, listed.body.meta.total_count],
        [expected.sees, expected.sees.split(' ').filter(Boolean).length],
      );
      const done = {
        show: (await send(who, 'GET', `${path}/${acme}`)).status,
        create: (await send(who, 'POST', path, { name: 'New' })).status,
        update: (await send(who, 'PATCH', `${path}/${acme}`, { name: 'Acme' })).status,
        delete: (await send(who, 'DELETE', `${path}/${acme}`)).status,
        sees: expected.sees,
      };
      assert.deepEqual(done, expected, who);
      assert.equal((await send('manager', 'GET', `${path}/${acme}`)).status, done.delete === 204 ? 404 : 200);
      await app.close();
    }
  });

  test('X-Organization-Id narrows to that organization, and is refused to strangers on every route', async (t) => {
    const { acme, elsewhere, send } = await start(t, engine);
    const header = (id: number) => ({ 'X-Organization-Id': String(id) });
    for (const who of ['owner', 'member', 'sysadmin', 'manager']) {
      const { body } = await send(who, 'GET', path, undefined, header(acme));
      assert.deepEqual(
        body.data.map(({ id }: { id: string }) => id),
        [String(acme)],
        who,
      );
      assert.equal((await send(who, 'GET', `${path}/${acme}`, undefined, header(acme))).status, 200);
    }
    for (const who of ['sysadmin', 'manager'])
      assert.equal((await send(who, 'GET', `${path}/${acme}`, undefined, header(elsewhere))).status, 404);
    for (const [who, id] of [
      ['owner', elsewhere],
      ['nobody', acme],
      ['manager', 999],
    ] as const)
      for (const [method, to, attributes] of [
        ['GET', path],
        ['POST', path, { name: 'New' }],
        ['GET', `${path}/${acme}`],
        ['PATCH', `${path}/${acme}`, { name: 'New' }],
        ['DELETE', `${path}/${acme}`],
      ] as const)
        assertError(await send(who, method, to, attributes, header(id)), 403, 'access_denied');
  });

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
