// The headers of responses as they are on the wire: each once, whatever the status. Clients such as undici join headers that
// come twice, so these tests read the socket.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Reply } from '../../../src/resources/operation.ts';
import type { Route } from '../../../src/resources/route.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, openSocket } from '../../support/raw-socket.ts';
import { document, mediaType, startApp } from '../../support/start-app.ts';

const origin = 'https://app.example.com';

/** Sends a request and reads the names of the response's header, in order, and its values by name. */
async function headerOf(t: TestContext, url: string, ...lines: readonly string[]) {
  const connection = await openSocket(t, url);
  connection.socket.write(headerText(lines[0]!, 'Host: localhost', ...lines.slice(1)));
  const received = await connection.until(/\r\n\r\n/);
  const [statusLine, ...fields] = received.slice(0, received.indexOf('\r\n\r\n')).split('\r\n');
  const pairs = fields.map((field) => [
    field.slice(0, field.indexOf(':')).toLowerCase(),
    field.slice(field.indexOf(':') + 2),
  ]);
  return {
    status: Number(statusLine!.split(' ')[1]),
    names: pairs.map(([name]) => name!),
    values: Object.fromEntries(pairs) as Record<string, string>,
    connection,
  };
}

const all = ['x-request-id', 'x-content-type-options', 'vary', 'cache-control'];
const byNode = ['date', 'connection', 'keep-alive'];

const route = {
  resource: users,
  policy: 'For tests alone.',
  description: 'Answers.',
  method: 'GET',
  auth: 'none',
  limits: [{ by: 'address', requests: 100, windowSeconds: 60 }],
  body: 'none',
  answers: 'nothing',
} as const;

const broken: Reply = { status: 200, body: '{}', headers: { 'x-note': 'two\nlines' } };
const brokenRoutes: readonly Route[] = [
  { ...route, name: 'answerAtOnce', path: '/api/v2/answers/once', operation: () => broken },
  { ...route, name: 'answerLater', path: '/api/v2/answers/later', operation: async () => broken },
];
const emptyRoute: Route = {
  ...route,
  name: 'answerNothing',
  path: '/api/v2/answers/nothing',
  operation: (): Reply => ({ status: 200, body: null }),
};

onEachEngine((engine) => {
  test('a record comes with these headers and no others, and so does its HEAD', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const read = (method: string) =>
      headerOf(t, app.url, `${method} /api/v2/users/${id} HTTP/1.1`, `Authorization: Bearer ${token}`);
    const [get, head] = [await read('GET'), await read('HEAD')];
    const names = [...all, 'etag', 'content-type', 'content-length', ...byNode];
    assert.deepEqual(get.names, names);
    assert.deepEqual(head.names, names);
    for (const name of names.filter((one) => one !== 'x-request-id' && one !== 'date'))
      assert.equal(head.values[name], get.values[name], name);
    const { received } = get.connection;
    const body = received.slice(received.indexOf('\r\n\r\n') + 4);
    assert.equal(Buffer.from(body, 'latin1').length, Number(get.values['content-length']));
    assert.ok(head.connection.received.endsWith('\r\n\r\n'));
  });

  test('a record of letters beyond ASCII has its length in bytes', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    await app.request('PATCH', path, { token, body: document({ first_name: '佐藤 Ärger 😀' }) });
    const { status, values, connection } = await headerOf(
      t,
      app.url,
      `GET ${path} HTTP/1.1`,
      `X-Auth-Token: ${token}`,
      'Connection: close',
    );
    assert.equal(status, 200);
    const received = await connection.closed;
    const body = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1');
    assert.equal(body.length, Number(values['content-length']));
    assert.equal(JSON.parse(body.toString()).data.attributes.first_name, '佐藤 Ärger 😀');
  });

  test('no header comes twice, and a page of an allowed origin may read the answer, whatever it is', async (t) => {
    const app = await startApp(t, engine, { corsOrigins: origin });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const auth = `Authorization: Bearer ${token}`;
    const fromOrigin = `Origin: ${origin}`;
    const typed = `Content-Type: ${mediaType}`;
    const { values } = await headerOf(t, app.url, `GET ${path} HTTP/1.1`, auth);
    const answers: readonly (readonly [number, string, ...string[]])[] = [
      [200, `GET ${path}`, auth],
      [304, `GET ${path}`, auth, `If-None-Match: ${values.etag}`],
      [412, `GET ${path}`, auth, 'If-Match: "other"'],
      [401, `GET ${path}`],
      [404, 'GET /nowhere'],
      [405, `PUT ${path}`, auth],
      [406, `GET ${path}`, auth, 'Accept: text/html'],
      [414, `GET ${path}?${'x'.repeat(20_000)}`, auth],
      [431, `GET ${path}`, auth, `X-Large: ${'x'.repeat(20_000)}`],
      [204, `OPTIONS ${path}`],
      [204, 'OPTIONS *'],
      [204, `OPTIONS ${path}`, 'Access-Control-Request-Method: PATCH'],
      // Node and Fastify say here that the connection closes, and so do we.
      [400, `GET ${path}`, auth, 'Host: other'],
      [501, `POST ${path}`, auth, 'Transfer-Encoding: gzip'],
      [417, `GET ${path}`, auth, 'Expect: something'],
      [415, `PATCH ${path}`, auth, typed, 'Content-Encoding: gzip', 'Content-Length: 2'],
      [413, `PATCH ${path}`, auth, typed, 'Content-Length: 2000000'],
      [200, `GET ${path}`, auth, 'Connection: close'],
      [200, `GET ${path}`, auth, 'Connection: Upgrade', 'Upgrade: websocket'],
    ];
    for (const [status, request, ...lines] of answers)
      for (const more of [[], [fromOrigin]]) {
        const answer = await headerOf(t, app.url, `${request} HTTP/1.1`, ...lines, ...more);
        // The service would wait for the rest of this request when it stops.
        answer.connection.socket.destroy();
        assert.equal(answer.status, status, request);
        assert.deepEqual(answer.names, [...new Set(answer.names)], request);
        for (const name of all) assert.ok(answer.names.includes(name), `${status} ${request} has no ${name}`);
        assert.equal(answer.values.vary, 'Accept, Origin', request);
        const allowed = answer.values['access-control-allow-origin'];
        assert.equal(allowed, more.length > 0 ? origin : undefined, request);
        const hasBody = status !== 204 && status !== 304;
        assert.equal(answer.names.includes('content-length'), hasBody, request);
        assert.equal(answer.names.includes('content-type'), hasBody, request);
        assert.ok(!answer.names.includes('transfer-encoding'), request);
      }
  });

  test('a reply whose header is not allowed in HTTP is answered 500, and the connection goes on', async (t) => {
    const app = await startApp(t, engine, {}, { routes: [...brokenRoutes, emptyRoute] });
    for (const { path } of brokenRoutes) {
      const answer = await app.request('GET', path);
      assertError(answer, 500, 'server_error');
      assert.equal(answer.headers.get('x-note'), null);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    }
    const { status, names, values } = await headerOf(t, app.url, `GET ${emptyRoute.path} HTTP/1.1`);
    assert.equal(status, 200);
    assert.deepEqual(names, [...all, 'content-length', ...byNode]);
    assert.equal(values['content-length'], '0');
  });

  test('a connection whose request is not read to its end says that it closes, and closes', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const lines = [
      `PATCH /api/v2/users/${id} HTTP/1.1`,
      `X-Auth-Token: ${token}`,
      `Content-Type: ${mediaType}`,
    ];
    const { status, values, connection } = await headerOf(t, app.url, ...lines, 'Content-Length: 2000000');
    assert.equal(status, 413);
    assert.equal(values.connection, 'close');
    await connection.closed;
  });
});
