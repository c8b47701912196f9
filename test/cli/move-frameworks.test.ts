// `users import --from` with the tables of Django, Laravel, WordPress, Devise and ASP.NET Identity: everybody comes over, and
// signs in with the old password.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { foreignHashes, hashSecretsEnvironment } from '../support/foreign-hashes.ts';
import { fixturePath } from '../support/read-system.ts';
import { runMuster } from '../support/spawn-muster.ts';

const timeout = 300_000;

interface Move {
  readonly file: string;
  readonly counts: Readonly<Record<string, number>>;
  /** The same accounts in another form. */
  readonly again: string;
  readonly countsAgain: Readonly<Record<string, number>>;
  /** What made the hash of Ann. */
  readonly hashBy: string;
}

const moves: Readonly<Record<string, Move>> = {
  django: {
    file: 'django.csv',
    counts: { rows: 4, created: 3, existing: 0, refused: 1, skipped: 0 },
    again: 'django.json',
    countsAgain: { rows: 7, created: 0, existing: 3, refused: 1, skipped: 3 },
    hashBy: 'Django pbkdf2_sha256',
  },
  laravel: {
    file: 'laravel.json',
    counts: { rows: 4, created: 3, existing: 0, refused: 0, skipped: 1 },
    again: 'laravel.tsv',
    countsAgain: { rows: 4, created: 0, existing: 3, refused: 0, skipped: 1 },
    hashBy: 'Laravel',
  },
  wordpress: {
    file: 'wordpress.json',
    counts: { rows: 5, created: 3, existing: 0, refused: 1, skipped: 1 },
    again: 'wordpress-wp-cli.csv',
    countsAgain: { rows: 2, created: 0, existing: 2, refused: 0, skipped: 0 },
    hashBy: 'WordPress 6.8',
  },
  devise: {
    file: 'devise.csv',
    counts: { rows: 4, created: 3, existing: 0, refused: 0, skipped: 1 },
    again: 'devise.csv',
    countsAgain: { rows: 4, created: 0, existing: 3, refused: 0, skipped: 1 },
    hashBy: 'Devise with the pepper "a pepper of Devise"',
  },
  aspnet: {
    file: 'aspnet.csv',
    counts: { rows: 4, created: 3, existing: 0, refused: 1, skipped: 0 },
    again: 'aspnet.json',
    countsAgain: { rows: 4, created: 0, existing: 3, refused: 1, skipped: 0 },
    hashBy: 'ASP.NET Identity V3 with SHA-512, from its tests',
  },
};

const guid = '8c1f2b0e-5d55-4f3a-9b44-0d1a6c6f2a0';

/** Name, id in the other system, confirmed address, creation, end of access, role in the organization. */
const expected = {
  'ann@django.example': ['Ann Lee', 'django 1', null, '2020-01-02T03:04:05.678+00:00', null, 'admin'],
  'bea@django.example': [
    'bea.van-der berg',
    'django 2',
    null,
    '2021-02-03T04:05:06.000+00:00',
    'now',
    'member',
  ],
  'cy@django.example': [
    'Cy "the Hat" NULL',
    'django 3',
    null,
    '2022-03-04T05:06:07.500+00:00',
    null,
    'member',
  ],
  'ann@laravel.example': ['Ann Lee', 'laravel 1', true, '2020-01-02T03:04:05.000+00:00', null, 'member'],
  'bea@laravel.example': [
    'Bea Maria van der Berg',
    'laravel 2',
    false,
    '2021-02-03T04:05:06.000+00:00',
    null,
    'member',
  ],
  'cy@laravel.example': [
    'Madonna Madonna',
    'laravel 3',
    true,
    '2022-03-04T05:06:07.000+00:00',
    null,
    'member',
  ],
  'ann@wordpress.example': [
    "Ann O'Neil & Lee",
    'wordpress 1',
    null,
    '2020-01-02T03:04:05.000+00:00',
    null,
    'member',
  ],
  'bea@wordpress.example': ['bea berg', 'wordpress 2', null, '2021-02-03T04:05:06.000+00:00', null, 'member'],
  'dee@wordpress.example': [
    'Dee Spam',
    'wordpress 4',
    null,
    '2022-03-04T05:06:07.000+00:00',
    'now',
    'member',
  ],
  'ann@devise.example': ['Ann Lee', 'devise 1', true, '2020-01-02T03:04:05.678+00:00', null, 'admin'],
  'bea@devise.example': [
    'bea bea',
    'devise 2',
    false,
    '2021-02-03T04:05:06.000+00:00',
    '2023-07-08T09:10:11.500+00:00',
    'member',
  ],
  'cy@devise.example': ['Cy Null', 'devise 3', true, '2022-03-04T05:06:07.000+00:00', null, 'member'],
  'ann@aspnet.example': ['ann ann', `aspnet ${guid}1`, true, 'now', null, 'member'],
  'bea@aspnet.example': ['bea berg', `aspnet ${guid}2`, false, 'now', 'now', 'member'],
  'cy@aspnet.example': ['cy cy', `aspnet ${guid}3`, true, 'now', null, 'member'],
};

/** Times of the import as `now`. */
const orNow = (time: string | null) =>
  time !== null && Date.now() - Date.parse(time) < timeout ? 'now' : time;

/** What an export has of everybody. */
async function everybody({ attempt }: CommandLine): Promise<Record<string, unknown[]>> {
  const { stdout } = await attempt('users', 'export', '-', '--format', 'ndjson');
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return Object.fromEntries(
    rows.map(({ email, first_name, last_name, created_at, account_access_expires_at: end, ...row }) => [
      email,
      [
        `${first_name} ${last_name}`,
        `${row.origin.source} ${row.origin.external_id}`,
        row.origin.email_verified,
        orNow(created_at),
        orNow(end),
        row.memberships.map(({ role }: { role: string }) => role).join(),
      ],
    ]),
  );
}

onEachEngine((engine) => {
  test('the users of five frameworks come over with all that they have, once, and keep their passwords', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, hashSecretsEnvironment, engine);
    await muster.run('organizations', 'create', 'Ours');
    const importing = async (system: string, file: string) => {
      const args = ['users', 'import', fixturePath(file), '--from', system, '--organization', '1', '--json'];
      const { stdout, stderr } = await muster.attempt(...args);
      assert.match(stdout, /^\{/, stderr);
      return JSON.parse(stdout);
    };
    await Promise.all(
      Object.entries(moves).map(async ([system, { file, counts, again, countsAgain, hashBy }]) => {
        assert.deepEqual(await importing(system, file), counts, file);
        assert.deepEqual(await importing(system, again), countsAgain, again);
        const { password, format } = foreignHashes.find(({ by }) => by === hashBy)!;
        const args = ['users', 'verify', `ann@${system}.example`, '--json'];
        const verified = await runMuster(args, { env: muster.env, input: password });
        assert.equal(JSON.parse(verified.stdout).format, format, system);
        assert.equal(verified.code, 0, system);
      }),
    );
    assert.deepEqual(await everybody(muster), expected);

    // Another application, with its own first user.
    const file = join(muster.dataDir, 'users.json');
    writeFileSync(
      file,
      '[{"id":1,"name":"Eve Lee","email":"eve@shop.example","password":null,"created_at":null}]',
    );
    const other = await muster.attempt(
      'users',
      'import',
      file,
      '--from',
      'laravel',
      '--source',
      'shop',
      '--json',
    );
    assert.equal(JSON.parse(other.stdout).created, 1, other.stderr);
    const found = await muster.json('users', 'find', '--external-id', '1', '--source', 'shop');
    assert.deepEqual(
      found.map(({ email }: { email: string }) => email),
      ['eve@shop.example'],
    );
  });
});
