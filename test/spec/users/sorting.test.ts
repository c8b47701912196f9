// sort: section A13 of the standards checklist, and each attribute that a list can be sorted by.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { ids, outcome, values, walk } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const time = (day: number) => Date.UTC(2026, 3, day);

/** Ids 2 to 7, with ties in every attribute but the email. */
const people = [
  { first_name: 'Bob', last_name: 'Lee', email: 'f@email.com', updated_at: time(2), expires: time(9) },
  { first_name: 'ann', last_name: 'Žukić', email: 'B@email.com', updated_at: time(1), expires: null },
  { first_name: 'Ann', last_name: 'lee', email: 'a@email.com', updated_at: time(3), expires: time(8) },
  { first_name: 'bob', last_name: 'Abe', email: 'c@email.com', updated_at: time(2), expires: time(9) },
  { first_name: 'ANN', last_name: 'Lee', email: 'E@email.com', updated_at: time(1), expires: null },
  { first_name: 'Zoë', last_name: 'Zed', email: 'd@email.com', updated_at: time(3), expires: time(9) },
].map(({ expires, ...person }) => ({ ...person, account_access_expires_at: expires }));

/** The expected order of ids. Text is compared without regard to case, and null comes first. */
const orders: Readonly<Record<string, string>> = {
  id: '2 3 4 5 6 7',
  '-id': '7 6 5 4 3 2',
  email: '4 3 5 7 6 2',
  '-email': '2 6 7 5 3 4',
  first_name: '3 4 6 2 5 7',
  '-first_name': '7 2 5 3 4 6',
  last_name: '5 2 4 6 7 3',
  '-last_name': '3 7 2 4 6 5',
  updated_at: '3 6 2 5 4 7',
  '-updated_at': '4 7 2 5 3 6',
  account_access_expires_at: '3 6 4 2 5 7',
  '-account_access_expires_at': '2 5 7 4 3 6',
  'first_name,-id': '6 4 3 5 2 7',
  'last_name,-updated_at': '5 4 2 6 7 3',
  '-updated_at,first_name': '4 7 2 5 3 6',
  'updated_at,-last_name,email': '3 6 2 5 7 4',
  'first_name,last_name,-email': '6 4 3 5 2 7',
  'account_access_expires_at,-first_name': '3 6 4 7 2 5',
  'id,first_name': '2 3 4 5 6 7',
};

/** @returns the token of a sysadmin with id 1, who sees all users */
async function prepared(app: TestApp): Promise<string> {
  const { token } = await app.createUser({ sysadmin: true });
  assert.deepEqual(await createPeople(app, people), [2, 3, 4, 5, 6, 7]);
  return token;
}

onEachEngine((engine) => {
  test('A13 sorts by each sortable attribute both ways, and breaks ties by id', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const found: Record<string, string> = {};
    for (const sort of Object.keys(orders)) {
      const answer = await app.request('GET', `/api/v2/users?filter[id][gt]=1&sort=${sort}`, { token });
      found[sort] = ids(answer).join(' ');
    }
    assert.deepEqual(found, orders);
  });

  test('A13 keeps the order from page to page, whether near the beginning or near the end', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    for (const [sort, order] of Object.entries(orders)) {
      for (const size of [1, 2, 4]) {
        const pages = await walk(
          app,
          `/api/v2/users?filter[id][gt]=1&sort=${sort}&page[size]=${size}`,
          token,
        );
        assert.equal(pages.flatMap(ids).join(' '), order, `${sort} in pages of ${size}`);
      }
    }
  });

  test('A13 keeps the order from cursor to cursor', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    for (const [sort, order] of Object.entries(orders)) {
      if (sort.includes('expires')) continue;
      const path = `/api/v2/users?filter[id][gt]=1&sort=${sort}&page[after]=&page[size]=2`;
      assert.equal((await walk(app, path, token)).flatMap(ids).join(' '), order, sort);
    }
  });

  test('A13 sorts by id where nothing is asked', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    assert.deepEqual(ids(await app.request('GET', '/api/v2/users', { token })), [1, 2, 3, 4, 5, 6, 7]);
  });

  test('A13 sorts what an owner of one or of two organizations sees in the same way', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const [first, second] = [await app.createOrganization(), await app.createOrganization()];
    const member = await app.createUser();
    await app.store.write(async (transaction) => {
      for (const id of [2, 3, 4, 5, 6, 7]) await setMember(transaction, first, id, 'member', app.clock.now);
      for (const id of [4, 5]) await setMember(transaction, second, id, 'member', app.clock.now);
      await setMember(transaction, first, member.id, 'owner', app.clock.now);
    });
    const assertOrders = async () => {
      for (const [sort, order] of Object.entries(orders)) {
        const path = `/api/v2/users?filter[id][lt]=8&sort=${sort}`;
        const whole = await app.request('GET', path, { token: member.token });
        assert.equal(ids(whole).join(' '), order, sort);
        const pages = await walk(app, `${path}&page[size]=2`, member.token);
        assert.equal(pages.flatMap(ids).join(' '), order, `${sort} in pages`);
        if (sort.includes('expires')) continue;
        const cursors = await walk(app, `${path}&page[after]=&page[size]=2`, member.token);
        assert.equal(cursors.flatMap(ids).join(' '), order, `${sort} by cursor`);
      }
    };
    await assertOrders();
    await app.store.write((transaction) => setMember(transaction, second, member.id, 'admin', app.clock.now));
    await assertOrders();
    assert.equal(ids(await app.request('GET', '/api/v2/users', { token })).length, 8);
  });

  test('A13 shows each of a thousand people of the same name once, page after page', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true, values: { last_name: 'Same' } });
    const created = await createPeople(app, Array(999).fill({ last_name: 'Same' }));
    const everyone = [1, ...created];
    for (const sort of ['last_name', '-last_name', 'last_name,first_name']) {
      for (const page of ['page[number]=1', 'page[after]=']) {
        const pages = await walk(app, `/api/v2/users?sort=${sort}&${page}&page[size]=150`, token);
        assert.equal(pages.length, 7);
        assert.deepEqual(pages.flatMap(ids), everyone, `${sort} ${page}`);
      }
    }
  });

  test('A13 sorts in the order of what is shown after it was changed', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    await app.store.write(({ records }) => records(users).update(2, { last_name: 'Aaron' }));
    const answer = await app.request('GET', '/api/v2/users?filter[id]=2,5,7&sort=last_name', { token });
    assert.deepEqual(values(answer, 'last_name'), ['Aaron', 'Abe', 'Zed']);
  });

  test('A13 refuses to sort by what is not sortable, unknown, named twice or nothing', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const refused: [sort: string, named: string][] = [
      ['nope', 'nope'],
      ['-nope', 'nope'],
      ['email,nope', 'nope'],
      ['', ''],
      ['-', ''],
      ['email,', ''],
      ['--email', '-email'],
      ['+email', ' email'],
      ['Email', 'Email'],
      ['email,-email', 'email'],
      ['ical_token', 'ical_token'],
      ['intercom_hash', 'intercom_hash'],
      ['preferences', 'preferences'],
      ['flags', 'flags'],
      ['password', 'password'],
      ['revision', 'revision'],
      ['email_key', 'email_key'],
      ['constructor', 'constructor'],
      ['email;drop table users', 'email;drop table users'],
    ];
    for (const [sort, named] of refused) {
      const answer = await app.request('GET', `/api/v2/users?sort=${sort}`, { token });
      assert.equal(outcome(answer), '400 unsupported_sort', `sort=${sort}`);
      const [{ title, detail, source }] = answer.body.errors;
      assert.deepEqual(
        [title, detail, source],
        ['Unsupported Sort', `Sort by '${named}' is not supported on this endpoint`, { parameter: 'sort' }],
      );
    }
  });

  test('A13 refuses what cannot be sorted by behind the id too, where it would decide nothing', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const sort of ['id,nope', '-id,email,-nope', 'id,preferences', 'id,']) {
      const answer = await app.request('GET', `/api/v2/users?sort=${sort}`, { token });
      assert.equal(outcome(answer), '400 unsupported_sort', `sort=${sort}`);
    }
  });
});
