// What `users import` accepts: ids, organizations, passwords and powers in a file are not trusted.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileFormats, lineOf, writeAccounts } from '../support/account-files.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;
const nobody = { rows: 0, created: 0, existing: 0, refused: 0 };

async function importing({ attempt }: CommandLine, ...args: readonly string[]) {
  const { code, stdout, stderr } = await attempt('users', 'import', ...args, '--json');
  assert.doesNotMatch(stderr, /^ +at /m);
  const refused = [...stderr.matchAll(/^line (\d+): (.*)$/gm)].map(
    ([, line, reason]) => [Number(line), reason] as const,
  );
  return { code, counts: stdout === '' ? null : JSON.parse(stdout), refused, stderr };
}

const idRule = 'id is not a whole number from 1 to 999999999999999';
const notInOrganization = 'has an organization_id that is not a whole number from 1 to 999999999999999';
const belongs = (membership: unknown) => ({ memberships: [membership] });
const named = (organization_name: unknown) => belongs({ organization_id: 8, organization_name });

/** Further values of a row, and the reason why it is refused. */
const refused: readonly (readonly [more: Readonly<Record<string, unknown>>, reason: string])[] = [
  ...['0', '-1', '0x10', '1e3', '007', '1.0', '+7', '1_000', '1000000000000000', '9007199254740991'].map(
    (id) => [{ id }, idRule] as const,
  ),
  ...['true', 'null', '[7]', '{}', 'seven', '٣'].map((id) => [{ id }, idRule] as const),
  [{ default_organization_id: -5 }, 'organization -5 does not exist'],
  [belongs({ organization_id: -5, organization_name: 'x' }), `memberships ${notInOrganization}`],
  [belongs({ organization_id: true, organization_name: 'x' }), `memberships ${notInOrganization}`],
  [belongs({ organization_id: 2 ** 53, organization_name: 'x' }), `memberships ${notInOrganization}`],
  [belongs({ organization_id: '08', organization_name: 'x' }), `memberships ${notInOrganization}`],
  [belongs({}), `memberships ${notInOrganization}`],
  [
    belongs({ organization_id: 8 }),
    'memberships names organization 8, which does not exist; give organization_name to create it',
  ],
  [named(''), "memberships has an organization_name that can't be blank"],
  [named(' \u00a0'), "memberships has an organization_name that can't be blank"],
  [named('a\0b'), 'memberships has an organization_name that contains characters that are not allowed'],
  [named('a\nb'), 'memberships has an organization_name that contains characters that are not allowed'],
  [
    named('x'.repeat(256)),
    'memberships has an organization_name that is too long (maximum is 255 characters)',
  ],
  [named(7), 'memberships has an organization_name that is not a string'],
  [
    belongs({ organization_id: 1, organization_name: 'Acme' }),
    'memberships gives organization 1 a name that differs from its current one; omit organization_name to join it',
  ],
  [
    belongs({ organization_id: 1, role: 'emperor' }),
    'memberships has a role that is not one of owner, admin, member',
  ],
  [belongs({ organization_id: 1, rol: 'owner' }), 'memberships has an unknown key rol'],
  [
    belongs({ organization_id: 1, created_at: 'yesterday' }),
    'memberships has a created_at that is not a time',
  ],
  [
    belongs({ organization_id: 1, created_at: '2999-01-01T00:00:00Z' }),
    'memberships has a created_at that is in the future',
  ],
  [
    belongs({ organization_id: 1, expires_at: 1_700_000_000_000 }),
    'memberships has an expires_at that is not a time',
  ],
  [belongs(7), 'memberships must contain objects with organization_id and role'],
  [{ memberships: { organization_id: 1 } }, 'memberships is not a list'],
  [
    { memberships: [{ organization_id: 1 }, { organization_id: 1, role: 'owner' }] },
    'memberships names organization 1 twice',
  ],
  [
    { default_organization_id: 2, memberships: [{ organization_id: 1 }] },
    'default_organization_id is not one of the memberships',
  ],
  [{ sysadmin: true }, 'sysadmin is only imported with --with-privileges'],
  [
    { sysadmin_permissions: ['manage_users'] },
    'sysadmin_permissions is only imported with --with-privileges',
  ],
  [{ ical_token: 'abcdefghijklmnopqrst' }, 'ical_token is only imported with --with-privileges'],
  [{ updated_at: '2999-01-01T00:00:00Z' }, 'updated_at is in the future'],
  [{ created_at: '2999-01-01T00:00:00Z' }, 'created_at is in the future'],
  [{ created_at: 'yesterday' }, 'created_at is not a time'],
  [
    { created_at: '2020-01-02T00:00:00Z', updated_at: '2020-01-01T00:00:00Z' },
    'created_at is later than updated_at',
  ],
  [{ password: 'sh0rt' }, 'password is too short (minimum is 8 characters)'],
  [{ password: 'password1' }, 'password is a commonly used password'],
  [
    { password: '$2y$10$69B63mbfC4eK8KYgXS2/MuZafqIAJXmPl1J7JMDEKtBkPzjXl2eyy' },
    'password looks like a hash: use password_hash for hashes',
  ],
  [
    { password: '5f4dcc3b5aa765d61d8327deb882cf99' },
    'password looks like a hash: use password_hash for hashes',
  ],
  [
    {
      password: 'correct horse',
      password_hash: '$2y$10$69B63mbfC4eK8KYgXS2/MuZafqIAJXmPl1J7JMDEKtBkPzjXl2eyy',
    },
    'password and password_hash cannot both be given',
  ],
];

/** Only in JSON: CSV with an unknown column is refused as a whole. */
const refusedInJson: typeof refused = [
  [{ id: ' 7 ' }, idRule],
  [{ constructor: 'x' }, 'constructor is not a known attribute'],
  [JSON.parse('{"__proto__":"x"}'), '__proto__ is not a known attribute'],
  [{ toString: 'x' }, 'toString is not a known attribute'],
  [{ hasOwnProperty: 'x' }, 'hasOwnProperty is not a known attribute'],
  [{ 'two words': '7' }, '"two words" is not a known attribute'],
  [{ firstName: 'Bea' }, 'has first_name twice'],
];

const person = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  email: `${name}@x.com`,
  first_name: 'Ann',
  last_name: 'Lee',
  ...more,
});

onEachEngine((engine) => {
  for (const format of fileFormats) {
    test(`${format} gives nobody an id, an organization, a power or a password that they may not have`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      await muster.run('organizations', 'create', 'First');
      await muster.run('organizations', 'create', 'Second');
      const expected = format === 'csv' ? refused : [...refused, ...refusedInJson];
      const bad = expected.map(([more], i) => person(`bad${i}`, more));
      const good = [
        person('top', { id: 999_999_999_999_999 }),
        person('text', { id: '77' }),
        person('none', { sysadmin: false, sysadmin_permissions: [], ical_token: '' }),
        person('eighth', belongs({ organization_id: '888', role: 'owner', organization_name: 'Eighth' })),
        person('again', belongs({ organization_id: 888, organization_name: 'Eighth' })),
      ];
      const file = writeAccounts(muster.dataDir, 'people', format, [...bad, ...good]);
      const first = await importing(muster, file);
      assert.deepEqual(
        first.refused,
        expected.map(([, reason], i) => [lineOf(format, i), reason]),
      );
      const [rows, created] = [bad.length + good.length, good.length];
      assert.deepEqual(first.counts, { ...nobody, rows, created, refused: bad.length });
      // Reasons do not contain secrets.
      assert.doesNotMatch(first.stderr, /sh0rt|password1|\$2y|5f4dcc|abcdefghijkl/);
      // Later rows get a free id.
      await muster.run('users', 'create', '--email', 'late@x.com', '--first-name', 'A', '--last-name', 'B');
      const { id } = await muster.json('users', 'show', 'late@x.com');
      assert.ok(id > 999_999_999_999_999);
      assert.equal((await muster.json('users', 'show', String(id))).email, 'late@x.com');
      assert.equal((await muster.json('organizations', 'create', 'Next')).id, 889);
    });

    test(`flags let in powers and weak passwords of ${format}`, { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      const file = writeAccounts(muster.dataDir, 'people', format, [
        person('boss', { sysadmin: true, sysadmin_permissions: ['manage_users'], password: 'sh0rt' }),
        person('cal', { ical_token: 'abcdefghijklmnopqrst' }),
        person('dan', { ical_token: 'too short' }),
        person('eve', { password: '5f4dcc3b5aa765d61d8327deb882cf99' }),
      ]);
      const { counts, refused } = await importing(muster, file, '--with-privileges', '--any-password');
      assert.deepEqual(counts, { rows: 4, created: 2, existing: 0, refused: 2 });
      assert.deepEqual(
        refused.map(([line]) => line),
        [lineOf(format, 2), lineOf(format, 3)],
      );
      assert.equal((await muster.json('users', 'show', 'boss@x.com')).sysadmin, true);
    });

    test(`the same email or id twice in ${format} is one account, the first that can be made`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      await importing(muster, writeAccounts(muster.dataDir, 'old', format, [person('old', { id: 5 })]));
      const owner = (id: number) =>
        belongs({ organization_id: id, role: 'owner', organization_name: `O${id}` });
      const file = writeAccounts(muster.dataDir, 'people', format, [
        person('ann', { id: 5, last_name: 'taken', ...owner(1) }),
        person('ANN', { id: 6, last_name: 'second', ...owner(2) }),
        person('ann', { last_name: 'third', ...owner(3) }),
        person('bea', { id: 6, ...owner(3) }),
        person('OLD', { id: 9, ...owner(3) }),
        person('cy', { id: 9, ...owner(4) }),
        person('dee', { last_name: 'first' }),
        person('DEE', { id: 20, last_name: 'second' }),
      ]);
      const { counts, refused } = await importing(muster, file);
      assert.deepEqual(counts, { rows: 8, created: 3, existing: 3, refused: 2 });
      assert.deepEqual(refused, [
        [lineOf(format, 0), 'id has already been taken'],
        [lineOf(format, 3), 'id has already been taken'],
      ]);
      const { stdout } = await muster.attempt('users', 'export', '-');
      const accounts = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ id, email, last_name, memberships }) => [
          email,
          email === 'dee@x.com' ? null : id,
          last_name,
          memberships.map((one: { organization_name: string }) => one.organization_name).join(),
        ]);
      assert.deepEqual(accounts, [
        ['old@x.com', '5', 'Lee', ''],
        ['ANN@x.com', '6', 'second', 'O2'],
        ['cy@x.com', '9', 'Lee', 'O4'],
        ['dee@x.com', null, 'first', ''],
      ]);
    });
  }

  test('a file whose head line is none, or of another encoding, is refused as a whole', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    for (const [bytes, message] of [
      ['ann@email.com,Ann,Lee\n', /^muster: line 1: the header line contains no known column/m],
      ['email|first_name|last_name\n', /--delimiter says what is between them/],
      ['email,first_name,email\nann@x.com,Ann,Lee\n', /contains the column "email" twice/],
      [
        'email,"first_name,last_name\nann@x.com,Ann,Lee\n',
        /line 1: the header line opens a quote that is never closed/,
      ],
      ['PK\x03\x04', /spreadsheet such as \.xlsx/],
      ['e\0m\0a\0i\0l\0', /probably utf-16le: try --encoding utf-16le/],
    ] as const) {
      const file = join(muster.dataDir, 'people.csv');
      writeFileSync(file, Buffer.from(bytes, 'latin1'));
      const { code, counts, stderr } = await importing(muster, file);
      assert.deepEqual([code, counts], [1, null], stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /To continue/);
    }
    const piped = join(muster.dataDir, 'people.txt');
    writeFileSync(piped, 'email,first_name,last_name\n');
    assert.deepEqual((await importing(muster, piped, '--format', 'json')).refused, [
      [1, 'is not JSON; if the file is CSV, add --format csv'],
    ]);
    const nameless = join(muster.dataDir, 'nameless.csv');
    writeFileSync(nameless, 'email,first_name,last_name,\na@x.com,A,L,\nb@x.com,B,L,lost\n');
    const { refused } = await importing(muster, nameless);
    assert.deepEqual(refused, [[3, 'cell 4 has no column name']]);
  });

  test('cells of spreadsheets and of other databases are booleans; numbers have one form', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    await muster.run('organizations', 'create', 'First');
    const file = join(muster.dataDir, 'people.csv');
    const yes = ['TRUE', 'True', 't', '1', '1.0', 'yes', 'Y', 'WAHR', 'ja'];
    const no = ['FALSE', 'False', 'f', '0', '0.0', 'no', 'N', 'FALSCH', 'nein'];
    const cells = [...yes, ...no, 'on'];
    const rows = cells.map((cell, i) => `b${i}@x.com,A,L,${cell},1\n`);
    const ids = ['01', '1.0', '1e0', '0x1', '+1'].map((id, i) => `i${i}@x.com,A,L,,${id}\n`);
    const head = 'email,first_name,last_name,newsletter_consent,default_organization_id\n';
    writeFileSync(file, [head, ...rows, ...ids].join(''));
    assert.deepEqual((await importing(muster, file)).refused, [
      [cells.length + 1, 'newsletter_consent is not a boolean'],
      ...ids.map((_, i) => [cells.length + 2 + i, 'default_organization_id is not an integer']),
    ]);
    const { stdout } = await muster.attempt('users', 'export', '-');
    const consents = stdout.match(/"newsletter_consent":\w+/g);
    assert.deepEqual(
      consents?.map((text) => text.split(':')[1]),
      [...yes.map(() => 'true'), ...no.map(() => 'false')],
    );
  });

  test('consent has a time: that of the file, or of the import, and none where it is not given', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    const given = '2020-01-02T03:04:05.000+00:00';
    const file = writeAccounts(muster.dataDir, 'people', 'ndjson', [
      person('file', { newsletter_consent: true, newsletter_consent_at: given }),
      person('import', { newsletter_consent: true }),
      person('none', { newsletter_consent: false, newsletter_consent_at: given }),
    ]);
    const before = Date.now();
    await importing(muster, file);
    const timeOf = async (name: string) =>
      (await muster.json('users', 'show', `${name}@x.com`)).newsletter_consent_at;
    assert.equal(await timeOf('file'), Date.parse(given));
    assert.ok((await timeOf('import')) >= before);
    assert.equal(await timeOf('none'), null);
  });

  test('JSON lines keep to their lines, members and encoding', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    const file = join(muster.dataDir, 'people.ndjson');
    const ann = JSON.stringify(person('ann', { preferences: 'a\u2028b\u2029c' }));
    const deep = `{"email":"d@x.com","first_name":"D","last_name":"L","preferences":${'['.repeat(62)}${']'.repeat(62)}}`;
    writeFileSync(
      file,
      `\ufeff${ann}\n{"email":"b@x.com","email":"c@x.com"}\n${deep}\n1e400\n{"a":1}\r{"b":2}\n`,
    );
    const marked = await importing(muster, file);
    assert.deepEqual(marked.refused, [
      [2, 'has "email" twice'],
      [3, 'is nested deeper than 62'],
      [4, 'contains a number that is too large'],
      [5, 'is not JSON'],
    ]);
    writeFileSync(
      file,
      Buffer.from(`${JSON.stringify(person('zo'))}\n`.replace('Ann', 'Zo\u00eb'), 'latin1'),
    );
    assert.match((await importing(muster, file)).stderr, /^line 1: is not UTF-8, probably Latin-1/m);
    assert.deepEqual((await importing(muster, file, '--encoding', 'latin1')).counts, {
      ...nobody,
      rows: 1,
      created: 1,
    });
    assert.equal((await muster.json('users', 'show', 'zo@x.com')).first_name, 'Zoë');
  });
});
