// Every error that Fastify can raise: those that a request can cause have their own response, all others are a bare
// 500.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodes } from 'fastify';
import { loggedPaths } from '../../../src/http/logged-paths.ts';
import { frameworkErrors } from '../../../src/http/respond.ts';
import { assertError } from '../../support/assert-error.ts';
import { engines } from '../../support/engines.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { mediaType, startApp } from '../../support/start-app.ts';

const engine = engines[0]!;
const long = 'x'.repeat(8193);

/** Requests, by the Fastify error that they cause. */
const requests: Readonly<
  Record<string, readonly (readonly [status: number, code: string, ...lines: string[]])[]>
> = {
  FST_ERR_NOT_FOUND: [[404, 'record_not_found', 'GET /nowhere HTTP/1.1']],
  FST_ERR_BAD_URL: [
    [404, 'record_not_found', 'GET /api/v2/users/%zz HTTP/1.1'],
    [404, 'record_not_found', 'PATCH /api/v2/users/%c3%28/update_password HTTP/1.1'],
    [414, 'uri_too_long', `GET /api/v2/users/%zz${long} HTTP/1.1`],
  ],
  FST_ERR_MAX_PARAM_LENGTH: [
    [414, 'uri_too_long', `GET /api/v2/users/${long} HTTP/1.1`],
    [414, 'uri_too_long', `DELETE /api/v2/users/${long}?token=secret HTTP/1.1`],
    [414, 'uri_too_long', `PATCH /api/v2/users/${long}/update_password HTTP/1.1`],
    [414, 'uri_too_long', `OPTIONS /api/v2/users/${long} HTTP/1.1`],
    [414, 'uri_too_long', `GET /api/v2/users/${'%61'.repeat(3000)} HTTP/1.1`],
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    [
      413,
      'payload_too_large',
      'PATCH /api/v2/users/1 HTTP/1.1',
      `Content-Type: ${mediaType}`,
      'Content-Length: 2000000',
    ],
  ],
  FST_ERR_CTP_EMPTY_TYPE: [
    [415, 'unsupported_media_type', 'PATCH /api/v2/users/1 HTTP/1.1', 'Content-Type:', 'Content-Length: 2'],
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    [415, 'unsupported_media_type', 'PATCH /api/v2/users/1 HTTP/1.1', 'Content-Length: 2'],
    [
      415,
      'unsupported_media_type',
      'PATCH /api/v2/users/1 HTTP/1.1',
      'Content-Type: ;;',
      'Content-Length: 2',
    ],
    [404, 'record_not_found', 'POST /nowhere HTTP/1.1', 'Content-Type: ;;', 'Content-Length: 2'],
  ],
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: [[405, 'method_not_allowed', 'QUERY /api/v2/users HTTP/1.1']],
  FST_ERR_ROUTE_MISSING_CONTENT: [
    [405, 'method_not_allowed', 'QUERY /api/v2/users HTTP/1.1', `Content-Type: ${mediaType}`],
  ],
};

/** Raised at the start, before there is a request. */
const atStart =
  /^FST_ERR_(OPTIONS|QSP|SCHEMA|SCH|AJV|LISTEN|ERROR_HANDLER|DEC|HOOK|MISSING_MIDDLEWARE|LOG|INIT|FORCE_CLOSE|DUPLICATED|INVALID_URL|REOPENED|INSTANCE|PLUGIN|ROOT|PARENT|CTP_(ALREADY|INVALID_(TYPE|HANDLER|PARSE_TYPE)|INSTANCE)|ROUTE_(OPTIONS|DUPLICATED|HANDLER|MISSING_HANDLER|METHOD|LOG|BODY|REWRITE))/;

/**
 * Errors of features that are not used: request schemas, JSON by Fastify, streams, trailers, constraints, handler
 * timeouts.
 */
const unused =
  /^FST_ERR_(VALIDATION|CTP_(EMPTY|INVALID)_JSON_BODY|REP_|SEND_|BAD_STATUS_CODE|BAD_TRAILER|FAILED_ERROR|MISSING_(CONTENTTYPE_)?SERIALIZATION|REQ_INVALID|ASYNC_CONSTRAINT)/;

/** Node's parser refuses these requests before, or another test with a running clock covers them. */
const kept = ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'FST_ERR_HANDLER_TIMEOUT'];

test('every error of the framework is known: by a request, or as one that no request causes', () => {
  const unknown = Object.keys(errorCodes).filter(
    (code) =>
      !Object.hasOwn(requests, code) && !atStart.test(code) && !unused.test(code) && !kept.includes(code),
  );
  assert.deepEqual(unknown, []);
  assert.deepEqual(Object.keys(frameworkErrors).sort(), [...Object.keys(requests), ...kept].sort());
});

test('each error that a request can cause has its own answer, and one line in the log', async (t) => {
  const app = await startApp(t, engine);
  const { token } = await app.createUser();
  for (const [cause, cases] of Object.entries(requests)) {
    for (const [status, code, line, ...fields] of cases) {
      const request = headerText(line!, 'Host: a', 'Connection: close', `X-Auth-Token: ${token}`, ...fields);
      const received = await sendRaw(t, app.url, `${request}{}`);
      const answer = readAnswer(received);
      assert.equal(answer.status, status, `${cause}: ${received.slice(0, 500)}`);
      assertError(answer, status, code as never);
      assert.ok(received.length < 1000, cause);
    }
  }
  await app.close();
  assert.equal(app.log.length, Object.values(requests).flat().length);
  for (const line of app.log) {
    assert.equal(line.level, 30, JSON.stringify(line));
    assert.ok(JSON.stringify(line).length < 400, JSON.stringify(line));
  }
  assert.doesNotMatch(JSON.stringify(app.log), /x{21}|%61%61|secret/);
});

test('an error that nobody foresaw is a bare 500, and its line in the log masks the path', async (t) => {
  const app = await startApp(t, engine);
  const { token } = await app.createUser({ sysadmin: true, values: { sysadmin_permissions: 'no JSON' } });
  const secret = 's3cret'.repeat(8);
  const path = `/api/v2/users/${secret}?filter[email]=${secret}`;
  assertError(await app.request('GET', path, { token }), 500, 'server_error');
  await app.close();
  const [failure, ...others] = app.log.filter(({ level }) => level === 50);
  assert.deepEqual(others, []);
  assert.equal(failure!.method, 'GET');
  assert.equal(failure!.path, '/api/v2/users/…');
  assert.doesNotMatch(JSON.stringify(app.log), /s3crets3cret/);
});

const { path: loggedPath, error: loggedError } = loggedPaths([]);

test('the log masks what is as long as a token in a path, however it is written', () => {
  const secret = 'abcdefghijklmnopqrstuvwxyz';
  const encoded = Array.from(secret, (char) => `%${char.charCodeAt(0).toString(16)}`).join('');
  for (const text of [
    secret,
    encoded,
    `${secret}%2F${secret}`,
    `%3Ftoken=${secret}`,
    `#${secret}`,
    `;t=${secret}`,
  ]) {
    assert.equal(loggedPath(`/api/v2/passwords/${text}?token=${secret}`), '/api/v2/passwords/…');
    assert.equal(loggedPath(`/${text}/${text}/a`), '/…/…/a');
  }
  // Truncation does not leave the beginning of a secret.
  for (let length = 150; length < 220; length++)
    assert.doesNotMatch(loggedPath(`${'/a'.repeat(length / 2)}/${secret}`), /abc/);
  assert.equal(loggedPath('ftp://ann:secret@host/a'), '…');
  assert.ok(loggedPath('/a'.repeat(4000)).length < 250);
  assert.equal(loggedPath('/api/v2/users/9007199254740991'), '/api/v2/users/9007199254740991');
});

test('the log masks the URL in messages, stacks and causes of errors', () => {
  const secret = 'abcdefghijklmnop/qrstuvwxyz';
  const encoded = encodeURIComponent(secret);
  const url = `/api/v2/passwords/${encoded}?filter[email]=ann%40email.com`;
  const cause = new Error(`cannot find ${secret} for ann@email.com`);
  for (const message of [
    `no ${secret}`,
    `no ${encoded}`,
    `no ${url}`,
    'no ann@email.com',
    'no ann%40email.com',
  ]) {
    const logged = JSON.stringify(loggedError(new Error(message, { cause }), url));
    assert.doesNotMatch(logged, /abcdef|ann@|ann%40/, message);
    assert.match(logged, /framework-errors\.test/);
    assert.match(logged, /cannot find/);
  }
  assert.deepEqual(loggedError('thrown text', '/'), { type: 'string' });
});
