// E8: random documents at the routes by which people join. There is always a response, never a 5xx.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { newAddress } from '../sessions/start-sign-in.ts';
import { ina, linkTo, password, path, startAccepting } from './start-accepting.ts';

const bounds = { numRuns: 150, interruptAfterTimeLimit: 5000, markInterruptAsFailure: false };
const text = fc.string({ unit: 'binary', maxLength: 40 });
const anyJson = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 });
const attributesOf = (joinLink: string) => {
  const telling = fc.constantFrom<unknown[]>(
    ...[ina, `${ina}\u0000`, 'nobody@new.example', '\u212a@new.example', '@', 'x'.repeat(300), '\ud800@a.b'],
    ...[joinLink, joinLink.slice(0, 8), joinLink.slice(0, 7), password, 'short', '\ud800 long enough', ''],
    ...[0, 1e308, true, false, null, [], {}],
  );
  const known = ['token', 'email', 'first_name', 'last_name', 'password', 'newsletter_consent', 'time_zone'];
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom('id', 'role', '__proto__', 'constructor', '') },
    { weight: 1, arbitrary: text },
  );
  return fc
    .array(fc.tuple(name, fc.oneof({ weight: 5, arbitrary: telling }, anyJson)), { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs));
};

onEachEngine((engine) => {
  test('E8 answers any request with a join link, any acceptance and any token', async (t) => {
    const { app, joinLink, linkFor, nobody } = await startAccepting(t, engine, { mailsPerAddress: '0' });
    const secret = await joinLink();
    await linkFor('waits@new.example', { role: 'owner' });
    const link = await linkTo(app, 'waits@new.example');
    const attributes = attributesOf(secret);
    const document = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant('invitations'), attributes }) },
      { weight: 1, arbitrary: fc.record({ type: text, id: anyJson, attributes: anyJson }) },
      { weight: 1, arbitrary: anyJson },
    );
    const last = fc.oneof(
      { weight: 3, arbitrary: fc.constant(`/${link}`) },
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: text.map((token) => `/${encodeURIComponent(token.toWellFormed())}`) },
    );
    const token = fc.constantFrom(undefined, undefined, nobody.token, 'invalid');
    await fc.assert(
      fc.asyncProperty(document, last, token, async (data, end, presented) => {
        const method = end === '' ? 'POST' : 'PATCH';
        const headers = { 'X-Forwarded-For': newAddress() };
        const answer = await app.request(method, path + end, { body: { data }, headers, token: presented });
        assert.ok(answer.status < 500, `${method} ${JSON.stringify(data)}: ${answer.status} ${answer.text}`);
        if (answer.status === 204) assert.equal(answer.text, '');
        else assertError(answer, answer.status, answer.body.errors[0].code);
      }),
      bounds,
    );
  });
});
