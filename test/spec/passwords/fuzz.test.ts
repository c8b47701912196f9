// E8: random documents and tokens at the routes of new passwords. There is always a response, never a 5xx, and only a
// response of success changes the password.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import type { Answer } from '../../support/start-app.ts';
import { newAddress } from '../sessions/start-sign-in.ts';
import { ann, fresh, old, path, startPasswords } from './start-passwords.ts';

const bounds = { numRuns: 200, interruptAfterTimeLimit: 6000, markInterruptAsFailure: false };
const text = fc.string({ unit: 'binary', maxLength: 40 });
const anyJson = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 });
const telling = fc.constantFrom<unknown[]>(
  ...[ann, `${ann}\u0000`, '\u212A@example.com', 'ANN@EXAMPLE.COM', '@', 'x'.repeat(300), '\ud800@a.b'],
  ...[fresh, 'short', '\u0000 long enough', '\ud800 long enough', 'e\u0301'.repeat(2000), ''],
  ...[0, 1e308, true, false, null, [], {}, [true]],
);
const name = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'email',
      'password',
      'password_confirmation',
      'end_api_tokens',
      'first_password',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('id', 'type', '__proto__', 'constructor', '') },
  { weight: 1, arbitrary: text },
);
const attributes = fc
  .array(fc.tuple(name, fc.oneof({ weight: 5, arbitrary: telling }, anyJson)), { maxLength: 4 })
  .map((pairs) => Object.fromEntries(pairs));
const id = fc.oneof(fc.constant(undefined), telling, anyJson);
const document = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('passwords'), attributes }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('passwords'), id, attributes, meta: anyJson }) },
  { weight: 1, arbitrary: anyJson },
);

function assertAnswered(answer: Answer, context: string): void {
  assert.ok(answer.status < 500, `${context}: ${answer.status} ${answer.text}`);
  if (answer.status === 204) assert.equal(answer.text, '');
  else if (answer.status >= 400) assertError(answer, answer.status, answer.body.errors[0].code);
}

onEachEngine((engine) => {
  test('E8 answers any request for a link, and any use of one', async (t) => {
    const { app, link } = await startPasswords(t, engine, { mailsPerAddress: '0' });
    const { id: userId } = await app.createUser({ email: ann, password: old });
    const hash = () => app.store.read.passwords.find(userId);
    let token = await link(ann);
    let before = await hash();
    const send = (method: string, url: string, data: unknown) =>
      app.request(method, url, { body: { data }, headers: { 'X-Forwarded-For': newAddress() } });
    await fc.assert(
      fc.asyncProperty(document, fc.boolean(), async (data, uses) => {
        const answer = await send(uses ? 'PATCH' : 'POST', uses ? `${path}/${token}` : path, data);
        assertAnswered(answer, JSON.stringify(data));
        const after = await hash();
        assert.equal(after !== before, uses && answer.status === 204);
        before = after;
        // What is known to be used or replaced.
        if (answer.status === 204) token = await link(ann);
      }),
      bounds,
    );
  });

  test('E8 answers any token of a link', async (t) => {
    const { app } = await startPasswords(t, engine);
    const anyToken = fc.oneof(
      text.map((token) => encodeURIComponent(token.toWellFormed())),
      fc.string({ unit: fc.constantFrom(...'%0123456789aF.-+_:@!$*~\\'), minLength: 1, maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'PATCH', 'OPTIONS'),
        anyToken,
        async (method, token) => {
          const answer = await app.request(method, `${path}/${token}`, {
            headers: { 'X-Forwarded-For': newAddress() },
            ...(method === 'PATCH' && {
              body: { data: { type: 'passwords', attributes: { password: fresh } } },
            }),
          });
          assert.ok(answer.status < 500, `${method} ${token}: ${answer.status}`);
        },
      ),
      bounds,
    );
  });
});
