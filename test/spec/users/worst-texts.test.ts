// Texts that are the most expensive to normalise, match, split or parse. Their length is checked first, so they cost
// no more than harmless texts of the same size, and other requests do not wait.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { engines } from '../../support/engines.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const engine = engines[0]!;
const maxBytes = 1_400_000;
const maxUrlBytes = 8000;
const maxFieldBytes = 15_000;

const filled = (unit: string, bytes: number, measure: (text: string) => number) =>
  unit.repeat(Math.floor(bytes / measure(unit)));

/** Each is repeated up to the limit; some begin with a prefix that a parser continues from. */
const worst: readonly (readonly [what: string, start: string, unit: string])[] = [
  ['letters', '', 'a'],
  ['marks in an order that has to be turned round', 'a', '\u0345\u0334\u0301\u0316'],
  ['marks of one kind', 'e', '\u0301'],
  ['letters that normalise to eighteen others', '', '\ufdfa'],
  ['letters that grow in lower case', '', '\u0130'],
  ['Hangul in pieces', '', '\u1100\u1161\u11a8'],
  ['spaces', '', ' '],
  ['spaces within', 'a', ' '],
  ['backslashes', '', '\\'],
  ['quotes', '', '"'],
  ['commas', '', ','],
  ['full stops', 'a@a', '.a'],
  ['at signs', '', '@'],
  ['hyphens of a domain', 'a@a', '-'],
  ['a URL of letters that are not ASCII', 'http://', '\u00fc'],
  ['a URL of dots', 'http://a', '/..'],
  ['a zone', 'Europe/', 'A/'],
  ['digits', '', '9'],
  ['brackets', '', '['],
];

interface Sending {
  readonly what: string;
  send(text: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Size of a text in bytes. */
  readonly bytes: number;
  measure(text: string): number;
}

/** The longest wait for a response on another connection during the request. */
async function longestWait(app: TestApp, sending: Sending, text: string) {
  let isDone = false;
  let longestMs = 0;
  const answered = sending.send(text).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const start = performance.now();
    assert.equal((await app.request('GET', '/health/live')).status, 200);
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  const answer = await answered;
  assert.ok(answer.status < 500, `${sending.what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return longestMs;
}

async function assertHarmless(app: TestApp, sending: Sending): Promise<void> {
  const textOf = (start: string, unit: string) =>
    start + filled(unit, sending.bytes - sending.measure(start), sending.measure);
  const benign = textOf('', 'a b c ');
  await longestWait(app, sending, benign);
  const assertShort = await waitsAsFor(app, sending, benign, 30);
  for (const [what, start, unit] of worst) await assertShort(textOf(start, unit), what);
}

/**
 * @param leastMs far below the seconds that a text costs if its length is not checked first
 * @returns a check that other requests wait at most ten times as long as with the harmless text
 */
async function waitsAsFor(app: TestApp, sending: Sending, benign: string, leastMs: number) {
  const measured = async () =>
    10 * Math.max(await longestWait(app, sending, benign), await longestWait(app, sending, benign), leastMs);
  let limitMs = await measured();
  return async (text: string, what: string): Promise<void> => {
    const waits: number[] = [];
    while (waits.length < 5) {
      const ms = await longestWait(app, sending, text);
      if (ms <= limitMs) return;
      // The machine may have become busy with something else.
      waits.push(Math.round(ms));
      limitMs = Math.max(limitMs, await measured());
    }
    assert.fail(`${sending.what} of ${what}: ${waits.join(', ')} ms, at most ${Math.round(limitMs)} ms`);
  };
}

const jsonBytes = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;
const urlBytes = (text: string) => encodeURIComponent(text).length;

async function startCaller(t: Parameters<typeof startApp>[0]) {
  const app = await startApp(t, engine);
  const { id, token } = await app.createUser({ sysadmin: true, password: 'a horse that walks by' });
  return { app, token, path: `/api/v2/users/${id}` };
}

for (const name of users.names)
  test(`the attribute ${name} with its worst text delays nobody`, async (t) => {
    const { app, token, path } = await startCaller(t);
    await assertHarmless(app, {
      what: name,
      bytes: maxBytes,
      measure: jsonBytes,
      send: (text) => app.request('PATCH', path, { token, body: document({ [name]: text }) }),
    });
  });

for (const name of ['current_password', 'password'])
  test(`the ${name} with its worst text delays nobody`, async (t) => {
    const { app, token, path } = await startCaller(t);
    await assertHarmless(app, {
      what: name,
      bytes: maxBytes,
      measure: jsonBytes,
      send: (text) =>
        app.request('PATCH', `${path}/update_password`, {
          token,
          body: document({ current_password: 'wrong', password: 'another horse', [name]: text }),
        }),
    });
  });

test('the password of a new account, a type, an id and a name with their worst text delay nobody', async (t) => {
  const { app, token, path } = await startCaller(t);
  const email = 'ann@email.com';
  const bodies: Readonly<Record<string, (text: string) => unknown>> = {
    password: (password) => document({ email, first_name: '', last_name: 'Lee', password }),
    'an unknown attribute': (text) => document({ [text]: 1 }),
    'the type': (type) => ({ data: { type, attributes: {} } }),
    'the id': (id) => document({}, id),
    'a body': (text) => text,
  };
  for (const [what, body] of Object.entries(bodies))
    await assertHarmless(app, {
      what,
      bytes: maxBytes,
      measure: jsonBytes,
      send: (text) =>
        app.request(what === 'password' ? 'POST' : 'PATCH', what === 'password' ? '/api/v2/users' : path, {
          token,
          body: body(text),
        }),
    });
});

test('JSON that nests, or is of numbers and names alone, delays nobody', async (t) => {
  const { app, token, path } = await startCaller(t);
  const send = (text: string) => app.request('PATCH', path, { token, body: text });
  const around = (json: string) => `{"data":{"type":"users","attributes":{"preferences":${json}}}}`;
  const benign = around(JSON.stringify(filled('a b c ', maxBytes, jsonBytes)));
  const sending: Sending = { what: 'JSON', bytes: maxBytes, measure: jsonBytes, send };
  const assertShort = await waitsAsFor(app, sending, benign, 100);
  for (const json of [
    '['.repeat(maxBytes),
    '{"a":'.repeat(maxBytes / 5),
    `[${'[],'.repeat(maxBytes / 3 - 1)}[]]`,
    `[${'1,'.repeat(maxBytes / 2 - 2)}1]`,
    `[${'1.0,'.repeat(maxBytes / 4 - 2)}1]`,
    `[${'9007199254740993,'.repeat(maxBytes / 17 - 2)}1]`,
    `[${'9'.repeat(maxBytes - 2)}]`,
    `0.${'0'.repeat(maxBytes - 4)}1`,
    `"${'\\\\'.repeat(maxBytes / 2 - 1)}"`,
    `"${'\\u0301'.repeat(maxBytes / 6 - 1)}"`,
    `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`)}}`,
    `{${'"a":0,'.repeat(maxBytes / 6 - 1)}"a":0}`,
  ])
    await assertShort(around(json), json.slice(0, 30));
});

test('parameters with their worst text delay nobody, as names and as values', async (t) => {
  const { app, token, path } = await startCaller(t);
  const filters = [...users.filters].flatMap(([name, { kind }]) =>
    kind.operators.map((operator) => `filter[${name}][${operator}]=`),
  );
  const starts = [
    ...filters,
    'filter[query]=',
    'filter[$op]=',
    'filter[',
    'filter[0][',
    'sort=',
    'fields[users]=',
  ]
    .concat(['page[number]=', 'page[size]=', 'page[after]=', 'page[', 'include=', 'token=', ''])
    .map((start) => `/api/v2/users?${start}`)
    .concat([`${path}?fields[users]=`, `${path}?token=`, '/api/v2/users/', '/']);
  for (const start of starts)
    await assertHarmless(app, {
      what: start,
      bytes: maxUrlBytes - start.length,
      measure: urlBytes,
      send: (text) => app.request('GET', start + encodeURIComponent(text), { token }),
    });
});

test('header fields with their worst text delay nobody', async (t) => {
  const { app, token, path } = await startCaller(t);
  const fields = [
    'Accept',
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'Cookie',
    'Idempotency-Key',
    'If-Match',
  ].concat(['If-None-Match', 'Origin', 'X-Auth-Token', 'X-Organization-Id', 'X-Request-Id', 'Referer']);
  const starts = ['', 'Bearer ', '"', 'application/vnd.api+json;', 'application/vnd.api+json;ext="', 'W/"'];
  const units = [
    'a',
    ' ;',
    ',',
    ';',
    ';a=',
    '\\',
    '"',
    '\\"',
    '"a",',
    'W/"a",',
    '*/*;q=0,',
    ' a',
    '\t',
    '/',
    '=',
    '\u00ff',
  ];
  const texts = starts.flatMap((start) =>
    units.map((unit) => start + unit.repeat((maxFieldBytes - start.length) / unit.length)),
  );
  for (const field of fields) {
    const sending: Sending = {
      what: field,
      bytes: maxFieldBytes,
      measure: (text) => text.length,
      send: (text) =>
        app.request('PATCH', path, { token, body: document({}), headers: { [field]: text.trim() || 'a' } }),
    };
    const assertShort = await waitsAsFor(app, sending, 'a', 30);
    for (const text of texts) await assertShort(text, text.slice(0, 30));
  }
});
