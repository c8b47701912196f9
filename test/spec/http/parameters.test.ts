// The query string: sections A15 and A16 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { document, startApp } from '../../support/start-app.ts';

/** What lists refuse, and the error code. */
const refused: Readonly<Record<string, string>> = {
  'foo=1': 'unsupported_parameter',
  foo: 'unsupported_parameter',
  '=1': 'unsupported_parameter',
  'Sort=email': 'unsupported_parameter',
  'sort[email]=asc': 'unsupported_parameter',
  'sort[]=email': 'unsupported_parameter',
  'page=1': 'unsupported_parameter',
  'page[foo]=1': 'unsupported_parameter',
  'page[]=1': 'unsupported_parameter',
  'page[number][x]=1': 'unsupported_parameter',
  'page[Number]=1': 'unsupported_parameter',
  'page[offset]=1': 'unsupported_parameter',
  'filter=1': 'unsupported_parameter',
  'filter[email=a': 'unsupported_parameter',
  'filter[email]x=a': 'unsupported_parameter',
  'filter]email[=a': 'unsupported_parameter',
  'filter[_]=1': 'unsupported_filter',
  'filter[]=1': 'unsupported_filter',
  '[filter]=1': 'unsupported_parameter',
  '%E0%A4%A=1': 'unsupported_parameter',
  'sort=%E0%A4%A': 'unsupported_parameter',
  'page[number]=1&page[number]=2': 'unsupported_parameter',
  'page[number]=1&page%5Bnumber%5D=2': 'unsupported_parameter',
  'page[size]=5&page[size]=5': 'unsupported_parameter',
  'sort=email&sort=id': 'unsupported_parameter',
  'filter[email]=a&filter[email]=b': 'unsupported_parameter',
  'fields[users]=email&fields[users]=email': 'unsupported_parameter',
  'fields[users][0]=email&fields[users][0]=email': 'unsupported_parameter',
  'filter[id][0]=1&filter[id][0]=2': 'unsupported_parameter',
  'fields[users]=email&foo=1': 'unsupported_parameter',
};

onEachEngine((engine) => {
  test('A15 refuses every parameter of a list that it does not know, or that comes twice', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const outcomes: Record<string, string> = {};
    for (const query of Object.keys(refused))
      outcomes[query] = outcome(await app.request('GET', `/api/v2/users?${query}`, { token }));
    const expected = Object.fromEntries(Object.entries(refused).map(([q, code]) => [q, `400 ${code}`]));
    assert.deepEqual(outcomes, expected);
  });

  test('A15 names the parameter that it refuses', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const answer = await app.request('GET', '/api/v2/users?sort=email&page[foo]=1', { token });
    assert.deepEqual(answer.body.errors, [
      {
        status: '400',
        code: 'unsupported_parameter',
        title: 'Unsupported Parameter',
        detail: "Parameter 'page[foo]' is not supported on this endpoint",
        meta: {},
        source: { parameter: 'page[foo]' },
      },
    ]);
  });

  const explained: Readonly<Record<string, [detail: string, parameter: string]>> = {
    'sort=email&sort=id': ["Parameter 'sort' is given twice: separate its values by commas", 'sort'],
    'page[number]=1&page%5Bnumber%5D=2': ["Parameter 'page[number]' is given twice", 'page[number]'],
    'filter[id]=1&filter[id]=1': [
      "Parameter 'filter[id]' is given twice: separate its values by commas",
      'filter[id]',
    ],
    'sort=%FF': ["The value of parameter 'sort' is not UTF-8", 'sort'],
    'filter[first_name]=%8Eofie': [
      "The value of parameter 'filter[first_name]' is not UTF-8",
      'filter[first_name]',
    ],
    'filter[first_name][]=%C5': [
      "The value of parameter 'filter[first_name][]' is not UTF-8",
      'filter[first_name][]',
    ],
    '%FF=1': ["The name of parameter '%FF' is not UTF-8", '%FF'],
    'filter[last_name]=100%': [
      "The value of parameter 'filter[last_name]' has an invalid percent-encoding: write %25 for a percent sign",
      'filter[last_name]',
    ],
  };

  test('says that a parameter is given twice, or not UTF-8', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const [query, [detail, parameter]] of Object.entries(explained)) {
      const answer = await sendPlain(t, app.url, ['GET', `/api/v2/users?${query}`], {
        'X-Auth-Token': token,
      });
      const [error] = JSON.parse(answer.text).errors;
      assert.deepEqual(
        [error.status, error.code, error.detail, error.source],
        ['400', 'unsupported_parameter', detail, { parameter }],
      );
    }
  });

  test('a + that nobody encoded is a plus in emails and zones, and in the links that repeat it', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ email: 'root@example.com', sysadmin: true });
    await createPeople(app, [
      { email: 'ann+tag@example.com', time_zone: 'Etc/GMT+5', first_name: 'A B' },
      { email: 'bob+tag@example.com', time_zone: 'Etc/GMT+5', first_name: 'A B' },
    ]);
    for (const filter of [
      'filter[email]=ann+tag@example.com,bob%2Btag@example.com',
      'filter[email][]=ann+tag@example.com&filter[email][]=bob+tag@example.com',
      'filter[0][email][contains]=b+tag,n+tag',
      'filter[$op]=or&filter[0][0][email][eq][0]=ann+tag@example.com&filter[1][email]=bob+tag@example.com',
      'filter[time_zone]=Etc/GMT+5',
      'filter[1][time_zone][eq][]=Etc/GMT+5',
      'filter[first_name]=A+B',
    ]) {
      const pages = await walk(app, `/api/v2/users?${filter}&page[size]=1`, token);
      assert.deepEqual(pages.flatMap(ids), [2, 3], filter);
      const cursors = await walk(app, `/api/v2/users?${filter}&page[size]=1&page[after]=`, token);
      assert.deepEqual(cursors.flatMap(ids), [2, 3], filter);
    }
  });

  test('A15 never echoes a parameter at length', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const query of [
      `${'x'.repeat(7000)}=1`,
      `filter[${'x'.repeat(7000)}]=1`,
      `sort=${'x'.repeat(7000)}`,
    ]) {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(answer.status, 400);
      assert.ok(answer.text.length < 1000, `${answer.text.length} characters`);
    }
  });

  test('A15 refuses what is for lists, and what is unknown, on a single record', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true, values: { first_name: 'before' } });
    const path = `/api/v2/users/${id}`;
    const queries = ['foo=1', 'sort=id', 'page[number]=1', 'page[after]=', 'filter[id]=1', 'include=x'];
    for (const query of queries) {
      for (const [method, url] of [
        ['GET', path],
        ['PATCH', path],
        ['DELETE', path],
        ['POST', '/api/v2/users'],
      ] as const) {
        const body = document({ first_name: 'after', last_name: 'User', email: 'new@email.com' });
        const options = { token, ...((method === 'PATCH' || method === 'POST') && { body }) };
        const answer = await app.request(method, `${url}?${query}`, options);
        assert.equal(outcome(answer), '400 unsupported_parameter', `${method} ${query}`);
      }
    }
    const list = await app.request('GET', '/api/v2/users', { token });
    assert.deepEqual([list.body.meta.total_count, list.body.data[0].attributes.first_name], [1, 'before']);
  });

  test('A15 lets the documented parameter token stand beside any other', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const path of ['/api/v2/users', `/api/v2/users/${id}`]) {
      const answer = await app.request('GET', `${path}?token=${token}&fields[users]=email`);
      assert.equal(answer.status, 200);
    }
  });

  test('A15 takes no notice of an empty query', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const plain = await app.request('GET', '/api/v2/users', { token });
    for (const query of ['?', '?&', '?&&']) {
      const answer = await app.request('GET', `/api/v2/users${query}`, { token });
      assert.deepEqual([answer.status, answer.text], [200, plain.text]);
    }
  });

  test('A16 reads brackets as they are and percent-encoded alike', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (let i = 0; i < 5; i++) await app.createUser({ values: { first_name: i % 2 ? 'Ann' : 'Bob' } });
    const parameters = [
      ['filter', '[$op]', 'or'],
      ['filter', '[0][first_name][eq]', 'Ann'],
      ['filter', '[1][first_name][contains]', 'ob'],
      ['page', '[number]', '2'],
      ['page', '[size]', '2'],
      ['fields', '[users]', 'first_name'],
    ] as const;
    const ask = async (encode: (brackets: string) => string) => {
      const query = parameters.map(([family, path, value]) => `${family}${encode(path)}=${value}`).join('&');
      const target = `/api/v2/users?${query}`;
      return sendPlain(t, app.url, ['GET', target], { 'X-Auth-Token': token });
    };
    const literal = await ask((path) => path);
    const body = JSON.parse(literal.text);
    assert.deepEqual(
      body.data.map(({ attributes }: any) => attributes.first_name),
      ['Bob', 'Ann'],
    );
    assert.deepEqual([literal.status, body.meta.total_count], [200, 5]);
    const encodings: ((path: string) => string)[] = [
      (path) => encodeURIComponent(path),
      (path) => path.replaceAll('[', '%5B').replaceAll(']', '%5D'),
      (path) => path.replaceAll('[', '%5b').replaceAll(']', '%5d'),
      (path) => path.replaceAll('[', '%5B'),
    ];
    for (const encode of encodings) {
      const answer = await ask(encode);
      assert.equal(answer.text, literal.text);
      assert.equal(answer.headers.get('etag'), literal.headers.get('etag'));
    }
  });
});
