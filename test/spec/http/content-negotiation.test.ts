// Content-Type and Accept: sections A2 to A6 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { document, mediaType, startApp, type TestApp } from '../../support/start-app.ts';

const unsupported = '415 unsupported_media_type';
const notAcceptable = '406 not_acceptable';

/** The response to a PATCH with each Content-Type, and whether it changed anything. */
async function patchWith(app: TestApp, contentTypes: readonly string[]): Promise<Record<string, string>> {
  const { id, token } = await app.createUser({ values: { first_name: 'before' } });
  const path = `/api/v2/users/${id}`;
  const outcomes: Record<string, string> = {};
  for (const contentType of contentTypes) {
    const answer = await app.request('PATCH', path, {
      token,
      headers: { 'Content-Type': contentType },
      body: document({ first_name: contentType }),
    });
    outcomes[contentType] = outcome(answer);
    const { first_name } = (await app.request('GET', path, { token })).body.data.attributes;
    assert.equal(first_name === contentType, answer.status === 200, contentType);
  }
  return outcomes;
}

onEachEngine((engine) => {
  test('A2 takes a media type with charset=utf-8 or ext=bulk, and refuses any other parameter', async (t) => {
    const app = await startApp(t, engine);
    const expected = {
      [mediaType]: '200',
      'APPLICATION/Vnd.Api+Json': '200',
      [`${mediaType}; charset=utf-8`]: '200',
      [`${mediaType};charset=UTF-8`]: '200',
      [`${mediaType}; charset="utf-8"`]: '200',
      [`${mediaType}; ext=bulk`]: '200',
      [`${mediaType}; ext="bulk"`]: '200',
      [`${mediaType}; ext=bulk; charset=utf-8`]: '200',
      [`${mediaType}; foo=bar`]: unsupported,
      [`${mediaType}; charset=utf-8; foo=bar`]: unsupported,
      [`${mediaType}; charset=iso-8859-1`]: unsupported,
      [`${mediaType}; version=1`]: unsupported,
      [`${mediaType}; q=1`]: unsupported,
    };
    assert.deepEqual(await patchWith(app, Object.keys(expected)), expected);
  });

  test('A2 refuses a list of resources even where the bulk extension is named', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
      token,
      headers: { 'Content-Type': `${mediaType}; ext=bulk` },
      body: { data: [{ type: 'users', id: String(id), attributes: { first_name: 'Eve' } }] },
    });
    assert.equal(outcome(answer), '400 malformed_document');
  });

  test('A3 refuses a body of another media type, and changes nothing', async (t) => {
    const app = await startApp(t, engine);
    const types = [
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/vnd.api+xml',
      'application/*',
      '*/*',
      `text/plain, ${mediaType}`,
    ];
    const expected = Object.fromEntries(types.map((type) => [type, unsupported]));
    assert.deepEqual(await patchWith(app, types), expected);
  });

  test('A3 refuses a body without a media type, to PATCH and to POST', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const body = JSON.stringify(document({ email: 'new@email.com', first_name: 'New', last_name: 'User' }));
    for (const [method, path] of [
      ['PATCH', `/api/v2/users/${id}`],
      ['POST', '/api/v2/users'],
    ] as const) {
      const headers = { 'X-Auth-Token': token };
      const answer = await sendPlain(t, app.url, [method, path], headers, body);
      assert.equal(answer.status, 415, method);
      assert.deepEqual(JSON.parse(answer.text).errors, [
        {
          status: '415',
          code: 'unsupported_media_type',
          title: 'Unsupported Media Type',
          detail: 'Unsupported content type',
          meta: { media_type: mediaType },
          source: {},
        },
      ]);
      assert.equal(answer.headers.get('accept'), mediaType);
    }
    const list = await app.request('GET', '/api/v2/users', { token });
    assert.deepEqual([list.body.meta.total_count, list.body.data[0].attributes.first_name], [1, 'name']);
  });

  test('A3 asks for no media type where there is no body, and does not mind one', async (t) => {
    const app = await startApp(t, engine);
    const admin = await app.createUser({ sysadmin: true });
    for (const contentType of [mediaType, `${mediaType}; charset=utf-8`, `${mediaType}; ext=bulk`]) {
      const { id } = await app.createUser();
      const options = { token: admin.token, headers: { 'Content-Type': contentType } };
      assert.equal((await app.request('GET', `/api/v2/users/${id}`, options)).status, 200);
      assert.equal((await app.request('DELETE', `/api/v2/users/${id}`, options)).status, 204);
    }
  });

  test('A4 refuses an extension that it does not know, and ignores a profile that it does not know', async (t) => {
    const app = await startApp(t, engine);
    const expected = {
      [`${mediaType}; ext="https://example.com/ext"`]: unsupported,
      [`${mediaType}; ext="bulk https://example.com/ext"`]: unsupported,
      [`${mediaType}; ext="https://jsonapi.org/ext/atomic"`]: unsupported,
      [`${mediaType}; ext=bulk; ext="https://example.com/ext"`]: unsupported,
      [`${mediaType}; profile="https://example.com/profile"`]: '200',
      [`${mediaType}; profile="https://example.com/a https://example.com/b;c,d"`]: '200',
    };
    assert.deepEqual(await patchWith(app, Object.keys(expected)), expected);
  });

  test('A5 answers 406 only where no JSON:API instance of Accept can be served', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const expected = {
      [mediaType]: '200',
      '*/*': '200',
      'application/*': '200',
      [`${mediaType};q=0.1`]: '200',
      'text/xml,application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5':
        '200',
      [`text/html, ${mediaType}`]: '200',
      [`${mediaType};foo=1, ${mediaType}`]: '200',
      [`${mediaType};foo=1, */*`]: '200',
      [`${mediaType};ext="https://example.com/ext", ${mediaType}`]: '200',
      [`${mediaType};profile="https://example.com/a,b"`]: '200',
      [`${mediaType};ext=bulk`]: '200',
      [`${mediaType};foo=1`]: notAcceptable,
      [`${mediaType};foo=1, ${mediaType};bar=2`]: notAcceptable,
      [`${mediaType};ext="https://example.com/ext"`]: notAcceptable,
      'text/html': notAcceptable,
      'application/json': notAcceptable,
      'text/*': notAcceptable,
      [`${mediaType};q=0`]: notAcceptable,
      '*/*;q=0.0': notAcceptable,
    };
    const outcomes: Record<string, string> = {};
    for (const accept of Object.keys(expected)) {
      const answer = await app.request('GET', '/api/v2/users', { token, headers: { Accept: accept } });
      outcomes[accept] = outcome(answer);
    }
    assert.deepEqual(outcomes, expected);
  });

  test('A5 serves a request that has no Accept at all', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const answer = await sendPlain(t, app.url, ['GET', '/api/v2/users'], { 'X-Auth-Token': token });
    assert.equal(answer.status, 200, answer.text);
  });

  test('A5 changes nothing where the answer would not be accepted', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
      token,
      headers: { Accept: 'text/html' },
      body: document({ first_name: 'Eve' }),
    });
    assert.equal(outcome(answer), notAcceptable);
    const { body } = await app.request('GET', `/api/v2/users/${id}`, { token });
    assert.equal(body.data.attributes.first_name, 'name');
  });

  test('A6 says on every answer that it varies by Accept', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    const other = await app.createUser();
    const answers = {
      200: await app.request('GET', path, { token }),
      204: await app.request('DELETE', `/api/v2/users/${other.id}`, { token }),
      304: await app.request('GET', path, { token, headers: { 'If-None-Match': etag } }),
      401: await app.request('GET', path),
      404: await app.request('GET', '/nowhere'),
      405: await app.request('PUT', path, { token }),
      406: await app.request('GET', path, { token, headers: { Accept: 'text/html' } }),
      422: await app.request('PATCH', path, { token, body: document({ first_name: '' }) }),
    };
    for (const [status, answer] of Object.entries(answers)) {
      assert.equal(answer.status, Number(status));
      const fields = (answer.headers.get('vary') ?? '').split(',').map((field) => field.trim().toLowerCase());
      assert.ok(fields.includes('accept'), `${status} has Vary: ${answer.headers.get('vary')}`);
    }
  });
});
