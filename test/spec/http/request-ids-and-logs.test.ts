// B15 and C13: every response can be found in the log, and no secret can.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateToken } from '../../../src/security/tokens.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const ours = /^[\w.:-]{8,128}$/;

/** Requests that no operation ever sees, as bytes for the socket. */
const refusedEarly: readonly (readonly [what: string, request: string, ...statuses: number[]])[] = [
  [
    'a path that cannot be decoded',
    headerText('GET /api/v2/users/%zz HTTP/1.1', 'Host: a', 'Connection: close'),
    404,
  ],
  [
    'a URL that is too long',
    headerText(`GET /${'x'.repeat(20_000)} HTTP/1.1`, 'Host: a', 'Connection: close'),
    414,
  ],
  ['no Host', headerText('GET /api/v2/users HTTP/1.1'), 400],
  ['two lengths', headerText('GET / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'), 400],
  ['a field without a colon', headerText('GET /api/v2/users HTTP/1.1', 'Host: a', 'nonsense'), 400],
  ['a method that HTTP does not know', headerText('FOO / HTTP/1.1', 'Host: a'), 501],
  [
    'an enormous URL',
    headerText(`GET /${'x'.repeat(200_000)} HTTP/1.1`, 'Host: a', 'Connection: close'),
    414,
    431,
  ],
  [
    'an expectation that nobody meets',
    headerText('GET /health/live HTTP/1.1', 'Host: a', 'Connection: close', 'Expect: a miracle'),
    417,
  ],
];

onEachEngine((engine) => {
  test('B15 gives every answer an id of its own', async (t) => {
    const app = await startApp(t, engine, { rateLimit: '20' });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    const answers = [
      await app.request('GET', path, { token }),
      await app.request('GET', path, { token, headers: { 'If-None-Match': etag } }),
      await app.request('HEAD', path, { token }),
      await app.request('OPTIONS', path),
      await app.request('PATCH', path, { token, body: document({ first_name: ' ' }) }),
      await app.request('GET', path),
      await app.request('PUT', path),
      await app.request('GET', '/nowhere'),
      await app.request('GET', '/health/live'),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 304, 200, 204, 422, 401, 405, 404, 200],
    );
    const ids = answers.map(({ headers }) => headers.get('x-request-id') ?? 'none');
    for (const given of ids) assert.match(given, ours);
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const [what, request, ...statuses] of refusedEarly) {
    test(`B15 gives the answer to a request with ${what} an id too`, async (t) => {
      const app = await startApp(t, engine);
      const answer = readAnswer(await sendRaw(t, app.url, request));
      assert.ok(statuses.includes(answer.status), String(answer.status));
      assert.match(answer.headers.get('x-request-id') ?? 'none', ours);
    });
  }

  test('B15 keeps the id that a client or a proxy gives, and logs it', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const given of ['abc', 'trace:01.span_2-3', 'f'.repeat(128)]) {
      const headers = { 'X-Request-Id': given };
      const answer = await app.request('GET', '/api/v2/users', { token, headers });
      assert.equal(answer.headers.get('x-request-id'), given);
    }
    await app.close();
    assert.deepEqual(
      app.log.filter(({ msg }) => msg === 'request').map(({ id }) => id),
      ['abc', 'trace:01.span_2-3', 'f'.repeat(128)],
    );
  });

  test('B15 replaces an id that is too long or could break a log', async (t) => {
    const app = await startApp(t, engine);
    const bad = [
      'f'.repeat(129),
      'f'.repeat(10_000),
      'a b',
      '"quoted"',
      '<b>',
      'a,b',
      '{}',
      'caf\xe9',
      '%0d%0a',
      '',
    ];
    for (const given of bad) {
      const answer = await app.request('GET', '/health/live', { headers: { 'X-Request-Id': given } });
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('x-request-id') ?? 'none', ours, JSON.stringify(given));
      assert.notEqual(answer.headers.get('x-request-id'), given);
    }
    const twice = headerText(
      'GET /health/live HTTP/1.1',
      'Host: a',
      'Connection: close',
      'X-Request-Id: first',
      'X-Request-Id: second',
    );
    const answer = readAnswer(await sendRaw(t, app.url, twice));
    assert.match(answer.headers.get('x-request-id') ?? 'none', ours);
  });

  test('B15 lets nobody write into the header of the answer, or into the log, through the id', async (t) => {
    const app = await startApp(t, engine);
    // Line ends within a field: folded, bare, and encoded as UTF-8 look-alikes.
    for (const id of ['a\r\n X-Evil: 1', 'a\rX-Evil: 1', 'a\nX-Evil: 1', 'a\u010d\u010aX-Evil: 1']) {
      const request = headerText(
        'GET /health/live HTTP/1.1',
        'Host: a',
        `X-Request-Id: ${id}`,
        'Connection: close',
      );
      const received = await sendRaw(t, app.url, request);
      assert.doesNotMatch(received, /^X-Evil/im);
      assert.doesNotMatch(readAnswer(received).headers.get('x-request-id') ?? '', /Evil/);
    }
    await app.close();
    assert.doesNotMatch(JSON.stringify(app.log), /Evil/);
  });

  test('logs one line a request: its id, method, path, status and time, the account and its token', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const answers = [
      await app.request('GET', `/api/v2/users/${id}?fields[users]=email`, { token }),
      await app.request('PATCH', `/api/v2/users/${id}`, { token, body: document({ first_name: '' }) }),
      await app.request('GET', '/nowhere?a=b'),
      await app.request('GET', `/api/v2/users/${id}`, { token: generateToken() }),
    ];
    const [known] = await app.store.read.sessions.list(Number(id));
    await app.close();
    const lines = app.log.filter(({ msg }) => msg === 'request');
    assert.deepEqual(
      lines.map(({ id, method, path, status }) => ({ id, method, path, status })),
      [
        ['GET', `/api/v2/users/${id}`, 200],
        ['PATCH', `/api/v2/users/${id}`, 422],
        ['GET', '/nowhere', 404],
        ['GET', `/api/v2/users/${id}`, 401],
      ].map(([method, path, status], i) => ({
        id: answers[i]!.headers.get('x-request-id'),
        method,
        path,
        status,
      })),
    );
    assert.deepEqual(
      lines.map(({ user_id, token_id }) => [user_id, token_id]),
      [
        [Number(id), known!.id],
        [Number(id), known!.id],
        [null, null],
        [null, null],
      ],
    );
    for (const { ms } of lines) assert.equal(typeof ms, 'number');
  });

  test('C13 logs no token, wherever a client puts it', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const unknown = generateToken();
    const paths = (secret: string) => [
      `/api/v2/users?token=${secret}`,
      `/api/v2/users/${id}?token=${secret}`,
      `/api/v2/users?%74oken=${secret}`,
      `/api/v2/users?%74%6f%6b%65%6e=${secret}&page[size]=1`,
      `/api/v2/users?foo=1&token=${secret}`,
      `/api/v2/users?token=${secret}&token=${secret}`,
      `/nowhere?token=${secret}`,
      `/nowhere/?%74oken=${secret}`,
      `/api/v2/users/%zz?token=${secret}`,
      `/api/v2/users/abc?token=${secret}`,
      `/health/live?token=${secret}`,
      `/${'x'.repeat(9000)}?token=${secret}`,
    ];
    for (const secret of [token, unknown]) {
      for (const path of paths(secret)) {
        await app.request('GET', path);
        await app.request('PUT', path);
        await app.request('OPTIONS', path);
      }
      await app.request('GET', '/api/v2/users', { token: secret });
      await app.request('GET', '/nowhere', { token: secret });
      await app.request('GET', '/api/v2/users', { headers: { Authorization: `Bearer ${secret}` } });
      await app.request('GET', '/api/v2/users', { headers: { Authorization: secret } });
      await app.request('GET', '/api/v2/users', {
        headers: { Cookie: `token=${secret}`, Referer: `/?token=${secret}` },
      });
    }
    await assertNotLogged(app, [token, unknown]);
  });

  // Common mistakes: the question mark is percent-encoded, or the token is part of the path.
  test('C13 logs no token in a path either', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const path of [
      `/api/v2/users%3Ftoken=${token}`,
      `/api/v2/sessions/${token}`,
      `/api/v2/users/${token}`,
    ])
      assertError(await app.request('GET', path, { token }), 404, 'record_not_found');
    await assertNotLogged(app, [token]);
  });

  test('C13 logs no token or password of a request that fails on the server', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({
      sysadmin: true,
      values: { sysadmin_permissions: 'no JSON' },
    });
    const body = document({ current_password: 'first secret password', password: 'second secret password' });
    const path = `/api/v2/users/${id}/update_password`;
    assertError(await app.request('PATCH', path, { token, body }), 500, 'server_error');
    const query = await app.request('PATCH', `${path}?token=${token}`, { body });
    assertError(query, 500, 'server_error');
    await assertNotLogged(app, [token, 'first secret password', 'second secret password']);
  });

  test('C13 logs no password of a body, accepted or refused', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const user = await app.createUser({ password: 'first secret password' });
    const path = `/api/v2/users/${user.id}/update_password`;
    const change = (current_password: string, password: string) =>
      app.request('PATCH', path, { token: user.token, body: document({ current_password, password }) });
    assert.equal((await change('wrong secret password', 'second secret password')).status, 422);
    assert.equal((await change('first secret password', 'second secret password')).status, 200);
    const broken = `{"data":{"type":"users","attributes":{"password":"third secret password"`;
    assert.equal((await app.request('PATCH', path, { token: user.token, body: broken })).status, 400);
    const created = await app.request('POST', '/api/v2/users', {
      token,
      body: document({
        email: 'ann@email.com',
        first_name: 'Ann',
        last_name: 'Lee',
        password: 'fourth secret password',
      }),
    });
    assert.equal(created.status, 201);
    await assertNotLogged(app, ['secret password']);
  });
});

/** @param secrets texts that no line may contain */
async function assertNotLogged(app: TestApp, secrets: readonly string[]): Promise<void> {
  // A line is written when its response was sent; closing waits for all of them.
  await app.close();
  assert.ok(app.log.some(({ msg }) => msg === 'request'));
  const leaks = app.log.filter((line) => secrets.some((secret) => JSON.stringify(line).includes(secret)));
  assert.deepEqual(leaks, []);
}
