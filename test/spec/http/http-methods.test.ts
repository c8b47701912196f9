// B1, B2, B3 and B18: what each method does on each path.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { mediaType, startApp } from '../../support/start-app.ts';

const collection = 'HEAD, GET, POST, OPTIONS';
const record = 'HEAD, GET, PATCH, DELETE, OPTIONS';
const health = 'HEAD, GET';

const wrongMethods: readonly (readonly [method: string, path: string, allow: string])[] = [
  ['PUT', '/api/v2/users/1', record],
  ['POST', '/api/v2/users/1', record],
  ['PUT', '/api/v2/users', collection],
  ['PATCH', '/api/v2/users', collection],
  ['DELETE', '/api/v2/users?page[size]=1', collection],
  ['PUT', '/api/v2/users/', collection],
  ['GET', '/api/v2/users/1/update_password', 'PATCH, OPTIONS'],
  ['POST', '/api/v2/users/1/update_password', 'PATCH, OPTIONS'],
  ['POST', '/health/live', health],
  ['DELETE', '/health/ready', health],
];

onEachEngine((engine) => {
  test('B1 answers a wrong method on a known path with 405 and the methods that it has', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (const [method, path, allow] of wrongMethods) {
      const answer = await app.request(method, path, { token });
      assertError(answer, 405, 'method_not_allowed');
      assert.equal(answer.headers.get('allow'), allow, `${method} ${path}`);
    }
  });

  /** What a router reads as patterns, right and wrong ones. */
  const patterns = ['/**', '/*', '/:(', '/:a(.*', '/:a(x)', '/::', '/:id', '/%3A('];

  test('B1 answers any method on an unknown path with 404', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      for (const path of [
        '/',
        '/api/v2',
        '/api/v2/projects',
        '/api/v2/users/1/other',
        '/api/v1/users',
        ...patterns,
      ]) {
        const answer = await app.request(method, path, { token });
        assertError(answer, 404, 'record_not_found');
        assert.equal(answer.headers.get('allow'), null);
      }
    }
  });

  test('B2 answers HEAD with the header of GET and without its body', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const cases: readonly (readonly [path: string, token: string | undefined, status: number])[] = [
      [`/api/v2/users/${id}`, token, 200],
      [`/api/v2/users/${id}?fields[users]=email`, token, 200],
      ['/api/v2/users', token, 200],
      ['/health/live', undefined, 200],
      ['/health/ready', undefined, 200],
      [`/api/v2/users/${id}`, undefined, 401],
      ['/api/v2/users/999999', token, 404],
      ['/api/v2/users?nope=1', token, 400],
      ['/nowhere', token, 404],
    ];
    for (const [path, caller, status] of cases) {
      const get = await app.request('GET', path, { token: caller });
      assert.equal(get.status, status, path);
      const lines = [
        `Host: ${new URL(app.url).host}`,
        'Connection: close',
        ...(caller ? [`X-Auth-Token: ${caller}`] : []),
      ];
      const received = await sendRaw(t, app.url, headerText(`HEAD ${path} HTTP/1.1`, ...lines));
      const head = readAnswer(received);
      assert.equal(head.status, status, path);
      assert.equal(head.text, '', path);
      assert.deepEqual(comparable(head.headers), comparable(get.headers), path);
      assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(get.text)), path);
    }
  });

  test('B2 answers HEAD with 304 where GET would', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    const head = await app.request('HEAD', path, { token, headers: { 'If-None-Match': etag } });
    assert.equal(head.status, 304);
    assert.equal(head.headers.get('etag'), etag);
  });

  test('B3 answers OPTIONS with 204, the methods, and the type that a PATCH takes', async (t) => {
    const app = await startApp(t, engine);
    const cases = [
      ['/api/v2/users', collection, null],
      ['/api/v2/users/1', record, mediaType],
      ['/api/v2/users/1/update_password', 'PATCH, OPTIONS', mediaType],
    ] as const;
    for (const [path, allow, acceptPatch] of cases) {
      // Without a token: the allowed methods are not secret.
      const answer = await app.request('OPTIONS', path);
      assert.equal(answer.status, 204);
      assert.equal(answer.text, '');
      assert.equal(answer.headers.get('allow'), allow);
      assert.equal(answer.headers.get('accept-patch'), acceptPatch);
    }
  });

  test('B3 answers OPTIONS no differently where CORS is on, unless a browser asks in advance', async (t) => {
    const app = await startApp(t, engine, { corsOrigins: 'https://app.example.com' });
    const answer = await app.request('OPTIONS', '/api/v2/users/1');
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('allow'), record);
    assert.equal(answer.headers.get('accept-patch'), mediaType);
    assertError(await app.request('OPTIONS', '/nowhere'), 404, 'record_not_found');
  });

  test('B3 answers a method that HTTP does not know with 501', async (t) => {
    const app = await startApp(t, engine);
    for (const method of ['FOO', 'get', 'GETS']) {
      const request = headerText(`${method} /api/v2/users/1 HTTP/1.1`, 'Host: localhost');
      const answer = readAnswer(await sendRaw(t, app.url, request));
      assertError(answer, 501, 'not_implemented');
    }
  });

  test('B3 refuses TRACE, and sends nothing of the request back', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const request = headerText(
      'TRACE /api/v2/users/1 HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      `X-Auth-Token: ${token}`,
    );
    const received = await sendRaw(t, app.url, request);
    const answer = readAnswer(received);
    assertError(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.get('allow'), record);
    assert.ok(!received.includes(token));
  });

  test('B18 deletes a user where the bodiless DELETE carries a Content-Type', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (const type of [mediaType, `${mediaType}; charset=utf-8`, `${mediaType}; ext=bulk`]) {
      const { id } = await app.createUser();
      const path = `/api/v2/users/${id}`;
      const answer = await app.request('DELETE', path, { token, headers: { 'Content-Type': type } });
      assert.equal(answer.status, 204);
      assert.equal(answer.text, '');
      assert.equal(answer.headers.get('content-type'), null);
      assertError(await app.request('GET', path, { token }), 404, 'record_not_found');
    }
  });

  test('B18 needs no Content-Type for a DELETE, and takes an explicit length of 0', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const first = await app.createUser();
    assert.equal((await app.request('DELETE', `/api/v2/users/${first.id}`, { token })).status, 204);
    const second = await app.createUser();
    const request = headerText(
      `DELETE /api/v2/users/${second.id} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      `X-Auth-Token: ${token}`,
      `Content-Type: ${mediaType}`,
      'Content-Length: 0',
    );
    assert.equal(readAnswer(await sendRaw(t, app.url, request)).status, 204);
  });
});

/** All headers except those of the single message or the connection. */
function comparable(headers: Headers): Record<string, string> {
  const own = new Set(['date', 'x-request-id', 'connection', 'keep-alive']);
  return Object.fromEntries([...headers].filter(([name]) => !own.has(name)));
}
