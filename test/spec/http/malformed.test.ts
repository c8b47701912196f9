// Bodies and requests that are known to break servers, as bytes on a real socket: the seeds of section E8 of the
// standards checklist. Each gets a response other than 5xx, and changes nothing.

import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../../../src/errors.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { openSocket, type RawAnswer, readAnswer } from '../../support/raw-socket.ts';
import { mediaType, startApp } from '../../support/start-app.ts';

const deep = 300_000;
const withName = (json: string) => `{"data":{"type":"users","attributes":{"first_name":${json}}}}`;
const withPreferences = (json: string) => `{"data":{"type":"users","attributes":{"preferences":${json}}}}`;
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const malformed: readonly (readonly [title: string, body: Buffer | string])[] = [
  [`${deep} nested arrays, never closed`, '['.repeat(deep)],
  [`${deep} nested arrays`, '['.repeat(deep) + ']'.repeat(deep)],
  [`${deep} nested arrays as preferences`, withPreferences('['.repeat(deep) + ']'.repeat(deep))],
  ['200,000 nested objects', withPreferences(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`)],
  ['65 levels', withPreferences(`${'['.repeat(62)}1${']'.repeat(62)}`)],
  ['a byte order mark alone', bytes([0xef, 0xbb, 0xbf])],
  ['two byte order marks', bytes([0xef, 0xbb, 0xbf], [0xef, 0xbb, 0xbf], withName('"Ann"'))],
  ['a byte order mark behind a space', ` \ufeff${withName('"Ann"')}`],
  ['UTF-16 without a byte order mark', Buffer.from(withName('"Ann"'), 'utf16le')],
  ['UTF-16', Buffer.from(`\ufeff${withName('"Ann"')}`, 'utf16le')],
  ['a byte that is no UTF-8', bytes('{"data":{"type":"users","attributes":{"first_name":"', [0xff], '"}}}')],
  ['an overlong NUL', bytes('{"data":{"type":"users","attributes":{"first_name":"', [0xc0, 0x80], '"}}}')],
  ['a surrogate as UTF-8', bytes(withName('"').slice(0, -3), [0xed, 0xa0, 0x80], '"}}}')],
  ['a character cut in two', bytes(withName('"').slice(0, -3), [0xe2, 0x82], '"}}}')],
  ['1e400 as a name', withName('1e400')],
  ['1e400 in preferences', withPreferences('{"a":[-1e400]}')],
  ['a number of 100,000 digits', withPreferences('9'.repeat(100_000))],
  ['a raw NUL in a string', withName('"a\u0000b"')],
  ['a raw line break in a string', withName('"a\nb"')],
  ['NaN', withName('NaN')],
  ['single quotes', "{'data':{'type':'users'}}"],
  ['a trailing comma', '{"data":{"type":"users"},}'],
  ['a comment', '{"data":{"type":"users"}} // Ann'],
  ['two documents', '{"data":{"type":"users"}}{"data":{"type":"users"}}'],
  ['half an escape', withName('"\\u12"')],
  ['an open string', '{"data":{"type":"users'],
  ['nothing', ''],
  ['white space', ' \r\n\t '],
  ['null', 'null'],
  ['true', 'true'],
  ['a string', '"data"'],
  ['a number', '1'],
  ['an array', '[{"type":"users"}]'],
  ['an empty object', '{}'],
  ['data twice, the second null', '{"data":{"type":"users"},"data":null}'],
  ['bulk data', '{"data":[{"type":"users","attributes":{"first_name":"Ann"}}]}'],
  ['no type', '{"data":{"attributes":{"first_name":"Ann"}}}'],
  ['a type that is no string', '{"data":{"type":["users"]}}'],
  ['an id that is a number', '{"data":{"type":"users","id":1}}'],
  ['attributes that are an array', '{"data":{"type":"users","attributes":[]}}'],
  [
    'attributes that are a number kept as text',
    '{"data":{"type":"users","attributes":1234567890.12345678901}}',
  ],
  ['a document that is a number kept as text', '1234567890.123456789012345678901234567890'],
  ['relationships that are a string', '{"data":{"type":"users","relationships":"x"}}'],
];

/** Well-formed, but refused for their content. */
const refused: readonly (readonly [title: string, body: string, status: number, code: ErrorCode])[] = [
  ['a lone surrogate', withName('"\\ud800"'), 422, 'invalid_attribute'],
  ['a surrogate pair the wrong way round', withName('"\\udc00\\ud800"'), 422, 'invalid_attribute'],
  ['an escaped NUL', withName('"\\u0000"'), 422, 'invalid_attribute'],
  [
    '__proto__ as an attribute',
    '{"data":{"type":"users","attributes":{"__proto__":{}}}}',
    422,
    'invalid_attribute',
  ],
  [
    'constructor as an attribute',
    '{"data":{"type":"users","attributes":{"constructor":1}}}',
    422,
    'invalid_attribute',
  ],
  ['a name that is a huge integer', withName('123456789012345678901234567890'), 422, 'invalid_attribute'],
  [
    'a flag that is null, and __proto__',
    '{"data":{"type":"users","attributes":{"__proto__":null,"first_name":null}}}',
    422,
    'invalid_attribute',
  ],
  ['a huge id', `{"data":{"type":"users","id":"${'9'.repeat(1000)}"}}`, 409, 'resource_conflict'],
  ['an id with a sign', '{"data":{"type":"users","id":"+1"}}', 409, 'resource_conflict'],
  ['a huge type', `{"data":{"type":"${'users'.repeat(10_000)}"}}`, 409, 'resource_conflict'],
  ['__proto__ as a type', '{"data":{"type":"__proto__"}}', 409, 'resource_conflict'],
];

/** If the server hangs, the test fails with this reason. */
const hangMs = 120_000;

/** @returns undefined if the server closes the connection without a response */
async function answerTo(
  t: TestContext,
  url: string,
  sent: Uint8Array,
  isWhole = true,
): Promise<RawAnswer | undefined> {
  const connection = await openSocket(t, url);
  const deadline = setTimeout(() => connection.socket.destroy(new Error('The server did not close')), hangMs);
  connection.socket.write(sent);
  // The server waits for the rest of a request until the client closes its side.
  const end = isWhole ? undefined : setTimeout(() => connection.socket.end(), 100);
  const received = await connection.closed;
  clearTimeout(deadline);
  clearTimeout(end);
  assert.equal(connection.socket.errored?.message ?? '', '');
  if (received === '') return undefined;
  const answer = readAnswer(received);
  // The remaining bytes may have been a second request with its own response.
  return { ...answer, text: answer.text.slice(0, Number(answer.headers.get('content-length') ?? 0)) };
}

/** An error response with any code. */
function assertRefusal(answer: RawAnswer): void {
  assert.match(answer.text, /^\{"errors":\[\{/, `${answer.status} ${answer.text}`);
  assertError(answer, answer.status, JSON.parse(answer.text).errors[0].code as ErrorCode);
}

const head = (...lines: string[]) =>
  Buffer.from([...lines, 'Connection: close', '', ''].join('\r\n'), 'latin1');

onEachEngine((engine) => {
  test('E8 answers 400 to every body that is no document', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const before = await app.store.read.records(users).find(id);
    for (const [title, body] of malformed) {
      await t.test(`E8 answers 400 to a body of ${title}`, async (t) => {
        const content = Buffer.from(body as string);
        for (const line of [
          `PATCH /api/v2/users/${id} HTTP/1.1`,
          'POST /api/v2/users HTTP/1.1',
          `PATCH /api/v2/users/${id}/update_password HTTP/1.1`,
        ]) {
          const request = head(
            line,
            'Host: localhost',
            `X-Auth-Token: ${token}`,
            `Content-Type: ${mediaType}`,
            `Content-Length: ${content.length}`,
          );
          const answer = await answerTo(t, app.url, Buffer.concat([request, content]));
          assertError(answer!, 400, 'malformed_document');
        }
        assert.deepEqual(await app.store.read.records(users).find(id), before);
        assert.equal((await app.store.read.records(users).state()).rowCount, 1);
      });
    }
  });

  test('E8 refuses every document that is well-formed and not right', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const before = await app.store.read.records(users).find(id);
    for (const [title, body, status, code] of refused) {
      await t.test(`E8 answers ${status} to a body of ${title}`, async () => {
        assertError(await app.request('PATCH', `/api/v2/users/${id}`, { token, body }), status, code);
        assert.deepEqual(await app.store.read.records(users).find(id), before);
        assert.equal(({} as any).first_name, undefined);
      });
    }
  });

  for (const json of [
    `${'['.repeat(61)}1${']'.repeat(61)}`,
    '[12345678901234567890,0.1234567890123456789,9007199254740993]',
    '[1e-400,-0,-1e-999]',
    '{"b":1,"a":2,"__proto__":3}',
    '"\\u0000\\ud800"',
  ]) {
    test(`E8 keeps ${json.slice(0, 60)} as it is in preferences`, async (t) => {
      const app = await startApp(t, engine);
      const { id, token } = await app.createUser();
      const path = `/api/v2/users/${id}`;
      const answer = await app.request('PATCH', path, { token, body: withPreferences(json) });
      assert.equal(answer.status, 200, answer.text);
      for (const { text } of [answer, await app.request('GET', path, { token })]) {
        const [, kept] = /"preferences":(.*),"sysadmin":/.exec(text)!;
        assert.equal(kept, json);
      }
    });
  }

  test('E8 of a key given twice takes one, and not a mixture', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const twice = '{"data":{"type":"users","attributes":{"first_name":"Ann","first_name":"Bob"}}}';
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, { token, body: twice });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.data.attributes.first_name, 'Bob');
  });

  test('E8 answers every method that the parser knows, with and without a body', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const before = await app.store.read.records(users).find(id);
    // Node closes the connection of a CONNECT without a listener.
    for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
      for (const path of ['/api/v2/users', `/api/v2/users/${id}`, '/health/live', '/nowhere']) {
        for (const fields of [
          [],
          ['Content-Length: 2'],
          ['Content-Length: 2', `Content-Type: ${mediaType}`],
          ['Content-Length: 2', 'Content-Type: nonsense'],
        ]) {
          const request = head(
            `${method} ${path} HTTP/1.1`,
            'Host: localhost',
            `X-Auth-Token: ${token}`,
            ...fields,
          );
          const sent = Buffer.concat([request, Buffer.from(fields.length > 0 ? '{}' : '')]);
          const answer = (await answerTo(t, app.url, sent))!;
          const cell = `${method} ${path} ${fields.join()}`;
          assert.ok(answer.status < 500 || answer.status === 501, `${cell}: ${answer.status}`);
          if (answer.status >= 400 && method !== 'HEAD') assertRefusal(answer);
        }
      }
    }
    assert.deepEqual(await app.store.read.records(users).find(id), before);
  });

  test('E8 answers requests of odd methods, targets and headers', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const auth = `X-Auth-Token: ${token}`;
    const host = 'Host: localhost';
    const before = await app.store.read.records(users).find(id);
    for (const [sent, statuses] of [
      [head(`FOO /api/v2/users/${id} HTTP/1.1`, host, auth), [501]],
      [head(`get /api/v2/users/${id} HTTP/1.1`, host, auth), [501]],
      [head(`${'X'.repeat(5000)} /api/v2/users HTTP/1.1`, host, auth), [501]],
      [head(`TRACE /api/v2/users/${id} HTTP/1.1`, host, auth), [405, 501]],
      [head(`PUT /api/v2/users/${id} HTTP/1.1`, host, auth), [405]],
      [head('GET /api/v2/users/%zz HTTP/1.1', host, auth), [404]],
      [head('GET /api/v2/users/a b HTTP/1.1', host, auth), [400]],
      [head('GET /api/v2/users/\u00e4\u00ff HTTP/1.1', host, auth), [400, 404]],
      [head('GET http://elsewhere/api/v2/users HTTP/1.1', host, auth), [200, 400, 404]],
      [head('GET * HTTP/1.1', host, auth), [400, 404]],
      [head('GET //api/v2/users HTTP/1.1', host, auth), [404]],
      [head('GET /api/v2/../v2/users HTTP/1.1', host, auth), [404]],
      [head('GET /api/v2/users HTTP/9.9', host, auth), [400, 505]],
      [head('GET /api/v2/users HTTP/1.1', host, auth, 'no colon'), [400]],
      [head('GET /api/v2/users HTTP/1.1', host, auth, 'X-Odd: a\u0000b'), [400]],
      [head('GET /api/v2/users HTTP/1.1', host, auth, 'Content-Length: -1'), [400]],
      [head('GET /api/v2/users HTTP/1.1', host, auth, 'Content-Length: 1, 2'), [400]],
      [head('GET /api/v2/users HTTP/1.1', host, auth, 'Expect: the unexpected'), [200, 417]],
      [head(`PATCH /api/v2/users/${id} HTTP/1.1`, host, auth, 'Transfer-Encoding: odd'), [400, 415, 501]],
      [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), [400, 501, 505]],
      [Buffer.from('GET /\r\n\r\n'), [505]],
      [Buffer.from([0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x00]), [400, 501]],
      [Buffer.from('\r\n\r\n\r\n\u0000\u0000'), [400, 501]],
    ] as const) {
      const answer = await answerTo(t, app.url, sent);
      const line = sent.toString('latin1').split('\r\n', 1)[0]!.slice(0, 60);
      assert.ok(answer, `${line}: no answer`);
      assert.ok((statuses as readonly number[]).includes(answer.status), `${line}: ${answer.status}`);
      if (answer.status >= 400) assertRefusal(answer);
    }
    assert.deepEqual(await app.store.read.records(users).find(id), before);
  });

  test('E8 answers, or closes on, any bytes and any request with bytes changed', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const whole = Buffer.concat([
      head(`PATCH /api/v2/users/${id} HTTP/1.1`, 'Host: a', `X-Auth-Token: ${token}`, 'Content-Length: 19'),
      Buffer.from('{"data":{"type":1}}'),
    ]);
    const before = await app.store.read.records(users).find(id);
    const put = fc.uint8Array({ maxLength: 4 });
    const mutated = fc.tuple(fc.nat(whole.length), fc.nat(6), put).map(([at, drop, bytesPut]) => {
      return Buffer.concat([whole.subarray(0, at), bytesPut, whole.subarray(at + drop)]);
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 200 }), mutated), async (sent) => {
        const answer = await answerTo(t, app.url, sent, false);
        if (answer === undefined) return;
        assert.ok(answer.status < 500 || [501, 505].includes(answer.status), answer.text);
        assertRefusal(answer);
      }),
      { numRuns: 200, interruptAfterTimeLimit: 6000, markInterruptAsFailure: false },
    );
    assert.deepEqual(await app.store.read.records(users).find(id), before);
    assert.equal((await app.request('GET', `/api/v2/users/${id}`, { token })).status, 200);
  });
});
