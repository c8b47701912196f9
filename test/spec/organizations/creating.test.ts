// Who creates an organization owns it. With the setting, everyone may create a few.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const path = '/api/v2/organizations';
const selfService = { selfServiceOrganizations: 'true' };

const create = (app: TestApp, token: string, attributes: Record<string, unknown>, headers = {}) =>
  app.request('POST', path, { token, headers, body: { data: { type: 'organizations', attributes } } });

onEachEngine((engine) => {
  test('who creates an organization becomes its owner, and the first one is the default', async (t) => {
    const app = await startApp(t, engine);
    const manager = await app.createUser({ sysadmin: ['manage_organizations'] });
    const first = await create(app, manager.token, { name: 'Kolibri & Co.', subdomain: 'kolibri' });
    assert.equal(first.status, 201);
    assert.match(first.headers.get('location')!, new RegExp(`${path}/${first.body.data.id}$`));
    const second = await create(app, manager.token, { name: 'Second' });
    assert.deepEqual(
      (await app.store.read.memberships.listAllOf([manager.id])).map((row) => [
        row.organization_id,
        row.role,
      ]),
      [first, second].map(({ body }) => [Number(body.data.id), 'owner']),
    );
    const { body } = await app.request('GET', `/api/v2/users/${manager.id}`, { token: manager.token });
    assert.equal(body.data.attributes.default_organization_id, Number(first.body.data.id));
    assert.equal(body.data.attributes.default_organization_slug, `${first.body.data.id}-kolibri-co`);
    assert.equal(
      first.headers.get('etag'),
      (await app.request('GET', `${path}/${first.body.data.id}`, { token: manager.token })).headers.get(
        'etag',
      ),
    );
  });

  test('with the setting everyone creates five, also at once; deleting one makes room', async (t) => {
    const app = await startApp(t, engine, selfService);
    const { id, token } = await app.createUser();
    const other = await app.createUser();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => create(app, token, { name: `Number ${i}` })),
    );
    const made = answers.filter(({ status }) => status === 201);
    assert.equal(made.length, 5);
    for (const answer of answers.filter(({ status }) => status !== 201))
      assertError(answer, 403, 'access_denied');
    assert.equal((await app.store.read.memberships.listAllOf([id])).length, 5);
    assert.equal((await create(app, other.token, { name: 'Other' })).status, 201);
    const one = `${path}/${made[0]!.body.data.id}`;
    assert.equal((await app.request('DELETE', one, { token })).status, 204);
    assert.equal((await create(app, token, { name: 'Again' })).status, 201);
    assert.match(
      (await create(app, token, { name: 'More' })).body.errors[0].detail,
      /created 5 organizations/,
    );
    const manager = await app.createUser({ sysadmin: ['manage_organizations'] });
    for (let i = 0; i < 6; i++)
      assert.equal((await create(app, manager.token, { name: `${i}` })).status, 201);
  });

  test('a repeated POST with an Idempotency-Key makes one organization', async (t) => {
    const app = await startApp(t, engine, selfService);
    const { id, token } = await app.createUser();
    const send = () => create(app, token, { name: 'Once' }, { 'Idempotency-Key': 'once' });
    const [one, again] = [await send(), await send()];
    assert.deepEqual([one.status, again.status], [201, 201]);
    assert.equal(again.body.data.id, one.body.data.id);
    assert.equal((await app.store.read.memberships.listAllOf([id])).length, 1);
  });

  test('who has left the organization they created gets nothing of it by repeating the POST', async (t) => {
    const app = await startApp(t, engine, selfService);
    const { id, token } = await app.createUser();
    const home = await app.createOrganization('Home');
    await app.store.write((transaction) => setMember(transaction, home, id, 'member', app.clock.now));
    const send = (headers = {}) =>
      create(app, token, { name: 'Once' }, { 'Idempotency-Key': 'once', ...headers });
    const organizationId = Number((await send()).body.data.id);
    assert.equal((await send({ 'X-Organization-Id': String(home) })).status, 201);
    await app.store.write((transaction) => removeMember(transaction, organizationId, id, app.clock.now));
    assertError(await send(), 404, 'record_not_found');
  });
});
