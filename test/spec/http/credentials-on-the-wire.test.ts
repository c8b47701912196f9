// Authentication of requests: tokens in three places, how they end, and X-Organization-Id.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateToken } from '../../../src/security/tokens.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { type Answer, document, type RequestOptions, startApp } from '../../support/start-app.ts';

const assertUnauthenticated = (answer: Answer) => assertError(answer, 401, 'invalid_auth_token');

/** The three places of a token, each as path and headers. */
const places: Readonly<
  Record<string, (token: string) => { query: string; headers: Record<string, string> }>
> = {
  'X-Auth-Token': (token) => ({ query: '', headers: { 'X-Auth-Token': token } }),
  'Authorization: Bearer': (token) => ({ query: '', headers: { Authorization: `Bearer ${token}` } }),
  '?token=': (token) => ({ query: `?token=${token}`, headers: {} }),
};

onEachEngine((engine) => {
  for (const [place, present] of Object.entries(places)) {
    test(`takes a token as ${place}, for reading and for writing`, async (t) => {
      const app = await startApp(t, engine);
      const { id, token } = await app.createUser();
      const { query, headers } = present(token);
      const path = `/api/v2/users/${id}${query}`;
      assert.equal((await app.request('GET', path, { headers })).body.data.id, String(id));
      const renamed = await app.request('PATCH', path, { headers, body: document({ first_name: 'Ann' }) });
      assert.equal(renamed.status, 200);
      assert.equal(renamed.body.data.attributes.first_name, 'Ann');
      const list = await app.request('GET', `/api/v2/users${query}`, { headers });
      assert.deepEqual(
        list.body.data.map((user: { id: string }) => user.id),
        [String(id)],
      );
    });

    test(`refuses an unknown, an altered and an empty token as ${place}`, async (t) => {
      const app = await startApp(t, engine);
      const { token } = await app.createUser();
      for (const bad of [
        generateToken(),
        'invalid',
        `${token}x`,
        token.slice(0, -1),
        token.toUpperCase(),
        '',
      ]) {
        const { query, headers } = present(bad);
        assertUnauthenticated(await app.request('GET', `/api/v2/users${query}`, { headers }));
      }
    });

    for (const [otherPlace, presentOther] of Object.entries(places)) {
      if (otherPlace === place) continue;
      test(`refuses a valid ${otherPlace} beside an invalid ${place}`, async (t) => {
        const app = await startApp(t, engine);
        const { id, token } = await app.createUser();
        const good = presentOther(token);
        for (const bad of [present('invalid'), present('')]) {
          const headers = { ...good.headers, ...bad.headers };
          const path = `/api/v2/users/${id}${good.query || bad.query}`;
          assertUnauthenticated(await app.request('GET', path, { headers }));
        }
        const same = present(token);
        const both = await app.request('GET', `/api/v2/users/${id}${good.query || same.query}`, {
          headers: { ...good.headers, ...same.headers },
        });
        assert.equal(both.status, 200);
      });
    }
  }

  test('refuses a request without any credential', async (t) => {
    const app = await startApp(t, engine);
    const { id } = await app.createUser();
    for (const [method, path] of [
      ['GET', '/api/v2/users'],
      ['POST', '/api/v2/users'],
      ['GET', `/api/v2/users/${id}`],
      ['PATCH', `/api/v2/users/${id}`],
      ['DELETE', `/api/v2/users/${id}`],
      ['PATCH', `/api/v2/users/${id}/update_password`],
    ] as const)
      assertUnauthenticated(await app.request(method, path));
  });

  test('refuses one invalid token of two in the query, and of two valid ones in two places', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const query of [
      `token=${token}&token=invalid`,
      `token=invalid&token=${token}`,
      `%74oken=invalid&token=${token}`,
      `token=${token}&%74oke%6E=invalid`,
    ])
      assertUnauthenticated(await app.request('GET', `/api/v2/users?${query}`));
    assertUnauthenticated(
      await app.request('GET', '/api/v2/users?token=invalid', {
        token,
        headers: { Authorization: `Bearer ${token}` },
      }),
    );
  });

  test('refuses the tokens of two people in one request', async (t) => {
    const app = await startApp(t, engine);
    const ann = await app.createUser();
    const bea = await app.createUser();
    assertUnauthenticated(await app.request('GET', `/api/v2/users?token=${bea.token}`, { token: ann.token }));
    const second = await app.createToken(ann.id);
    assert.equal(
      (await app.request('GET', `/api/v2/users?token=${second}`, { token: ann.token })).status,
      200,
    );
  });

  test('each request of a connection is by its own token, whatever the one before presented', async (t) => {
    const app = await startApp(t, engine);
    const [ann, bea] = [await app.createUser(), await app.createUser()];
    const presented = [
      ann.token,
      bea.token,
      null,
      ann.token,
      'invalid',
      ann.token,
      `${ann.token}x`,
      bea.token,
    ];
    const requests = presented.map((token, i) =>
      headerText(
        'GET /api/v2/users/me HTTP/1.1',
        'Host: localhost',
        ...(token === null ? [] : [`X-Auth-Token: ${token}`]),
        ...(i === presented.length - 1 ? ['Connection: close'] : []),
      ),
    );
    const received = await sendRaw(t, app.url, requests.join(''));
    const answers = received.split(/(?=HTTP\/1\.1 )/).map(readAnswer);
    const callers = answers.map(({ status, text }) => (status === 200 ? JSON.parse(text).data.id : status));
    const [a, b] = [String(ann.id), String(bea.id)];
    assert.deepEqual(callers, [a, b, 401, a, 401, a, 401, b]);
  });

  test('reads the scheme in any case, and leaves other schemes to the proxy that asks for them', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const get = (options: RequestOptions) => app.request('GET', '/api/v2/users', options);
    assert.equal((await get({ headers: { Authorization: `bearer ${token}` } })).status, 200);
    assert.equal((await get({ token, headers: { Authorization: 'Basic YTpi' } })).status, 200);
    assertUnauthenticated(await get({ headers: { Authorization: 'Basic YTpi' } }));
    assertUnauthenticated(await get({ headers: { Authorization: token } }));
  });

  test('repeats every parameter of a list in its links, but never the token', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (let i = 0; i < 2; i++) await app.createUser();
    for (const name of ['token', '%74oken']) {
      for (const page of ['page[size]=1&page[number]=2', 'page[size]=1&page[after]=']) {
        const { status, body, text } = await app.request(
          'GET',
          `/api/v2/users?sort=-id&${name}=${token}&${page}`,
        );
        assert.equal(status, 200);
        assert.ok(!text.includes(token));
        assert.doesNotMatch(text, /token=/);
        assert.match(body.links.next, /\/api\/v2\/users\?sort=-id&page/);
      }
    }
  });

  test('ends a token at the moment that it expires', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const brief = await app.createToken(id, { expiresAt: app.clock.now + 1000 });
    const path = `/api/v2/users/${id}`;
    app.clock.now += 999;
    assert.equal((await app.request('GET', path, { token: brief })).status, 200);
    app.clock.now += 1;
    assertUnauthenticated(await app.request('GET', path, { token: brief }));
    assertUnauthenticated(await app.request('GET', `${path}?token=${brief}`, { token }));
    assert.equal((await app.request('GET', path, { token })).status, 200);
  });

  test('ends every credential of an account at the moment that its access expires', async (t) => {
    const app = await startApp(t, engine);
    const sysadmin = await app.createUser({ sysadmin: true });
    const { id, token } = await app.createUser();
    const session = await app.createToken(id, { machine: false });
    const path = `/api/v2/users/${id}`;
    const expire = (account_access_expires_at: string | null) =>
      app.request('PATCH', path, { token: sysadmin.token, body: document({ account_access_expires_at }) });
    assert.equal((await expire(new Date(app.clock.now + 60_000).toISOString())).status, 200);
    app.clock.now += 59_999;
    for (const own of [token, session])
      assert.equal((await app.request('GET', path, { token: own })).status, 200);
    app.clock.now += 1;
    for (const own of [token, session]) assertUnauthenticated(await app.request('GET', path, { token: own }));
    // The account still exists and works again when its access is restored.
    assert.equal((await app.request('GET', path, { token: sysadmin.token })).status, 200);
    assert.equal((await expire(null)).status, 200);
    for (const own of [token, session])
      assert.equal((await app.request('GET', path, { token: own })).status, 200);
  });

  test('ends a token with the next request after it is revoked, or its account is deleted', async (t) => {
    const app = await startApp(t, engine);
    const sysadmin = await app.createUser({ sysadmin: true });
    const { id, token } = await app.createUser();
    const second = await app.createToken(id);
    const path = `/api/v2/users/${id}`;
    assert.equal((await app.request('GET', path, { token: second })).status, 200);
    const newest = (await app.store.read.sessions.list(id)).at(-1)!;
    assert.equal(await app.store.write(({ sessions }) => sessions.end(newest.id)), true);
    assertUnauthenticated(await app.request('GET', path, { token: second }));
    assert.equal((await app.request('GET', path, { token })).status, 200);
    assert.equal((await app.request('DELETE', path, { token: sysadmin.token })).status, 204);
    assertUnauthenticated(await app.request('GET', path, { token }));
  });
});
