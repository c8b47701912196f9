// Request and response documents: sections A7 to A10, A21 and A23 of the standards checklist.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { type Answer, document, mediaType, startApp, type TestApp } from '../../support/start-app.ts';

interface Account {
  readonly app: TestApp;
  readonly id: number;
  readonly path: string;
  readonly token: string;
  patch(body: unknown): Promise<Answer>;
  show(): Promise<Answer>;
}

async function account(t: TestContext, engine: EngineName): Promise<Account> {
  const app = await startApp(t, engine);
  const { id, token } = await app.createUser({ values: { time_zone: 'Europe/Zagreb' } });
  const path = `/api/v2/users/${id}`;
  return {
    app,
    id,
    path,
    token,
    patch: (body) => app.request('PATCH', path, { token, body }),
    show: () => app.request('GET', path, { token }),
  };
}

const newUser = { email: 'new@email.com', first_name: 'New', last_name: 'User' };

onEachEngine((engine) => {
  test('A7 refuses to create a resource of another type', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const body = { data: { type: 'people', attributes: newUser } };
    const answer = await app.request('POST', '/api/v2/users', { token, body });
    assert.equal(outcome(answer), '409 resource_conflict');
    assert.deepEqual(answer.body.errors[0].source, { pointer: 'data/type' });
    assert.equal((await app.request('GET', '/api/v2/users', { token })).body.meta.total_count, 1);
  });

  test('skips a byte order mark before a document, and says which encoding it cannot read', async (t) => {
    const { app, path, token, show } = await account(t, engine);
    const text = JSON.stringify(document({ first_name: 'Zoé' }));
    const headers = { 'X-Auth-Token': token, 'Content-Type': mediaType };
    const patch = (body: Buffer) => sendPlain(t, app.url, ['PATCH', path], headers, body);
    assert.equal((await patch(Buffer.from(`\ufeff${text}`))).status, 200);
    assert.equal((await show()).body.data.attributes.first_name, 'Zoé');
    const detail = async (body: Buffer) => JSON.parse((await patch(body)).text).errors[0].detail;
    const wide = 'The body is in UTF-16 or UTF-32; send it in UTF-8';
    const little = Buffer.from(text, 'utf16le');
    assert.equal(await detail(Buffer.from(`\ufeff${text}`, 'utf16le')), wide);
    assert.equal(await detail(little), wide);
    assert.equal(await detail(Buffer.from(little).swap16()), wide);
    assert.equal(await detail(Buffer.from(text, 'latin1')), 'The body is not UTF-8');
  });

  test('A7 refuses to create a resource with an id that the client chose', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (const id of ['x', '77', '']) {
      const body = { data: { type: 'users', id, attributes: newUser } };
      const answer = await app.request('POST', '/api/v2/users', { token, body });
      assert.equal(outcome(answer), '403 access_denied');
      assert.deepEqual(answer.body.errors[0].source, { pointer: 'data/id' });
    }
    assert.equal((await app.request('GET', '/api/v2/users', { token })).body.meta.total_count, 1);
  });

  test('A8 refuses a PATCH whose id or type is not the one of the URL, and changes nothing', async (t) => {
    const { id, patch, show } = await account(t, engine);
    const before = await show();
    const attributes = { first_name: 'Eve' };
    const refusals: [data: object, pointer: string][] = [
      [{ type: 'users', id: String(id + 1), attributes }, 'data/id'],
      [{ type: 'users', id: `0${id}`, attributes }, 'data/id'],
      [{ type: 'users', id: '', attributes }, 'data/id'],
      [{ type: 'people', id: String(id), attributes }, 'data/type'],
      [{ type: 'Users', attributes }, 'data/type'],
      [{ type: '', attributes }, 'data/type'],
    ];
    for (const [data, pointer] of refusals) {
      const answer = await patch({ data });
      assert.equal(outcome(answer), '409 resource_conflict', JSON.stringify(data));
      assert.equal(answer.body.errors[0].title, 'Resource Conflict');
      assert.deepEqual(answer.body.errors[0].source, { pointer });
    }
    const after = await show();
    assert.equal(after.text, before.text);
    assert.equal(after.headers.get('etag'), before.headers.get('etag'));
  });

  test('A8 takes a PATCH with the id of the URL, and one without an id', async (t) => {
    const { id, patch } = await account(t, engine);
    const given = await patch(document({ first_name: 'Ann' }, String(id)));
    assert.deepEqual([given.status, given.body.data.attributes.first_name], [200, 'Ann']);
    const absent = await patch(document({ first_name: 'Eve' }));
    assert.deepEqual([absent.status, absent.body.data.attributes.first_name], [200, 'Eve']);
  });

  const attributes = { first_name: 'Eve' };
  const malformed: [name: string, body: string | Buffer][] = [
    ['nothing', ''],
    ['white space', ' \n'],
    ['what is not JSON', '{"data":'],
    ['JSON with something behind it', `${JSON.stringify(document(attributes))}}`],
    ['a string', '"data"'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '12345678901234567890'],
    ['an object without data', '{}'],
    ['data that is null', '{"data":null}'],
    ['data that is a list', '{"data":[]}'],
    ['data that is a list of resources', JSON.stringify({ data: [{ type: 'users', attributes }] })],
    ['data that is a string', '{"data":"users"}'],
    ['data that is a number no double holds', '{"data":12345678901234567890}'],
    ['a resource without a type', JSON.stringify({ data: { attributes } })],
    ['a type that is a number', JSON.stringify({ data: { type: 1, attributes } })],
    ['a type that is null', JSON.stringify({ data: { type: null, attributes } })],
    ['an id that is a number', JSON.stringify({ data: { type: 'users', id: 1, attributes } })],
    ['an id that is a number no double holds', '{"data":{"type":"users","id":12345678901234567890}}'],
    ['an id that is null', JSON.stringify({ data: { type: 'users', id: null, attributes } })],
    ['attributes that are a number', '{"data":{"type":"users","attributes":1}}'],
    ['attributes that are null', '{"data":{"type":"users","attributes":null}}'],
    ['attributes that are a list', '{"data":{"type":"users","attributes":[]}}'],
    ['attributes that are a string', '{"data":{"type":"users","attributes":"first_name"}}'],
    ['relationships that are a list', '{"data":{"type":"users","relationships":[]}}'],
    ['arrays without end', '['.repeat(300_000)],
    ['objects nested very deep', `${'{"data":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    [
      'bytes that are not UTF-8',
      Buffer.from('{"data":{"type":"users","attributes":{"first_name":"\xff"}}}', 'latin1'),
    ],
    ['a number that overflows', '{"data":{"type":"users","attributes":{"preferences":1e400}}}'],
  ];

  test('A9 answers 400 to a body that is no JSON:API document of one resource', async (t) => {
    const { app, path, token, show } = await account(t, engine);
    const before = await show();
    const headers = { 'Content-Type': mediaType, 'X-Auth-Token': token };
    for (const [name, body] of malformed) {
      await t.test(`such as ${name}`, async (t) => {
        const { status, text } = await sendPlain(t, app.url, ['PATCH', path], headers, body);
        assert.equal(status, 400, text);
        const [error, ...others] = JSON.parse(text).errors;
        assert.deepEqual(
          [error.code, error.title, others.length],
          ['malformed_document', 'Malformed Document', 0],
        );
      });
    }
    assert.equal((await show()).text, before.text);
  });

  test('A9 says where in the document it went wrong', async (t) => {
    const { patch } = await account(t, engine);
    const places: [body: unknown, pointer: string][] = [
      [{ data: [] }, 'data'],
      [{ data: {} }, 'data/type'],
      [{ data: { type: 'users', id: 1 } }, 'data/id'],
      [{ data: { type: 'users', attributes: 1 } }, 'data/attributes'],
    ];
    for (const [body, pointer] of places)
      assert.deepEqual((await patch(body)).body.errors[0].source, { pointer });
  });

  test('A9 takes a resource without attributes as one that changes nothing', async (t) => {
    const { patch, show } = await account(t, engine);
    const before = await show();
    const answer = await patch({ data: { type: 'users' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.text, before.text);
  });

  test('A10 changes nothing where one of the attributes is wrong', async (t) => {
    const { patch, show } = await account(t, engine);
    const before = await show();
    const answer = await patch(
      document({ first_name: 'Eve', ical_token: 'new', newsletter_consent: true, last_name: '' }),
    );
    assert.deepEqual(brokenRules(answer), ["last_name can't be blank"]);
    const after = await show();
    assert.equal(after.text, before.text);
    assert.equal(after.headers.get('etag'), before.headers.get('etag'));
  });

  test('A10 leaves what a PATCH does not name as it was', async (t) => {
    const { patch, show } = await account(t, engine);
    const before = (await show()).body.data.attributes;
    const answer = await patch(document({ last_name: 'Lee' }));
    const { updated_at, ...attributes } = answer.body.data.attributes;
    assert.deepEqual({ ...attributes, updated_at: before.updated_at }, { ...before, last_name: 'Lee' });
    assert.notEqual(updated_at, before.updated_at);
    assert.equal((await show()).text, answer.text);
  });

  test('A21 answers a POST with the place of what it made, and it is there', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const made = await app.request('POST', '/api/v2/users', { token, body: document(newUser) });
    assert.equal(made.status, 201);
    assert.equal(made.body.data.id, String(id + 1));
    assert.equal(made.headers.get('location'), `${app.url}/api/v2/users/${id + 1}`);
    const shown = await app.request('GET', new URL(made.headers.get('location')!).pathname, { token });
    assert.equal(shown.status, 200);
    assert.equal(shown.text, made.text);
    assert.equal(shown.headers.get('etag'), made.headers.get('etag'));
  });

  test('A21 names the place as clients reach the service, where a setting says how', async (t) => {
    const app = await startApp(t, engine, { publicUrl: 'https://people.example.com/accounts' });
    const { id, token } = await app.createUser({ sysadmin: true });
    const made = await app.request('POST', '/api/v2/users', { token, body: document(newUser) });
    assert.equal(made.headers.get('location'), `https://people.example.com/accounts/api/v2/users/${id + 1}`);
  });

  test('A21 answers a DELETE with 204, and a second one with 404', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const { id } = await app.createUser();
    const remove = () => app.request('DELETE', `/api/v2/users/${id}`, { token });
    const first = await remove();
    assert.deepEqual([first.status, first.text], [204, '']);
    assert.equal(outcome(await remove()), '404 record_not_found');
    assert.equal(outcome(await app.request('GET', `/api/v2/users/${id}`, { token })), '404 record_not_found');
  });

  test('A23 writes documents with the documented members alone, and never jsonapi', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const path = `/api/v2/users/${id}`;
    const members: [answer: Answer, names: string[]][] = [
      [await app.request('GET', path, { token }), ['data', 'meta']],
      [await app.request('PATCH', path, { token, body: document({ first_name: 'Ann' }) }), ['data', 'meta']],
      [await app.request('POST', '/api/v2/users', { token, body: document(newUser) }), ['data', 'meta']],
      [await app.request('GET', '/api/v2/users', { token }), ['data', 'links', 'meta']],
      [await app.request('GET', '/api/v2/users?page[after]=', { token }), ['data', 'links', 'meta']],
      [await app.request('GET', '/api/v2/users/999', { token }), ['errors']],
    ];
    for (const [answer, names] of members) {
      assert.deepEqual(Object.keys(answer.body), names);
      const [resource] = [answer.body.data ?? []].flat();
      if (resource) assert.deepEqual(Object.keys(resource), ['id', 'type', 'attributes']);
    }
  });
});
