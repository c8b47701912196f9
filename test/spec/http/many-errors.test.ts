// An error response stays short, for any number of errors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, moreErrors, violation } from '../../../src/errors.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

test('a rule that two checks find broken is named once, because what one sees may be newer', () => {
  const taken = violation('email', 'has already been taken');
  const rest = moreErrors('invalid_attribute', 5);
  const { errors } = ApiError.of([
    taken,
    violation('email', 'is not an email'),
    { ...taken },
    rest,
    { ...rest },
  ]);
  assert.deepEqual(
    errors.map(({ detail }) => detail),
    ['has already been taken', 'is not an email', rest.detail, rest.detail],
  );
});

const unknown = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i.toString(36)}`, 1]));

onEachEngine((engine) => {
  const sendings: readonly [what: string, method: string, path: string][] = [
    ['PATCH', 'PATCH', '/api/v2/users/1'],
    ['POST', 'POST', '/api/v2/users'],
    ['change of a password', 'PATCH', '/api/v2/users/1/update_password'],
  ];
  for (const [what, method, path] of sendings) {
    const send = (app: TestApp, token: string, attributes: Record<string, unknown>) =>
      app.request(method, path, { token, body: document(attributes) });

    test(`a ${what} with 24,000 unknown attributes has 100 errors, the last of which counts the rest`, async (t) => {
      const app = await startApp(t, engine);
      const { token } = await app.createUser({ sysadmin: true });
      const answer = await send(app, token, unknown(24_000));
      const errors = assertError(answer, 422, 'invalid_attribute');
      assert.equal(errors.length, 100);
      const { detail, meta } = errors.at(-1)!;
      const more = meta.more as number;
      assert.ok(more >= 24_000 - 99 && more <= 24_010, detail);
      assert.equal(detail, `${more} more errors are not shown`);
      assert.ok(answer.text.length < 30_000, String(answer.text.length));
    });
  }

  test('a PATCH with 99 or 100 errors shows them all, one with 101 shows 99 and counts two', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const send = async (count: number) =>
      assertError(
        await app.request('PATCH', '/api/v2/users/1', {
          token,
          body: document({ first_name: '', ...unknown(count - 1) }),
        }),
        422,
        'invalid_attribute',
      );
    for (const count of [2, 99, 100]) {
      const errors = await send(count);
      assert.equal(errors.length, count);
      assert.ok(errors.every(({ source }) => typeof source.pointer === 'string'));
    }
    const errors = await send(101);
    assert.deepEqual(
      [errors.length, errors.at(-1)!.meta, errors.at(-1)!.detail],
      [100, { more: 2 }, '2 more errors are not shown'],
    );
    // Errors of known attributes come first, so unknown ones cannot push them out.
    assert.equal(errors[0]!.source.pointer, 'data/attributes/first_name');
    assert.equal((await app.store.read.records(users).find(1))!.first_name, 'name');
  });

  test('an answer repeats neither long names nor a parameter that comes a thousand times', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const long = 'x'.repeat(7000);
    for (const query of [
      'foo=1&'.repeat(1000),
      'sort=email&'.repeat(600),
      'include=a&'.repeat(700),
      `${long}=1`,
      `sort=${long}`,
      `fields[users]=${long}`,
      `fields[${long}]=a`,
      `filter[${long}]=a`,
      `filter[id]=${long}`,
      `filter[id][${long}]=1`,
      `page[${long}]=1`,
      `page[size]=${long}`,
      `page[after]=${long}`,
      `include=${long}`,
    ]) {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(answer.status, 400, query.slice(0, 40));
      assert.ok(answer.text.length < 1000, query.slice(0, 40));
    }
    const headers = { Accept: `text/${long}`, 'X-Organization-Id': long, 'If-None-Match': long };
    for (const [name, value] of Object.entries(headers)) {
      const answer = await app.request('GET', '/api/v2/users', { token, headers: { [name]: value } });
      assert.ok(!JSON.stringify([...answer.headers, answer.text]).includes(long), name);
    }
  });
});
