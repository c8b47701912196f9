// GET /users/me: the account that the token belongs to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../src/http/metrics.ts';
import { openStore } from '../../../src/open-store.ts';
import { assertError } from '../../support/assert-error.ts';
import { clearedConfig, emptyDatabase, engines, onEachEngine } from '../../support/engines.ts';
import { document, serveStore, startApp } from '../../support/start-app.ts';

const path = '/api/v2/users/me';

onEachEngine((engine) => {
  test('users/me is the caller, as by its id: the document, the tag, 304, fields and HEAD', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization();
    // An owner's first user in the list need not be the owner.
    await app.createUser({ organizationId });
    const owner = await app.createUser({ organizationId, role: 'owner' });
    const sysadmin = await app.createUser({ sysadmin: true });
    for (const { id, token } of [owner, sysadmin])
      for (let round = 0; round < 3; round++)
        for (const query of ['', '?fields[users]=email,first_name', `?token=${token}`]) {
          const [mine, own] = [path, `/api/v2/users/${id}`].map((one) =>
            app.request('GET', one + query, { token }),
          );
          const [me, byId] = [await mine!, await own!];
          assert.equal(me.status, 200, me.text);
          assert.equal(me.text, byId.text);
          const tag = byId.headers.get('etag')!;
          assert.equal(me.headers.get('etag'), tag);
          const headers = { 'If-None-Match': tag };
          assert.equal((await app.request('GET', path + query, { token, headers })).status, 304);
          const head = await app.request('HEAD', path + query, { token });
          assert.deepEqual([head.status, head.text, head.headers.get('etag')], [200, '', tag]);
          const failed = { 'If-Match': '"other"' };
          assertError(
            await app.request('GET', path + query, { token, headers: failed }),
            412,
            'precondition_failed',
          );
        }
    assertError(await app.request('GET', path), 401, 'invalid_auth_token');
    const { token } = owner;
    assertError(await app.request('GET', `${path}?include=x`, { token }), 400, 'unsupported_parameter');
  });

  test('users/me shows a change at once, also one of its default organization', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization();
    const { id, token } = await app.createUser({ organizationId });
    const tags = new Set<string>();
    const changes = [
      {},
      { first_name: 'Anna' },
      { default_organization_id: organizationId },
      { default_organization_id: null },
    ];
    for (const change of changes) {
      const written = await app.request('PATCH', `/api/v2/users/${id}`, {
        token,
        body: document(change, String(id)),
      });
      assert.equal(written.status, 200, written.text);
      const me = await app.request('GET', path, { token });
      assert.equal(me.text, written.text);
      tags.add(me.headers.get('etag')!);
    }
    assert.ok(tags.size >= 3);
  });

  test('X-Organization-Id of users/me is one that the caller is in, as by its id', async (t) => {
    const app = await startApp(t, engine);
    const [own, other] = [await app.createOrganization(), await app.createOrganization()];
    const { token } = await app.createUser({ organizationId: own });
    const sysadmin = await app.createUser({ sysadmin: true });
    const ask = (organization: number | string, by = token) =>
      app.request('GET', path, { token: by, headers: { 'X-Organization-Id': String(organization) } });
    assert.equal((await ask(own)).status, 200);
    for (const foreign of [other, 999, 'x']) assertError(await ask(foreign), 403, 'access_denied');
    // A sysadmin may name any, and is not seen in one without them.
    assertError(await ask(own, sysadmin.token), 404, 'record_not_found');
  });

  test('several tokens of one caller are one caller, and those of two are none', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const second = await app.createToken(id);
    const other = await app.createUser();
    const me = await app.request('GET', `${path}?token=${second}`, { token });
    assert.equal(me.body.data.id, String(id));
    assertError(
      await app.request('GET', `${path}?token=${other.token}`, { token }),
      401,
      'invalid_auth_token',
    );
  });

  test('callers that ask at the same moment are answered each for themselves', async (t) => {
    const app = await startApp(t, engine);
    const callers = await Promise.all(Array.from({ length: 12 }, () => app.createUser()));
    const asked = [...callers, ...callers].map(async ({ id, token }, i) => {
      const own = await app.request('GET', i % 3 === 0 ? `/api/v2/users/${id}` : path, { token });
      assert.equal(own.body.data.id, String(id));
    });
    await Promise.all(asked);
  });

  test('users/me asks the database once more than a user by its id, as it is not known whose record it shows', async (t) => {
    let reads = 0;
    const observe = (operation: string) => {
      if (operation === 'read') reads++;
    };
    const store = await openStore(await clearedConfig(t, engine), { observe });
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const { id, token } = await app.createUser();
    const readsOf = async (one: string): Promise<number> => {
      await app.createOrganization();
      const before = reads;
      assert.equal((await app.request('GET', one, { token })).status, 200);
      return reads - before;
    };
    for (let round = 0; round < 3; round++)
      assert.ok((await readsOf(path)) <= 1 + (await readsOf(`/api/v2/users/${id}`)));
  });

  test('what one instance changes, users/me of another shows', async (t) => {
    const open = await emptyDatabase(t, engine);
    const first = await serveStore(t, await open());
    const second = await serveStore(t, await open(), {}, { clock: first.clock });
    const { id, token } = await first.createUser();
    for (const first_name of ['Ann', 'Bea', 'Eve']) {
      const body = document({ first_name }, String(id));
      await first.request('PATCH', `/api/v2/users/${id}`, { token, body });
      const { body: me } = await second.request('GET', path, { token });
      assert.equal(me.data.attributes.first_name, first_name);
    }
  });
});

const engine = engines[0]!;

test('users/me has no other methods: 405, with or without a token, and OPTIONS says so', async (t) => {
  const app = await startApp(t, engine, { corsOrigins: 'https://app.example.com' });
  const { token } = await app.createUser({ sysadmin: true });
  const allow = 'HEAD, GET, OPTIONS';
  for (const method of ['PATCH', 'PUT', 'POST', 'DELETE'])
    for (const one of [path, `${path}/`, '/api/v2/users/m%65'])
      for (const options of [{ token }, {}, { token, body: document({ first_name: 'Ann' }) }]) {
        const answer = await app.request(method, one, options);
        assertError(answer, 405, 'method_not_allowed');
        const isRefused = method === 'PATCH' || method === 'DELETE' || one === path;
        if (isRefused) assert.equal(answer.headers.get('allow'), allow, `${method} ${one}`);
      }
  const options = await app.request('OPTIONS', path);
  assert.deepEqual([options.status, options.headers.get('allow')], [204, allow]);
  assert.equal(options.headers.get('accept-patch'), null);
  // Not the caller, and not an id.
  assertError(await app.request('GET', '/api/v2/users/ME', { token }), 404, 'record_not_found');
  assertError(await app.request('PATCH', `${path}/update_password`, { token }), 404, 'record_not_found');
});

test('users/me has a label of its own in the metrics, and an entry in the description', async (t) => {
  const metricsToken = 'metrics-token-metrics';
  const app = await startApp(t, engine, { metricsToken }, { metrics: createMetrics() });
  const { token } = await app.createUser();
  await app.request('GET', path, { token });
  const headers = { Authorization: `Bearer ${metricsToken}` };
  const text = await (await fetch(`${app.url}/metrics`, { headers })).text();
  assert.match(text, /requests_total\{method="GET",route="\/api\/v2\/users\/me",status="200"\} 1/);
  const { paths } = (await app.request('GET', '/api/v2/openapi.json')).body;
  const { get, parameters } = paths[path];
  assert.deepEqual([get.operationId, parameters], ['showCaller', undefined]);
  assert.ok('404' in get.responses && '304' in get.responses && '403' in get.responses);
});
