// `users import --dry-run` says what an import would do, and --rejects keeps the refused rows to be mended.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { fileFormats, lineOf, writeAccounts } from '../support/account-files.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

const person = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  email: `${name}@x.com`,
  first_name: 'Ann',
  last_name: 'Lee',
  ...more,
});

async function importing({ attempt }: CommandLine, ...args: readonly string[]) {
  const { code, stdout, stderr } = await attempt('users', 'import', ...args, '--json');
  return { code, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) };
}

const wholeDatabase = async ({ env }: CommandLine) =>
  JSON.stringify(
    await Promise.all(
      ['users', 'memberships', 'organizations', 'passwords', 'events'].map((table) =>
        onTables(readConfig({}, env), `SELECT * FROM ${table} ORDER BY 1`),
      ),
    ),
  );

onEachEngine((engine) => {
  for (const format of fileFormats)
    test(`a dry run of ${format} writes nothing, and says what the import then does, also where rows collide`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      const of = (id: number) => ({ memberships: [{ organization_id: id, organization_name: `O${id}` }] });
      await importing(muster, writeAccounts(muster.dataDir, 'old', format, [person('old', { id: 5 })]));
      const rows = [
        person('ann', { id: 5 }),
        person('ANN', { id: 6, ...of(2) }),
        person('ann'),
        person('bea', { id: 6 }),
        person('OLD', { id: 9 }),
        person('cy', { id: 9, password: 'a long enough one' }),
        person('nobody', { email: 'nobody' }),
        person('none', { email: 'none' }),
        person('boss', { sysadmin: true }),
        person('far', { id: 5000 }),
        // Beyond the first batch.
        ...Array.from({ length: 600 }, (_, i) => person(`person${i}`, { id: 100 + i })),
        person('far', { id: 7000 }),
        person('person7'),
        person('gus', { id: 100 }),
        person('hal', { memberships: [{ organization_id: 2, organization_name: 'Another' }] }),
      ];
      const file = writeAccounts(muster.dataDir, 'people', format, rows);
      const before = await wholeDatabase(muster);
      const { code, stderr, dry_run, reasons, ...counts } = await importing(muster, file, '--dry-run');
      assert.equal(await wholeDatabase(muster), before);
      assert.deepEqual([code, dry_run], [1, true]);
      assert.match(stderr, /^Nothing was written\. An import would do this:$/m);
      assert.match(
        stderr,
        new RegExp(
          `^ +2 {2}email is not an email \\(lines ${lineOf(format, 6)}, ${lineOf(format, 7)}\\)$`,
          'm',
        ),
      );
      assert.deepEqual(reasons[0], {
        ...{ reason: 'id has already been taken', rows: 3 },
        first: [0, 3, 612].map((i) => lineOf(format, i)),
      });
      const real = await importing(muster, file);
      const refusedLines = (text: string) => text.match(/^line .*$/gm);
      assert.deepEqual(refusedLines(stderr), refusedLines(real.stderr));
      const { rows: all, created, existing, refused } = real;
      assert.deepEqual([all, created, existing, refused], [rows.length, 603, 4, 7]);
      assert.deepEqual(counts, { rows: all, created, existing, refused });
    });

  const layouts = {
    csv: (rows: readonly object[]) =>
      `\ufeffsep=;\r\nE-Mail;First Name;Last Name;Flags;Password\r\n${rows.map((row) => `${Object.values(row).map(quoted).join(';')}\r\n`).join('')}`,
    jsonl: (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    json: (rows: readonly object[]) => JSON.stringify(rows, null, 2),
  };
  const quoted = (value: unknown) =>
    `"${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
  for (const [ending, write] of Object.entries(layouts))
    test(`refused rows of .${ending} are kept as they were, and are imported when they are mended`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      const row = (email: string, first_name: string, last_name: string, password = 'long and secret') => ({
        ...{ email, first_name, last_name, flags: { big: 12345678901 }, password },
      });
      const file = join(muster.dataDir, `people.${ending}`);
      const broken = { csv: 'torn;"row\r\n', jsonl: '{"torn\n', json: '' }[ending]!;
      const mendable = [row('zoë at x.com', ' Zoë; "Z"\n', 'Lee'), row('bea@x.com', '=Bea', 'Lee', 'short')];
      writeFileSync(file, write([row('ann@x.com', 'Ann', 'Lee'), ...mendable]) + broken);
      const rejects = join(muster.dataDir, `rejects.${ending}`);
      const first = await importing(muster, file, '--rejects', rejects);
      const count = broken === '' ? 2 : 3;
      assert.deepEqual([first.created, first.refused, first.code], [1, count, 1], first.stderr);
      assert.equal(statSync(rejects).mode & 0o777, 0o600);
      const kept = readFileSync(rejects, 'utf8');
      assert.match(kept, /email is not an email/);
      assert.match(kept, /password is too short/);
      assert.doesNotMatch(kept, /ann@x\.com/);
      if (ending === 'csv')
        assert.match(kept, /^\ufeffE-Mail;First Name;Last Name;Flags;Password;refused_because\n/);

      // Without a change, the same rows are refused, once more with their reasons.
      const again = join(muster.dataDir, `again.${ending}`);
      const second = await importing(muster, rejects, '--rejects', again);
      assert.deepEqual([second.created, second.refused], [0, count], second.stderr);
      assert.equal(
        readFileSync(again, 'utf8').match(/email is not an email/g)!.length,
        broken === '' ? 1 : ending === 'csv' ? 2 : 1,
      );
      const refusal = await importing(muster, file, '--rejects', rejects);
      assert.match(refusal.stderr, /rejects\.\w+ exists already; name another file for refused rows/);

      const mended = kept
        .replace('zoë at x.com', 'zoë@x.com')
        .replace(/\\n|\n(?=";)/, '')
        .replace('"short"', '"long enough now"')
        .replace(';short;', ';long enough now;');
      writeFileSync(rejects, mended);
      const none = join(muster.dataDir, `none.${ending}`);
      const third = await importing(muster, rejects, '--rejects', none);
      assert.deepEqual([third.created, third.refused], [2, count - 2], third.stderr);
      assert.equal(existsSync(none), count > 2);
      const users = await onTables(
        readConfig({}, muster.env),
        'SELECT email, first_name, flags FROM users ORDER BY id',
      );
      assert.deepEqual(
        users.map(({ email, first_name, flags }) => [email, first_name, JSON.parse(String(flags))]),
        [
          ['ann@x.com', 'Ann', { big: 12345678901 }],
          ['zoë@x.com', ' Zoë; "Z"', { big: 12345678901 }],
          ['bea@x.com', '=Bea', { big: 12345678901 }],
        ],
      );
    });
});

test('of many refused rows the first ones are reported one by one, and all are summed up', {
  timeout,
}, async (t) => {
  const muster = await commandLine(t);
  const rows = Array.from({ length: 1500 }, (_, i) =>
    person(`p${i}`, { email: i === 700 ? 'p@x.com' : `${i}` }),
  );
  const file = writeAccounts(muster.dataDir, 'people', 'csv', rows);
  const { stderr, refused } = await importing(muster, file);
  assert.equal(refused, 1499);
  assert.equal(stderr.match(/^line \d+: email is not an email$/gm)?.length, 100);
  assert.match(stderr, /^ +1499 {2}email is not an email \(lines 2, 3, 4, 5, 6 …\)$/m);
});

test('a file whose name does not tell its format is asked for, before a database is created', {
  timeout,
}, async (t) => {
  const muster = await commandLine(t);
  const file = join(muster.dataDir, 'people.txt');
  writeFileSync(file, '');
  const folder = join(muster.dataDir, 'none');
  for (const [name, message] of [
    [file, /the name of .*people\.txt does not tell its format.*Add --format csv/],
    ['-', /standard input has no name that tells its format\. Add --format csv/],
  ] as const)
    assert.match(await muster.fail('users', 'import', name, '--create', '--data-dir', folder), message);
  const create = await muster.fail('users', 'import', '-', '--format', 'csv', '--create', '--dry-run');
  assert.match(create, /'--dry-run' cannot be used with option '--create'/);
  assert.equal(existsSync(folder), false);
});
