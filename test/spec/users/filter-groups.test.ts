// Groups of filters, text search, and the limits of both.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome, values } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

async function prepared(app: TestApp): Promise<string> {
  const { token } = await app.createUser({
    email: 'root@example.com',
    sysadmin: true,
    values: { first_name: 'Root', last_name: 'Admin' },
  });
  await createPeople(app, [
    { first_name: 'Ann', last_name: 'Lee', email: 'ann@example.com', locale: 'hr_HR' },
    { first_name: 'Bob', last_name: 'Lee', email: 'bob@example.org', time_zone: 'UTC' },
    { first_name: 'Cat', last_name: 'Annan', email: 'cat@elsewhere.net', locale: 'hr_HR', time_zone: 'UTC' },
    { first_name: 'Đuro', last_name: '東京 "Σ" 50%', email: 'djuro_1@example.net' },
  ]);
  return token;
}

/** What each query finds, as first names in order of id: Root, Ann, Bob, Cat, Đuro. */
async function assertFindings(app: TestApp, expected: Readonly<Record<string, string>>): Promise<void> {
  const token = await prepared(app);
  const found: Record<string, string> = {};
  for (const query of Object.keys(expected)) {
    const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
    found[query] = answer.status === 200 ? values(answer, 'first_name').join(' ') : outcome(answer);
    if (answer.status === 200) assert.equal(answer.body.meta.total_count, answer.body.data.length, query);
  }
  assert.deepEqual(found, expected);
}

onEachEngine((engine) => {
  test('finds what passes all or any of the filters of a group', async (t) => {
    await assertFindings(await startApp(t, engine), {
      'filter[0][first_name]=Ann': 'Ann',
      'filter[0][first_name][eq]=Ann&filter[1][last_name][eq]=Lee': 'Ann',
      'filter[$op]=and&filter[0][first_name]=Ann&filter[1][last_name]=Lee': 'Ann',
      'filter[$op]=or&filter[0][first_name][eq]=Ann&filter[1][last_name][eq]=Annan': 'Ann Cat',
      'filter[0][first_name]=Ann&filter[1][last_name]=Annan&filter[$op]=or': 'Ann Cat',
      'filter[$op]=or&filter[first_name]=Ann&filter[last_name]=Annan': 'Ann Cat',
      'filter[$op]=or&filter[first_name]=Ann&filter[0][last_name]=Annan': 'Ann Cat',
      'filter[$op]=or&filter[7][first_name]=Ann&filter[3][first_name]=Bob': 'Ann Bob',
      'filter[$op]=or&filter[0][first_name]=Ann,Bob&filter[1][id][gt_eq]=5': 'Ann Bob Đuro',
      'filter[$op]=or&filter[0][first_name]=Ann&filter[1][first_name][not_contain]=o': 'Ann Cat',
      'filter[$op]=or&filter[0][time_zone]=&filter[1][locale]=hr_HR': 'Root Ann Cat Đuro',
      'filter[$op]=or&filter[0][query]=elsewhere&filter[1][first_name]=Bob': 'Bob Cat',
      'filter[$op]=or': 'Root Ann Bob Cat Đuro',
      'filter[0][$op]=or&filter[first_name]=Ann': 'Ann',
    });
  });

  test('finds what passes groups within groups', async (t) => {
    await assertFindings(await startApp(t, engine), {
      'filter[$op]=or&filter[0][first_name][eq]=Ann&filter[1][$op]=and&filter[1][0][time_zone]=UTC&filter[1][1][locale]=hr_HR':
        'Ann Cat',
      'filter[0][$op]=or&filter[0][0][first_name]=Ann&filter[0][1][first_name]=Bob&filter[1][locale]=hr_HR':
        'Ann',
      'filter[0][$op]=or&filter[0][first_name]=Ann&filter[0][time_zone]=UTC&filter[1][$op]=or&filter[1][locale]=hr_HR&filter[1][last_name]=Lee':
        'Ann Bob Cat',
      'filter[$op]=or&filter[0][first_name]=Ann&filter[0][last_name]=Lee&filter[1][first_name]=Cat&filter[1][last_name]=Lee':
        'Ann',
      'filter[$op]=or&filter[0][0][0][0][0][first_name]=Ann&filter[1][1][1][1][1][first_name]=Bob': 'Ann Bob',
      'filter[$op]=or&filter[0][updated_at][gt]=2030-01-01&filter[1][updated_at]=2026-03-17&filter[1][id]=2':
        'Ann',
    });
  });

  test('refuses a group that is none', async (t) => {
    await assertFindings(await startApp(t, engine), {
      'filter[$op]=xor': '400 unsupported_filter_value',
      'filter[$op]=OR': '400 unsupported_filter_value',
      'filter[$op]=': '400 unsupported_filter_value',
      'filter[0][$op]=not&filter[0][first_name]=Ann': '400 unsupported_filter_value',
      'filter[$op][eq]=or': '400 unsupported_filter',
      'filter[0]=Ann': '400 unsupported_filter',
      'filter[0][eq]=Ann': '400 unsupported_filter',
      'filter[0][nope]=Ann': '400 unsupported_filter',
      'filter[0][0][first_name][nope]=Ann': '400 unsupported_filter',
      'filter[a][first_name]=Ann': '400 unsupported_filter',
      'filter[-1][first_name]=Ann': '400 unsupported_filter',
      'filter[1.5][first_name]=Ann': '400 unsupported_filter',
      'filter[$op]=or&filter[$op]=and': '400 unsupported_parameter',
      'filter[0][first_name]=Ann&filter[0][first_name]=Bob': '400 unsupported_parameter',
    });
  });

  test('searches names and emails for every word, without regard to case', async (t) => {
    await assertFindings(await startApp(t, engine), {
      'filter[query]=ann': 'Ann Cat',
      'filter[query]=ANN': 'Ann Cat',
      'filter[query]=lee': 'Ann Bob',
      'filter[query]=lee bob': 'Bob',
      'filter[query]=  bob   lee ': 'Bob',
      'filter[query]=bob+lee': 'Bob',
      'filter[query]=ann example': 'Ann',
      'filter[query]=elsewhere cat': 'Cat',
      'filter[query]=ann bob': '',
      'filter[query]=example.org': 'Bob',
      'filter[query]=@example': 'Root Ann Bob Đuro',
      'filter[query]=a': 'Root Ann Bob Cat Đuro',
      'filter[query]=aa': '',
      'filter[query]=bo le': 'Bob',
      'filter[query]=hr_HR': '',
      'filter[query]=UTC': '',
      'filter[query]=': 'Root Ann Bob Cat Đuro',
      'filter[query]=%20': 'Root Ann Bob Cat Đuro',
      'filter[query][eq]=annan': 'Cat',
      'filter[query][contains]=annan': 'Cat',
      'filter[query]=ann&filter[time_zone]=': 'Ann',
      'filter[0][query]=lee&filter[1][query]=ann': 'Ann',
    });
  });

  test('searches for letters of any script, and takes signs for what they are', async (t) => {
    await assertFindings(await startApp(t, engine), {
      'filter[query]=đuro': 'Đuro',
      'filter[query]=ĐURO': 'Đuro',
      'filter[query]=東京': 'Đuro',
      'filter[query]=東': 'Đuro',
      'filter[query]="σ"': 'Đuro',
      'filter[query]=50%25': 'Đuro',
      'filter[query]=%25': 'Đuro',
      'filter[query]=djuro_1': 'Đuro',
      'filter[query]=_': 'Đuro',
      'filter[query]=djuro%25': '',
      'filter[query]=ann*': '',
      'filter[query]=ann OR bob': '',
      'filter[query]="ann"': '',
      "filter[query]='; drop table users; --": '',
      'filter[query]=first_name_key:ann': '',
      'filter[query]=lee,bob': '',
      'filter[query]=a%00b': '400 unsupported_filter_value',
      'filter[query][gt]=a': '400 unsupported_filter',
      'filter[query][not_contain]=a': '400 unsupported_filter',
    });
  });

  test('finds what was renamed by its new name alone', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    await app.store.write(({ records }) =>
      records(users).update(2, { first_name: 'Zelda', email: 'zelda@new.com' }),
    );
    await app.store.write(({ records }) => records(users).delete(3));
    for (const [query, found] of Object.entries({
      zelda: ['Zelda'],
      'zelda@new.com': ['Zelda'],
      'ann@example': [],
      ann: ['Cat'],
      bob: [],
    })) {
      const answer = await app.request('GET', `/api/v2/users?filter[query]=${query}`, { token });
      assert.deepEqual(values(answer, 'first_name'), found, query);
    }
  });

  const limited = (name: string, setting: string, query: (n: number) => string, refusal: string) =>
    test(name, async (t) => {
      const app = await startApp(t, engine, { [setting]: '3' });
      const { token } = await app.createUser();
      const allowed = await app.request('GET', `/api/v2/users?${query(3)}`, { token });
      assert.equal(allowed.status, 200, allowed.text);
      assert.equal(outcome(await app.request('GET', `/api/v2/users?${query(4)}`, { token })), refusal);
    });
  const numbers = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

  limited(
    'refuses more filters than the setting allows',
    'maxFilters',
    (n) =>
      numbers(n)
        .map((i) => `filter[${i}][id]=${i}`)
        .join('&'),
    '400 unsupported_filter',
  );
  limited(
    'refuses groups nested deeper than the setting allows',
    'maxFilterDepth',
    (n) => `filter${'[0]'.repeat(n)}[id]=1`,
    '400 unsupported_filter',
  );
  limited(
    'refuses more values than the setting allows',
    'maxFilterValues',
    (n) => `filter[id]=${numbers(n).join()}`,
    '400 unsupported_filter_value',
  );

  test('allows 50 filters, groups 5 deep, 200 values and 10 words without a setting', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const queries: Readonly<Record<string, (n: number) => string>> = {
      50: (n) =>
        numbers(n)
          .map((i) => `filter[${i}][id]=${i}`)
          .join('&'),
      5: (n) => `filter${'[0]'.repeat(n)}[id]=1`,
      200: (n) => `filter[email]=${numbers(n).join()}`,
      10: (n) => `filter[query]=${numbers(n).join(' ')}`,
    };
    for (const [limit, query] of Object.entries(queries)) {
      const ask = (n: number) => app.request('GET', `/api/v2/users?${query(n)}`, { token });
      assert.equal((await ask(Number(limit))).status, 200, limit);
      assert.equal((await ask(Number(limit) + 1)).status, 400, limit);
    }
  });
});
