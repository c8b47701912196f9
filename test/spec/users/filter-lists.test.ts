// Several values of one filter as the items of a list, as axios, qs, jQuery, Rails and PHP write them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome, values, walk } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

async function prepared(app: TestApp): Promise<string> {
  const { token } = await app.createUser({ email: 'root@example.com', sysadmin: true });
  await createPeople(app, [
    { first_name: 'Ann', last_name: 'Lee', email: 'ann@example.com', time_zone: 'Europe/Zagreb' },
    { first_name: 'Bob', last_name: "O'Brien, Jr", email: 'b+ob@example.org', newsletter_consent: true },
    { first_name: 'Cat', last_name: 'O\\,x', email: 'cat@example.net', time_zone: 'UTC' },
    { first_name: 'Dan', last_name: "O'Brien", email: 'dan@example.net' },
  ]);
  return token;
}

/** Ids: 1 name, 2 Ann, 3 Bob, 4 Cat, 5 Dan. */
const same: Readonly<Record<string, readonly string[]>> = {
  'filter[id]=2,3': [
    'filter[id][]=2&filter[id][]=3',
    'filter[id][]=3&filter[id][]=2&filter[id][]=3',
    'filter[id][0]=2&filter[id][1]=3',
    'filter[id][7]=3&filter[id][2]=2',
    'filter[id][100000]=3&filter[id][2]=2',
    'filter%5Bid%5D%5B%5D=2&filter%5Bid%5D%5B%5D=3',
    'filter%5Bid%5D%5B0%5D=2&filter%5Bid%5D%5B1%5D=3',
    'filter[id][]=2,3',
    'filter[id]=2&filter[id][]=3',
    'filter[id][]=2&filter[id][0]=3',
    'filter[0][id][]=2&filter[0][id][]=3',
    'filter[0][id][0]=2&filter[0][id][1]=3',
    'filter[0][0][id][]=2&filter[0][0][id][]=3',
    'filter[id]=3,2,2',
  ],
  'filter[id][eq]=2,3': [
    'filter[id][eq][]=2&filter[id][eq][]=3',
    'filter[id][eq][1]=2&filter[id][eq][0]=3',
    'filter[0][id][eq][]=2&filter[0][id][eq][]=3',
    'filter[0][id][eq][0]=2&filter[0][id][eq][1]=3',
  ],
  'filter[id][not_eq]=2,3': ['filter[id][not_eq][]=2&filter[id][not_eq][]=3'],
  'filter[id][gt]=3': ['filter[id][gt][]=3', 'filter[id][gt][0]=3'],
  'filter[email]=ann@example.com,B%2BOB@example.org': [
    'filter[email][]=ann@example.com&filter[email][]=b+ob@example.org',
    'filter[email][0]=ann%40example.com&filter[email][1]=b%2Bob@example.org',
  ],
  'filter[email][contains]=ann,dan': ['filter[email][contains][]=ann&filter[email][contains][]=dan'],
  'filter[email][not_contain]=ann,dan': [
    'filter[email][not_contain][0]=ann&filter[email][not_contain][1]=dan',
  ],
  'filter[time_zone]=,UTC': ['filter[time_zone][]=&filter[time_zone][]=UTC'],
  'filter[newsletter_consent]=true': ['filter[newsletter_consent][]=1', 'filter[newsletter_consent][0]=TRUE'],
  'filter[updated_at][eq]=2026-03-17': ['filter[updated_at][eq][]=2026-03-17'],
  'filter[updated_at]=2026-03-16,2026-03-17': [
    'filter[updated_at][]=2026-03-17&filter[updated_at][]=2026-03-16',
  ],
  "filter[last_name]=O'Brien\\, Jr,Lee": [
    "filter[last_name][]=O'Brien, Jr&filter[last_name][]=Lee",
    "filter[last_name][]=O'Brien\\, Jr&filter[last_name][]=Lee",
  ],
  'filter[last_name][contains]=\\, j': ['filter[last_name][contains][]=, j'],
  'filter[$op]=or&filter[0][id]=2,3&filter[1][first_name]=Dan': [
    'filter[$op]=or&filter[0][id][]=2&filter[0][id][]=3&filter[1][first_name]=Dan',
    'filter[$op]=or&filter[0][id][0]=2&filter[0][id][1]=3&filter[1][first_name][0]=Dan',
  ],
};

onEachEngine((engine) => {
  test('finds by the items of a list what it finds by values between commas', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    for (const [query, lists] of Object.entries(same)) {
      const expected = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.ok(ids(expected).length > 0, query);
      for (const list of lists) {
        const answer = await app.request('GET', `/api/v2/users?${list}`, { token });
        assert.deepEqual(ids(answer), ids(expected), list);
        assert.deepEqual(answer.body.meta, expected.body.meta, list);
      }
    }
  });

  test('takes a comma in an item that is a name for a comma', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const find = async (query: string) =>
      values(await app.request('GET', `/api/v2/users?${query}`, { token }), 'first_name');
    assert.deepEqual(await find("filter[last_name][]=O'Brien, Jr"), ['Bob']);
    assert.deepEqual(await find("filter[last_name]=O'Brien, Jr"), ['Dan']);
    assert.deepEqual(await find('filter[first_name][]=Ann,Bob'), []);
  });

  test('keeps a list in its links as it was sent, page by page', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const sent = 'filter[id][]=5&filter[id][]=2&filter[id][]=2&filter[id][0]=3&fields[users][]=first_name';
    for (const page of ['page[size]=1', 'page[size]=1&page[after]=']) {
      const pages = await walk(app, `/api/v2/users?${sent}&${page}`, token);
      assert.deepEqual(
        pages.flatMap((answer) => values(answer, 'first_name')),
        ['Ann', 'Bob', 'Dan'],
      );
      for (const { links } of pages.map(({ body }) => body)) {
        const first = decodeURIComponent(links.first.split('?')[1]);
        assert.ok(first.startsWith(`${sent}&page[`), first);
      }
    }
  });

  test('lets a cursor go on in every way of writing the same filter, and in no other filter', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const first = await app.request('GET', '/api/v2/users?filter[id]=2,3,5&page[size]=1&page[after]=', {
      token,
    });
    const cursor = new URL(first.body.links.next).searchParams.get('page[after]');
    const follow = (filter: string) =>
      app.request('GET', `/api/v2/users?${filter}&page[size]=1&page[after]=${cursor}`, { token });
    for (const filter of [
      'filter[id]=2,3,5',
      'filter[id][]=5&filter[id][]=3&filter[id][]=2',
      'filter[id][2]=2,3,5',
    ])
      assert.deepEqual(ids(await follow(filter)), [3], filter);
    assert.equal(outcome(await follow('filter[id][]=2&filter[id][]=3')), '400 keyset_invalid_cursor');
  });

  test('counts the values of a list as values, not as filters', async (t) => {
    const app = await startApp(t, engine, { maxFilters: '2', maxFilterValues: '3' });
    const { token } = await app.createUser();
    const list = (count: number, name = 'id') =>
      Array.from({ length: count }, (_, i) => `filter[${name}][]=${i}`).join('&');
    const ask = async (query: string) =>
      outcome(await app.request('GET', `/api/v2/users?${query}`, { token }));
    assert.equal(await ask(list(3)), '200');
    assert.equal(await ask(list(4)), '400 unsupported_filter_value');
    assert.equal(await ask(`filter[id]=1,2&${list(1)}`), '200');
    assert.equal(await ask('filter[id][0]=1,2&filter[id][1]=3,4'), '400 unsupported_filter_value');
    assert.equal(await ask(`${list(3)}&${list(3, 'email')}`), '200');
    assert.equal(
      await ask(`${list(1)}&${list(1, 'email')}&${list(1, 'first_name')}`),
      '400 unsupported_filter',
    );
  });

  test('names the item that it refuses', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const refused: [query: string, outcome: string, parameter: string][] = [
      ['filter[id][]=1&filter[id][]=x', '400 unsupported_filter_value', 'filter[id][]'],
      ['filter[id][0]=1&filter[id][1]=x', '400 unsupported_filter_value', 'filter[id][1]'],
      ['filter[id][gt][]=1&filter[id][gt][]=2', '400 unsupported_filter_value', 'filter[id][gt][]'],
      ['filter[id][0]=1&filter[id][0]=2', '400 unsupported_parameter', 'filter[id][0]'],
      ['fields[users][]=nope', '400 unsupported_parameter', 'fields[users][]'],
      ['sort[]=id', '400 unsupported_parameter', 'sort[]'],
    ];
    for (const [query, expected, parameter] of refused) {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(outcome(answer), expected, query);
      assert.deepEqual(answer.body.errors[0].source, { parameter });
    }
  });

  test('reads the fields of a type as a list, too', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const fields of [
      'fields[users][]=last_name&fields[users][]=first_name',
      'fields[users][1]=last_name&fields[users][0]=first_name',
      'fields[users][]=last_name,first_name',
    ]) {
      const expected = { first_name: 'name', last_name: 'surname' };
      const list = await app.request('GET', `/api/v2/users?${fields}`, { token });
      const one = await app.request('GET', `/api/v2/users/${id}?${fields}`, { token });
      for (const record of [list.body.data[0], one.body.data])
        assert.equal(JSON.stringify(record.attributes), JSON.stringify(expected), fields);
    }
  });
});
