// B12: which web origins may read responses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { type Answer, document, startApp } from '../../support/start-app.ts';

const app1 = 'https://app.example.com';
const app2 = 'http://localhost:5173';
const strangers = [
  'https://evil.example.com',
  'null',
  'https://app.example.com.evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'HTTPS://APP.EXAMPLE.COM',
];

const list = (answer: Answer, name: string): string[] =>
  (answer.headers.get(name) ?? '')
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '');

const corsHeaders = (answer: Answer): string[] =>
  [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));

onEachEngine((engine) => {
  test('B12 says nothing of CORS unless it is switched on', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    for (const Origin of [app1, ...strangers]) {
      assert.deepEqual(corsHeaders(await app.request('GET', path, { token, headers: { Origin } })), []);
      const headers = { Origin, 'Access-Control-Request-Method': 'PATCH' };
      assert.deepEqual(corsHeaders(await app.request('OPTIONS', path, { headers })), []);
    }
  });

  for (const origins of [app1, `${app2}, ${app1}`]) {
    test(`B12 lets the pages of ${origins} read answers, and no others`, async (t) => {
      const app = await startApp(t, engine, { corsOrigins: origins });
      const { id, token } = await app.createUser();
      const path = `/api/v2/users/${id}`;
      const allowed = await app.request('GET', path, { token, headers: { Origin: app1 } });
      assert.equal(allowed.status, 200);
      assert.equal(allowed.headers.get('access-control-allow-origin'), app1);
      for (const Origin of strangers) {
        const answer = await app.request('GET', path, { token, headers: { Origin } });
        assert.equal(answer.headers.get('access-control-allow-origin'), null, Origin);
      }
      assert.equal(
        (await app.request('GET', path, { token })).headers.get('access-control-allow-origin'),
        null,
      );
    });
  }

  test('B12 tells caches that the answer depends on the Origin, whoever asks', async (t) => {
    const app = await startApp(t, engine, { corsOrigins: app1 });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    for (const origin of [app1, strangers[0]!, undefined]) {
      const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin };
      for (const answer of [
        await app.request('GET', path, { token, headers }),
        await app.request('GET', path, { token, headers: { ...headers, 'If-None-Match': etag } }),
        await app.request('GET', path, { headers }),
        await app.request('GET', '/nowhere', { headers }),
      ])
        assert.deepEqual(list(answer, 'vary').sort(), ['accept', 'origin'], String(answer.status));
    }
  });

  test('B12 answers a preflight without a token, and permits what clients of the API send', async (t) => {
    const app = await startApp(t, engine, { corsOrigins: app1 });
    for (const path of ['/api/v2/users', '/api/v2/users/1', '/api/v2/users/1/update_password']) {
      const answer = await app.request('OPTIONS', path, {
        headers: {
          Origin: app1,
          'Access-Control-Request-Method': 'PATCH',
          'Access-Control-Request-Headers': 'content-type,if-match,x-auth-token,x-organization-id',
        },
      });
      assert.equal(answer.status, 204, path);
      assert.equal(answer.text, '');
      assert.equal(answer.headers.get('access-control-allow-origin'), app1);
      const methods = list(answer, 'access-control-allow-methods');
      for (const method of ['get', 'post', 'patch', 'delete']) assert.ok(methods.includes(method), method);
      const permitted = list(answer, 'access-control-allow-headers');
      for (const name of [
        'authorization',
        'content-type',
        'idempotency-key',
        'if-match',
        'if-none-match',
        'x-auth-token',
        'x-organization-id',
      ])
        assert.ok(permitted.includes(name), name);
      assert.ok(list(answer, 'vary').includes('origin'));
    }
  });

  test('B12 permits nothing in the preflight of another origin', async (t) => {
    const app = await startApp(t, engine, { corsOrigins: app1 });
    for (const Origin of strangers) {
      const headers = { Origin, 'Access-Control-Request-Method': 'DELETE' };
      const answer = await app.request('OPTIONS', '/api/v2/users/1', { headers });
      assert.equal(answer.headers.get('access-control-allow-origin'), null, Origin);
    }
  });

  test('B12 shows pages the ETag, the rate limit and the request id, in errors too, and never credentials', async (t) => {
    const app = await startApp(t, engine, { corsOrigins: app1, rateLimit: '3' });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const headers = { Origin: app1 };
    const ok = await app.request('GET', path, { token, headers });
    const invalid = await app.request('PATCH', path, { token, headers, body: document({ first_name: '' }) });
    const unauthenticated = await app.request('GET', path, { headers });
    const unknown = await app.request('GET', '/nowhere', { headers });
    await app.request('GET', path, { token, headers });
    const limited = await app.request('GET', path, { token, headers });
    assert.equal(ok.status, 200);
    assertError(invalid, 422, 'invalid_attribute');
    assertError(unauthenticated, 401, 'invalid_auth_token');
    assertError(unknown, 404, 'record_not_found');
    assertError(limited, 429, 'too_many_requests');
    for (const answer of [ok, invalid, unauthenticated, unknown, limited]) {
      assert.equal(answer.headers.get('access-control-allow-origin'), app1);
      const exposed = list(answer, 'access-control-expose-headers');
      for (const name of ['etag', 'x-ratelimit-reset', 'retry-after', 'x-request-id', 'location'])
        assert.ok(exposed.includes(name), name);
      // Tokens are in headers; cookies are not used.
      assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    }
  });
});
