// Random requests over real sockets: section E8 of the standards checklist. There is always a response, and never a
// 5xx. An error is always a JSON:API document, and a refused request changes nothing.

import assert from 'node:assert/strict';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { catalog } from '../../../src/resources/catalog.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { mediaType, startApp, type TestApp } from '../../support/start-app.ts';

/** Far above the time of any response: reached only if the server hangs. */
const hangMs = 120_000;
const bounds = { numRuns: 200, interruptAfterTimeLimit: 6000, markInterruptAsFailure: false };

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Fuzzed {
  readonly app: TestApp;
  readonly id: number;
  /** Sends a request, and checks what is true for every response. */
  send(sent: Sent): Promise<number>;
}

async function fuzzed(t: TestContext, engine: EngineName): Promise<Fuzzed> {
  const app = await startApp(t, engine);
  const { id, token } = await app.createUser({ sysadmin: true, password: 'password1234' });
  await app.createUser();
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const { passwords } = app.store.read;
  const records = app.store.read.records(users);
  const stateOf = async () => ({
    user: await records.find(id),
    hash: await passwords.find(id),
    count: (await records.state()).rowCount,
  });
  let before = await stateOf();

  return {
    app,
    id,
    async send(sent) {
      const headers = { 'x-auth-token': token, 'content-type': mediaType, ...sent.headers };
      const answer = await exchange(app.url, agent, { ...sent, headers });
      assert.ok(answer.status < 500, `${answer.status}: ${answer.text}`);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.ok(answer.headers.get('x-request-id'));
      const after = await stateOf();
      if (answer.status >= 400) {
        if (sent.method !== 'HEAD')
          assertError(answer, answer.status, JSON.parse(answer.text).errors[0].code);
        assert.deepEqual(after, before);
      } else if (sent.method === 'GET') assert.deepEqual(after, before);
      before = after;
      return answer.status;
    },
  };
}

async function exchange(url: string, agent: Agent, { method, path, headers, body }: Sent) {
  // Node's client sends the body of a DELETE without a length, unless it is given one.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const options = { method, path, headers: { ...headers, ...length }, agent, timeout: hangMs };
  const request = httpRequest(url, options);
  request.on('timeout', () => request.destroy(new Error('The server did not answer')));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  request.end(body);
  const response = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const fields = Object.entries(response.headers).map(([name, value]): [string, string] => [
    name,
    `${value}`,
  ]);
  return {
    status: response.statusCode!,
    headers: new Headers(fields),
    text: Buffer.concat(chunks).toString(),
  };
}

const text = fc.string({ unit: 'binary', maxLength: 40 });
const anyJson = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });

/** Values that this API knows, and similar ones. */
const telling = fc.constantFrom<unknown[]>(
  ...[
    'ann@email.com',
    'Europe/Zagreb',
    'en_US',
    'https://example.com',
    'manage_users',
    '2026-03-29',
    '1',
    '',
  ],
  ...[0, -0, -1, 1.5, 1e308, 2 ** 53, true, false, null],
  ...[[], {}, ['manage_users'], { a: true }, '2026-02-30', '9999-12-31T23:59:59-12:00', '\u0000', '\ud800'],
);

const attributeName = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...users.names) },
  { weight: 1, arbitrary: fc.constantFrom('id', 'type', 'password', 'current_password', '__proto__', '') },
  { weight: 1, arbitrary: text },
);

/** Some attributes, most of them with a plausible value. */
const someAttributes = fc
  .array(fc.tuple(attributeName, fc.oneof({ weight: 5, arbitrary: telling }, anyJson)), { maxLength: 4 })
  .map((pairs) => Object.fromEntries(pairs));
/** The same, with the required attributes of a new account. */
const newAttributes = fc.tuple(fc.nat(), someAttributes).map(([n, attributes]) => ({
  ...{ email: `fuzz${n}@email.com`, first_name: 'Ann', last_name: 'Other' },
  ...attributes,
}));

/** A valid document in which one part is random: usually an attribute, sometimes the structure. */
function nearlyDocument(id: string | undefined) {
  const type: fc.Arbitrary<unknown> = fc.constant('users');
  const attributes = id === undefined ? newAttributes : someAttributes;
  const resourceObject = fc.record(
    {
      type: fc.oneof({ weight: 9, arbitrary: type }, anyJson),
      id: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(id) }, telling, anyJson),
      attributes: fc.oneof({ weight: 9, arbitrary: attributes }, anyJson),
      relationships: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>({}) }, anyJson),
      meta: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>({}) }, anyJson),
    },
    { requiredKeys: ['type'] },
  );
  const data = fc.oneof({ weight: 9, arbitrary: resourceObject }, fc.array(resourceObject), anyJson);
  const members = { data, meta: anyJson, included: anyJson, jsonapi: anyJson, errors: anyJson };
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ data: fc.record({ type, attributes }) }) },
    { weight: 1, arbitrary: fc.record(members, { requiredKeys: ['data'] }) },
  );
}

const queryName = fc.oneof(
  fc.constantFrom('sort', 'include', 'fields[users]', 'page[number]', 'page[size]', 'page[after]', 'token'),
  fc.constantFrom(
    'filter',
    'filter[]',
    'filter[$op]',
    'filter[query]',
    'filter[0]',
    'page',
    'page[]',
    'fields',
  ),
  fc
    .tuple(attributeName, fc.constantFrom('eq', 'not_eq', 'contains', 'gt', 'lt_eq', '', 'x'))
    .map(([name, operator]) => `filter[${name}][${operator}]`),
  fc.tuple(fc.nat(3), fc.nat(3), attributeName).map(([a, b, name]) => `filter[${a}][${b}][${name}]`),
  text,
);
const queryValue = fc.oneof(
  attributeName,
  telling.map((value) => `${value}`.toWellFormed()),
  fc.constantFrom('-id', 'email,-updated_at', '1,2,3', 'or', 'and', 'a\\,b', ',', '2026-01-01T00:00+01:00'),
  text,
);
/** Percent-encoded completely, or only in part. */
const queryText = fc.oneof(
  fc
    .array(fc.tuple(queryName, queryValue), { maxLength: 6 })
    .map((pairs) => pairs.map((pair) => pair.map((part) => encodeURIComponent(part.toWellFormed()))))
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&')),
  fc.string({ unit: fc.constantFrom(...'%&=[]+;,-$0aFf?/\\.:@!filtersopage'), maxLength: 60 }),
);

const headerName = fc.constantFrom(
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'content-type', 'content-encoding'],
  ...['cookie', 'forwarded', 'if-match', 'if-none-match', 'if-modified-since', 'origin', 'range', 'referer'],
  ...['x-auth-token', 'x-forwarded-for', 'x-http-method-override', 'x-organization-id', 'x-request-id'],
  ...['access-control-request-method', 'access-control-request-headers', 'user-agent', 'te', 'prefer'],
);
const latin1 = fc.integer({ min: 0x20, max: 0xff }).filter((unit) => unit !== 0x7f);
const headerValue = fc.oneof(
  fc.constantFrom(
    '*',
    '*/*',
    '1',
    '-1',
    `${mediaType}; foo=1`,
    `${mediaType};ext="bulk"`,
    'W/"x"',
    '"',
    'gzip',
  ),
  fc.array(latin1, { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(...';,="\\ */+qapplivnd.0'), maxLength: 60 }),
);

onEachEngine((engine) => {
  /** One property for each route that takes a body. */
  function propertyOfBodies(
    title: string,
    bodies: (id: string | undefined) => fc.Arbitrary<string | Uint8Array>,
  ): void {
    for (const { method, path } of catalog.filter((route) => route.method !== 'GET')) {
      test(`E8 answers ${method} ${path} with ${title}`, async (t) => {
        const { id, send } = await fuzzed(t, engine);
        // A valid DELETE would delete the caller, and end the test.
        const target = method === 'DELETE' ? '999999' : String(id);
        await fc.assert(
          fc.asyncProperty(bodies(path.includes('{id}') ? target : undefined), async (body) => {
            await send({ method, path: path.replace('{id}', target), body });
          }),
          { ...bounds, numRuns: 100 },
        );
      });
    }
  }

  propertyOfBodies('any bytes', () => fc.uint8Array({ maxLength: 300 }));
  propertyOfBodies('any JSON', () => anyJson.map((value) => JSON.stringify(value)));
  propertyOfBodies('a document of which some part is anything', (id) =>
    nearlyDocument(id).map((value) => JSON.stringify(value)),
  );

  test('E8 answers any document cut short or with bytes changed', async (t) => {
    const { id, send } = await fuzzed(t, engine);
    const whole = JSON.stringify({
      data: { type: 'users', id: String(id), attributes: { first_name: 'Änn 🦊', flags: { a: [1] } } },
    });
    const mutation = fc.record({ at: fc.nat(200), drop: fc.nat(5), put: fc.uint8Array({ maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        let body = Buffer.from(whole);
        for (const { at, drop, put } of mutations)
          body = Buffer.concat([body.subarray(0, at), put, body.subarray(at + drop)]);
        await send({ method: 'PATCH', path: `/api/v2/users/${id}`, body });
      }),
      bounds,
    );
  });

  test('E8 answers any query on a collection and on a record', async (t) => {
    const { id, send } = await fuzzed(t, engine);
    await fc.assert(
      fc.asyncProperty(queryText, async (query) => {
        for (const path of ['/api/v2/users', `/api/v2/users/${id}`])
          await send({ method: 'GET', path: `${path}?${query}` });
      }),
      { ...bounds, numRuns: 300 },
    );
  });

  test('E8 answers any id', async (t) => {
    const { send } = await fuzzed(t, engine);
    const anyId = fc.oneof(
      text.map((id) => encodeURIComponent(id.toWellFormed())),
      fc.string({ unit: fc.constantFrom(...'%0123456789aF.-+eE;:@!$*~\\'), minLength: 1, maxLength: 30 }),
      fc.bigInt().map(String),
    );
    const tail = fc.constantFrom('', '/', '/update_password', '//', '/..', '/%2e%2e', '/x');
    const method = fc.constantFrom('GET', 'HEAD', 'PATCH', 'PUT', 'OPTIONS');
    await fc.assert(
      fc.asyncProperty(method, anyId, tail, async (verb, id, rest) => {
        await send({ method: verb, path: `/api/v2/users/${id}${rest}` });
      }),
      bounds,
    );
  });

  test('E8 answers any headers', async (t) => {
    const { id, send } = await fuzzed(t, engine);
    const body = JSON.stringify({ data: { type: 'users', attributes: { first_name: 'Ann' } } });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(headerName, headerValue, { maxKeys: 6 }), async (headers) => {
        await send({ method: 'GET', path: '/api/v2/users', headers });
        await send({ method: 'PATCH', path: `/api/v2/users/${id}`, headers, body });
      }),
      bounds,
    );
  });
});
