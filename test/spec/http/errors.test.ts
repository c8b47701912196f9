// B4, B11 and B14: what all responses have in common.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { type Answer, document, mediaType, startApp, type TestApp } from '../../support/start-app.ts';

const unauthenticated =
  '{"errors":[{"status":"401","code":"invalid_auth_token","title":"Unauthenticated",' +
  '"detail":"You are not authenticated","meta":{},"source":{}}]}';

const serverError =
  '{"errors":[{"status":"500","code":"server_error","title":"Server Error",' +
  '"detail":"An error occurred on the server","meta":{},"source":{}}]}';

/** A caller whose powers are not valid JSON, so that authentication throws with this text in the message. */
async function createBrokenUser(app: TestApp) {
  return app.createUser({ sysadmin: true, values: { sysadmin_permissions: 'hidden cause' } });
}

onEachEngine((engine) => {
  test('B4 names the scheme to whoever is not authenticated', async (t) => {
    const app = await startApp(t, engine);
    const requests = [
      ['GET', '/api/v2/users', {}],
      ['GET', '/api/v2/users?token=invalid', {}],
      ['GET', '/api/v2/users/1', { token: 'invalid' }],
      ['PATCH', '/api/v2/users/1', { headers: { Authorization: 'Bearer invalid' }, body: document({}) }],
      ['POST', '/api/v2/users', { body: 'not JSON' }],
      ['DELETE', '/api/v2/users/1', {}],
      ['PATCH', '/api/v2/users/1/update_password', { headers: { Authorization: 'Basic YTpi' } }],
    ] as const;
    for (const [method, path, options] of requests) {
      const answer = await app.request(method, path, options);
      assertError(answer, 401, 'invalid_auth_token');
      assert.equal(answer.text, unauthenticated);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="[^"]+"$/);
    }
  });

  test('B4 names it in no other answer', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const path of ['/api/v2/users', '/api/v2/users/999999', '/nowhere', '/health/live']) {
      const answer = await app.request('GET', path, { token });
      assert.equal(answer.headers.get('www-authenticate'), null);
    }
  });

  test('B11 lets nobody but the client itself keep an answer', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true, password: 'password1234' });
    const path = `/api/v2/users/${id}`;
    const answers = [
      await app.request('GET', path, { token }),
      await app.request('GET', '/api/v2/users', { token }),
      await app.request('GET', '/api/v2/users', { headers: { Authorization: `Bearer ${token}` } }),
      await app.request('GET', `/api/v2/users?token=${token}`),
      await app.request('PATCH', path, { token, body: document({ first_name: 'Ann' }) }),
    ];
    for (const { status, headers } of answers) {
      assert.equal(status, 200);
      assert.equal(headers.get('cache-control'), 'private, no-cache');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    }
  });

  test('B11 lets nobody keep an error, and nobody guess its type', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const answers = [
      await app.request('GET', '/api/v2/users'),
      await app.request('GET', '/api/v2/users/999999', { token }),
      await app.request('GET', '/nowhere'),
      await app.request('PUT', '/api/v2/users'),
      await app.request('GET', '/api/v2/users?nope=1', { token }),
      await app.request('GET', '/api/v2/users/%zz', { token }),
    ];
    for (const { status, headers } of answers) {
      assert.equal(headers.get('cache-control'), 'no-store', String(status));
      assert.equal(headers.get('x-content-type-options'), 'nosniff', String(status));
    }
  });

  test('B14 reveals nothing of what went wrong on the server, and logs all of it', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await createBrokenUser(app);
    for (const [method, path] of [
      ['GET', '/api/v2/users'],
      ['GET', '/api/v2/users/1'],
      ['DELETE', '/api/v2/users/1'],
    ] as const) {
      const answer = await app.request(method, path, { token });
      assert.equal(answer.status, 500);
      assert.equal(answer.text, serverError);
      assertError(answer, 500, 'server_error');
      const line = app.log.find(
        ({ id, level }) => id === answer.headers.get('x-request-id') && level === 50,
      ) as { err: { message: string; stack: string } } | undefined;
      assert.match(line?.err.message ?? '', /hidden cause/);
      assert.match(line?.err.stack ?? '', /authenticate/);
    }
  });

  test('B14 keeps serving everybody else after an error of its own', async (t) => {
    const app = await startApp(t, engine);
    const broken = await createBrokenUser(app);
    const { token } = await app.createUser();
    const answers = await Promise.all(
      [broken.token, token, broken.token, token].map((caller) =>
        app.request('GET', '/api/v2/users', { token: caller }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [500, 200, 500, 200],
    );
  });

  test('B14 writes every error in the one documented shape', async (t) => {
    const app = await startApp(t, engine, { maxBodyBytes: '1024', maxUrlBytes: '512', rateLimit: '100' });
    const { id, token } = await app.createUser({ sysadmin: true });
    const plain = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const patch = (options: object) => app.request('PATCH', path, { token, body: document({}), ...options });
    const get = (query: string) => app.request('GET', `/api/v2/users?${query}`, { token });
    // Status, code, title: the contract's own table.
    const cases: readonly (readonly [Promise<Answer>, Parameters<typeof assertError>[1], string, string])[] =
      [
        [patch({ body: '{' }), 400, 'malformed_document', 'Malformed Document'],
        [get('filter[nope]=1'), 400, 'unsupported_filter', 'Unsupported Filter'],
        [get('filter[sysadmin]=maybe'), 400, 'unsupported_filter_value', 'Unsupported Filter Value'],
        [get('sort=nope'), 400, 'unsupported_sort', 'Unsupported Sort'],
        [get('foo=1'), 400, 'unsupported_parameter', 'Unsupported Parameter'],
        [get('page[size]=0'), 400, 'invalid_page', 'Invalid Page'],
        [get('page[after]=&page[number]=1'), 400, 'keyset_conflict', 'Invalid Page'],
        [get('page[after]=altered'), 400, 'keyset_invalid_cursor', 'Invalid Page'],
        [get('page[after]=&sort=account_access_expires_at'), 400, 'keyset_unsupported_sort', 'Invalid Page'],
        [app.request('GET', path), 401, 'invalid_auth_token', 'Unauthenticated'],
        [
          app.request('DELETE', `/api/v2/users/${plain.id}`, { token: plain.token }),
          403,
          'access_denied',
          'Access Denied',
        ],
        [app.request('GET', '/api/v2/users/abc', { token }), 404, 'record_not_found', 'Record Not Found'],
        [app.request('PUT', path, { token }), 405, 'method_not_allowed', 'Method Not Allowed'],
        [patch({ headers: { Accept: 'text/html' } }), 406, 'not_acceptable', 'Not Acceptable'],
        [patch({ body: document({}, '999') }), 409, 'resource_conflict', 'Resource Conflict'],
        [patch({ headers: { 'If-Match': '"old"' } }), 412, 'precondition_failed', 'Precondition Failed'],
        [patch({ body: ' '.repeat(2000) }), 413, 'payload_too_large', 'Payload Too Large'],
        [get('x'.repeat(600)), 414, 'uri_too_long', 'URI Too Long'],
        [
          patch({ headers: { 'Content-Type': 'application/json' } }),
          415,
          'unsupported_media_type',
          'Unsupported Media Type',
        ],
        [patch({ body: document({ first_name: ' ' }) }), 422, 'invalid_attribute', 'Invalid Attribute'],
      ];
    for (const [request, status, code, title] of cases) {
      const answer = await request;
      const errors = assertError(answer, status, code as Parameters<typeof assertError>[2]);
      for (const error of errors) {
        assert.equal(error.title, title);
        assert.ok(error.detail.length > 0);
        const meta = status === 406 || status === 415 ? { media_type: mediaType } : {};
        assert.deepEqual(error.meta, meta);
        for (const pointer of Object.values(error.source)) assert.doesNotMatch(String(pointer), /^\//);
      }
    }
  });
});
