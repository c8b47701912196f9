// Accounts from before domains were compared by IDNA: the upgrade, the findings of `check`, and lookups.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { isPostgres, openEngine } from '../../src/open-store.ts';
import { migrations } from '../../src/store/migrations/migrations.ts';
import { rekeyUsers } from '../../src/store/migrations/rekey-users.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { onTables, rowsOf } from '../support/database-rows.ts';
import { type EngineName, emptyDatabaseConfig, onEachEngine, temporaryFolder } from '../support/engines.ts';

const ascii = 'ann@xn--mller-kva.example';
const unicode = 'ann@müller.example';

/** Rows of the previous version: email, key and first name. */
const earlier: readonly (readonly [email: string, key: string, firstName: string])[] = [
  [ascii, ascii, 'First'],
  [unicode, unicode, 'Second'],
  ['Bob@XN--MLLER-KVA.Example', 'bob@xn--mller-kva.example', 'Third'],
  ['cat@email.com', 'cat@email.com', 'Žofié'.normalize('NFD')],
  ['dan@ｅｍａｉｌ.com', 'dan@ｅｍａｉｌ.com', 'Fifth'],
  ['e\u0301va@email.com', 'éva@email.com', 'Sixth'],
];

/** The version before mailbox keys. */
const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0006'));

async function upgraded(t: TestContext, engine: EngineName) {
  const config: Config = await emptyDatabaseConfig(t, engine);
  await (await openEngine(config, { migrations: before })).close();
  for (const [email, key, name] of earlier)
    await onTables(
      config,
      `INSERT INTO users (updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key, flags,
          newsletter_consent, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision, locale)
        VALUES (0, '${email}', '${key}', '${name}', 'x', 'x', 'x', '{}', false, false, '[]', false, false, 'en_US')`,
    );
  const env = isPostgres(config)
    ? { MUSTER_DATABASE_URL: config.databaseUrl, MUSTER_DATA_DIR: await temporaryFolder(t) }
    : { MUSTER_DATA_DIR: config.dataDir };
  const muster = await commandLine(t, env);
  await muster.run('migrate');
  return { muster, config };
}

const shared = async (muster: Awaited<ReturnType<typeof upgraded>>['muster']) =>
  (await findings(muster, 'warning'))
    .map(({ finding }) => finding)
    .filter((finding) => /mailbox/.test(finding));

describe('shared mailboxes', { concurrency: 2 }, () => {
  onEachEngine((engine) => {
    test('an upgrade gives each mailbox one key, keeps both of two accounts, and brings text into NFC', async (t) => {
      const { config } = await upgraded(t, engine);
      const rows = await rowsOf(config, 'users');
      assert.deepEqual(
        rows.map(({ email, email_key }) => [email, email_key]),
        [
          [ascii, ascii],
          [unicode, unicode],
          ['Bob@XN--MLLER-KVA.Example', 'bob@müller.example'],
          ['cat@email.com', 'cat@email.com'],
          ['dan@ｅｍａｉｌ.com', 'dan@email.com'],
          ['éva@email.com', 'éva@email.com'],
        ],
      );
      assert.equal(rows[3]!.first_name, 'Žofié');
      assert.deepEqual(
        rows.map(({ revision }) => revision),
        [1, 1, 1, 2, 1, 2],
      );
      // Rows that already have their keys are not changed.
      const opened = await openEngine(config, {}, 'existing');
      await opened.write((db) => rekeyUsers(db, engine));
      await opened.close();
      assert.deepEqual(await rowsOf(config, 'users'), rows);
    });

    test('check names two accounts that share a mailbox, until one is gone', async (t) => {
      const { muster } = await upgraded(t, engine);
      const [finding, ...others] = await shared(muster);
      assert.deepEqual(others, []);
      assert.match(finding!, /accounts 1 \(ann@xn--mller-kva\.example\) and 2 \(ann@müller\.example\) share/);
      await muster.run('users', 'delete', '1');
      assert.deepEqual(await shared(muster), []);
    });

    test('both accounts of one mailbox are found and changed, and nobody else gets it', async (t) => {
      const { muster } = await upgraded(t, engine);
      assert.equal((await muster.json('users', 'show', ascii)).id, 1);
      assert.equal((await muster.json('users', 'show', unicode)).id, 2);
      for (const id of ['1', '2']) {
        const changes = ['first_name=Anna', `email=${id === '1' ? ascii : unicode}`];
        assert.equal((await muster.json('users', 'update', id, ...changes)).first_name, 'Anna');
      }
      assert.match(await muster.fail('users', 'update', '3', `email=${ascii}`), /has already been taken/);
      const name = ['--first-name', 'Ann', '--last-name', 'Lee'];
      for (const email of [ascii, unicode, 'Ann@MÜLLER.example'])
        assert.match(
          await muster.fail('users', 'create', '--email', email, ...name),
          /has already been taken/,
        );
      await muster.run('users', 'update', '1', 'email=other@email.com');
      assert.equal((await muster.json('users', 'show', ascii)).id, 2);
    });

    test('commands find an account by its email in any form, and an import knows it', async (t) => {
      const { muster } = await upgraded(t, engine);
      for (const email of ['bob@müller.example', 'BOB@xn--mller-kva.example', 'bob@ＭÜLLER。example'])
        assert.equal((await muster.json('users', 'show', email)).id, 3, email);
      for (const email of ['dan@email.com', 'dan@ｅｍａｉｌ.com'])
        assert.equal((await muster.json('users', 'show', email)).id, 5, email);
      const file = join(await temporaryFolder(t), 'people.csv');
      const lines = [
        'bob@müller.example',
        'dan@EMAIL.com',
        'new@xn--mller-kva.example',
        'New@müller.example',
      ];
      writeFileSync(file, `email,first_name,last_name\n${lines.map((email) => `${email},A,B\n`).join('')}`);
      const counts = JSON.parse((await muster.attempt('users', 'import', file, '--json')).stdout);
      assert.deepEqual([counts.created, counts.existing, counts.refused], [1, 3, 0]);
    });

    test('commands keep the rules of names, emails, times and locales', async (t) => {
      const muster = await commandLine(t, {}, engine);
      const create = ['users', 'create', '--first-name', 'Z\u030Cofie', '--last-name', 'Lee', '--email'];
      const { id } = await muster.json(...create, 'e\u0301va@mu\u0308ller.example');
      const shown = () => muster.json('users', 'show', String(id));
      assert.equal((await shown()).email, 'éva@müller.example');
      assert.equal((await shown()).first_name, 'Žofie');
      await muster.run(
        'users',
        'update',
        String(id),
        'locale=zh-Hans-CN',
        'account_access_expires_at=9999-12-31',
      );
      assert.equal((await shown()).locale, 'zh_Hans_CN');
      for (const [change, complaint] of [
        ['first_name=\u3164', "first_name can't be blank"],
        ['first_name=a\nb', 'first_name contains characters that are not allowed'],
        ['email=a\u200f@b.c', 'email is not an email'],
        ['locale=zh_Hans', 'locale is not included in the list'],
        ['updated_at=2026-01-01', 'updated_at is set by the server'],
      ] as const)
        assert.ok((await muster.fail('users', 'update', String(id), change)).includes(complaint), change);
      for (const [name, complaint] of [
        ['\u200b', "name can't be blank"],
        ['a\nb', 'name contains characters that are not allowed'],
        ['x'.repeat(256), 'name is too long (maximum is 255 characters)'],
      ] as const)
        assert.ok((await muster.fail('organizations', 'create', name)).includes(complaint), complaint);
      assert.equal((await muster.json('organizations', 'create', 'Z\u030Cofie Ltd')).name, 'Žofie Ltd');
    });
  });
});
