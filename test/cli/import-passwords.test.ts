// Each imported account has the password, memberships and id of its own row, independent of the rows before it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { verifyHash } from '../../src/security/hash-formats.ts';
import { fileFormats, writeAccounts } from '../support/account-files.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

/** bcrypt hashes that differ from row to row. */
const hash = (letter: string) => `$2b$10$${letter.repeat(53)}`;

const person = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  email: `${name}@x.com`,
  first_name: name,
  last_name: 'Lee',
  ...more,
});
const of = (organization_id: number, role = 'member') => ({
  memberships: [{ organization_id, organization_name: `O${organization_id}`, role }],
});

onEachEngine((engine) => {
  for (const format of fileFormats)
    test(`${format} gives each new account its own password, memberships and id, behind rows that exist, are refused or have none`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      const old = [person('old', { password_hash: hash('o'), ...of(1) }), person('older', { id: 50 })];
      await muster.attempt('users', 'import', writeAccounts(muster.dataDir, 'old', format, old));

      const rows = [
        person('old', { password_hash: hash('x'), ...of(2, 'owner') }),
        person('ann', { password_hash: hash('a'), ...of(3) }),
        person('bad', { password_hash: hash('x'), locale: 'xx_XX', ...of(2) }),
        person('bea', { password_hash: hash('b'), id: 70, ...of(4, 'admin') }),
        person('none'),
        person('taken', { password_hash: hash('x'), id: 50, ...of(2) }),
        person('cal', { password_hash: hash('c'), id: 60 }),
        person('ANN', { password_hash: hash('x'), ...of(2) }),
        person('older', { password_hash: hash('x'), id: 51, ...of(2) }),
        person('dee', { password_hash: hash('d'), ...of(5) }),
        person('eve', { password: 'correct horse of eve' }),
        person('fay', { password: 'correct horse of fay' }),
      ];
      const file = writeAccounts(muster.dataDir, 'people', format, rows);
      const { stdout } = await muster.attempt('users', 'import', file, '--json');
      assert.deepEqual(JSON.parse(stdout), { rows: 12, created: 7, existing: 3, refused: 2 });

      const found = await onTables(
        readConfig({}, muster.env),
        `SELECT first_name AS name, passwords.hash AS hash, organization_id, role,
            CASE WHEN users.id IN (50, 60, 70) THEN users.id END AS id
          FROM users LEFT JOIN passwords ON passwords.user_id = users.id
            LEFT JOIN memberships ON memberships.user_id = users.id ORDER BY first_name`,
      );
      const own = /^\$argon2id\$/;
      assert.deepEqual(
        found.map(({ name, hash, id, organization_id, role }) => [
          name,
          own.test(String(hash)) ? 'ours' : hash,
          id,
          organization_id,
          role,
        ]),
        [
          ['ann', hash('a'), null, 3, 'member'],
          ['bea', hash('b'), 70, 4, 'admin'],
          ['cal', hash('c'), 60, null, null],
          ['dee', hash('d'), null, 5, 'member'],
          ['eve', 'ours', null, null, null],
          ['fay', 'ours', null, null, null],
          ['none', null, null, null, null],
          ['old', hash('o'), null, 1, 'member'],
          ['older', null, 50, null, null],
        ],
      );
      for (const { name, hash } of found.filter(({ hash }) => own.test(String(hash))))
        assert.equal(await verifyHash(String(hash), `correct horse of ${name}`), true, String(name));
    });

  test('a row that leaves its id to the table never gets one that a later row of the file names', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    const old = writeAccounts(muster.dataDir, 'old', 'ndjson', [person('old', { id: 5 })]);
    await muster.attempt('users', 'import', old);
    const file = writeAccounts(muster.dataDir, 'people', 'ndjson', [
      person('ann', { id: 5 }),
      person('top', { id: 100 }),
      person('free'),
      // Inserted after the first row with its email, so also after rows without an id.
      person('ANN', { id: 101 }),
    ]);
    const { stdout, stderr } = await muster.attempt('users', 'import', file, '--json');
    assert.deepEqual(JSON.parse(stdout), { rows: 4, created: 3, existing: 0, refused: 1 });
    assert.match(stderr, /^line 1: id has already been taken$/m);
    const rows = await onTables(readConfig({}, muster.env), 'SELECT id, first_name FROM users ORDER BY id');
    assert.deepEqual(
      rows.map(({ id, first_name }) => [id, first_name]),
      [
        [5, 'old'],
        [100, 'top'],
        [101, 'ANN'],
        [102, 'free'],
      ],
    );
  });
});
