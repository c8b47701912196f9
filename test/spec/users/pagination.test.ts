// Pages by number, their links and meta: sections A17 and A18 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import { document, startApp } from '../../support/start-app.ts';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A link as its parameters, decoded, without their order. */
function parametersOf(link: string): Record<string, string> {
  return Object.fromEntries([...new URL(link).searchParams].sort());
}

onEachEngine((engine) => {
  test('A17 shows 30 records a page, and says so', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(64).fill({}));
    const first = await app.request('GET', '/api/v2/users', { token });
    assert.deepEqual(ids(first), range(1, 30));
    assert.equal(
      JSON.stringify(first.body.meta),
      '{"current_page":1,"total_pages":3,"total_count":65,"page_size":30,"max_page_size":200}',
    );
    const last = await app.request('GET', '/api/v2/users?page[number]=3', { token });
    assert.deepEqual(ids(last), range(61, 65));
    assert.deepEqual(last.body.meta, { ...first.body.meta, current_page: 3 });
  });

  test('A17 shows pages of any size up to 200, and cuts larger ones to that', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(249).fill({}));
    for (const [size, shown] of [
      ['1', 1],
      ['7', 7],
      ['199', 199],
      ['200', 200],
      ['201', 200],
      ['1000000000', 200],
      ['9007199254740991', 200],
      ['9007199254740993', 200],
      ['9'.repeat(308), 200],
      ['007', 7],
    ] as const) {
      const answer = await app.request('GET', `/api/v2/users?page[size]=${size}`, { token });
      assert.deepEqual(ids(answer), range(1, shown), size);
      assert.deepEqual(answer.body.meta, {
        current_page: 1,
        total_pages: Math.ceil(250 / shown),
        total_count: 250,
        page_size: shown,
        max_page_size: 200,
      });
    }
    const second = await app.request('GET', '/api/v2/users?page[size]=201&page[number]=2', { token });
    assert.deepEqual(ids(second), range(201, 250));
    assert.equal(parametersOf(second.body.links.prev)['page[size]'], '200');
  });

  test('A17 refuses a number or size that is not a whole number of 1 or more', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const name of ['number', 'size']) {
      for (const value of [
        '0',
        '-1',
        'abc',
        '',
        '1.0',
        '1.5',
        '1e9',
        '%2B1',
        '%201',
        '0x1',
        '١',
        'null',
        '1_000',
        '000',
        '9'.repeat(309),
        `-${'9'.repeat(30)}`,
      ]) {
        const answer = await app.request('GET', `/api/v2/users?page[${name}]=${value}`, { token });
        assert.equal(outcome(answer), '400 invalid_page', `page[${name}]=${value}`);
        assert.equal(answer.body.errors[0].title, 'Invalid Page');
        assert.deepEqual(answer.body.errors[0].source, { parameter: `page[${name}]` });
      }
    }
    const cursor = await app.request('GET', '/api/v2/users?page[after]=&page[size]=0', { token });
    assert.equal(outcome(cursor), '400 invalid_page');
  });

  test('A17 answers an empty page where there is none of that number', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(4).fill({}));
    for (const number of [4, 5, 1_000_000_000, Number.MAX_SAFE_INTEGER]) {
      const answer = await app.request('GET', `/api/v2/users?page[number]=${number}&page[size]=2`, { token });
      assert.deepEqual(ids(answer), []);
      assert.deepEqual(answer.body.meta, {
        current_page: number,
        total_pages: 3,
        total_count: 5,
        page_size: 2,
        max_page_size: 200,
      });
      const { first, last, prev, next } = answer.body.links;
      assert.equal(parametersOf(first)['page[number]'], '1');
      assert.equal(parametersOf(last)['page[number]'], '3');
      assert.equal(prev && parametersOf(prev)['page[number]'], number === 4 ? '3' : undefined);
      assert.equal(next, undefined);
    }
  });

  test('A17 takes a page number of any length for what it is', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const etags = new Set<string | null>();
    for (const number of ['9007199254740993', '9007199254740994', '9223372036854775808', '9'.repeat(308)]) {
      const answer = await app.request('GET', `/api/v2/users?page[number]=${number}&page[size]=2`, { token });
      assert.deepEqual(ids(answer), []);
      assert.ok(answer.text.includes(`"current_page":${number},"total_pages":1,`), answer.text);
      assert.deepEqual(Object.keys(answer.body.links), ['first', 'last']);
      assert.equal(parametersOf(answer.body.links.last)['page[number]'], '1');
      etags.add(answer.headers.get('etag'));
    }
    assert.equal(etags.size, 4);
  });

  test('A17 answers one empty page where nothing is found', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const answer = await app.request('GET', '/api/v2/users?filter[id]=99', { token });
    assert.equal(
      answer.text,
      JSON.stringify({
        data: [],
        links: {
          first: `${app.url}/api/v2/users?filter%5Bid%5D=99&page%5Bnumber%5D=1&page%5Bsize%5D=30`,
          last: `${app.url}/api/v2/users?filter%5Bid%5D=99&page%5Bnumber%5D=1&page%5Bsize%5D=30`,
        },
        meta: { current_page: 1, total_pages: 0, total_count: 0, page_size: 30, max_page_size: 200 },
      }),
    );
  });

  test('A18 links to the first and last page, and to the previous and next where there are such', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(4).fill({}));
    const page = (number: number) => `${app.url}/api/v2/users?page%5Bnumber%5D=${number}&page%5Bsize%5D=2`;
    const ends = { first: page(1), last: page(3) };
    const expected = {
      1: { ...ends, next: page(2) },
      2: { ...ends, prev: page(1), next: page(3) },
      3: { ...ends, prev: page(2) },
    };
    for (const [number, links] of Object.entries(expected)) {
      const path = `/api/v2/users?page[number]=${number}&page[size]=2`;
      assert.deepEqual((await app.request('GET', path, { token })).body.links, links);
    }
  });

  test('A18 names neither previous nor next on the only page', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, [{}]);
    for (const size of [2, 3, 200]) {
      const { body } = await app.request('GET', `/api/v2/users?page[size]=${size}`, { token });
      const page = `${app.url}/api/v2/users?page%5Bnumber%5D=1&page%5Bsize%5D=${size}`;
      assert.deepEqual(body.links, { first: page, last: page });
    }
  });

  test('A18 keeps every other parameter in its links, and never a token', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(5).fill({ last_name: 'a&b=c +/ü%' }));
    const kept = {
      'filter[$op]': 'or',
      'filter[0][last_name][eq]': 'a&b=c +/ü%',
      'filter[1][id][lt]': '0',
      sort: '-first_name,email',
      'fields[users]': 'email,last_name',
    };
    const query = new URLSearchParams({ ...kept, token, 'page[number]': '2', 'page[size]': '2' });
    const answer = await app.request('GET', `/api/v2/users?${query}`);
    assert.deepEqual(ids(answer).length, 2);
    const numbers = { first: '1', last: '3', prev: '1', next: '3' };
    assert.deepEqual(Object.keys(answer.body.links).sort(), Object.keys(numbers).sort());
    for (const [name, number] of Object.entries(numbers)) {
      const link: string = answer.body.links[name];
      assert.ok(link.startsWith(`${app.url}/api/v2/users?`), link);
      assert.match(link, /^[\w:/.?&=%~!*'()-]+$/);
      const expected = { ...kept, 'page[number]': number, 'page[size]': '2' };
      assert.deepEqual(parametersOf(link), Object.fromEntries(Object.entries(expected).sort()));
    }
    assert.equal(answer.text.includes(token), false);
  });

  test('A18 links to where clients reach the service, where a setting says so', async (t) => {
    const app = await startApp(t, engine, { publicUrl: 'https://people.example.com/accounts/' });
    const { token } = await app.createUser();
    const { body } = await app.request('GET', '/api/v2/users', {
      token,
      headers: { 'X-Forwarded-Host': 'evil.example.com' },
    });
    const page = 'https://people.example.com/accounts/api/v2/users?page%5Bnumber%5D=1&page%5Bsize%5D=30';
    assert.deepEqual(body.links, { first: page, last: page });
  });

  test('A18 leads by next through as many records as total_count says, each once', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true, values: { first_name: 'Root' } });
    await createPeople(
      app,
      range(2, 60).map((i) => ({ first_name: i % 3 ? 'Ann' : 'Bob' })),
    );
    const queries: [query: string, count: number][] = [
      ['', 60],
      ['filter[first_name]=Ann', 39],
      ['filter[first_name][not_eq]=Ann', 21],
      ['filter[first_name]=Ann&sort=-email&fields[users]=email', 39],
      ['filter[$op]=or&filter[0][first_name]=Bob&filter[1][id]=1&sort=last_name', 21],
      ['filter[query]=bob surname', 20],
      ['filter[id]=99', 0],
    ];
    for (const [query, count] of queries) {
      for (const size of [1, 7, 20, 60]) {
        const pages = await walk(app, `/api/v2/users?${query}&page[size]=${size}`, token);
        const found = pages.flatMap(ids);
        assert.equal(pages.length, Math.max(1, Math.ceil(count / size)), query);
        assert.equal(found.length, count, query);
        assert.equal(new Set(found).size, count, query);
        for (const { body } of pages) assert.equal(body.meta.total_count, count, query);
      }
    }
  });

  test('A18 leads back by prev to where next came from', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(9).fill({}));
    const forwards = (await walk(app, '/api/v2/users?page[size]=3&sort=-email', token)).map(ids);
    const backwards: number[][] = [];
    const end = (await app.request('GET', '/api/v2/users?page[size]=3&sort=-email', { token })).body.links
      .last;
    for (let link = end; link; ) {
      const page = await app.request('GET', link.replace(app.url, ''), { token });
      backwards.unshift(ids(page));
      link = page.body.links.prev;
    }
    assert.equal(forwards.length, 4);
    assert.deepEqual(backwards, forwards);
  });

  test('counts again after every change', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true, values: { first_name: 'Root' } });
    const total = async (query: string) =>
      (await app.request('GET', `/api/v2/users?${query}`, { token })).body.meta.total_count;
    // A first page that is full does not say how many there are, and a later one never does.
    const totals = async () => [
      await total(''),
      await total('filter[first_name]=Ann'),
      await total('filter[first_name]=Ann&page[size]=1'),
      await total('filter[first_name]=Ann&page[size]=1&page[number]=2'),
    ];
    const add = (email: string) =>
      app.request('POST', '/api/v2/users', {
        token,
        body: document({ email, first_name: 'Ann', last_name: 'Lee' }),
      });
    assert.deepEqual(await totals(), [1, 0, 0, 0]);
    const made = await add('ann@email.com');
    assert.deepEqual(await totals(), [2, 1, 1, 1]);
    await add('another@email.com');
    assert.deepEqual(await totals(), [3, 2, 2, 2]);
    const path = `/api/v2/users/${made.body.data.id}`;
    await app.request('PATCH', path, { token, body: document({ first_name: 'Eve' }) });
    assert.deepEqual(await totals(), [3, 1, 1, 1]);
    await app.request('PATCH', path, { token, body: document({ first_name: 'Ann' }) });
    assert.deepEqual(await totals(), [3, 2, 2, 2]);
    await app.request('DELETE', path, { token });
    assert.deepEqual(await totals(), [2, 1, 1, 1]);
  });

  test('counts again for an owner after every change of who belongs to the organization', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization();
    const owner = await app.createUser({ organizationId, role: 'owner' });
    const total = async (query: string) => {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token: owner.token });
      return answer.body.meta.total_count;
    };
    const totals = async () => [
      await total('page[size]=1'),
      await total('page[size]=1&filter[first_name]=name'),
    ];
    assert.deepEqual(await totals(), [1, 1]);
    const member = await app.createUser({ organizationId });
    assert.deepEqual(await totals(), [2, 2]);
    await app.store.write((transaction) => removeMember(transaction, organizationId, member.id));
    assert.deepEqual(await totals(), [1, 1]);
    await app.store.write((transaction) => setMember(transaction, organizationId, member.id, 'member', 0));
    assert.deepEqual(await totals(), [2, 2]);
  });

  test('counts and shows to each caller what that caller sees', async (t) => {
    const app = await startApp(t, engine);
    const root = await app.createUser({ sysadmin: true });
    const [acme, other] = [await app.createOrganization(), await app.createOrganization()];
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    const member = await app.createUser({ organizationId: acme });
    await createPeople(app, [
      ...Array(4).fill({ default_organization_id: acme }),
      { default_organization_id: other },
    ]);
    const seen = async (token: string, query = '', headers: Record<string, string> = {}) => {
      const pages = await walk(app, `/api/v2/users?page[size]=2${query}`, token, headers);
      assert.equal(pages[0]!.body.meta.total_count, pages.flatMap(ids).length);
      return pages.flatMap(ids);
    };
    assert.deepEqual(await seen(root.token), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(await seen(owner.token), [2, 3, 4, 5, 6, 7]);
    assert.deepEqual(await seen(member.token), [3]);
    assert.deepEqual(await seen(member.token, '&filter[id]=2,3,4'), [3]);
    assert.deepEqual(await seen(member.token, '&filter[id]=4'), []);
    assert.deepEqual(await seen(owner.token, '&filter[id][gt]=4&sort=-id'), [7, 6, 5]);
    assert.deepEqual(await seen(owner.token, '&filter[first_name]=name'), [2, 3, 4, 5, 6, 7]);
    assert.deepEqual(await seen(root.token, '', { 'X-Organization-Id': String(other) }), [8]);
    // Of two organizations, with members who are in both.
    await app.store.write(async (transaction) => {
      for (const id of [owner.id, 4, 5])
        await setMember(transaction, other, id, id === owner.id ? 'admin' : 'member', app.clock.now);
    });
    assert.deepEqual(await seen(owner.token), [2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(await seen(owner.token, '', { 'X-Organization-Id': String(other) }), [2, 4, 5, 8]);
    assert.deepEqual(await seen(owner.token, '&filter[id][gt]=4&sort=-id'), [8, 7, 6, 5]);
  });
});
