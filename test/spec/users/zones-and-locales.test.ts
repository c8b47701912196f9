// time_zone and locale, and the zone in which the server writes times.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { ids, values } from '../../support/read-answers.ts';
import { startAccount, tryValues } from '../../support/start-account.ts';
import { startApp } from '../../support/start-app.ts';

const notListed = '422 is not included in the list';
const outcomes = (outcome: string, ...values: unknown[]) =>
  values.map((value): [unknown, string] => [value, outcome]);

onEachEngine((engine) => {
  test('takes the name of any IANA time zone, its aliases too, and no time zone at all', async (t) => {
    const account = await startAccount(t, engine);
    const names = ['UTC', 'Europe/Zagreb', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'Asia/Kathmandu'];
    const aliases = [
      'GMT',
      'US/Pacific',
      'Europe/Kiev',
      'Europe/Kyiv',
      'Asia/Calcutta',
      'Etc/UTC',
      'EST5EDT',
    ];
    const expected = outcomes('taken', ...names, ...aliases, null);
    assert.deepEqual(
      await tryValues(
        account,
        'time_zone',
        expected.map(([value]) => value),
      ),
      expected,
    );
  });

  test('refuses what is no name of a time zone', async (t) => {
    const account = await startAccount(t, engine);
    const expected = [
      ...outcomes(
        notListed,
        '',
        ' ',
        'Mars/Olympus',
        'Europe',
        'Europe/Zagreb ',
        'Zagreb',
        '+01:00',
        'UTC+1',
        'Z',
      ),
      ...outcomes(
        notListed,
        'CEST',
        'GMT+1',
        '(GMT+01:00) Zagreb',
        'Europe/Zagreb/Center',
        'x'.repeat(10_000),
      ),
      ...outcomes('422 is not a string', 1, true, {}, ['UTC']),
      ...outcomes('422 contains characters that are not allowed', 'UTC\0', '\ud800'),
    ];
    assert.deepEqual(
      await tryValues(
        account,
        'time_zone',
        expected.map(([value]) => value),
      ),
      expected,
    );
  });

  test('refuses the name of a time zone, or of an alias, in another case', async (t) => {
    const account = await startAccount(t, engine);
    const expected = outcomes(
      notListed,
      'utc',
      'europe/zagreb',
      'EUROPE/ZAGREB',
      'us/pacific',
      'US/PACIFIC',
      'est5edt',
    );
    assert.deepEqual(
      await tryValues(
        account,
        'time_zone',
        expected.map(([value]) => value),
      ),
      expected,
    );
  });

  test('takes a language and a region that are known, and says en_US where nobody chose', async (t) => {
    const account = await startAccount(t, engine);
    assert.equal((await account.attributes()).locale, 'en_US');
    const expected = [
      ...outcomes(
        'taken',
        'hr_HR',
        'en_GB',
        'de_AT',
        'zh_CN',
        'zh_Hans_CN',
        'es_419',
        'en_001',
        'pt_BR',
        'fil_PH',
        'en_HR',
        'en_US',
      ),
      ...outcomes(notListed, '', ' ', 'en', 'en_us', 'EN_US', 'en_USA', 'en_US ', ' en_US', 'en_US_POSIX'),
      ...outcomes(notListed, 'xx_XX', 'en_ZZ', 'en_XX', 'qq_US', 'english_US', 'e_US'),
      ...outcomes(notListed, 'x'.repeat(10_000), 'en_US\n'),
      ...outcomes("422 can't be blank", null),
      ...outcomes('422 is not a string', 1, false, {}, ['en_US']),
      ...outcomes('422 contains characters that are not allowed', 'en_US\0', '\udfff'),
    ];
    assert.deepEqual(
      await tryValues(
        account,
        'locale',
        expected.map(([value]) => value),
      ),
      expected,
    );
  });

  test('keeps the hyphens of a locale as underscores, and finds it by either', async (t) => {
    const { app, token, id, change, attributes } = await startAccount(t, engine);
    for (const [sent, kept] of [
      ['en-GB', 'en_GB'],
      ['zh-Hans-CN', 'zh_Hans_CN'],
      ['es-419', 'es_419'],
    ] as const) {
      assert.equal((await change({ locale: sent })).status, 200, sent);
      assert.equal((await attributes()).locale, kept);
      for (const locale of [sent, kept]) {
        const found = await app.request('GET', `/api/v2/users?filter[locale]=${locale}`, { token });
        assert.deepEqual(ids(found), [id], locale);
      }
    }
  });

  test('finds a time zone by all of its names, and keeps the one that was given', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const zones = [
      'Asia/Kolkata',
      'Asia/Calcutta',
      'America/Los_Angeles',
      'US/Pacific',
      'Europe/Kyiv',
      'Europe/Kiev',
    ];
    for (const [i, time_zone] of zones.entries())
      await app.createUser({ email: `zone${i}@email.com`, values: { time_zone } });
    const find = async (filter: string) =>
      values(await app.request('GET', `/api/v2/users?filter[time_zone]${filter}`, { token }), 'time_zone');
    for (const pair of [zones.slice(0, 2), zones.slice(2, 4), zones.slice(4)]) {
      for (const name of pair) {
        assert.deepEqual(await find(`=${name}`), pair);
        assert.deepEqual(
          await find(`[not_eq]=${name}`),
          [null, ...zones].filter((zone) => !pair.includes(zone!)),
        );
        assert.deepEqual(await find(`[]=${name}&filter[time_zone][]=UTC`), pair);
      }
    }
    assert.deepEqual(await find('=Asia/Calcutta,US/Pacific'), zones.slice(0, 4));
    assert.deepEqual(await find('=asia/kolkata'), []);
    assert.deepEqual(await find('=Mars/Olympus'), []);
  });

  test('takes the last day that there is for a time, and what names its last millisecond anywhere', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const { id } = await app.createUser();
    for (const [sent, written] of [
      ['9999-12-31', '9999-12-31T00:00:00.000+00:00'],
      ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999+00:00'],
      ['9999-12-31T23:59:59.999-12:00', '9999-12-31T21:59:59.999-14:00'],
      ['9999-12-31 23:59:59.999+14', '9999-12-31T09:59:59.999+00:00'],
      ['2026-03-17t05:04:00z', '2026-03-17T05:04:00.000+00:00'],
    ] as const) {
      const body = { data: { type: 'users', attributes: { account_access_expires_at: sent } } };
      const answer = await app.request('PATCH', `/api/v2/users/${id}`, { token, body });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.data.attributes.account_access_expires_at, written);
      const again = { data: { type: 'users', attributes: { account_access_expires_at: written } } };
      const same = await app.request('PATCH', `/api/v2/users/${id}`, { token, body: again });
      assert.equal(same.text, answer.text);
      const query = `filter[account_access_expires_at]=${encodeURIComponent(sent)}`;
      assert.deepEqual(ids(await app.request('GET', `/api/v2/users?${query}`, { token })), [id], sent);
    }
  });

  const written: [timeZone: string | undefined, at: string, text: string][] = [
    [undefined, '2026-03-17T04:04:00.843Z', '2026-03-17T04:04:00.843+00:00'],
    ['Europe/Zagreb', '2026-03-17T04:04:00.843Z', '2026-03-17T05:04:00.843+01:00'],
    ['Europe/Zagreb', '2026-03-29T00:59:59.999Z', '2026-03-29T01:59:59.999+01:00'],
    ['Europe/Zagreb', '2026-03-29T01:00:00.000Z', '2026-03-29T03:00:00.000+02:00'],
    ['Europe/Zagreb', '2026-10-25T00:30:00.000Z', '2026-10-25T02:30:00.000+02:00'],
    ['Europe/Zagreb', '2026-10-25T01:30:00.000Z', '2026-10-25T02:30:00.000+01:00'],
    ['America/St_Johns', '2026-01-01T00:00:00.001Z', '2025-12-31T20:30:00.001-03:30'],
    ['Asia/Kathmandu', '2026-12-31T23:59:59.999Z', '2027-01-01T05:44:59.999+05:45'],
    ['Pacific/Kiritimati', '2026-02-28T12:00:00.000Z', '2026-03-01T02:00:00.000+14:00'],
  ];

  for (const [timeZone, at, text] of written) {
    test(`writes ${at} as ${text} ${timeZone ? `in ${timeZone}` : 'where no zone is set'}`, async (t) => {
      const app = await startApp(t, engine, timeZone === undefined ? {} : { timeZone });
      app.clock.now = Date.parse(at);
      const expires = Date.UTC(2100, 0, 1);
      const { id, token } = await app.createUser({ values: { account_access_expires_at: expires } });
      const body = { data: { type: 'users', attributes: { newsletter_consent: true } } };
      const before = await app.request('GET', `/api/v2/users/${id}`, { token });
      assert.equal(before.body.data.attributes.updated_at, text);
      const { attributes } = (await app.request('PATCH', `/api/v2/users/${id}`, { token, body })).body.data;
      assert.equal(attributes.newsletter_consent_at, text);
      assert.equal(Date.parse(attributes.account_access_expires_at), expires);
    });
  }

  test('writes times in the zone of the server, whatever zone the user has', async (t) => {
    const { attributes } = await startAccount(t, engine, { values: { time_zone: 'Asia/Tokyo' } });
    assert.equal((await attributes()).updated_at, '2026-03-17T04:04:00.843+00:00');
  });
});
