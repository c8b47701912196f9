// What a route can declare, tested with routes that are added to the catalog.

import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { createMetrics } from '../../../src/http/metrics.ts';
import type { Route } from '../../../src/resources/route.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, emptyDatabase, engines, onEachEngine } from '../../support/engines.ts';
import { calendar, linkRoutes } from '../../support/link-routes.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { outcome } from '../../support/read-answers.ts';
import {
  contentType,
  document,
  mediaType,
  serveStore,
  startApp,
  type TestApp,
} from '../../support/start-app.ts';

const routes = linkRoutes;
const secret = 'short-secret';

/** A GET from one of this machine's own addresses. */
function getFrom(localAddress: string, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { localAddress, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.on('error', reject).end();
  });
}

/** Behind a proxy on this machine, which names the client. */
const forwarded = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

onEachEngine((engine: EngineName) => {
  test('a PUT takes a document by the rules of the others, and the ids of its path', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}/notes/7`;
    const body = document({ first_name: 'Ann' }, String(id));
    const answer = await app.request('PUT', path, { token, body });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('content-type'), contentType);
    assert.deepEqual(answer.body.meta, {
      ids: { id, note_id: 7 },
      tokens: {},
      address: '127.0.0.1',
      target: { id, revision: 1, shown: null },
      attributes: { first_name: 'Ann' },
    });
    const put = async (options: object) => outcome(await app.request('PUT', path, { token, ...options }));
    assert.equal(await put({}), '400 malformed_document');
    assert.equal(await put({ body: document({}, '999') }), '409 resource_conflict');
    assert.equal(await put({ body, headers: { Accept: 'text/html' } }), '406 not_acceptable');
    const headers = { 'Content-Type': 'application/json' };
    assert.equal(await put({ body, headers }), '415 unsupported_media_type');
    assert.equal(outcome(await app.request('PUT', path, { body })), '401 invalid_auth_token');
    assert.equal(outcome(await app.request('PATCH', path, { token, body })), '405 method_not_allowed');
  });

  test('a path names its record by whichever of its parameters the route says', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const { token } = await app.createUser();
    const { id } = await app.createUser();
    const { meta } = (await app.request('GET', `/api/v2/users/1/notes/${id}`, { token })).body;
    assert.deepEqual(
      [meta.id, meta.target.id, meta.target.revision, meta.ids],
      [id, id, 1, { id: 1, note_id: id }],
    );
    for (const none of ['abc', '0', '1.0', '9223372036854775808', '%31%20']) {
      const { body } = await app.request('GET', `/api/v2/users/${none}/notes/${none}`, { token });
      assert.deepEqual(
        [body.meta.id, body.meta.target, body.meta.ids],
        [null, null, { id: 0, note_id: 0 }],
        none,
      );
    }
  });

  test('HEAD, OPTIONS, Allow and CORS follow the methods of each path', async (t) => {
    const origin = 'https://app.example.com';
    const app = await startApp(t, engine, { corsOrigins: origin }, { routes });
    const cases = [
      ['/api/v2/users/1/notes/2', 'HEAD, PUT, GET, OPTIONS'],
      ['/api/v2/notes/mail', 'POST, OPTIONS'],
      [`/api/v2/links/${secret}`, 'HEAD, GET, PUT, OPTIONS'],
      [`/api/v2/calendars/${secret}.ics`, 'HEAD, GET, OPTIONS'],
    ] as const;
    for (const [path, allow] of cases) {
      const options = await app.request('OPTIONS', path);
      assert.deepEqual([options.status, options.headers.get('allow')], [204, allow], path);
      assert.equal(options.headers.get('accept-patch'), null);
      const wrong = await app.request('DELETE', path);
      assertError(wrong, 405, 'method_not_allowed');
      assert.equal(wrong.headers.get('allow'), allow);
    }
    const headers = { Origin: origin, 'Access-Control-Request-Method': 'PUT' };
    const asked = await app.request('OPTIONS', `/api/v2/links/${secret}`, { headers });
    assert.match(asked.headers.get('access-control-allow-methods')!, /\bPUT\b/);
  });

  test('a route without a token ignores any that is presented, in whatever place', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const path = `/api/v2/links/${secret}`;
    const { body } = await app.request('GET', `${path}?token=invalid`, {
      token: 'invalid',
      headers: { Authorization: 'Bearer invalid' },
    });
    assert.deepEqual(body.meta, { ids: {}, tokens: { token: secret }, address: '127.0.0.1' });
    const used = await app.request('PUT', path, { token: 'invalid', body: document({}) });
    assert.equal(used.status, 204);
    assert.equal(await app.store.read.secrets.find('link'), secret);
  });

  test('a route for which a token is optional works without one, and with one for its account', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const { id, token } = await app.createUser();
    let count = 0;
    const follow = async (options: object, query = '') => {
      const link = `${secret}-${++count}`;
      const path = `/api/v2/links/${link}/followers${query}`;
      const answer = outcome(await app.request('POST', path, { body: document({}), ...options }));
      return [answer, await app.store.read.secrets.find(`follower of ${link}`)];
    };
    const byAccount = ['204', String(id)];
    assert.deepEqual(await follow({}), ['204', 'nobody']);
    assert.deepEqual(await follow({ token }), byAccount);
    assert.deepEqual(await follow({ headers: { Authorization: `Bearer ${token}` } }), byAccount);
    assert.deepEqual(await follow({}, `?token=${token}`), byAccount);
    assert.deepEqual(await follow({ headers: { Authorization: 'Basic abc' } }), ['204', 'nobody']);

    const readOnly = await app.createToken(id, { readOnly: true });
    assert.deepEqual(await follow({ token: readOnly, body: '{' }), ['403 read_only_token', null]);
    const expired = await app.createToken(id, { expiresAt: app.clock.now });
    for (const invalid of ['invalid', '', expired])
      assert.deepEqual(await follow({ token: invalid, body: '{' }), ['401 invalid_auth_token', null]);
    assert.deepEqual(await follow({ token, headers: { Authorization: 'Bearer x' } }), [
      '401 invalid_auth_token',
      null,
    ]);
    app.clock.now += 1;
    await app.store.write((transaction) =>
      transaction.records(users).update(id, { account_access_expires_at: app.clock.now }),
    );
    assert.deepEqual(await follow({ token }), ['401 invalid_auth_token', null]);
  });

  test('invalid tokens on a route for which a token is optional are limited by address', async (t) => {
    const app = await startApp(t, engine, { invalidTokenLimit: '2' }, { routes });
    const follow = async (options: object) =>
      outcome(
        await app.request('POST', `/api/v2/links/${secret}/followers`, { body: document({}), ...options }),
      );
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await follow({ token: 'invalid' }));
    assert.deepEqual(answers, [...Array(2).fill('401 invalid_auth_token'), '429 too_many_requests']);
    assert.equal(await follow({}), '204');
  });

  test('a token in a path is in no log line, whatever becomes of the request', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const { token } = await app.createUser();
    const broken = 'broken/secret';
    const encoded = encodeURIComponent(broken);
    const requests = [
      ['GET', `/api/v2/links/${secret}`, 200],
      ['GET', `/api/v2/links/${secret}/`, 200],
      ['GET', `/api/v2/l%69nks/${secret}?a=b`, 200],
      ['GET', `/api/v2/links/${secret}`, 429],
      ['PUT', `/api/v2/links/${encoded}`, 500],
      ['PUT', `/api/v2/links/${secret}`, 400],
      ['DELETE', `/api/v2/links/${secret}`, 405],
      ['GET', `/api/v2/links/${secret}/more`, 404],
      ['OPTIONS', `/api/v2/links/${secret}`, 204],
      ['HEAD', `/api/v2/calendars/${secret}.ics`, 200],
    ] as const;
    const answers = [];
    for (const [method, path] of requests) answers.push(await app.request(method, path, { token }));
    assert.deepEqual(
      answers.map(({ status }) => status),
      requests.map(([, , status]) => status),
    );
    const twoHosts = headerText(`GET /api/v2/links/${secret} HTTP/1.1`, 'Host: a', 'Host: b');
    assert.equal(readAnswer(await sendRaw(t, app.url, twoHosts)).status, 400);
    for (const { text, status } of answers) if (status !== 200) assert.doesNotMatch(text, /secret/);
    await app.close();
    const log = JSON.stringify(app.log);
    assert.doesNotMatch(log, /short-secret|broken.{1,3}secret/);
    assert.match(log, /\/api\/v2\/links\/…\/more/);
    assert.match(log, /cannot use …/);
  });

  test('an address that asks a route too often waits, and others do not', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const url = `${app.url}/api/v2/links/${secret}`;
    const ask = (address: string) => getFrom(address, url);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push(await ask('127.0.0.1'));
    assert.deepEqual(statuses, [200, 200, 200, 429]);
    assert.equal(await ask('127.0.0.2'), 200);
    const answer = await app.request('GET', `/api/v2/links/${secret}`);
    const [error] = assertError(answer, 429, 'too_many_requests');
    assert.deepEqual(error!.meta, { limit: 3, period: 3600 });
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds > 3500 && seconds <= 3600, String(seconds));
    assert.equal(answer.headers.get('x-ratelimit-reset'), answer.headers.get('retry-after'));
    // Routes without a limit, or with another one, still work.
    assert.equal((await fetch(`${app.url}/api/v2/calendars/${secret}.ics`)).status, 200);
  });

  test('addresses of IPv6 that share 64 bits are one, and processes count together', async (t) => {
    const open = await emptyDatabase(t, engine, { workers: 2 });
    const apps: TestApp[] = [];
    for (const store of [await open(), await open()])
      apps.push(await serveStore(t, store, { trustedProxies: 'loopback' }, { routes }));
    const ask = async (i: number, address: string) =>
      (await apps[i % 2]!.request('GET', `/api/v2/links/${secret}`, forwarded(address))).status;
    const same = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::', '2001:0DB8::1:0:0:0:9', '2001:db8:0:1::2'];
    const statuses = [];
    for (const [i, address] of same.entries()) statuses.push(await ask(i, address));
    assert.deepEqual(statuses, [200, 200, 200, 429]);
    assert.equal(await ask(0, '2001:db8:0:2::1'), 200);
    assert.equal(await ask(1, '::1:2:3:4'), 200);
    // An IPv4 address in IPv6 notation.
    for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201']) await ask(0, address);
    assert.equal(await ask(1, '192.0.2.1'), 429);
    assert.equal(await ask(1, '192.0.2.2'), 200);
  });

  test('a route that takes no body ignores one, and still refuses one of another type', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const { token } = await app.createUser();
    const mail = async (options: object) =>
      outcome(await app.request('POST', '/api/v2/notes/mail', { token, ...options }));
    assert.equal(await mail({ body: document({}) }), '204');
    const headers = { 'Content-Type': 'text/plain' };
    assert.equal(await mail({ body: 'text', headers }), '415 unsupported_media_type');
  });

  test('an account that asks a route too often waits, with whichever of its tokens', async (t) => {
    const app = await startApp(t, engine, {}, { routes });
    const { id, token } = await app.createUser();
    const tokens = [token, await app.createToken(id), await app.createToken(id)];
    const mail = async (one: string) =>
      (await app.request('POST', '/api/v2/notes/mail', { token: one })).status;
    const statuses = [];
    for (const one of tokens) statuses.push(await mail(one));
    assert.deepEqual(statuses, [204, 204, 429]);
    assert.equal((await app.request('GET', '/api/v2/users', { token })).status, 200);
    const other = await app.createUser();
    assert.equal(await mail(other.token), 204);
  });
});

test('a token in a path is no label of the metrics', async (t) => {
  const metricsToken = 'metrics-token-metrics';
  const options = { routes, metrics: createMetrics() };
  const app = await startApp(t, engines[0]!, { metricsToken }, options);
  for (const method of ['GET', 'DELETE', 'OPTIONS']) await app.request(method, `/api/v2/links/${secret}`);
  const headers = { Authorization: `Bearer ${metricsToken}` };
  const text = await (await fetch(`${app.url}/metrics`, { headers })).text();
  assert.match(text, /requests_total\{method="GET",route="\/api\/v2\/links\/:token",status="200"\} 1/);
  assert.match(text, /requests_total\{method="DELETE",route="none",status="405"\} 1/);
  assert.doesNotMatch(text, /short-secret/);
});

test('bytes of another media type leave as they are, with the headers of the reply', async (t) => {
  const app = await startApp(t, engines[0]!, {}, { routes });
  const url = `${app.url}/api/v2/calendars/${secret}.ics`;
  const get = await fetch(url, { headers: { Accept: 'text/calendar, */*;q=0.1' } });
  assert.equal(get.status, 200);
  assert.deepEqual(Buffer.from(await get.arrayBuffer()), calendar);
  const expected = {
    'content-type': 'text/calendar',
    'content-length': String(calendar.length),
    'cache-control': 'private, max-age=60',
    'content-disposition': 'inline',
    etag: '"calendar-1"',
    'x-content-type-options': 'nosniff',
  };
  const pick = ({ headers }: Response) =>
    Object.fromEntries(Object.keys(expected).map((name) => [name, headers.get(name)]));
  assert.deepEqual(pick(get), expected);
  const head = await fetch(url, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text(), pick(head)], [200, '', expected]);
  const known = await fetch(url, { headers: { 'If-None-Match': '"calendar-1"' } });
  assert.deepEqual([known.status, await known.text()], [304, '']);
  assert.deepEqual(pick(known), { ...expected, 'content-type': null, 'content-length': null });
  const missing = await app.request('GET', '/api/v2/calendars/');
  assertError(missing, 404, 'record_not_found');
});

test('the description of the API names parameters, media types and what needs no token', async (t) => {
  const app = await startApp(t, engines[0]!, {}, { routes });
  const { paths } = (await app.request('GET', '/api/v2/openapi.json')).body;
  const note = paths['/api/v2/users/{id}/notes/{note_id}'];
  assert.deepEqual(
    note.parameters.map(({ name, in: place }: Record<string, string>) => [name, place]),
    [
      ['id', 'path'],
      ['note_id', 'path'],
    ],
  );
  assert.ok(mediaType in note.put.requestBody.content);
  const link = paths['/api/v2/links/{token}'];
  assert.deepEqual([link.get.security, link.get.requestBody], [[], undefined]);
  assert.ok(!('401' in link.get.responses) && '429' in link.get.responses);
  assert.deepEqual(Object.keys(paths['/api/v2/calendars/{token}.ics'].get.responses['200'].content), [
    'text/calendar',
  ]);
  assert.equal(paths['/api/v2/notes/mail'].post.requestBody, undefined);
  const { security, responses } = paths['/api/v2/links/{token}/followers'].post;
  assert.deepEqual(security, [{}, { header: [] }, { bearer: [] }, { query: [] }]);
  assert.ok('401' in responses);
});

const open: Route = linkRoutes.find(({ name }) => name === 'showLink')!;
const wrong: readonly (readonly [problem: string, route: object])[] = [
  ['has no policy', { policy: '' }],
  ['has a parameter of an unknown kind, uuid', { parameters: { token: 'uuid' } }],
  ['has a parameter of an unknown kind, toString', { parameters: { token: 'toString' } }],
  ['does not declare exactly the parameters of its path', { parameters: {} }],
  ['names a parameter twice', { path: '/links/{token}/{token}' }],
  ['has an unknown auth, cookie', { auth: 'cookie' }],
  ['needs no token but declares no limits', { limits: undefined }],
  ['limits by account but needs no token', { limits: [{ by: 'account', requests: 1, windowSeconds: 1 }] }],
  [
    'has an invalid limit; it must be at least 1 request, in 1 to 86400 seconds',
    { limits: [{ by: 'address', requests: 1, windowSeconds: 86_401 }] },
  ],
  [
    'has a target that is not an id parameter of its path',
    { auth: 'token', target: { resource: users, parameter: 'token' } },
  ],
];

for (const [problem, changed] of wrong)
  test(`the start refuses a route that ${problem}`, async (t) => {
    const route = { ...open, ...changed } as Route;
    await assert.rejects(startApp(t, engines[0]!, {}, { routes: [route] }), {
      message: `The route GET ${route.path} ${problem}`,
    });
  });

test('the start refuses a path whose fixed text could be a parameter of another path', async (t) => {
  const show = linkRoutes.find(({ name }) => name === 'showNote')!;
  const cases: readonly (readonly [path: string, of: Route])[] = [
    ['/api/v2/links/current', open],
    ['/api/v2/calendars/all.ics', linkRoutes.find(({ name }) => name === 'showCalendar')!],
    ['/api/v2/users/7/notes/8', show],
  ];
  for (const [path, of] of cases) {
    const fixed: Route = { ...open, name: 'fixed', path, parameters: {} } as Route;
    await assert.rejects(startApp(t, engines[0]!, {}, { routes: [of, fixed] }), {
      message: `The route GET ${path} hides the route GET ${of.path}: its own text could be a parameter there`,
    });
  }
  // An id is not a word.
  for (const path of ['/api/v2/users/1/notes/last', '/api/v2/links', '/api/v2/calendars/all.txt']) {
    const fixed: Route = { ...open, name: 'fixed', path, parameters: {} } as Route;
    await startApp(t, engines[0]!, {}, { routes: [...linkRoutes, fixed] });
  }
});

test('the start refuses two routes of one method and path, whatever their parameters are called', async (t) => {
  const other = { ...open, path: '/api/v2/links/{id}', parameters: { id: 'id' } } as Route;
  for (const twice of [
    [open, open],
    [open, other],
  ])
    await assert.rejects(startApp(t, engines[0]!, {}, { routes: twice }), /is declared twice$/);
});
