// What is read of the tables of Django, Laravel, WordPress, Devise and ASP.NET Identity.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isSecretColumn } from '../../src/cli/import-export/systems/secret-columns.ts';
import type { SystemName } from '../../src/cli/import-export/systems/systems.ts';
import { noHashSecrets } from '../../src/security/hash-formats/foreign-hash.ts';
import { fixture, readSystem } from '../support/read-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-tables-'));
after(() => rmSync(folder, { recursive: true }));

const reading = (system: SystemName, name: string, text?: string, secrets?: typeof noHashSecrets) =>
  readSystem(folder, system, name, text, secrets);

/** The same without what is in no fixture of CSV. */
const withoutDetails = (accounts: readonly any[]) =>
  accounts
    .filter((one) => typeof one !== 'string')
    .map(({ origin: { details: _, ...origin }, ...account }) => ({ ...account, origin }));

for (const [system, file, sameAs] of [
  ['django', 'django.json', 'django.csv'],
  ['laravel', 'laravel.json', 'laravel.csv'],
  ['laravel', 'laravel.tsv', 'laravel.csv'],
  ['aspnet', 'aspnet.json', 'aspnet.csv'],
] as const)
  test(`${file} has the accounts of ${sameAs}`, async () => {
    assert.deepEqual(
      withoutDetails(await reading(system, file)),
      withoutDetails(await reading(system, sameAs)),
    );
  });

test('JSON of phpMyAdmin may be written for people to read, and that of others names the table', async () => {
  const parts = JSON.parse(fixture('laravel.json'));
  const pretty = JSON.stringify([...parts, { type: 'table', name: 'teams', data: [{ id: '1' }] }], null, 4);
  const expected = await reading('laravel', 'laravel.json');
  assert.deepEqual(await reading('laravel', 'pretty.json', pretty), expected);
  // Adminer and DBeaver.
  for (const indent of [0, '\t'])
    assert.deepEqual(
      await reading('laravel', 'users.json', JSON.stringify({ users: parts[2].data }, null, indent)),
      expected,
    );
});

test('dumpdata may have other models, the key in front or none, and one object on each line', async () => {
  const read = await reading('django', 'django.json');
  assert.deepEqual(
    read.filter((one) => typeof one === 'string'),
    ['contenttypes.contenttype', 'auth.permission', 'auth.group'].map(
      (model) => `skipped: is of the model ${model}, which is not that of users`,
    ),
  );
  assert.deepEqual(read[3].origin.details, {
    username: 'ann',
    last_login: '2024-05-06T07:08:09.123Z',
    is_active: true,
    is_staff: true,
    is_superuser: true,
    groups: [1],
    user_permissions: [],
  });
  const objects = JSON.parse(fixture('django.json')).slice(3);
  objects[0].fields.profile = { api_token: 'x', plan: 'pro', keys: [{ private_key: 'x', kind: 'ssh' }] };
  const [profiled] = await reading('django', 'a.json', JSON.stringify(objects));
  assert.deepEqual(profiled.origin.details.profile, { plan: 'pro', keys: [{ kind: 'ssh' }] });
  const natural = objects.map(({ fields }: any) => ({
    model: 'accounts.member',
    fields: { ...fields, groups: [['Editors']] },
  }));
  const lines = natural.map((one: unknown) => `${JSON.stringify(one)}\n`).join('');
  const [ann] = await reading('django', 'natural.jsonl', lines);
  assert.deepEqual([ann.origin.external_id, ann.origin.details.groups], [null, [['Editors']]]);
});

test('the roles that WP-CLI prints are kept, and an administrator becomes an admin of the organization', async () => {
  const read = await reading('wordpress', 'wordpress-wp-cli.csv');
  assert.deepEqual(
    read.map((one) => [one.last_name, one.organization_role, one.origin.details]),
    [
      ['Lee', 'admin', { user_login: 'ann', roles: 'administrator,editor' }],
      ['berg', undefined, { user_login: 'bea_berg', roles: 'subscriber' }],
    ],
  );
});

test('users of a multisite that are spam are locked, and those that are deleted are skipped', async () => {
  const read = await reading('wordpress', 'wordpress.json');
  assert.deepEqual(
    read.map((one) => (typeof one === 'string' ? one : one.account_access_expires_at)),
    [undefined, undefined, undefined, 'now', 'skipped: is deleted: deleted is set'],
  );
});

test('hashes of Devise are those with a pepper if the pepper is set', async () => {
  const hashes = async (devisePepper: string) =>
    (await reading('devise', 'devise.csv', undefined, { ...noHashSecrets, devisePepper })).map((one) =>
      one.password_hash?.slice(0, 13),
    );
  assert.deepEqual(await hashes('x'), ['{devise}$2a$0', '{devise}$2a$0', undefined, undefined]);
  assert.deepEqual(await hashes(''), ['$2a$08$tiUBWu', '$2a$08$tiUBWu', undefined, undefined]);
});

test('what has no place is kept, and secrets are not', async () => {
  const [ann, bea] = await reading('devise', 'devise.csv');
  assert.deepEqual(ann.origin.details, {
    admin: 't',
    confirmation_sent_at: '2020-01-02 03:04:05.678901',
    confirmed_at: '2020-01-02 03:05:00.5',
    consumed_timestep: '57166604',
    current_sign_in_at: '2024-05-06 07:08:09.123456',
    current_sign_in_ip: '192.0.2.7',
    failed_attempts: '0',
    last_sign_in_at: '2024-05-05 07:08:09.123456',
    last_sign_in_ip: '192.0.2.7',
    otp_required_for_login: 't',
    sign_in_count: '42',
    unconfirmed_email: 'ann@new.example',
  });
  assert.deepEqual([ann.locale, ann.time_zone], ['hr-HR', 'Europe/Zagreb']);
  assert.deepEqual(
    [bea.locale, bea.time_zone, bea.origin.details.locale, bea.origin.details.time_zone],
    [undefined, undefined, 'en', 'Eastern Time (US & Canada)'],
  );
  for (const system of ['django', 'laravel', 'wordpress', 'devise', 'aspnet'] as const)
    assert.doesNotMatch(
      JSON.stringify((await reading(system, `${system}.csv`)).map((one) => one.origin?.details)),
      /token|secret|stamp"|passw(?!ord_sent)|hash|activation|eyJ|\$2|\$P/i,
      system,
    );
});

test('a column is a secret by the words of its name, but not the times and numbers that belong to one', () => {
  for (const name of [
    ...['password', 'PasswordHash', 'encrypted_password', 'remember_token', 'apiToken', 'two_factor_secret'],
    ...[
      'two_factor_recovery_codes',
      'SecurityStamp',
      'ConcurrencyStamp',
      'otp_backup_codes',
      'user_pass',
      'salt',
    ],
    ...[
      'encrypted_otp_secret_iv',
      'user_activation_key',
      'API_KEY',
      'pin',
      'securitystamp',
      'unique_session_id',
    ],
    ...['securityAnswer', 'answer', 'sms_code', 'login_codes', 'magic_link', 'jwt'],
  ])
    assert.ok(isSecretColumn(name), name);
  for (const name of [
    ...[
      'reset_password_sent_at',
      'otp_required_for_login',
      'TwoFactorEnabled',
      'token_expires_at',
      'hashtags',
    ],
    ...[
      'postal_code',
      'pinned',
      'timestamp',
      'keyboard',
      'passport_country',
      'last_login',
      'password_changed_at',
    ],
    ...['answers', 'recovery_question', 'cookie_consent', 'referral_code', 'country_code', 'keys'],
  ])
    assert.ok(!isSecretColumn(name), name);
});

test('an account of which nobody can tell whether it is locked is refused, and spreadsheets may have changed the words', async () => {
  const head = 'id;email;password;created_at';
  const files = [
    [head, '1;a@example.com;;2020-01-02'],
    ...['WAHR', 'FALSCH', 'FAUX', 'True', 'vielleicht', '2'].map((word) => [
      `${head};is_active`,
      `1;a@example.com;;2020-01-02;${word}`,
    ]),
    [`${head};deleted`, '1;a@example.com;;2020-01-02;no idea'],
  ];
  const outcomes: unknown[] = [];
  for (const [i, lines] of files.entries()) {
    const [one] = await reading('laravel', `words${i}.csv`, lines.join('\n'));
    outcomes.push(typeof one === 'string' ? one : 'account_access_expires_at' in one);
  }
  const neither = (name: string) => `${name} is neither true nor false`;
  assert.deepEqual(outcomes, [
    ...[false, false, true, true, false],
    ...[neither('is_active'), neither('is_active'), neither('deleted')],
  ]);
  const end = async (text: string, enabled = '1') => {
    const names = 'Id,UserName,Email,PasswordHash,LockoutEnd,LockoutEnabled';
    const [one] = await reading('aspnet', 'end.csv', `${names}\n1,a,a@example.com,,${text},${enabled}`);
    return typeof one === 'string' ? one : 'account_access_expires_at' in one;
  };
  assert.equal(await end('9999-12-31 23:59:59.9999999 +00:00'), true);
  assert.equal(await end('infinity'), true);
  assert.equal(await end('-infinity'), false);
  assert.equal(await end('31.12.9999 23:59:59'), 'LockoutEnd is not a time such as 2026-01-31 12:00:00');
});

test('JSON in a cell loses its secrets, and stays as it is if it has none', async () => {
  const csv = (cell: string) =>
    `id,email,password,created_at,settings\n1,a@example.com,,,"${cell.replaceAll('"', '""')}"`;
  const detailsOf = async (cell: string) =>
    (await reading('laravel', 'cell.csv', csv(cell)))[0].origin.details.settings;
  assert.equal(await detailsOf('{"theme": "dark", "n": 1.50}'), '{"theme": "dark", "n": 1.50}');
  assert.equal(
    await detailsOf('{"theme": "dark", "github": [{"access_token": "x", "id": 1}]}'),
    '{"theme":"dark","github":[{"id":1}]}',
  );
  assert.equal(await detailsOf('[not JSON'), '[not JSON');
});

test('common columns of other people’s tables have a place', async () => {
  const row = (more: object) => ({
    id: 1,
    email: 'ann@example.com',
    password: '',
    created_at: null,
    ...more,
  });
  const now = 'now';
  for (const [more, expected] of [
    [
      { FirstName: 'Ann', Surname: 'Lee', name: 'x' },
      { first_name: 'Ann', last_name: 'Lee' },
    ],
    [
      { first_name: 'Ann', name: 'Ann Lee' },
      { first_name: 'Ann', last_name: 'Lee' },
    ],
    [{ full_name: 'Ann Maria Lee' }, { first_name: 'Ann Maria', last_name: 'Lee' }],
    [{ username: 'ann.lee' }, { first_name: 'ann', last_name: 'lee' }],
    [
      { avatar: 'https://x.example/a.png', language: 'de_AT' },
      { avatar_url: 'https://x.example/a.png', locale: 'de_AT' },
    ],
    [
      { avatar: 'a.png', language: 'german' },
      { avatar_url: undefined, locale: undefined },
    ],
    [{ banned_at: '2024-01-02 03:04:05' }, { account_access_expires_at: '2024-01-02T03:04:05.000Z' }],
    [{ banned_at: 'Tuesday' }, { account_access_expires_at: now }],
    [{ banned_at: 0, deleted_at: '0' }, { account_access_expires_at: undefined }],
    [{ isActive: 0 }, { account_access_expires_at: now }],
    [{ is_blocked: 'True' }, { account_access_expires_at: now }],
    [{ is_blocked: false, active: 1 }, { account_access_expires_at: undefined }],
    [{ is_admin: 1 }, { organization_role: 'admin' }],
    [{ created: 1577934245 }, { created_at: '2020-01-02T03:04:05.000Z' }],
  ] as const) {
    const [read] = await reading('laravel', 'users.json', JSON.stringify([row(more)]));
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, read[name]])), expected);
  }
});

test('a name that is not needed is kept', async () => {
  const user = {
    user_login: 'ann',
    user_email: 'a@x.example',
    first_name: 'Ann',
    last_name: 'Lee',
    display_name: 'A.',
  };
  const [read] = await reading('wordpress', 'a.json', JSON.stringify([user]));
  assert.deepEqual(read.origin.details, { user_login: 'ann', display_name: 'A.' });
});

test('a lockout of ASP.NET Identity counts if it is far away, and if lockouts are enabled', async () => {
  const user = { Id: '1', UserName: 'ann', Email: 'ann@example.com', AccessFailedCount: 5 };
  for (const [LockoutEnd, LockoutEnabled, expected] of [
    ['9999-12-31T23:59:59.9999999+00:00', true, 'now'],
    ['9999-12-31 23:59:59.9999999 +00:00', '1', 'now'],
    ['infinity', 't', 'now'],
    ['2200-01-01 00:00:00.0000000 +00:00', true, 'now'],
    ['2200-01-01 00:00:00.0000000 +00:00', '0', undefined],
    [new Date(Date.now() + 3_600_000).toISOString(), true, undefined],
    [null, true, undefined],
  ] as const) {
    const [read] = await reading(
      'aspnet',
      'users.json',
      JSON.stringify([{ ...user, LockoutEnd, LockoutEnabled }]),
    );
    assert.equal(read.account_access_expires_at, expected, String(LockoutEnd));
    assert.equal(read.origin.details.LockoutEnd, LockoutEnd ?? undefined);
  }
});

test('the line that sqlcmd writes below the names of the columns is skipped', async () => {
  const [head, ...rows] = fixture('aspnet.csv').split('\r\n');
  const text = [head, head!.replaceAll(/[^,]+/g, (name) => '-'.repeat(name.length)), ...rows].join('\n');
  const [dashes, ...accounts] = await reading('aspnet', 'a.csv', text);
  assert.equal(dashes, 'skipped: is the line below the names of the columns');
  assert.deepEqual(accounts, await reading('aspnet', 'aspnet.csv'));
});

test('ids are kept as they are written, however large', async () => {
  const text = '[{"id":18446744073709551615,"email":"a@x.example","password":null,"created_at":null}]';
  assert.equal((await reading('laravel', 'a.json', text))[0].origin.external_id, '18446744073709551615');
});

test('a file of another system, or without the columns of users, is refused with one message', async () => {
  for (const [system, name, text, message] of [
    [
      'django',
      'a.csv',
      fixture('laravel.csv'),
      /does not come from Django: line 1, the header line, lacks last_login/,
    ],
    ['django', 'a.json', '[{"n":1}]', /does not come from Django: an object is neither/],
    [
      'laravel',
      'a.csv',
      fixture('django.csv'),
      /does not come from Laravel: .* lacks created_at or email_verified_at or remember_token/,
    ],
    [
      'laravel',
      'a.json',
      fixture('wordpress.json'),
      /does not come from Laravel: its first object lacks email, password/,
    ],
    [
      'wordpress',
      'a.tsv',
      fixture('laravel.tsv'),
      /does not come from WordPress: .* lacks user_login, user_email/,
    ],
    [
      'devise',
      'a.csv',
      fixture('laravel.csv'),
      /does not come from Rails with Devise: .* lacks encrypted_password/,
    ],
    [
      'aspnet',
      'a.csv',
      fixture('devise.csv'),
      /does not come from ASP.NET Identity: .* lacks UserName, PasswordHash/,
    ],
    [
      'laravel',
      'a.json',
      '[\n{"type":"header","version":"5.2.1"},\n{"type":"database","name":"x"}\n]',
      /has no list/,
    ],
    ['laravel', 'a.ldif', 'dn: x', /Laravel is imported from CSV or JSON, not from LDIF/],
  ] as const)
    await assert.rejects(reading(system, name, text), { message });
});
