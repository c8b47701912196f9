// Pages by cursor: section A19 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { createPeople } from '../../support/create-people.ts';
import { emptyStore, onEachEngine } from '../../support/engines.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import { type Answer, document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const names = ['Eve', 'Ann', 'Dan', 'Bob', 'Cat', 'ann', 'Eve', 'Fay', 'Bob'];

/** A sysadmin with id 1, and users with ids 2 to 10. */
async function prepared(app: TestApp): Promise<string> {
  const { token } = await app.createUser({ sysadmin: true, values: { first_name: 'Root' } });
  await createPeople(
    app,
    names.map((first_name, i) => ({ first_name, updated_at: app.clock.now + (i % 3) })),
  );
  return token;
}

const cursorOf = (page: Answer) => new URL(page.body.links.next).searchParams.get('page[after]')!;

onEachEngine((engine) => {
  test('A19 walks from cursor to cursor until there is no next one', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    for (const size of [1, 3, 5, 9, 10, 11, 200]) {
      const pages = await walk(app, `/api/v2/users?page[after]=&page[size]=${size}`, token);
      assert.deepEqual(pages.flatMap(ids), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      assert.equal(pages.length, Math.ceil(10 / size), `pages of ${size}`);
      for (const page of pages) {
        assert.equal(JSON.stringify(page.body.meta), `{"page_size":${size},"max_page_size":200}`);
        const isLast = page === pages.at(-1);
        assert.deepEqual(Object.keys(page.body.links), isLast ? ['first'] : ['first', 'next']);
        assert.equal(
          page.body.links.first,
          `${app.url}/api/v2/users?page%5Bafter%5D=&page%5Bsize%5D=${size}`,
        );
      }
    }
  });

  test('A19 shows 30 records a page by default, and at most 200', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(250).fill({}));
    for (const [query, size] of [
      ['page[after]=', 30],
      ['page[after]=&page[size]=201', 200],
    ] as const) {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(ids(answer).length, size);
      assert.deepEqual(answer.body.meta, { page_size: size, max_page_size: 200 });
    }
  });

  test('A19 answers an empty page where nothing is found', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const answer = await app.request('GET', '/api/v2/users?page[after]=&filter[id]=99', { token });
    assert.deepEqual(answer.body, {
      data: [],
      links: { first: `${app.url}/api/v2/users?filter%5Bid%5D=99&page%5Bafter%5D=&page%5Bsize%5D=30` },
      meta: { page_size: 30, max_page_size: 200 },
    });
  });

  test('A19 keeps sort, filter and fields in its links, and never a token', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const kept = {
      'filter[first_name][not_eq]': 'Root,Fay',
      sort: '-first_name',
      'fields[users]': 'first_name',
    };
    const query = new URLSearchParams({ ...kept, token, 'page[after]': '', 'page[size]': '3' });
    const first = await app.request('GET', `/api/v2/users?${query}`);
    const parameters = Object.fromEntries(new URL(first.body.links.next).searchParams);
    assert.deepEqual(parameters, { ...kept, 'page[after]': cursorOf(first), 'page[size]': '3' });
    assert.equal(first.text.includes(token), false);
    const pages = await walk(app, `/api/v2/users?${query}`, token);
    assert.deepEqual(
      pages.flatMap(({ body }) => body.data.map((record: any) => record.attributes)),
      ['Eve', 'Eve', 'Dan', 'Cat', 'Bob', 'Bob', 'Ann', 'ann'].map((first_name) => ({ first_name })),
    );
  });

  test('A19 lets the size and the fields change from page to page', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const cursor = cursorOf(await app.request('GET', '/api/v2/users?page[after]=&page[size]=3', { token }));
    const path = `/api/v2/users?page[after]=${cursor}&page[size]=4&fields[users]=first_name`;
    const second = await app.request('GET', path, { token });
    assert.deepEqual(ids(second), [4, 5, 6, 7]);
    assert.deepEqual(second.body.data[0].attributes, { first_name: 'Dan' });
  });

  test('A19 goes on at its place after records before, at and behind it came and went', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const sorted = '/api/v2/users?sort=first_name&page[size]=4&filter[id][not_eq]=1';
    const first = await app.request('GET', `${sorted}&page[after]=`, { token });
    // Ann 3, ann 7, Bob 5, Bob 10 | Cat 6, Dan 4, Eve 2, Eve 8 | Fay 9
    assert.deepEqual(ids(first), [3, 7, 5, 10]);
    for (const id of [7, 10, 4]) await app.store.write(({ records }) => records(users).delete(id));
    await createPeople(
      app,
      ['Abe', 'Bob', 'Cat', 'Eva', 'Zoe'].map((first_name) => ({ first_name })),
    );
    const second = await app.request('GET', first.body.links.next.replace(app.url, ''), { token });
    // The new Bob is 12, the new Cat 13, Eva 14, Zoe 15; Abe comes before the place.
    assert.deepEqual(ids(second), [12, 6, 13, 14]);
    const third = await app.request('GET', second.body.links.next.replace(app.url, ''), { token });
    assert.deepEqual(ids(third), [2, 8, 9, 15]);
    assert.equal(third.body.links.next, undefined);
  });

  test('A19 skips and repeats nobody while others are made and deleted at the same time', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const people = await createPeople(
      app,
      Array.from({ length: 120 }, (_, i) => ({ last_name: `${'zyxwvu'[i % 6]}${i % 4}` })),
    );
    const doomed = people.filter((_, i) => i % 2 === 0);
    const survivors = people.filter((_, i) => i % 2 === 1);
    let made = 0;
    const write = async () => {
      for (let id = doomed.pop(); id !== undefined; id = doomed.pop()) {
        assert.equal((await app.request('DELETE', `/api/v2/users/${id}`, { token })).status, 204);
        const last_name = `${'abyz'[made % 4]}${made}`;
        const body = document({ email: `made${++made}@email.com`, first_name: 'New', last_name });
        assert.equal((await app.request('POST', '/api/v2/users', { token, body })).status, 201);
      }
    };
    const walked = async (sort: string) => {
      const pages = await walk(app, `/api/v2/users?sort=${sort}&page[after]=&page[size]=5`, token);
      const found = pages.flatMap(ids);
      assert.equal(new Set(found).size, found.length, `${sort} repeats nobody`);
      const stayed = found.filter((id) => survivors.includes(id));
      assert.deepEqual(
        stayed.sort((a, b) => a - b),
        survivors,
        `${sort} skips nobody`,
      );
    };
    const sorts = ['id', '-id', 'last_name', '-last_name', '-updated_at'];
    await Promise.all([write(), write(), ...sorts.map(walked)]);
    assert.equal(made, 60);
  });

  test('A19 refuses a cursor in which a single character was changed', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const cursor = cursorOf(await app.request('GET', '/api/v2/users?page[after]=&page[size]=3', { token }));
    const altered = [...cursor].flatMap((char, i) =>
      ['A', 'B', '_', '.']
        .filter((other) => other !== char)
        .map((other) => cursor.slice(0, i) + other + cursor.slice(i + 1)),
    );
    const forged = [
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}=`,
      `${cursor}.`,
      `.${cursor}`,
      `${cursor}.${cursor}`,
      cursor.split('.')[0]!,
      cursor.toUpperCase(),
      'nonsense',
      'null',
      '1',
      '%00',
      '%20',
      'é',
      'x'.repeat(5000),
      Buffer.from('[3]').toString('base64url'),
    ];
    for (const after of [...altered, ...forged]) {
      const answer = await app.request('GET', `/api/v2/users?page[after]=${after}&page[size]=3`, { token });
      assert.equal(outcome(answer), '400 keyset_invalid_cursor', after);
    }
    const answer = await app.request('GET', '/api/v2/users?page[after]=nonsense', { token });
    assert.equal(answer.body.errors[0].title, 'Invalid Page');
    assert.deepEqual(answer.body.errors[0].source, { parameter: 'page[after]' });
  });

  test('A19 refuses a cursor of another sort or another filter', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const queries = [
      '',
      'sort=-id',
      'sort=first_name',
      'sort=-first_name',
      'sort=last_name',
      'sort=first_name,-id',
      'sort=first_name,last_name',
      'filter[id][gt]=1',
      'filter[id][gt_eq]=1',
      'filter[id][gt]=2',
      'filter[id][not_eq]=1',
      'filter[first_name][contains]=n',
      'filter[$op]=or&filter[0][id][gt]=1&filter[1][id][gt]=2',
      'filter[0][id][gt]=1&filter[1][id][gt]=2',
    ];
    const cursors: string[] = [];
    for (const query of queries) {
      const page = await app.request('GET', `/api/v2/users?${query}&page[after]=&page[size]=1`, { token });
      cursors.push(cursorOf(page));
    }
    for (const [i, query] of queries.entries()) {
      for (const [j, cursor] of cursors.entries()) {
        const answer = await app.request('GET', `/api/v2/users?${query}&page[after]=${cursor}`, { token });
        const expected = i === j ? '200' : '400 keyset_invalid_cursor';
        assert.equal(outcome(answer), expected, `${query} with the cursor of ${queries[j]}`);
      }
    }
  });

  test('A19 refuses a cursor beside a page number', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const cursor = cursorOf(await app.request('GET', '/api/v2/users?page[after]=&page[size]=3', { token }));
    for (const query of ['page[after]=&page[number]=1', `page[number]=2&page[after]=${cursor}`]) {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(outcome(answer), '400 keyset_conflict');
      assert.equal(answer.body.errors[0].title, 'Invalid Page');
    }
  });

  test('A19 refuses a cursor over a sort by what may be null', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    for (const sort of [
      'account_access_expires_at',
      '-account_access_expires_at',
      'email,account_access_expires_at',
    ]) {
      const answer = await app.request('GET', `/api/v2/users?sort=${sort}&page[after]=`, { token });
      assert.equal(outcome(answer), '400 keyset_unsupported_sort', sort);
      assert.equal(answer.body.errors[0].title, 'Invalid Page');
    }
  });

  test('A19 keeps its cursors over a restart, and shares them among servers of one database', async (t) => {
    const store = await emptyStore(t, engine);
    const before = await serveStore(t, store);
    const token = await prepared(before);
    const cursor = cursorOf(
      await before.request('GET', '/api/v2/users?page[after]=&page[size]=3', { token }),
    );
    const after = await serveStore(t, store);
    const path = `/api/v2/users?page[after]=${cursor}&page[size]=3`;
    assert.deepEqual(ids(await after.request('GET', path, { token })), [4, 5, 6]);
    const other = await startApp(t, engine);
    const elsewhere = await prepared(other);
    assert.equal(
      outcome(await other.request('GET', path, { token: elsewhere })),
      '400 keyset_invalid_cursor',
    );
  });
});
