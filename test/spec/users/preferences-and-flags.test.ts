// preferences and flags: JSON of the client, returned exactly as it was sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';

/** JSON texts that must be returned unchanged. */
const anyJson: readonly string[] = [
  'true',
  'false',
  '0',
  '-1.5',
  '""',
  '"text"',
  '[]',
  '{}',
  '[1,"two",null,[3],{"four":4}]',
  '{"z":1,"a":{"b":[null,{"c":"d"}]},"":""}',
  '{"__proto__":{"admin":true},"constructor":1,"toString":null}',
  '{"é😀\u2028":"\u007fñ\\n\\"\\\\"}',
  '"\\u0000"',
  '"\\ud800"',
  '{"\\udc00":"\\udc00"}',
  '9007199254740993',
  '12345678901234567890',
  '-123456789012345678901234567890',
  '{"n":0.1,"m":0.30000000000000004,"pi":3.14159265358979323846264338327950288}',
  '{"n":[1.0000000000000000001,123456789012345678901234567890.125]}',
  '{"n":1.7976931348623157e+308}',
  '[1.0,-0,0.0,1E5,1e+5,100e-2,-0.10,1e-400]',
  `${'['.repeat(60)}${']'.repeat(60)}`,
  `"${'x'.repeat(60_000)}"`,
];

/** The JSON text of one attribute in the response. */
function written(text: string, attribute: string, next: string): string {
  const start = text.indexOf(`"${attribute}":`) + attribute.length + 3;
  return text.slice(start, text.indexOf(`,"${next}":`, start));
}

onEachEngine((engine) => {
  test('keeps preferences of any JSON and returns them unchanged', async (t) => {
    const { app, change, path, token } = await startAccount(t, engine);
    for (const json of anyJson) {
      const answer = await change(`{"preferences":${json}}`);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(written(answer.text, 'preferences', 'sysadmin'), json);
      const shown = await app.request('GET', path, { token });
      assert.equal(written(shown.text, 'preferences', 'sysadmin'), json);
      const listed = await app.request('GET', '/api/v2/users', { token });
      assert.equal(written(listed.text, 'preferences', 'sysadmin'), json);
    }
    assert.equal(written((await change({ preferences: null })).text, 'preferences', 'sysadmin'), 'null');
  });

  test('keeps a number that is nearer to zero than a double can be', async (t) => {
    const { change } = await startAccount(t, engine);
    for (const json of ['1e-400', '{"n":-2.5e-999}']) {
      const answer = await change(`{"preferences":${json}}`);
      assert.equal(written(answer.text, 'preferences', 'sysadmin'), json);
    }
  });

  test('gives back preferences that were sent with white space and escapes as the same value', async (t) => {
    const { change } = await startAccount(t, engine);
    const answer = await change('{ "preferences" : { "a" : [ 1 , 2 ] ,\n "\\u0062" : "\\u00e9\\/" } }');
    assert.deepEqual(answer.body.data.attributes.preferences, { a: [1, 2], b: 'é/' });
  });

  test('replaces preferences as a whole, and never merges them', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    await change({ preferences: { a: 1, b: { c: 2 } } });
    await change({ preferences: { b: { d: 3 } } });
    assert.deepEqual((await attributes()).preferences, { b: { d: 3 } });
  });

  test('keeps preferences of 64 KiB, and refuses a byte more', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    for (const [char, bytes] of [
      ['x', 1],
      ['é', 2],
    ] as const) {
      const most = char.repeat((65_536 - 2) / bytes);
      assert.deepEqual(brokenRules(await change({ preferences: most })), []);
      assert.deepEqual(brokenRules(await change({ preferences: `${most}x` })), [
        'preferences is too large (maximum is 65536 bytes)',
      ]);
      assert.equal((await attributes()).preferences, most);
    }
  });

  test('refuses what is nested deeper than a document may be, or overflows, as no document', async (t) => {
    const { change } = await startAccount(t, engine);
    for (const json of [`${'['.repeat(100)}${']'.repeat(100)}`, '1e400', '[-1e400]'])
      assert.equal(outcome(await change(`{"preferences":${json}}`)), '400 malformed_document');
  });

  test('lets nobody but the user write preferences', async (t) => {
    const { app, change, attributes, path } = await startAccount(t, engine);
    const admin = await app.createUser({ sysadmin: true });
    await change({ preferences: 'mine' });
    const body = { data: { type: 'users', attributes: { preferences: 'theirs' } } };
    const answer = await app.request('PATCH', path, { token: admin.token, body });
    assert.deepEqual([answer.status, answer.body.data.attributes.preferences], [200, 'mine']);
    assert.equal((await attributes()).preferences, 'mine');
  });

  test('keeps flags of booleans, strings and numbers, and returns them unchanged', async (t) => {
    const { app, change, path, token } = await startAccount(t, engine, { sysadmin: true });
    assert.equal(
      written((await app.request('GET', path, { token })).text, 'flags', 'newsletter_consent'),
      '{}',
    );
    for (const json of [
      '{"new_menu":true,"old_menu":false}',
      '{"theme":"dark","limit":10,"ratio":0.5,"":""}',
      '{"id":12345678901234567890,"pi":3.14159265358979323846}',
      '{"seats":1.0,"none":-0,"many":1E5}',
      '{"__proto__":true,"constructor":"x"}',
      '{}',
    ]) {
      const answer = await change(`{"flags":${json}}`);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(written(answer.text, 'flags', 'newsletter_consent'), json);
      const shown = await app.request('GET', path, { token });
      assert.equal(written(shown.text, 'flags', 'newsletter_consent'), json);
    }
  });

  test('refuses flags of anything else', async (t) => {
    const { change, attributes } = await startAccount(t, engine, { sysadmin: true });
    await change({ flags: { kept: true } });
    const notObject = 'flags is not an object';
    const notScalars = 'flags may contain only booleans, strings and numbers';
    const refused: Readonly<Record<string, string>> = {
      null: "flags can't be blank",
      true: notObject,
      '1': notObject,
      '12345678901234567890': notObject,
      '"new_menu"': notObject,
      '[]': notObject,
      '["new_menu"]': notObject,
      '{"a":null}': notScalars,
      '{"a":{}}': notScalars,
      '{"a":true,"b":[]}': notScalars,
      [`{"a":"${'x'.repeat(65_536)}"}`]: 'flags is too large (maximum is 65536 bytes)',
    };
    for (const [json, rule] of Object.entries(refused))
      assert.deepEqual(brokenRules(await change(`{"flags":${json}}`)), [rule], json.slice(0, 50));
    assert.deepEqual((await attributes()).flags, { kept: true });
  });

  test('lets sysadmins who manage users write flags, and nobody else', async (t) => {
    const { app, change, attributes, path } = await startAccount(t, engine);
    const body = { data: { type: 'users', attributes: { flags: { on: true } } } };
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    const reader = await app.createUser({ sysadmin: ['manage_security', 'manage_organizations'] });
    assert.equal((await change({ flags: { on: 'mine' } })).status, 200);
    assert.deepEqual((await attributes()).flags, {});
    const refused = await app.request('PATCH', path, { token: reader.token, body });
    assert.equal(outcome(refused), '403 access_denied');
    assert.deepEqual((await attributes()).flags, {});
    await app.request('PATCH', path, { token: manager.token, body });
    assert.deepEqual((await attributes()).flags, { on: true });
  });
});
