// The form of every error response: sections A1 and A20 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { contentType, document, type RequestOptions, startApp } from '../../support/start-app.ts';

type Provocation = [status: number, method: string, path: string, options?: RequestOptions];

const member: readonly Provocation[] = [
  [200, 'GET', '/health/live'],
  [200, 'GET', '/api/v2/users'],
  [200, 'GET', '/api/v2/users/1'],
  [200, 'PATCH', '/api/v2/users/1', { body: document({ first_name: 'Ann' }) }],
  [400, 'GET', '/api/v2/users?foo=1'],
  [400, 'GET', '/api/v2/users?filter[nope]=1'],
  [400, 'PATCH', '/api/v2/users/1', { body: '{' }],
  [401, 'GET', '/api/v2/users', { token: 'invalid' }],
  [401, 'GET', '/api/v2/users', { token: undefined }],
  [403, 'POST', '/api/v2/users', { body: document({}) }],
  [403, 'GET', '/api/v2/users', { headers: { 'X-Organization-Id': '999' } }],
  [404, 'GET', '/api/v2/users/999'],
  [404, 'GET', '/'],
  [404, 'GET', '/api/v2/nowhere'],
  [404, 'POST', '/api/v3/users', { body: document({}) }],
  [404, 'GET', '/api/v2/users/%E0%A4%A'],
  [405, 'PUT', '/api/v2/users/1', { body: document({}) }],
  [405, 'DELETE', '/api/v2/users'],
  [406, 'GET', '/api/v2/users', { headers: { Accept: 'text/html' } }],
  [409, 'PATCH', '/api/v2/users/1', { body: { data: { type: 'people', attributes: {} } } }],
  [
    412,
    'PATCH',
    '/api/v2/users/1',
    { body: document({ first_name: 'Eve' }), headers: { 'If-Match': '"old"' } },
  ],
  [413, 'PATCH', '/api/v2/users/1', { body: document({ first_name: 'n'.repeat(2000) }) }],
  [414, 'GET', `/api/v2/users?filter[email]=${'e'.repeat(9000)}`],
  [414, 'GET', `/${'e'.repeat(9000)}`],
  [
    415,
    'PATCH',
    '/api/v2/users/1',
    { body: document({ first_name: 'Eve' }), headers: { 'Content-Type': 'text/plain' } },
  ],
  [422, 'PATCH', '/api/v2/users/1', { body: document({ first_name: '' }) }],
  [431, 'GET', '/api/v2/users', { headers: { 'X-Long': 'h'.repeat(17_000) } }],
];

const broken: readonly [status: number, bytes: string][] = [
  [400, headerText('GET nonsense')],
  [400, headerText('GET /api/v2/users HTTP/1.1', 'Connection: close')],
  [400, headerText('GET /api/v2/users HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close')],
  [400, headerText('GET /api/v2/users HTTP/1.1', 'Host: a', 'no colon')],
  [400, headerText('PATCH /api/v2/users/1 HTTP/1.1', 'Host: a', 'Content-Length: x')],
  [501, headerText('FOO /api/v2/users/1 HTTP/1.1', 'Host: a')],
  [414, headerText(`GET /${'e'.repeat(60_000)} HTTP/1.1`, 'Host: a', 'Connection: close')],
  [431, headerText('GET / HTTP/1.1', 'Host: a', `X-Long: ${'h'.repeat(95_000)}`)],
];

/** The exact error object: these keys, in this order, and a status that equals the response's. */
function assertErrorDocument(text: string, status: number): void {
  const body = JSON.parse(text);
  assert.deepEqual(Object.keys(body), ['errors']);
  assert.ok(body.errors.length > 0);
  for (const error of body.errors) {
    assert.deepEqual(Object.keys(error), ['status', 'code', 'title', 'detail', 'meta', 'source']);
    assert.equal(error.status, String(status));
    assert.match(error.code, /^[a-z]+(_[a-z]+)*$/);
    for (const sentence of [error.title, error.detail]) assert.ok(sentence.length > 0);
  }
}

onEachEngine((engine) => {
  test('A1 answers every request as application/vnd.api+json in UTF-8, refusals too', async (t) => {
    const app = await startApp(t, engine, { maxBodyBytes: '1024' });
    const { token } = await app.createUser();
    for (const [status, method, path, options] of member) {
      await t.test(`${status} to ${method} ${path.slice(0, 60)}`, async () => {
        const answer = await app.request(method, path, { token, ...options });
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.headers.get('content-type'), contentType);
        if (status >= 400) assertErrorDocument(answer.text, status);
      });
    }
  });

  test('A1 answers what is not HTTP in the same way', async (t) => {
    const app = await startApp(t, engine);
    for (const [status, bytes] of broken) {
      await t.test(`${status} to ${JSON.stringify(bytes.slice(0, 60))}`, async (t) => {
        const answer = readAnswer(await sendRaw(t, app.url, bytes));
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.headers.get('content-type'), contentType);
        assertErrorDocument(answer.text, status);
      });
    }
  });

  test('A1 answers one request too many in the same way', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '1' });
    const { id, token } = await app.createUser();
    const ask = () => app.request('GET', `/api/v2/users/${id}`, { token });
    assert.equal((await ask()).status, 200);
    const answer = await ask();
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get('content-type'), contentType);
    assertErrorDocument(answer.text, 429);
  });

  test('A1 answers its own failures in the same way, and tells nothing of their cause', async (t) => {
    const app = await startApp(t, engine);
    // The server never writes this row: it simulates any defect of the server.
    const { id, token } = await app.createUser({
      sysadmin: true,
      values: { sysadmin_permissions: '{secret' },
    });
    const answer = await app.request('GET', `/api/v2/users/${id}`, { token });
    assert.equal(answer.status, 500);
    assert.equal(answer.headers.get('content-type'), contentType);
    assert.deepEqual(answer.body, {
      errors: [
        {
          status: '500',
          code: 'server_error',
          title: 'Server Error',
          detail: 'An error occurred on the server',
          meta: {},
          source: {},
        },
      ],
    });
  });

  test('A1 sends no Content-Type where there is no body', async (t) => {
    const app = await startApp(t, engine);
    const admin = await app.createUser({ sysadmin: true });
    const { id } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const shown = await app.request('GET', path, { token: admin.token });
    const known = await app.request('GET', path, {
      token: admin.token,
      headers: { 'If-None-Match': shown.headers.get('etag')! },
    });
    const deleted = await app.request('DELETE', path, { token: admin.token });
    assert.deepEqual([known.status, known.text, known.headers.get('content-type')], [304, '', null]);
    assert.deepEqual([deleted.status, deleted.text, deleted.headers.get('content-type')], [204, '', null]);
  });

  test('A20 answers errors without data, each with the status of the answer as a string', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
      token,
      body: document({ first_name: '', last_name: ' \t' }),
    });
    const blank = (name: string) => ({
      status: '422',
      code: 'invalid_attribute',
      title: 'Invalid Attribute',
      detail: "can't be blank",
      meta: {},
      source: { pointer: `data/attributes/${name}` },
    });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.body, { errors: [blank('first_name'), blank('last_name')] });
  });

  test('A20 reports every attribute that is wrong at once, unknown ones and taken emails too', async (t) => {
    const app = await startApp(t, engine);
    await app.createUser({ email: 'taken@email.com' });
    const { id, token } = await app.createUser();
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
      token,
      body: document({
        first_name: null,
        last_name: 'x'.repeat(256),
        email: 'Taken@email.com',
        time_zone: 'Mars/Olympus',
        shoe_size: 43,
        locale: 'xx_XX',
      }),
    });
    assert.deepEqual(brokenRules(answer).sort(), [
      'email has already been taken',
      "first_name can't be blank",
      'last_name is too long (maximum is 255 characters)',
      'locale is not included in the list',
      'shoe_size is not a known attribute',
      'time_zone is not included in the list',
    ]);
  });

  test('A20 gives each broken rule of one attribute an error of its own', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
      token,
      body: document({ first_name: ' '.repeat(256) }),
    });
    assert.deepEqual(brokenRules(answer).sort(), [
      "first_name can't be blank",
      'first_name is too long (maximum is 255 characters)',
    ]);
  });
});
