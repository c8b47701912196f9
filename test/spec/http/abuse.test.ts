// Requests that try to waste resources, to reach other servers, or to break something: sections D4, D6 and D9 of the
// standards checklist.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, ids } from '../../support/read-answers.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const megabyte = 'x'.repeat(1024 * 1024);

/** A server that counts its requests and redirects them to itself. */
async function canary(t: TestContext) {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url!);
    response.writeHead(302, { Location: '/redirected' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { hits, port: (server.address() as AddressInfo).port };
}

const rename = (app: TestApp, id: number, token: string, attributes: Record<string, unknown>) =>
  app.request('PATCH', `${usersPath}/${id}`, { token, body: document(attributes) });

const badUrls = [
  'file:///etc/passwd',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>',
  'ftp://example.com/a.png',
  'gopher://127.0.0.1:25/',
  'jar:http://example.com!/',
  '//example.com/a.png',
  '/a.png',
  'a.png',
  '',
  ' ',
  'http:',
  'http://',
  'http:///a.png',
  'http:example.com',
  ' http://example.com',
  'http://example.com/a b.png',
  'http://example.com/\r\nSet-Cookie: a=b',
  'http://example.com/\t',
  'http://exa mple.com',
  'http://[::1',
  'http://256.256.256.256/',
  'http://example.com:99999/',
  `https://example.com/${'a'.repeat(2029)}`,
];

onEachEngine((engine) => {
  test('D4 refuses a name of a megabyte, and stores nothing of it', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    assert.deepEqual(brokenRules(await rename(app, id, token, { first_name: megabyte })), [
      'first_name is too long (maximum is 255 characters)',
    ]);
    assert.deepEqual(brokenRules(await rename(app, id, token, { email: `${megabyte}@email.com` })), [
      'email is not an email',
    ]);
    assert.equal(brokenRules(await rename(app, id, token, { preferences: { megabyte } })).length, 1);
    assert.equal((await app.store.read.records(users).find(id))!.first_name, 'name');
  });

  test('D4 refuses a body above the limit, and a name of it is not echoed', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    assertError(await rename(app, id, token, { first_name: megabyte + megabyte }), 413, 'payload_too_large');
    const answer = await rename(app, id, token, { [megabyte]: 1 });
    assert.equal(answer.status, 422);
    assert.ok(answer.text.length < 1000);
  });

  for (const [title, query, code] of [
    [
      '51 filters',
      Array.from({ length: 51 }, (_, i) => `filter[${i}][id]=1`).join('&'),
      'unsupported_filter',
    ],
    ['filters nested six deep', 'filter[0][0][0][0][0][0][id]=1', 'unsupported_filter'],
    ['201 values', `filter[id]=${Array.from({ length: 201 }, (_, i) => i + 1)}`, 'unsupported_filter_value'],
    ['a search of 11 words', `filter[query]=${'word+'.repeat(11)}`, 'unsupported_filter_value'],
    ['a deep include', `include=${'organization.'.repeat(100)}users`, 'unsupported_parameter'],
    ['500 sorts', `sort=${Array.from({ length: 500 }, () => 'email').join()}`, 'unsupported_sort'],
    ['an endless fraction of a page', `page[number]=1.${'9'.repeat(400)}`, 'invalid_page'],
    ['500 brackets', `filter${'[0]'.repeat(500)}=1`, 'unsupported_filter'],
    ['500 fields', `fields[users]=${'email,'.repeat(500)}`, 'unsupported_parameter'],
  ] as const) {
    test(`D4 refuses ${title}`, async (t) => {
      const app = await startApp(t, engine);
      const { token } = await app.createUser({ sysadmin: true });
      const answer = await app.request('GET', `${usersPath}?${query}`, { token });
      const [error] = assertError(answer, 400, code);
      assert.ok(error!.detail.length < 300);
    });
  }

  test('D4 answers 50 filters, 5 levels, 200 values and the longest page', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    for (const query of [
      Array.from({ length: 50 }, (_, i) => `filter[${i}][id]=${id}`).join('&'),
      `filter[0][0][0][0][0][id]=${id}`,
      `filter[id]=${Array.from({ length: 200 }, (_, i) => i + id)}`,
      `filter[query]=${'name+'.repeat(10)}`,
      'page[size]=1000000',
    ])
      assert.deepEqual(ids(await app.request('GET', `${usersPath}?${query}`, { token })), [id], query);
  });

  test('D4 refuses 1,000 filters by the length of the URL', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const query = Array.from({ length: 1000 }, (_, i) => `filter[${i}][id]=1`).join('&');
    assertError(await app.request('GET', `${usersPath}?${query}`, { token }), 414, 'uri_too_long');
  });

  test('D6 refuses every avatar_url that is no absolute http(s) URL', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const url of badUrls) {
      await t.test(`D6 refuses ${JSON.stringify(url.slice(0, 40))} as an avatar_url`, async () => {
        const answer = await rename(app, id, token, { avatar_url: url });
        assert.equal(answer.status, 422);
        assert.equal(brokenRules(answer).length, 1);
        assert.match(brokenRules(answer)[0]!, /^avatar_url /);
        assert.equal((await app.store.read.records(users).find(id))!.avatar_url, null);
      });
    }
  });

  test('D6 keeps every absolute http(s) URL as it is, and fetches none of them', async (t) => {
    const { hits, port } = await canary(t);
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const url of [
      `http://127.0.0.1:${port}/a.png`,
      `http://localhost:${port}/a.png`,
      `http://[::ffff:127.0.0.1]:${port}/a.png`,
      `http://2130706433:${port}/a.png`,
      `http://127.1:${port}/a.png`,
      `http://user:password@127.0.0.1:${port}/a.png#fragment`,
      `HTTP://127.0.0.1:${port}/?redirect=http://169.254.169.254/`,
      'http://169.254.169.254/latest/meta-data/',
      'https://example.com/ä.png?größe=1',
      `https://example.com/${'a'.repeat(2028)}`,
    ]) {
      const answer = await rename(app, id, token, { avatar_url: url });
      assert.equal(answer.status, 200, answer.text);
      for (const path of [usersPath, `${usersPath}/${id}`]) {
        const { body } = await app.request('GET', path, { token });
        assert.equal((Array.isArray(body.data) ? body.data[0] : body.data).attributes.avatar_url, url);
      }
    }
    await app.close();
    assert.deepEqual(hits, []);
    // The canary server works: a request to it would have been counted.
    await fetch(`http://127.0.0.1:${port}/a.png`, { redirect: 'manual' });
    assert.deepEqual(hits, ['/a.png']);
  });

  test('D9 takes nothing in a filter for a pattern or for SQL', async (t) => {
    const app = await startApp(t, engine);
    const { id: sysadmin, token } = await app.createUser({ sysadmin: true });
    const odd = `a%b_c'd"e\\f;g--h*(i) OR 1=1`;
    const named = await app.createUser({ values: { last_name: odd } });
    const search = async (query: string) => ids(await app.request('GET', `${usersPath}?${query}`, { token }));
    const pieces = ['%', '_', "'", '"', ';', '--', '*', '(', ')', '%b_', `'d"`, 'OR 1=1', ';g--h*', '(i) or'];
    for (const piece of pieces) {
      const value = encodeURIComponent(piece);
      assert.deepEqual(await search(`filter[last_name][contains]=${value}`), [named.id], piece);
      assert.deepEqual(await search(`filter[last_name][not_contain]=${value}`), [sysadmin], piece);
      assert.deepEqual(await search(`filter[query]=${value}`), [named.id], piece);
    }
    const whole = encodeURIComponent(odd.replaceAll('\\', '\\\\'));
    assert.deepEqual(await search(`filter[last_name]=${whole}`), [named.id]);
    for (const nothing of [
      '%25',
      "'+OR+'1'='1",
      '"+OR+"a"',
      'a*',
      'NEAR(a+b)',
      'last_name_key:a',
      '^a',
      '{a}',
    ])
      assert.deepEqual(await search(`filter[first_name]=${nothing}`), [], nothing);
    for (const nothing of ['a%25c', 'a_b', 'first_name_key', 'surnameX*', 'name" OR "surname'])
      assert.deepEqual(await search(`filter[last_name][contains]=${nothing}`), [], nothing);
  });

  test('D9 refuses to sort by what is no attribute, whatever it says', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (const sort of [
      'id;drop table users',
      'id,drop table users',
      'first_name desc',
      '(select 1)',
      "id'--",
      '"id"',
      'users.id',
      '--id',
      '',
      'id%00',
      '__proto__',
      'constructor',
    ]) {
      const query = `sort=${encodeURIComponent(sort)}`;
      assertError(await app.request('GET', `${usersPath}?${query}`, { token }), 400, 'unsupported_sort');
    }
    for (const name of ["id' or 1=1--", 'constructor', '__proto__', 'hasOwnProperty', 'id"', 'users.id']) {
      const answer = await app.request('GET', `${usersPath}?filter[${encodeURIComponent(name)}]=1`, {
        token,
      });
      assertError(answer, 400, 'unsupported_filter');
    }
    for (const operation of ['=', 'like', 'constructor', 'gt;drop', 'EQ'])
      assertError(
        await app.request('GET', `${usersPath}?filter[id][${encodeURIComponent(operation)}]=1`, { token }),
        400,
        'unsupported_filter',
      );
  });

  test('D9 answers 404 to ids that no record can have', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const odd = [
      `${id}%00`,
      '%00',
      `${id};drop%20table%20users`,
      `${id}%27`,
      `${id}%20or%201=1`,
      `0${id}`,
      `%2B${id}`,
      `${id}.0`,
      `${id}e0`,
      `0x${id}`,
      `-${id}`,
      '0',
      'NaN',
      'null',
      '*',
      '%E0%A4%A',
      '٣',
      '9007199254740993',
      '9223372036854775808',
      '9'.repeat(400),
    ];
    for (const each of odd) {
      for (const [method, path] of [
        ['GET', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['PATCH', '/update_password'],
      ] as const) {
        const body = method === 'PATCH' ? { body: document({}) } : {};
        const answer = await app.request(method, `${usersPath}/${each}${path}`, { token, ...body });
        assertError(answer, 404, 'record_not_found');
      }
    }
    assert.equal((await app.store.read.records(users).state()).rowCount, 1);
  });

  test('D9 refuses NUL and lone surrogates in text, and stores them in preferences as they were', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const text of ['a\u0000b', '\u0000', 'a\ud800b', '\udfff'])
      for (const name of ['first_name', 'last_name', 'email', 'avatar_url', 'time_zone', 'locale']) {
        const broken = brokenRules(await rename(app, id, token, { [name]: text }));
        assert.deepEqual(broken, [`${name} contains characters that are not allowed`]);
      }
    const text = '{"a\\u0000":"\\ud800","b":"\\u0000"}';
    const answer = await app.request('PATCH', `${usersPath}/${id}`, {
      token,
      body: `{"data":{"type":"users","attributes":{"preferences":${text}}}}`,
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.data.attributes.preferences, JSON.parse(text));
    for (const name of ['email', 'first_name', 'query', 'locale'])
      assertError(
        await app.request('GET', `${usersPath}?filter[${name}]=a%00b`, { token }),
        400,
        'unsupported_filter_value',
      );
    assertError(
      await app.request('GET', `${usersPath}?filter[id]=1%00`, { token }),
      400,
      'unsupported_filter_value',
    );
  });

  test('D9 takes no SQL for a token', async (t) => {
    const app = await startApp(t, engine);
    await app.createUser({ sysadmin: true });
    for (const token of ["' or ''='", "x' union select 1--", '%', '*', 'null', 'muster_']) {
      assertError(await app.request('GET', usersPath, { token }), 401, 'invalid_auth_token');
      const query = `?token=${encodeURIComponent(token)}`;
      assertError(await app.request('GET', usersPath + query), 401, 'invalid_auth_token');
    }
  });
});
