// Filters by time: a date stands for its whole day in the server's zone, a date-time for that instant.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome, values } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

/** What each query finds, as first names. */
async function findings(app: TestApp, token: string, queries: readonly string[]) {
  const found: Record<string, string> = {};
  for (const query of queries) {
    const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
    found[query] = answer.status === 200 ? values(answer, 'first_name').join(' ') : outcome(answer);
  }
  return found;
}

/** In Zagreb the 29th of March has 23 hours: it begins at +01:00 and ends at +02:00. */
const moments = {
  eve: '2026-03-28T22:59:59.999Z',
  first: '2026-03-28T23:00:00.000Z',
  noon: '2026-03-29T10:00:00.500Z',
  last: '2026-03-29T21:59:59.999Z',
  next: '2026-03-29T22:00:00.000Z',
};

async function inZagreb(app: TestApp, attribute: string): Promise<string> {
  app.clock.now = Date.parse('2026-01-01T00:00:00.000Z');
  const { token } = await app.createUser({ sysadmin: true, values: { first_name: 'old' } });
  const people = Object.entries(moments).map(([first_name, at]) => ({
    first_name,
    [attribute]: Date.parse(at),
  }));
  await createPeople(app, people);
  return token;
}

onEachEngine((engine) => {
  test('takes a date for its whole day in the zone of the server', async (t) => {
    const app = await startApp(t, engine, { timeZone: 'Europe/Zagreb' });
    const token = await inZagreb(app, 'updated_at');
    const expected = {
      'filter[updated_at]=2026-03-29': 'first noon last',
      'filter[updated_at][eq]=2026-03-29': 'first noon last',
      'filter[updated_at][not_eq]=2026-03-29': 'old eve next',
      'filter[updated_at][gt]=2026-03-29': 'next',
      'filter[updated_at][gt_eq]=2026-03-29': 'first noon last next',
      'filter[updated_at][lt]=2026-03-29': 'old eve',
      'filter[updated_at][lt_eq]=2026-03-29': 'old eve first noon last',
      'filter[updated_at]=2026-03-28': 'eve',
      'filter[updated_at]=2026-03-28,2026-03-30': 'eve next',
      'filter[updated_at]=2026-03-29,2026-03-29': 'first noon last',
      'filter[updated_at][not_eq]=2026-03-28,2026-03-29': 'old next',
      'filter[updated_at]=2026-03-28,2026-03-29T12:00:00.500': 'eve noon',
      'filter[updated_at][not_eq]=2026-03-28,2026-03-29T12:00:00.500': 'old first last next',
      'filter[updated_at][gt_eq]=2026-03-29&filter[updated_at][lt]=2026-03-30': 'first noon last',
      'filter[updated_at]=2026-01-01': 'old',
      'filter[updated_at]=2025-12-31': '',
      'filter[updated_at][gt_eq]=1970-01-01': 'old eve first noon last next',
      'filter[updated_at][lt]=9999-12-31': 'old eve first noon last next',
      'filter[updated_at][lt_eq]=9999-12-31': 'old eve first noon last next',
      'filter[updated_at]=9999-12-31': '',
    };
    assert.deepEqual(await findings(app, token, Object.keys(expected)), expected);
  });

  test('takes a date-time for its instant, in the zone of the server where it names no offset', async (t) => {
    const app = await startApp(t, engine, { timeZone: 'Europe/Zagreb' });
    const token = await inZagreb(app, 'updated_at');
    const expected = {
      'filter[updated_at]=2026-03-28T23:00:00.000Z': 'first',
      'filter[updated_at]=2026-03-28T23:00:00Z': 'first',
      'filter[updated_at]=2026-03-28T23:00Z': 'first',
      'filter[updated_at]=2026-03-29T00:00:00%2B01:00': 'first',
      'filter[updated_at]=2026-03-29T00:00:00+01:00': 'first',
      'filter[updated_at]=2026-03-29T00:00:00%2B0100': 'first',
      'filter[updated_at]=2026-03-28T18:00:00-05:00': 'first',
      'filter[updated_at]=2026-03-29T04:30:00%2B05:30': 'first',
      'filter[updated_at]=2026-03-29+00:00:00%2B01': 'first',
      'filter[updated_at]=2026-03-29+00:00:00+01': 'first',
      'filter[updated_at]=2026-03-29%2000:00:00%2B0100': 'first',
      'filter[updated_at]=2026-03-29+00:00': 'first',
      'filter[updated_at]=2026-03-28t23:00z': 'first',
      'filter[updated_at][lt]=9999-12-31T23:59:59.999-12:00': 'old eve first noon last next',
      'filter[updated_at]=2026-03-29T00:00': 'first',
      'filter[updated_at]=2026-03-29T00:00:00': 'first',
      'filter[updated_at]=2026-03-29T12:00:00.500': 'noon',
      'filter[updated_at]=2026-03-29T12:00:00.5': 'noon',
      'filter[updated_at]=2026-03-29T12:00:00.500999': 'noon',
      'filter[updated_at]=2026-03-29T12:00:00': '',
      'filter[updated_at]=2026-03-29T23:59:59.999': 'last',
      'filter[updated_at]=2026-03-28T23:00:00Z,2026-03-30T00:00:00': 'first next',
      'filter[updated_at][not_eq]=2026-03-29T12:00:00.500': 'old eve first last next',
      'filter[updated_at][gt]=2026-03-28T23:00:00Z': 'noon last next',
      'filter[updated_at][gt]=2026-03-28T22:59:59.999Z': 'first noon last next',
      'filter[updated_at][gt_eq]=2026-03-28T23:00:00Z': 'first noon last next',
      'filter[updated_at][lt]=2026-03-30T00:00:00': 'old eve first noon last',
      'filter[updated_at][lt_eq]=2026-03-30T00:00:00%2B02:00': 'old eve first noon last next',
    };
    assert.deepEqual(await findings(app, token, Object.keys(expected)), expected);
  });

  test('finds those who have no such time by nothing, and counts them as not equal to any', async (t) => {
    const app = await startApp(t, engine, { timeZone: 'Europe/Zagreb' });
    const token = await inZagreb(app, 'account_access_expires_at');
    const name = 'filter[account_access_expires_at]';
    const expected = {
      [`${name}=`]: 'old',
      [`${name}[not_eq]=`]: 'eve first noon last next',
      [`${name}=2026-03-29`]: 'first noon last',
      [`${name}=,2026-03-29`]: 'old first noon last',
      [`${name}[not_eq]=2026-03-29`]: 'old eve next',
      [`${name}[not_eq]=,2026-03-29`]: 'eve next',
      [`${name}[not_eq]=2026-03-28,2026-03-29`]: 'old next',
      [`${name}[not_eq]=2026-03-28T23:00:00Z`]: 'old eve noon last next',
      [`${name}[not_eq]=2026-03-29,2026-03-29T22:00:00Z`]: 'old eve',
      [`${name}[gt]=2026-03-29`]: 'next',
      [`${name}[gt_eq]=2026-03-29`]: 'first noon last next',
      [`${name}[lt]=2026-03-29`]: 'eve',
      [`${name}[lt_eq]=2026-03-29`]: 'eve first noon last',
    };
    assert.deepEqual(await findings(app, token, Object.keys(expected)), expected);
  });

  /** Each day from its first moment, and the first moment after it. */
  const days: readonly (readonly [zone: string, day: string, from: string, until: string, says: string])[] = [
    ['UTC', '2026-02-28', '2026-02-28T00:00:00Z', '2026-03-01T00:00:00Z', 'the default'],
    ['UTC', '2028-02-29', '2028-02-29T00:00:00Z', '2028-03-01T00:00:00Z', 'a leap day'],
    ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00Z', '2026-01-01T18:30:00Z', 'a half hour'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00Z', '2026-01-01T10:00:00Z', 'the far east'],
    ['Pacific/Niue', '2026-01-01', '2026-01-01T11:00:00Z', '2026-01-02T11:00:00Z', 'the far west'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', '23 hours'],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', '25 hours'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z', '24½ hours'],
    ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z', 'begins at 01:00'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', 'begins at 01:00'],
    ['America/Havana', '2026-03-07', '2026-03-07T05:00:00Z', '2026-03-08T05:00:00Z', 'ends at 01:00'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z', 'begins at 01:00'],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', 'midnight twice'],
    ['America/Santiago', '2026-04-04', '2026-04-04T03:00:00Z', '2026-04-05T04:00:00Z', '23:00 twice'],
  ];

  for (const [timeZone, day, from, until, says] of days) {
    test(`knows when ${day} begins and ends in ${timeZone}: ${says}`, async (t) => {
      const app = await startApp(t, engine, { timeZone });
      const { token } = await app.createUser({ sysadmin: true, values: { first_name: 'now' } });
      await createPeople(app, [
        { first_name: 'before', updated_at: Date.parse(from) - 1 },
        { first_name: 'first', updated_at: Date.parse(from) },
        { first_name: 'last', updated_at: Date.parse(until) - 1 },
        { first_name: 'after', updated_at: Date.parse(until) },
      ]);
      const others = 'filter[first_name][not_eq]=now&filter[updated_at]';
      const expected = {
        [`${others}=${day}`]: 'first last',
        [`${others}[lt]=${day}`]: 'before',
        [`${others}[lt_eq]=${day}`]: 'before first last',
        [`${others}[gt_eq]=${day}`]: 'first last after',
        [`${others}[gt]=${day}`]: 'after',
        [`${others}[not_eq]=${day}`]: 'before after',
      };
      assert.deepEqual(await findings(app, token, Object.keys(expected)), expected);
    });
  }

  test('finds each record by the time that it shows', async (t) => {
    for (const timeZone of ['UTC', 'Europe/Zagreb', 'America/St_Johns', 'Pacific/Kiritimati']) {
      const app = await startApp(t, engine, { timeZone });
      const { token } = await app.createUser({ sysadmin: true });
      // Hours before and after a clock change, and an hour that occurs twice.
      const times = [
        '2026-03-29T00:59:59.001Z',
        '2026-03-29T01:00:00Z',
        '2026-10-25T00:30:00Z',
        '2026-10-25T01:30:00Z',
      ];
      const people = await createPeople(
        app,
        times.map((at) => ({ updated_at: Date.parse(at) })),
      );
      for (const id of people) {
        const { body } = await app.request('GET', `/api/v2/users/${id}`, { token });
        const shown: string = body.data.attributes.updated_at;
        const [day] = shown.split('T');
        for (const value of [encodeURIComponent(shown), shown]) {
          const answer = await app.request('GET', `/api/v2/users?filter[updated_at]=${value}`, { token });
          assert.deepEqual(
            answer.body.data.map((record: any) => record.id),
            [String(id)],
            shown,
          );
        }
        const ofDay = await app.request('GET', `/api/v2/users?filter[updated_at]=${day}`, { token });
        assert.ok(
          ofDay.body.data.some((record: any) => record.id === String(id)),
          `${timeZone} ${shown}`,
        );
      }
    }
  });

  test('refuses what is no time, and more than one of them for greater and less', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const refused = [
      '',
      'yesterday',
      '2026',
      '2026-03',
      '2026-3-1',
      '20260301',
      '01.03.2026',
      '2026-13-01',
      '2026-00-01',
      '2026-02-29',
      '2026-02-30',
      '2026-04-31',
      '2026-03-29T',
      '2026-03-29T10',
      '2026-03-29T24:00',
      '2026-03-29T10:60',
      '2026-03-29T10:00:61',
      '2026-03-29T10:00:00.Z',
      '2026-03-29T10:00:00%2B99:00',
      '2026-03-29T10:00:00%2B01:75',
      '2026-03-29Z',
      '2026-03-29  10:00:00',
      '1774778400000',
      '-2026-03-29',
      '%2B12026-03-29',
      "2026-03-29'",
      '2026-03-29,nope',
    ];
    for (const value of refused) {
      for (const operation of ['', '[not_eq]', '[gt]', '[lt_eq]']) {
        const query = `filter[updated_at]${operation}=${value}`;
        const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
        assert.equal(outcome(answer), '400 unsupported_filter_value', query);
      }
    }
    for (const operation of ['gt', 'gt_eq', 'lt', 'lt_eq']) {
      const query = `filter[updated_at][${operation}]=2026-03-28,2026-03-29`;
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(outcome(answer), '400 unsupported_filter_value', query);
    }
  });
});
