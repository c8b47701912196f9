// B9 and B10: what is too large, and what is compressed, is refused with an answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, openSocket, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { document, mediaType, startApp } from '../../support/start-app.ts';

/** No response repeats the oversized input. */
const marker = 'never-to-be-echoed';

onEachEngine((engine) => {
  test('B9 refuses a body of two megabytes with 413', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const body = document({ first_name: marker.padEnd(2_000_000, 'x') });
    const answer = await app.request('PATCH', path, { token, body });
    assertError(answer, 413, 'payload_too_large');
    assert.ok(!answer.text.includes(marker));
    assert.equal((await app.request('GET', path, { token })).body.data.attributes.first_name, 'name');
  });

  test('B9 refuses a body whose length is not told beforehand as soon as it is too long', async (t) => {
    const app = await startApp(t, engine, { maxBodyBytes: '1024' });
    const { id, token } = await app.createUser();
    const connection = await openSocket(t, app.url);
    connection.socket.write(patchHeader(id, token, 'Transfer-Encoding: chunked'));
    connection.socket.write(`800\r\n${marker.padEnd(2048, 'x')}\r\n`);
    // The last chunk never comes.
    const answer = readAnswer(await connection.until(/\]\}$/));
    assertError(answer, 413, 'payload_too_large');
    assert.ok(!answer.text.includes(marker));
  });

  test('B9 refuses a body by its announced length, before any of it has come', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const connection = await openSocket(t, app.url);
    connection.socket.write(patchHeader(id, token, 'Content-Length: 2000000'));
    assertError(readAnswer(await connection.until(/\]\}$/)), 413, 'payload_too_large');
  });

  test('B9 takes a body of just the largest size', async (t) => {
    const app = await startApp(t, engine, { maxBodyBytes: '1024' });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const text = JSON.stringify(document({ first_name: 'Ann' }));
    const largest = await app.request('PATCH', path, { token, body: text.padEnd(1024) });
    assert.equal(largest.status, 200);
    assert.equal(largest.body.data.attributes.first_name, 'Ann');
    assertError(
      await app.request('PATCH', path, { token, body: text.padEnd(1025) }),
      413,
      'payload_too_large',
    );
  });

  test('B9 asks who it is before it reads a body that is too large', async (t) => {
    const app = await startApp(t, engine);
    const connection = await openSocket(t, app.url);
    connection.socket.write(patchHeader(1, 'invalid', 'Content-Length: 2000000'));
    assertError(readAnswer(await connection.until(/\]\}$/)), 401, 'invalid_auth_token');
    // Otherwise the server would wait for the rest of the body before it stops.
    connection.socket.destroy();
  });

  for (const bytes of [20_000, 60_000]) {
    test(`B9 refuses a URL of ${bytes} bytes with 414`, async (t) => {
      const app = await startApp(t, engine);
      const received = await sendRaw(t, app.url, withLongUrl(bytes));
      assertError(readAnswer(received), 414, 'uri_too_long');
      assert.ok(!received.includes(marker));
    });

    test(`B9 refuses a header of ${bytes} bytes with 431`, async (t) => {
      const app = await startApp(t, engine);
      const received = await sendRaw(t, app.url, withLongField(bytes));
      assertError(readAnswer(received), 431, 'headers_too_large');
      assert.ok(!received.includes(marker));
    });
  }

  // Above the parser's own limit the two cannot be distinguished.
  for (const bytes of [200_000, 1_000_000]) {
    test(`B9 refuses a URL or a header of ${bytes} bytes with an answer of the one kind or the other`, async (t) => {
      const app = await startApp(t, engine);
      for (const request of [withLongUrl(bytes), withLongField(bytes)]) {
        const received = await sendRaw(t, app.url, request);
        const answer = readAnswer(received);
        if (answer.status === 414) assertError(answer, 414, 'uri_too_long');
        else assertError(answer, 431, 'headers_too_large');
        assert.ok(!received.includes(marker));
      }
    });
  }

  test('B9 refuses a query that makes the URL too long, and takes one of just the largest size', async (t) => {
    const app = await startApp(t, engine, { maxUrlBytes: '256' });
    const { token } = await app.createUser();
    const url = '/api/v2/users?filter[first_name]=';
    assert.equal((await app.request('GET', url.padEnd(256, 'x'), { token })).status, 200);
    assertError(await app.request('GET', url.padEnd(257, 'x'), { token }), 414, 'uri_too_long');
  });

  test('B9 refuses many small fields that are too much together', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const fields = Array.from({ length: 1000 }, (_, i) => `X-${i}: ${marker}`);
    const request = headerText(
      'GET /api/v2/users HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      `X-Auth-Token: ${token}`,
      ...fields,
    );
    const received = await sendRaw(t, app.url, request);
    assertError(readAnswer(received), 431, 'headers_too_large');
    assert.ok(!received.includes(marker));
  });

  test('B10 refuses a compressed body with 415, and says that only a plain one will do', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const plain = Buffer.from(JSON.stringify(document({ first_name: 'Ann' })));
    const codings = {
      gzip: gzipSync,
      'x-gzip': gzipSync,
      GZIP: gzipSync,
      deflate: deflateSync,
      br: brotliCompressSync,
    };
    for (const [coding, compress] of Object.entries(codings)) {
      const response = await fetch(app.url + path, {
        method: 'PATCH',
        headers: { 'X-Auth-Token': token, 'Content-Type': mediaType, 'Content-Encoding': coding },
        body: compress(plain),
      });
      const answer = { status: response.status, headers: response.headers, text: await response.text() };
      assertError(answer, 415, 'unsupported_media_type');
      assert.equal(answer.headers.get('accept-encoding'), 'identity', coding);
    }
    assert.equal((await app.request('GET', path, { token })).body.data.attributes.first_name, 'name');

    const identity = await app.request('PATCH', path, {
      token,
      headers: { 'Content-Encoding': 'identity' },
      body: plain.toString(),
    });
    assert.equal(identity.status, 200);
    assert.equal(identity.body.data.attributes.first_name, 'Ann');
  });
});

function withLongUrl(bytes: number): string {
  const path = `/api/v2/${marker}`.padEnd(bytes, 'x');
  return headerText(`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close');
}

function withLongField(bytes: number): string {
  const field = `X-Much: ${marker}`.padEnd(bytes, 'x');
  return headerText('GET /api/v2/users HTTP/1.1', 'Host: localhost', 'Connection: close', field);
}

function patchHeader(id: number, token: string, framing: string): string {
  return headerText(
    `PATCH /api/v2/users/${id} HTTP/1.1`,
    'Host: localhost',
    `X-Auth-Token: ${token}`,
    `Content-Type: ${mediaType}`,
    framing,
  );
}
