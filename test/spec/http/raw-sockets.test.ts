// B17: requests that no client library would send are refused, and their connection is closed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, openSocket, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { document, mediaType, startApp } from '../../support/start-app.ts';

const body = JSON.stringify(document({ first_name: 'smuggled' }));

/** Each begins after the request line; text after the header is sent unchanged. */
const ambiguous: Readonly<Record<string, (token: string) => string>> = {
  'a length and chunks': (token) =>
    patch(token, `Content-Length: ${body.length}`, 'Transfer-Encoding: chunked') + chunked(body),
  'chunks and a length': (token) =>
    patch(token, 'Transfer-Encoding: chunked', `Content-Length: ${body.length}`) + chunked(body),
  'two lengths that differ': (token) =>
    patch(token, `Content-Length: ${body.length}`, 'Content-Length: 5') + body,
  'two lengths that agree': (token) =>
    patch(token, `Content-Length: ${body.length}`, `Content-Length: ${body.length}`) + body,
  'a list of lengths': (token) => patch(token, `Content-Length: ${body.length}, ${body.length}`) + body,
  'a length that is no number': (token) => patch(token, 'Content-Length: 5x') + body,
  'a negative length': (token) => patch(token, 'Content-Length: -1') + body,
  'chunks that are not the last coding': (token) =>
    patch(token, 'Transfer-Encoding: chunked, gzip') + chunked(body),
  'a chunk whose size is no number': (token) =>
    `${patch(token, 'Transfer-Encoding: chunked')}xyz\r\n${body}\r\n0\r\n\r\n`,
};

const malformed: Readonly<Record<string, string>> = {
  'no Host': headerText('GET /api/v2/users HTTP/1.1'),
  'two Hosts': headerText('GET /api/v2/users HTTP/1.1', 'Host: a.example.com', 'Host: b.example.com'),
  'the same Host twice': headerText(
    'GET /api/v2/users HTTP/1.1',
    'Host: a.example.com',
    'host: a.example.com',
  ),
  'two Hosts in HTTP/1.0': headerText('GET /api/v2/users HTTP/1.0', 'Host: a', 'Host: b'),
  'no Host on an unknown path': headerText('GET /nowhere HTTP/1.1'),
  'a field without a colon': headerText('GET /api/v2/users HTTP/1.1', 'Host: localhost', 'nonsense'),
  'a space before the colon': headerText('GET /api/v2/users HTTP/1.1', 'Host : localhost'),
  'a NUL in a field': headerText('GET /api/v2/users HTTP/1.1', 'Host: localhost', 'X-Auth-Token: a\0b'),
  'a space in its path': headerText('GET /api/v2/users/a b HTTP/1.1', 'Host: localhost'),
  'lines that end in LF alone': 'GET /api/v2/users HTTP/1.1\nHost: localhost\n\n',
  'a field on two lines': headerText('GET /api/v2/users HTTP/1.1', 'Host: localhost', 'X-A: b', ' c'),
};

onEachEngine((engine) => {
  for (const [what, request] of Object.entries(ambiguous)) {
    test(`B17 refuses a body with ${what}, closes, and reads nothing that follows`, async (t) => {
      const app = await startApp(t, engine);
      const { id, token } = await app.createUser();
      assert.equal(id, 1);
      // A request that could be smuggled after it.
      const hidden = headerText('GET /health/live HTTP/1.1', 'Host: localhost');
      const received = await sendRaw(t, app.url, request(token) + hidden);
      assertError(readAnswer(received), 400, 'malformed_request');
      assert.equal(received.match(/^HTTP\/1\.1 /gm)?.length, 1, received);
      const { body: user } = await app.request('GET', '/api/v2/users/1', { token });
      assert.equal(user.data.attributes.first_name, 'name');
    });
  }

  for (const [what, request] of Object.entries(malformed)) {
    test(`B17 refuses a request with ${what}, and closes`, async (t) => {
      const app = await startApp(t, engine);
      const received = await sendRaw(t, app.url, request);
      const answer = readAnswer(received);
      assertError(answer, 400, 'malformed_request');
      assert.equal(answer.headers.get('connection'), 'close');
      assert.equal(received.match(/^HTTP\/1\.1 /gm)?.length, 1);
    });
  }

  test('B17 reads chunks, pieces and pipelines as HTTP means them', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const connection = await openSocket(t, app.url);
    const bytes =
      patch(token, 'Transfer-Encoding: chunked') +
      chunked(JSON.stringify(document({ first_name: 'in chunks' }))) +
      headerText('GET /health/live HTTP/1.1', 'Host: localhost', 'Connection: close');
    const [first, ...rest] = bytes.match(/[\s\S]{1,37}/g)!;
    connection.socket.write(first!);
    for (const piece of rest) await new Promise((done) => connection.socket.write(piece, done));
    const answers = (await connection.closed).split(/(?=HTTP\/1\.1 )/).map(readAnswer);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(JSON.parse(answers[0]!.text).data.attributes.first_name, 'in chunks');
    assert.equal(answers[1]!.text, '{"meta":{"status":"live"}}');
  });

  test('B17 serves HTTP/1.0 without a Host, and the absolute form of a URL', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const auth = `X-Auth-Token: ${token}`;
    const old = await sendRaw(t, app.url, headerText('GET /api/v2/users/1 HTTP/1.0', auth));
    assert.equal(readAnswer(old).status, 200);
    // RFC 9112 section 3.2.2: a server takes the absolute form, though clients send it to proxies only.
    const request = headerText(
      'GET http://localhost/api/v2/users/1 HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      auth,
    );
    const absolute = readAnswer(await sendRaw(t, app.url, request));
    assert.equal(absolute.status, 200);
    assert.equal(JSON.parse(absolute.text).data.id, '1');
  });
});

function patch(token: string, ...framing: readonly string[]): string {
  return headerText(
    'PATCH /api/v2/users/1 HTTP/1.1',
    'Host: localhost',
    `X-Auth-Token: ${token}`,
    `Content-Type: ${mediaType}`,
    ...framing,
  );
}

function chunked(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
}
