// What HTTP/1.1 allows on a connection besides single requests: every request gets one response, in order, or the
// connection is closed.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { engines } from '../../support/engines.ts';
import { headerText, openSocket, type RawAnswer, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { document, mediaType, startApp, type TestApp } from '../../support/start-app.ts';

const engine = engines[0]!;
const live = headerText('GET /health/live HTTP/1.1', 'Host: a');
const last = headerText('GET /health/live HTTP/1.1', 'Host: a', 'Connection: close');

interface Caller {
  readonly app: TestApp;
  readonly auth: string;
  /** A whole request that changes the caller's name, with more header fields. */
  rename(name: string, ...fields: readonly string[]): string;
  nameIs(name: string): Promise<void>;
}

async function startCaller(t: TestContext, settings: Readonly<Record<string, string>> = {}): Promise<Caller> {
  const app = await startApp(t, engine, settings);
  const { id, token } = await app.createUser();
  const auth = `X-Auth-Token: ${token}`;
  return {
    app,
    auth,
    rename(name, ...fields) {
      const body = JSON.stringify(document({ first_name: name }));
      const common = ['Host: a', auth, `Content-Type: ${mediaType}`];
      return (
        headerText('PATCH /api/v2/users/1 HTTP/1.1', ...common, ...framing(fields, body)) +
        framed(fields, body)
      );
    },
    async nameIs(name) {
      const { body } = await app.request('GET', `/api/v2/users/${id}`, { token });
      assert.equal(body.data.attributes.first_name, name);
    },
  };
}

const isChunked = (fields: readonly string[]) => fields.some((field) => /^transfer-encoding/i.test(field));
const framing = (fields: readonly string[], body: string) =>
  isChunked(fields) ? fields : [...fields, `Content-Length: ${body.length}`];
const framed = (fields: readonly string[], body: string) =>
  isChunked(fields) ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;

function answers(received: string): RawAnswer[] {
  return received.split(/(?=HTTP\/1\.1 \d{3} )/).map(readAnswer);
}

const statuses = (received: string) => answers(received).map(({ status }) => status);

for (const version of [
  'HTTP/2.0',
  'HTTP/2',
  'HTTP/1.2',
  'HTTP/3.0',
  'HTTP/0.9',
  'HTTX/1.1',
  'http/1.1',
  'ICE/1.0',
])
  test(`refuses a request of ${version} with 505, and closes`, async (t) => {
    const { app, auth, nameIs } = await startCaller(t);
    const received = await sendRaw(
      t,
      app.url,
      headerText(`GET /api/v2/users ${version}`, 'Host: a', auth) + live,
    );
    assert.deepEqual(statuses(received), [505]);
    const answer = readAnswer(received);
    const [error] = assertError(answer, 505, 'http_version_not_supported');
    assert.equal(error!.detail, 'The HTTP version is not supported, use HTTP/1.1');
    assert.equal(answer.headers.get('connection'), 'close');
    await nameIs('name');
  });

test('refuses a request without a version, and the first line of HTTP/2, with 505', async (t) => {
  const { app } = await startCaller(t);
  for (const bytes of ['GET /health/live\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'])
    assertError(readAnswer(await sendRaw(t, app.url, bytes)), 505, 'http_version_not_supported');
});

test('answers HTTP/1.0 with chunks, closes, and reads nothing that follows', async (t) => {
  const { app, rename, nameIs } = await startCaller(t);
  const old = (name: string, ...fields: readonly string[]) =>
    rename(name, ...fields).replace('HTTP/1.1', 'HTTP/1.0');
  const keep = 'Connection: keep-alive';
  const hidden = old('hidden', keep);
  const received = await sendRaw(t, app.url, old('in chunks', 'Transfer-Encoding: chunked', keep) + hidden);
  assert.deepEqual(statuses(received), [200]);
  assert.equal(readAnswer(received).headers.get('connection'), 'close');
  await nameIs('in chunks');
});

test('keeps a connection of HTTP/1.0 where the client asks for it', async (t) => {
  const { app } = await startCaller(t);
  const once = headerText('GET /health/live HTTP/1.0');
  const kept = headerText('GET /health/live HTTP/1.0', 'Connection: keep-alive');
  assert.deepEqual(statuses(await sendRaw(t, app.url, kept + kept + once)), [200, 200, 200]);
});

for (const connection of ['close', 'close, keep-alive', 'keep-alive, close', 'Close'])
  test(`closes after the request that says Connection: ${connection}, and reads nothing that follows`, async (t) => {
    const { app, rename, nameIs } = await startCaller(t);
    const received = await sendRaw(
      t,
      app.url,
      headerText('GET /health/live HTTP/1.1', 'Host: a', `Connection: ${connection}`) + rename('hidden'),
    );
    assert.deepEqual(statuses(received), [200]);
    await nameIs('name');
  });

test('reads no request behind one that is refused together with its connection', async (t) => {
  const { app, auth, rename, nameIs } = await startCaller(t);
  for (const [refused, status] of [
    [headerText('GET /health/live HTTP/1.1'), 400],
    [headerText('GET /health/live HTTP/1.1', 'Host: a', 'Host: a'), 400],
    [headerText('GET /health/live HTTP/1.1', 'Host: a', 'Expect: a miracle'), 417],
    [rename('gzip', 'Transfer-Encoding: gzip, chunked'), 501],
    [headerText('PATCH /api/v2/users/1 HTTP/1.1', 'Host: a', auth, 'Transfer-Encoding: identity'), 501],
    [headerText('GET /health/live HTTP/2.0', 'Host: a'), 505],
  ] as const) {
    const received = await sendRaw(t, app.url, refused + rename('hidden'));
    assert.deepEqual(statuses(received), [status], refused);
    assert.equal(readAnswer(received).headers.get('connection'), 'close');
  }
  await nameIs('name');
});

test('answers requests in their order, and only then refuses what follows them', async (t) => {
  const { app, rename, nameIs } = await startCaller(t);
  for (const [name, behind, status] of [
    ['before bytes', 'nonsense\r\n\r\n', 501],
    ['before a version', headerText('GET / HTTP/1.2', 'Host: a'), 505],
    ['before a field', headerText('GET / HTTP/1.1', 'Host: a', 'nonsense'), 400],
    ['before CONNECT', headerText('CONNECT a:80 HTTP/1.1', 'Host: a'), 501],
    ['before Expect', headerText('GET / HTTP/1.1', 'Host: a', 'Expect: more'), 417],
  ] as const) {
    const received = await sendRaw(t, app.url, rename(`${name} 1`) + rename(name) + behind);
    const seen = statuses(received);
    // A request after the one that closed the connection needs no response.
    assert.ok(
      seen.join().startsWith('200') && (seen.at(-1) === status || seen.at(-1) === 200),
      `${name}: ${seen}`,
    );
    assert.ok(
      seen.every((each, i) => each === 200 || i === seen.length - 1),
      `${name}: ${seen}`,
    );
    await nameIs(name);
  }
});

const upgrade = (...protocol: readonly string[]) =>
  headerText('GET /api/v2/users/1 HTTP/1.1', 'Host: a', ...protocol);

for (const [what, fields] of [
  ['WebSocket', ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']],
  [
    'h2c',
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'],
  ],
  ['several protocols', ['Upgrade: foo/2, bar', 'connection: keep-alive, upgrade']],
  ['a protocol that no Connection names', ['Upgrade: websocket']],
] as const)
  test(`answers a request to upgrade to ${what} as if it did not ask, and those behind it`, async (t) => {
    const { app, auth, rename, nameIs } = await startCaller(t);
    const request = upgrade(auth, ...fields);
    const received = await sendRaw(
      t,
      app.url,
      rename('before') + request + rename('behind') + request + last,
    );
    assert.deepEqual(statuses(received), [200, 200, 200, 200, 200]);
    assert.match(answers(received)[1]!.text, /^\{"data":\{"id":"1"/);
    await nameIs('behind');
  });

test('reads the body of a request to upgrade, answers, and closes', async (t) => {
  const { app, rename, nameIs } = await startCaller(t);
  for (const framing of [[], ['Transfer-Encoding: chunked']]) {
    const name = `upgraded ${framing}`;
    const received = await sendRaw(
      t,
      app.url,
      rename(name, 'Connection: Upgrade', 'Upgrade: h2c', ...framing) + live,
    );
    assert.equal(statuses(received)[0], 200);
    await nameIs(name);
  }
});

test('refuses a request to upgrade like any other', async (t) => {
  const { app } = await startCaller(t);
  const fields = ['Connection: Upgrade, close', 'Upgrade: websocket'];
  assertError(readAnswer(await sendRaw(t, app.url, upgrade(...fields))), 401, 'invalid_auth_token');
});

test('outlives clients that go away in the middle of an upgrade or a tunnel', async (t) => {
  const { app, rename } = await startCaller(t);
  for (const bytes of [
    rename('first') + upgrade('Connection: Upgrade', 'Upgrade: websocket'),
    rename('first') + headerText('CONNECT a:80 HTTP/1.1', 'Host: a'),
  ]) {
    const { socket, closed } = await openSocket(t, app.url);
    await new Promise((sent) => socket.write(bytes, sent));
    socket.resetAndDestroy();
    await closed;
  }
  assert.equal((await app.request('GET', '/health/live')).status, 200);
});

test('answers CONNECT with 501, and closes', async (t) => {
  const { app, auth } = await startCaller(t);
  for (const target of ['a:80', 'localhost:443', '[::1]:1']) {
    const received = await sendRaw(
      t,
      app.url,
      headerText(`CONNECT ${target} HTTP/1.1`, 'Host: a', auth) + live,
    );
    assert.deepEqual(statuses(received), [501]);
    assertError(readAnswer(received), 501, 'not_implemented');
    assert.equal(readAnswer(received).headers.get('connection'), 'close');
  }
});

test('names the methods of the server to OPTIONS *', async (t) => {
  for (const settings of [{}, { corsOrigins: 'https://app.example.com' }]) {
    const { app } = await startCaller(t, settings);
    const star = (method: string) => headerText(`${method} * HTTP/1.1`, 'Host: a', 'Connection: close');
    const answer = readAnswer(await sendRaw(t, app.url, star('OPTIONS')));
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('allow'), 'HEAD, GET, POST, OPTIONS, PATCH, DELETE, PUT');
    assertError(readAnswer(await sendRaw(t, app.url, star('GET'))), 404, 'record_not_found');
  }
});

test('takes the path of a URL in absolute form for every method', async (t) => {
  const { app, auth } = await startCaller(t);
  const ask = async (method: string, target: string) =>
    readAnswer(
      await sendRaw(
        t,
        app.url,
        headerText(`${method} ${target} HTTP/1.1`, 'Host: a', auth, 'Connection: close'),
      ),
    );
  assert.equal((await ask('GET', 'http://a/api/v2/users/1?fields[users]=email')).status, 200);
  assert.equal((await ask('GET', 'HTTPS://a:1/api/v2/users')).status, 200);
  assert.equal((await ask('OPTIONS', 'http://a/api/v2/users')).status, 204);
  assertError(await ask('PUT', 'http://a/api/v2/users'), 405, 'method_not_allowed');
  for (const target of ['http://a', 'http://a?b=c', 'http://a/nowhere', 'ftp://a/api/v2/users'])
    assertError(await ask('GET', target), 404, 'record_not_found');
});

test('reads chunks with extensions and trailers, and takes no trailer for a header', async (t) => {
  const { app, auth, rename, nameIs } = await startCaller(t);
  const request = rename('trailed', 'Transfer-Encoding: chunked')
    .replace(/\r\n\{/, ';name=value;other="a b"\r\n{')
    .replace(/0\r\n\r\n$/, `0;end\r\nX-Auth-Token: invalid\r\nX-Other: ${auth}\r\n\r\n`);
  assert.deepEqual(statuses(await sendRaw(t, app.url, request + last)), [200, 200]);
  await nameIs('trailed');
});

test('refuses chunk extensions and trailers that never end', async (t) => {
  const { app, rename, nameIs } = await startCaller(t);
  const request = rename('too long', 'Transfer-Encoding: chunked');
  const extension = request.replace(/\r\n\{/, `;${'a'.repeat(20_000)}\r\n{`);
  assertError(readAnswer(await sendRaw(t, app.url, extension)), 413, 'payload_too_large');
  const trailer = request.replace(/0\r\n\r\n$/, `0\r\nX-A: ${'a'.repeat(200_000)}\r\n\r\n`);
  assertError(readAnswer(await sendRaw(t, app.url, trailer)), 431, 'headers_too_large');
  await nameIs('name');
});

test('goes on after Expect: 100-continue, and ignores it in HTTP/1.0', async (t) => {
  const { app, rename } = await startCaller(t);
  const request = rename('continued', 'Expect: 100-Continue', 'Connection: close');
  const received = await sendRaw(t, app.url, request);
  assert.match(received, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  const old = await sendRaw(t, app.url, headerText('GET /health/live HTTP/1.0', 'Expect: a miracle'));
  assert.equal(readAnswer(old).status, 200);
});

test('gives a request whose body breaks off one answer alone', async (t) => {
  const { app, auth } = await startCaller(t);
  const chunked = ['Host: a', `Content-Type: ${mediaType}`, 'Transfer-Encoding: chunked'];
  for (const fields of [chunked, [...chunked, auth]]) {
    const received = await sendRaw(
      t,
      app.url,
      `${headerText('PATCH /api/v2/users/1 HTTP/1.1', ...fields)}xyz\r\n`,
    );
    assert.equal(answers(received).length, 1, received);
  }
});
