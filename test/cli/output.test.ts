// Output of commands for people and for programs, and the exit status if it cannot be printed.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { columnsOf, visible } from '../../src/cli/terminal-text.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine, temporaryFolder } from '../support/engines.ts';
import { shell } from '../support/spawn-muster.ts';

const timeout = 180_000;
const oneLine = /^muster: [^\n]+\n$/;
const ann = ['users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];

onEachEngine((engine) => {
  describe('output', { concurrency: 2 }, () => {
    test('a command ends quietly when nobody reads what it prints any more', { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      assert.equal((await muster.attempt('demo', '--users', '6000')).code, 0);
      for (const command of [
        'users list --limit 6000',
        'users list --limit 6000 --json',
        'members list --limit 7000',
        'users export - 2>/dev/null',
        'organizations list',
        'info',
        'serve --help',
      ]) {
        const script = `muster ${command} | head -n 1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
        const { stdout, stderr } = await shell(script, { env: muster.env });
        assert.equal(stderr, '', command);
        // Ends like other programs do with SIGPIPE; or all output was already in the pipe.
        assert.match(stdout, /^(141|0)\n$/, command);
      }
      const closed = await shell('muster users list --limit 6000 >&-; echo $? >&2', { env: muster.env });
      assert.equal(closed.stderr, '0\n');
    });

    test('a disk that is full under what is printed is one line, and status 1', { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      for (const command of ['info', 'users list --json', 'users export - --format csv']) {
        const { stderr, code } = await shell(`muster ${command} >/dev/full`, { env: muster.env });
        assert.equal(code, 1, stderr);
        assert.match(stderr, /^muster: standard output cannot be written: no space left on device$/m);
        assert.doesNotMatch(stderr, /^ +at /m);
      }
    });

    test('a list longer than one call has arguments is printed, and one that is cut says so', {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      assert.equal((await muster.attempt('demo', '--users', '1203')).code, 0);
      const cut = await muster.attempt('users', 'list');
      assert.equal(cut.code, 0);
      assert.equal(cut.stdout.trimEnd().split('\n').length, 1001);
      assert.equal(cut.stderr, 'Showing 1000 of 1203 accounts; use --limit to show more\n');
      const few = await muster.attempt('members', 'list', '--limit', '2', '--json');
      assert.equal(JSON.parse(few.stdout).length, 2);
      assert.match(few.stderr, /^Showing 2 of 1[23]\d\d memberships; use --limit to show more\n$/);
      assert.equal((await muster.json('users', 'list', '--limit', '150000')).length, 1203);
      assert.equal((await muster.run('users', 'list', '--limit', '1203')).trimEnd().split('\n').length, 1204);
    });

    test('people read times as ISO 8601, programs as before; JSON is JSON, with its numbers', {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, { MUSTER_TIME_ZONE: 'Europe/Zagreb' }, engine);
      await muster.run(...ann);
      await muster.run(
        'users',
        'update',
        '1',
        'flags={"beta":true}',
        'preferences={"n":12345678901234567890}',
      );
      await muster.run('tokens', 'create', '1', '--expires-at', '2030-01-01T00:00:00Z');
      await muster.run('tokens', 'create', '1', '--expires-at', '2031-01-01');
      const shown = await muster.run('users', 'show', '1');
      assert.match(shown, /^updated_at +\d{4}-\d\d-\d\dT[\d:.]+\+0[12]:00$/m);
      assert.match(shown, /^flags +\{"beta":true\}$/m);
      const text = await muster.run('users', 'show', '1', '--json');
      const { flags, sysadmin_permissions, updated_at } = JSON.parse(text);
      assert.deepEqual([flags, sysadmin_permissions], [{ beta: true }, []]);
      assert.equal(typeof updated_at, 'number');
      assert.ok(text.includes('"preferences":{"n":12345678901234567890}'), text);
      assert.match(await muster.run('tokens', 'list'), / 2030-01-01T01:00:00\.000\+01:00$/m);
      assert.match(await muster.run('tokens', 'list'), / 2031-01-01T00:00:00\.000\+01:00$/m);
      assert.equal((await muster.json('tokens', 'list'))[0].expires_at, Date.parse('2030-01-01'));
      await muster.run('organizations', 'create', 'One');
      assert.match(await muster.run('organizations', 'list'), /T[\d:.]+\+0[12]:00$/m);
    });

    test('wrong arguments are one line that says what is right', { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run(...ann);
      const cases: readonly (readonly [string[], RegExp])[] = [
        ...['abc', '-1', '0', '1.5', '1e3', '99999999999'].map((limit): [string[], RegExp] => [
          ['users', 'list', '--limit', limit],
          /must be a whole number from 1 to 999999999/,
        ]),
        [['users', 'update', '1', 'first_name'], /first_name has no value: write first_name=VALUE/],
        [['users', 'show', '9'.repeat(30)], /There is no user/],
        [['users', 'show', '9007199254740993'], /There is no user/],
        [['tokens', 'revoke', '9'.repeat(30)], /There is no token/],
        [['members', 'add', '9'.repeat(30), '1'], /There is no organization/],
        [['tokens', 'create', '1', '--expires-at', 'nonsense'], /must be a date or a time/],
        [['users', 'show'], /missing required argument/],
        [['nothing'], /unknown command/],
        [['tokens', 'revoke', '1', '2'], /too many arguments/],
      ];
      for (let i = 0; i < cases.length; i += 4)
        await Promise.all(
          cases.slice(i, i + 4).map(async ([args, complaint]) => {
            const stderr = await muster.fail(...args);
            assert.match(stderr, complaint);
            assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
          }),
        );
    });
  });
});

describe('on files', { concurrency: 2 }, () => {
  test('a limit of the file size ends export, backup and restore with a line, and leaves nothing', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t);
    assert.equal((await muster.attempt('demo', '--users', '2000')).code, 0);
    const folder = await temporaryFolder(t);
    const backup = join(muster.dataDir, 'backup.db');
    await muster.run('backup', backup);
    for (const command of [
      `users export ${folder}/out.csv 2>&1 >/dev/null | grep -v rows | grep . >&2; exit "\${PIPESTATUS[0]}"`,
      `backup ${folder}/backup.db`,
      `restore ${backup} --data-dir ${folder}/a/b`,
    ]) {
      const { code, stderr } = await shell(`ulimit -f 100; muster ${command}`, { env: muster.env });
      assert.equal(code, 1, `${command}: ${stderr}`);
      assert.match(stderr, oneLine);
      assert.match(stderr, /cannot be written: /);
      assert.deepEqual(readdirSync(folder), []);
    }
  });

  test('a database that another process holds is one line', { timeout }, async (t) => {
    const muster = await commandLine(t, { MUSTER_BUSY_TIMEOUT_MS: '100' });
    const other = new DatabaseSync(join(muster.dataDir, 'muster.db'));
    other.exec('BEGIN IMMEDIATE');
    t.after(() => other.close());
    const backup = join(muster.dataDir, 'backup.db');
    await muster.run('backup', backup);
    assert.match(
      await muster.fail(...ann),
      /^muster: The database is not available: Another process holds the write lock of the database and did not release it in time\n$/,
    );
    assert.match(await muster.fail('restore', backup), /is in use: stop the service first\n$/);
  });

  test('details are shown to who asks for them', { timeout }, async (t) => {
    const muster = await commandLine(t);
    const { code, stderr } = await shell('MUSTER_LOG_LEVEL=debug muster users show 9', { env: muster.env });
    assert.equal(code, 1);
    assert.match(stderr, /^muster: There is no user 9$/m);
    assert.match(stderr, /^ +at /m);
  });

  test('names command no terminal, and columns line up in every script', { timeout }, async (t) => {
    const muster = await commandLine(t);
    const names = ['\x1b[31mred\x07', '日本語', 'e\u0301e\u0301', '👩‍👩‍👧', '\u202eevil', '\x9b2J'];
    // As an older version may have stored them.
    const database = new DatabaseSync(join(muster.dataDir, 'muster.db'));
    const insert = database.prepare('INSERT INTO organizations (name, slug, created_at) VALUES (?, ?, 0)');
    for (const name of names) insert.run(name, 'slug');
    database.close();
    const table = await muster.run('organizations', 'list');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    assert.doesNotMatch(table, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(table, /\\x1b\[31mred\\x07/);
    const starts = table
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => columnsOf(line.slice(0, line.search(/\d{4}-\d\d-\d\dT/))));
    assert.equal(new Set(starts).size, 1, table);
    const json = await muster.run('organizations', 'list', '--json');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    assert.doesNotMatch(json.trimEnd(), /[\x00-\x1f\x7f-\x9f\u202e]/);
    assert.deepEqual(
      JSON.parse(json).map(({ name }: { name: string }) => name),
      names,
    );
  });
});

test('the width of a text is what terminals make of it', () => {
  for (const [text, columns] of [
    ['Ann', 3],
    ['日本', 4],
    ['ＡＢ', 4],
    ['한글', 4],
    ['e\u0301', 1],
    ['😀', 2],
    ['👩‍👩‍👧', 2],
    ['Zoë', 3],
    ['ﷺ', 1],
  ] as const)
    assert.equal(columnsOf(text), columns, text);
  assert.equal(visible('a\nb\tc\u0000\u2028'), 'a\\nb\\tc\\x00\\u{2028}');
});
