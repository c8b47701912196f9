// filter[attribute][operation]: section A14 of the standards checklist, and every operation of every kind of attribute.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome, values } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

/** What each query finds, as first names in order of id: 1 Root, 2 Ann, 3 ann, 4 Bob, 5 Cat. */
type Findings = Readonly<Record<string, string>>;

async function assertFindings(app: TestApp, token: string, expected: Findings): Promise<void> {
  const found: Record<string, string> = {};
  for (const query of Object.keys(expected)) {
    const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
    found[query] = answer.status === 200 ? values(answer, 'first_name').join(' ') : outcome(answer);
    if (answer.status === 200) assert.equal(answer.body.meta.total_count, answer.body.data.length, query);
  }
  assert.deepEqual(found, expected);
}

async function prepared(app: TestApp): Promise<string> {
  const { token } = await app.createUser({
    email: 'root@example.com',
    sysadmin: true,
    values: { first_name: 'Root', last_name: 'Admin', newsletter_consent: true },
  });
  const [acme, other] = [await app.createOrganization('Acme'), await app.createOrganization('Other')];
  await createPeople(app, [
    {
      first_name: 'Ann',
      last_name: 'Lee',
      email: 'ann@example.com',
      time_zone: 'Europe/Zagreb',
      locale: 'hr_HR',
      default_organization_id: acme,
      newsletter_consent: true,
    },
    {
      first_name: 'ann',
      last_name: 'Žukić',
      email: 'Ann2@Example.COM',
      time_zone: 'UTC',
      two_factor_auth: true,
    },
    {
      first_name: 'Bob',
      last_name: "O'Brien, Jr",
      email: 'bob@example.org',
      sso_provision: true,
      default_organization_id: other,
    },
    {
      first_name: 'Cat',
      last_name: '100%_\\"*',
      email: 'c+a.t@example.net',
      time_zone: 'UTC',
      locale: 'de_AT',
    },
  ]);
  return token;
}

onEachEngine((engine) => {
  const finds = (name: string, expected: Findings) =>
    test(name, async (t) => {
      const app = await startApp(t, engine);
      await assertFindings(app, await prepared(app), expected);
    });

  finds('finds names that are equal, and those that are not', {
    'filter[first_name]=Ann': 'Ann',
    'filter[first_name][eq]=Ann': 'Ann',
    'filter[first_name]=ann': 'ann',
    'filter[first_name]=ANN': '',
    'filter[first_name]=An': '',
    'filter[first_name]=Ann,Bob': 'Ann Bob',
    'filter[first_name][eq]=Bob,nobody,ann': 'ann Bob',
    'filter[first_name][not_eq]=Ann': 'Root ann Bob Cat',
    'filter[first_name][not_eq]=Ann,Bob,Root': 'ann Cat',
    'filter[first_name]=': '',
    'filter[first_name][not_eq]=': 'Root Ann ann Bob Cat',
    'filter[last_name]=Žukić': 'ann',
    'filter[last_name]=Z\u030Cukic\u0301': 'ann',
    'filter[last_name][not_eq]=Z\u030Cukic\u0301': 'Root Ann Bob Cat',
  });

  finds('takes a comma for the end of a value, unless a backslash stands before it', {
    "filter[last_name]=O'Brien, Jr": '',
    "filter[last_name]=O'Brien\\, Jr": 'Bob',
    "filter[last_name]=O'Brien\\, Jr,Lee": 'Ann Bob',
    'filter[first_name]=Ann\\,Bob': '',
    'filter[last_name]=100%25_\\\\"*': 'Cat',
  });

  finds('finds what names contain without regard to case, and what they do not', {
    'filter[first_name][contains]=AN': 'Ann ann',
    'filter[first_name][contains]=n': 'Ann ann',
    'filter[first_name][contains]=ann': 'Ann ann',
    'filter[first_name][contains]=oo,cat': 'Root Cat',
    'filter[first_name][not_contain]=an': 'Root Bob Cat',
    'filter[first_name][not_contain]=ann,oo': 'Bob Cat',
    'filter[first_name][contains]=annn': '',
    'filter[first_name][contains]=': 'Root Ann ann Bob Cat',
    'filter[first_name][not_contain]=': '',
    'filter[last_name][contains]=ŽU': 'ann',
    'filter[last_name][contains]=žuk': 'ann',
    'filter[last_name][contains]=Z\u030Cuk': 'ann',
    'filter[last_name][contains]=zuk': '',
    "filter[last_name][contains]=o'b": 'Bob',
    "filter[last_name][contains]='": 'Bob',
    'filter[last_name][contains]=en\\, j': 'Bob',
    'filter[last_name][contains]=%25': 'Cat',
    'filter[last_name][contains]=_': 'Cat',
    'filter[last_name][contains]=*': 'Cat',
    'filter[last_name][contains]="': 'Cat',
    'filter[last_name][contains]=00%25_': 'Cat',
    'filter[last_name][contains]=_\\\\"*': 'Cat',
    'filter[last_name][contains]=l%25e': '',
    'filter[last_name][contains]=l_e': '',
    'filter[last_name][contains]=" OR "l': '',
  });

  finds('finds emails without regard to case', {
    'filter[email]=ANN@example.COM': 'Ann',
    'filter[email]=ann2@example.com': 'ann',
    'filter[email]=ann@example.com,BOB@EXAMPLE.ORG': 'Ann Bob',
    'filter[email]=ann@example': '',
    'filter[email]=c%2Ba.t@example.net': 'Cat',
    'filter[email]=c+a.t@example.net': 'Cat',
    'filter[email]=c%20a.t@example.net': '',
    'filter[email][eq]=c+a.t@example.net,bob@example.org': 'Bob Cat',
    'filter[email][not_eq]=c+a.t@example.net': 'Root Ann ann Bob',
    'filter[email][contains]=C+A': 'Cat',
    'filter[email][not_contain]=c+a': 'Root Ann ann Bob',
    'filter[0][email]=c+a.t@example.net': 'Cat',
    'filter[query]=c+a.t@example.net': 'Cat',
    'filter[query]=c%2Ba.t@example.net': 'Cat',
    'filter[query]=ann+žukić': 'ann',
    'filter[last_name]=o%27brien,+jr': '',
    "filter[last_name]=O'Brien\\,+Jr": 'Bob',
    'filter[email][not_eq]=ANN2@example.com': 'Root Ann Bob Cat',
    'filter[email][contains]=@EXAMPLE.COM': 'Root Ann ann',
    'filter[email][contains]=.org,2@': 'ann Bob',
    'filter[email][not_contain]=.COM': 'Bob Cat',
  });

  finds('finds ids that are equal, greater and less', {
    'filter[id]=2': 'Ann',
    'filter[id]=1,2,3,99': 'Root Ann ann',
    'filter[id][eq]=4': 'Bob',
    'filter[id][not_eq]=2,4': 'Root ann Cat',
    'filter[id][gt]=3': 'Bob Cat',
    'filter[id][gt_eq]=3': 'ann Bob Cat',
    'filter[id][lt]=3': 'Root Ann',
    'filter[id][lt_eq]=3': 'Root Ann ann',
    'filter[id][gt]=-1': 'Root Ann ann Bob Cat',
    'filter[id][gt]=9007199254740991': '',
    'filter[id]=0': '',
  });

  finds('finds organizations, and those who have none', {
    'filter[default_organization_id]=1': 'Ann',
    'filter[default_organization_id]=1,2': 'Ann Bob',
    'filter[default_organization_id]=': 'Root ann Cat',
    'filter[default_organization_id]=,2': 'Root ann Bob Cat',
    'filter[default_organization_id][not_eq]=1': 'Root ann Bob Cat',
    'filter[default_organization_id][not_eq]=': 'Ann Bob',
    'filter[default_organization_id][not_eq]=,2': 'Ann',
    'filter[default_organization_id][gt]=1': 'Bob',
    'filter[default_organization_id][gt_eq]=1': 'Ann Bob',
    'filter[default_organization_id][lt]=2': 'Ann',
    'filter[default_organization_id][lt_eq]=2': 'Ann Bob',
  });

  finds('finds time zones and locales', {
    'filter[time_zone]=UTC': 'ann Cat',
    'filter[time_zone]=utc': '',
    'filter[time_zone]=UTC,Europe/Zagreb': 'Ann ann Cat',
    'filter[time_zone]=': 'Root Bob',
    'filter[time_zone]=,Europe/Zagreb': 'Root Ann Bob',
    'filter[time_zone][not_eq]=UTC': 'Root Ann Bob',
    'filter[time_zone][not_eq]=': 'Ann ann Cat',
    'filter[locale]=en_US': 'Root ann Bob',
    'filter[locale][not_eq]=en_US,hr_HR': 'Cat',
  });

  finds('finds what is true and what is false', {
    'filter[newsletter_consent]=true': 'Root Ann',
    'filter[newsletter_consent]=false': 'ann Bob Cat',
    'filter[newsletter_consent][not_eq]=true': 'ann Bob Cat',
    'filter[newsletter_consent]=true,false': 'Root Ann ann Bob Cat',
    'filter[newsletter_consent][not_eq]=true,false': '',
    'filter[sysadmin]=true': 'Root',
    'filter[sysadmin]=false': 'Ann ann Bob Cat',
    'filter[sysadmin]=1': 'Root',
    'filter[sysadmin]=0': 'Ann ann Bob Cat',
    'filter[sysadmin]=True': 'Root',
    'filter[sysadmin][not_eq]=TRUE': 'Ann ann Bob Cat',
    'filter[sysadmin][eq]=FALSE': 'Ann ann Bob Cat',
    'filter[newsletter_consent]=tRuE,0': 'Root Ann ann Bob Cat',
    'filter[two_factor_auth]=true': 'ann',
    'filter[sso_provision][eq]=true': 'Bob',
  });

  finds('finds what passes every one of several filters', {
    'filter[time_zone]=UTC&filter[locale]=en_US': 'ann',
    'filter[id][gt]=1&filter[id][lt]=4': 'Ann ann',
    'filter[first_name][contains]=a&filter[email][contains]=.com&filter[sysadmin]=false': 'Ann ann',
    'filter[first_name]=Ann&filter[first_name][not_eq]=Ann': '',
  });

  test('A14 refuses a filter that does not exist, or an operation that its type does not allow', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const refused = [
      'filter[nope]=1',
      'filter[nope][eq]=1',
      'filter[toString]=1',
      'filter[ID]=1',
      'filter[email_key]=a',
      'filter[revision]=1',
      'filter[password]=a',
      'filter[intercom_hash]=a',
      'filter[ical_token]=a',
      'filter[preferences]=a',
      'filter[flags]=a',
      'filter[email][nope]=a',
      'filter[email][EQ]=a',
      'filter[email][nope][]=a',
      'filter[][email]=a',
      'filter[email][][]=a',
      'filter[email][0][eq]=a',
      'filter[query][]=a',
      'filter[$op][]=or',
      'filter[0][]=a',
      'filter[email][eq][eq]=a',
      'filter[email][gt]=a',
      'filter[first_name][lt_eq]=a',
      'filter[id][contains]=1',
      'filter[sysadmin][gt]=true',
      'filter[sysadmin][contains]=true',
      'filter[updated_at][contains]=2026',
      'filter[default_organization_id][not_contain]=1',
      'filter[$nope]=and',
      "filter[id'; drop table users; --]=1",
    ];
    for (const query of refused) {
      const answer = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(outcome(answer), '400 unsupported_filter', query);
      assert.deepEqual(answer.body.errors[0].source, { parameter: query.slice(0, query.lastIndexOf('=')) });
    }
    const { body } = await app.request('GET', '/api/v2/users?filter[nope]=1', { token });
    assert.deepEqual(body.errors, [
      {
        status: '400',
        code: 'unsupported_filter',
        title: 'Unsupported Filter',
        detail: "Filter 'nope' is not supported on this endpoint",
        meta: {},
        source: { parameter: 'filter[nope]' },
      },
    ]);
  });

  test('A14 refuses a value that is not of the type, and never fails over it', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const refused: [filter: string, value: string][] = [
      ['filter[id]', 'abc'],
      ['filter[id]', ''],
      ['filter[id]', '1.0'],
      ['filter[id]', '1e3'],
      ['filter[id]', '0x10'],
      ['filter[id]', '9223372036854775808'],
      ['filter[id][gt]', '99999999999999999999999'],
      ['filter[id][not_eq]', 'null'],
      ['filter[default_organization_id]', 'acme'],
      ['filter[default_organization_id][gt]', ''],
      ['filter[sysadmin]', '2'],
      ['filter[sysadmin]', '01'],
      ['filter[sysadmin]', 't'],
      ['filter[sysadmin]', 'on'],
      ['filter[sysadmin][]', 'yes'],
      ['filter[sysadmin]', ''],
      ['filter[newsletter_consent][not_eq]', 'yes'],
    ];
    for (const [filter, value] of refused) {
      const answer = await app.request('GET', `/api/v2/users?${filter}=${value}`, { token });
      assert.equal(outcome(answer), '400 unsupported_filter_value', `${filter}=${value}`);
      const [{ title, detail, source }] = answer.body.errors;
      assert.deepEqual(
        [title, detail, source],
        [
          'Unsupported Filter Value',
          `Filter value '${value}' is not supported on this endpoint`,
          { parameter: filter },
        ],
      );
    }
    for (const query of [
      'filter[id]=1,abc',
      'filter[id][gt]=1,2',
      'filter[email]=%00',
      'filter[email][contains]=a%00b',
    ])
      assert.equal(
        outcome(await app.request('GET', `/api/v2/users?${query}`, { token })),
        '400 unsupported_filter_value',
        query,
      );
  });

  test('an email is on its first page alone, however often it was asked for', async (t) => {
    const app = await startApp(t, engine);
    const token = await prepared(app);
    const ask = (query: string) =>
      app.request('GET', `/api/v2/users?filter[email]=ann@example.com${query}`, { token });
    for (let again = 0; again < 3; again++) {
      for (const query of ['', '&page[number]=1', '&page[after]=', '&sort=-id', '&sort=email'])
        assert.deepEqual(values(await ask(query), 'first_name'), ['Ann'], query);
      for (const query of ['&page[number]=2', '&page[size]=1&page[number]=2', '&page[number]=99']) {
        const answer = await ask(query);
        assert.deepEqual([answer.body.data, answer.body.meta.total_count], [[], 1], query);
      }
    }
  });
});
