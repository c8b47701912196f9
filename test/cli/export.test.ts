// `users export` writes exactly what `users import` reads.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileFormats, writeAccounts } from '../support/account-files.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type EngineName, engines, onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

/** All forms of accounts: long and short values, quotes and line breaks, in every organization and in none. */
const people = [
  { id: 3, email: 'plain@email.com', first_name: 'Ann', last_name: 'Lee' },
  {
    id: 7,
    created_at: '2018-05-06T07:08:09.010+02:00',
    updated_at: '2020-02-29T23:59:59.999Z',
    email: 'Everything+tag@Email.com',
    first_name: 'Zoë "Z" O\'Brien, Jr.',
    last_name: '=1+1;\u{1F600} ﷽',
    time_zone: 'Europe/Zagreb',
    avatar_url: 'https://email.com/a.png?x=1,2&y="',
    default_organization_id: 12,
    flags: { beta: true, seats: 1.5, note: 'a, "b"\nc' },
    newsletter_consent: true,
    newsletter_consent_at: '2019-01-01T00:00:00.001+02:00',
    preferences: { deep: [{ er: [null, true, 'x,"y"\r\nz'] }], e: 1e21, empty: '' },
    sysadmin: true,
    sysadmin_permissions: ['manage_users'],
    two_factor_auth: true,
    sso_provision: true,
    account_access_expires_at: '2099-12-31T00:00:00Z',
    locale: 'pt_BR',
    memberships: [
      { organization_id: 12, role: 'owner', organization_name: 'Twelve, "Inc."' },
      {
        organization_id: 4,
        role: 'admin',
        organization_name: 'Čevapi d.o.o.',
        created_at: '2019-03-04T05:06:07.008Z',
        expires_at: '2099-12-31T00:00:00Z',
      },
      { organization_id: 5, role: 'member', organization_name: 'Five', expires_at: '2021-01-01T00:00:00Z' },
    ],
    password: 'correct horse battery',
  },
  // Preferences are any JSON, including texts that look like other types.
  ...['true', '', ' ', 'null', '[1]', '"', '12', '\n'].map((preferences, i) => ({
    email: `text${i}@email.com`,
    first_name: '0123',
    last_name: 'null',
    preferences,
  })),
  ...[false, 0, [], {}, 1.5].map((preferences, i) => ({
    email: `json${i}@email.com`,
    first_name: 'true',
    last_name: '#',
    preferences,
  })),
  {
    email: 'lines@email.com',
    first_name: 'one',
    last_name: 'A\u200dB',
    // Unicode line separators do not end a line of a file.
    flags: {
      note: 'one\u2028two\u2029',
      seats: JSON.rawJSON('9007199254740993'),
      share: JSON.rawJSON('1.0'),
    },
    preferences: { lines: '\u2028\u2029\u0085\v\f\r\n"', n: JSON.rawJSON('12345678901234567890') },
  },
  {
    email: 'nodefault@email.com',
    first_name: '=HYPERLINK("x")',
    last_name: '-1+1,"',
    default_organization_id: null,
    memberships: [{ organization_id: 5, role: 'member', organization_name: 'Five' }],
  },
  {
    email: 'bcrypt@email.com',
    first_name: 'B',
    last_name: 'C',
    password_hash: '$2b$10$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS',
  },
];

const forSpreadsheet = ['--for-spreadsheet', '--delimiter', ';'];

async function filled(t: TestContext, engine: EngineName): Promise<CommandLine> {
  const muster = await commandLine(t, {}, engine);
  const file = writeAccounts(muster.dataDir, 'people', 'ndjson', people);
  const { stdout, stderr } = await muster.attempt('users', 'import', file, '--with-privileges', '--json');
  const counts = { rows: people.length, created: people.length, existing: 0, refused: 0 };
  assert.deepEqual(JSON.parse(stdout), counts, stderr);
  await muster.attempt('demo', '--users', '1200');
  return muster;
}

async function exported({ attempt }: CommandLine, file: string, ...options: readonly string[]) {
  const { code, stderr } = await attempt('users', 'export', file, ...options);
  assert.equal(code, 0, stderr);
  return readFileSync(file, 'utf8');
}

onEachEngine((engine) => {
  const other = engines.find((name) => name !== engine) ?? engine;

  test('users export', { timeout: 2 * timeout }, async (t) => {
    const first = await filled(t, engine);
    for (const format of fileFormats) {
      for (const options of [['--hashes'], [], ...(format === 'csv' ? [forSpreadsheet] : [])]) {
        const what = [format, ...options].join(' ');
        await t.test(
          `an export in ${what} of an import of an export is the same to the byte, on ${other}`,
          {
            timeout,
          },
          async (t) => {
            const second = await commandLine(t, {}, other);
            const file = join(second.dataDir, `first.${format}`);
            const text = await exported(first, file, ...options);
            const imported = await second.attempt('users', 'import', file, '--with-privileges', '--json');
            const rows = people.length + 1200;
            const counts = { rows, created: rows, existing: 0, refused: 0 };
            assert.deepEqual(JSON.parse(imported.stdout), counts, imported.stderr);
            const again = await exported(second, join(second.dataDir, `second.${format}`), ...options);
            // Compared as a boolean, so that a failure does not print all of it.
            const lines = text.split('\n');
            const differing = again.split('\n').filter((line, i) => line !== lines[i]);
            assert.deepEqual(differing.slice(0, 3), []);
            assert.ok(again === text);
            assert.equal((text.match(/\$2b\$10\$/g) ?? []).length, options.includes('--hashes') ? 1 : 0);
          },
        );
      }

      await t.test(
        `an export in ${format} holds what was imported, for its owner's eyes alone`,
        {
          timeout,
        },
        async () => {
          const file = join(first.dataDir, `out.${format}`);
          const [text, printed] = await Promise.all([
            exported(first, file),
            first.attempt('users', 'export', '-', '--format', format),
          ]);
          assert.equal(printed.stdout, text);
          assert.equal(statSync(file).mode & 0o077, 0);
          for (const [name, value] of [
            ['email', 'Everything+tag@Email.com'],
            ['time_zone', 'Europe/Zagreb'],
            ['locale', 'pt_BR'],
            ['updated_at', '2020-02-29T23:59:59.999+00:00'],
            ['newsletter_consent_at', '2018-12-31T22:00:00.001+00:00'],
            ['role', 'owner'],
            ['created_at', '2018-05-06T05:08:09.010+00:00'],
            ['created_at', '2019-03-04T05:06:07.008+00:00'],
            ['expires_at', '2099-12-31T00:00:00.000+00:00'],
            ['expires_at', '2021-01-01T00:00:00.000+00:00'],
            ['flags', '9007199254740993'],
            ['preferences', '12345678901234567890'],
          ] as const)
            assert.ok(text.includes(value), name);
          assert.doesNotMatch(text, /password|\$argon2|\$2b/);
        },
      );
    }
  });

  test('options for spreadsheets are refused where there are none', { timeout }, async (t) => {
    const { dataDir, fail } = await commandLine(t, {}, engine);
    const file = join(dataDir, 'people.ndjson');
    assert.match(
      await fail('users', 'export', file, ...forSpreadsheet),
      /^muster: --for-spreadsheet is for CSV: /,
    );
    const both = await fail('users', 'export', join(dataDir, 'people.csv'), '--for-spreadsheet', '--hashes');
    assert.match(both, /--for-spreadsheet.*cannot be used with.*--hashes/);
    assert.equal(existsSync(file), false);
  });

  test('an export of an empty database is imported as nobody', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    for (const format of fileFormats) {
      const file = join(muster.dataDir, `none.${format}`);
      const text = await exported(muster, file);
      assert.equal(text.split('\n').length, format === 'csv' ? 2 : 1);
      const { code, stdout, stderr } = await muster.attempt('users', 'import', file, '--json');
      assert.deepEqual(JSON.parse(stdout), { rows: 0, created: 0, existing: 0, refused: 0 });
      assert.match(stderr, /^The file has no accounts\.$/m);
      assert.equal(code, 0);
    }
  });
});
