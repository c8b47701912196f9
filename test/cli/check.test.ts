// `muster check`: its warnings, its errors and its exit status.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { type CommandLine, commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';

const timeout = 180_000;

describe('check', { concurrency: 2 }, () => {
  const strong = { MUSTER_MIN_PASSWORD_LENGTH: '15', MUSTER_PORT: '0' };

  async function database(t: TestContext, env = {}): Promise<CommandLine & { file: string }> {
    const muster = await commandLine(t, env);
    const ann = ['--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];
    await muster.run('users', 'create', ...ann);
    return { ...muster, file: join(muster.dataDir, 'muster.db') };
  }

  test('has nothing to complain of where all is well, and ends with 0', { timeout }, async (t) => {
    const muster = await database(t, strong);
    assert.equal(await muster.run('check', '--strict'), 'No problems found.\n');
    assert.deepEqual(await muster.json('check', '--strict'), []);
  });

  test('warns of weak settings, and ends with 1 only where it is told to be strict', {
    timeout,
  }, async (t) => {
    const muster = await database(t);
    chmodSync(muster.file, 0o644);
    const weak = await commandLine(t, {
      MUSTER_DATA_DIR: muster.dataDir,
      MUSTER_PORT: '0',
      MUSTER_RATE_LIMIT: '0',
      MUSTER_LOG_LEVEL: 'silent',
      MUSTER_CORS_ORIGINS: 'http://app.example.com',
      MUSTER_BOOTSTRAP_PASSWORD: 'a password that nobody may read',
    });
    const subjects = (await weak.json('check')).map(({ level, subject }: Record<string, string>) => [
      level,
      subject,
    ]);
    assert.deepEqual(subjects, [
      ['warning', muster.file],
      ['warning', 'MUSTER_MIN_PASSWORD_LENGTH'],
      ['warning', 'MUSTER_RATE_LIMIT'],
      ['warning', 'MUSTER_CORS_ORIGINS'],
      ['warning', 'MUSTER_LOG_LEVEL'],
      ['notice', 'MUSTER_BOOTSTRAP_*'],
    ]);
    // Sequential: SQLite creates the files beside an open database with the mode of the database.
    const plain = await weak.attempt('check');
    const strict = await weak.attempt('check', '--strict');
    assert.equal(plain.code, 0);
    assert.equal(strict.code, 1);
    assert.equal(strict.stdout, plain.stdout);
    assert.doesNotMatch(plain.stdout, /nobody may read/);

    const open = await commandLine(t, { ...strong, MUSTER_DATA_DIR: muster.dataDir, MUSTER_HOST: '0.0.0.0' });
    assert.ok((await findings(open, 'warning')).some(({ subject }) => subject === 'MUSTER_PUBLIC_URL'));
  });

  test('calls a secret of links wrong that is too short, and warns if others can read it', {
    timeout,
  }, async (t) => {
    const muster = await database(t, strong);
    const secret = `${muster.file}-link-secret`;
    writeFileSync(secret, 'a secret of links, which is long enough\n', { mode: 0o600 });
    assert.deepEqual(await muster.json('check'), []);
    chmodSync(secret, 0o644);
    assert.deepEqual(
      (await muster.json('check')).map(({ level, subject }: Record<string, string>) => [level, subject]),
      [['warning', secret]],
    );
    writeFileSync(secret, 'short');
    chmodSync(secret, 0o600);
    const finding = 'has fewer than 32 characters: restore it, or delete it to make a new one';
    assert.deepEqual(await findings(muster, 'error'), [{ level: 'error', subject: secret, finding }]);
    const given = { ...muster.env, MUSTER_LINK_SECRET: 'a secret of links, which is long enough' };
    assert.deepEqual(await findings(await commandLine(t, given), 'error'), []);
  });

  test('calls a database wrong that is not there, and makes none', { timeout }, async (t) => {
    const muster = await commandLine(t, {
      ...strong,
      MUSTER_DATA_DIR: join(await temporaryFolder(t), 'new'),
    });
    const { code, stdout } = await muster.attempt('check', '--json');
    assert.equal(code, 1);
    const [{ level, finding }] = JSON.parse(stdout);
    assert.equal(level, 'error');
    assert.match(finding, /^does not exist; `muster serve` creates a new database there$/);
    assert.ok(!existsSync(muster.dataDir));
  });

  test('calls an address wrong that another program has, or that this machine does not have', {
    timeout,
  }, async (t) => {
    const taken = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nnot Muster')).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => taken.once('listening', resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const muster = await database(t, strong);
    for (const settings of [
      { MUSTER_PORT: String(port) },
      // RFC 5737: no machine has an address of 192.0.2.0/24.
      { MUSTER_HOST: '192.0.2.1', MUSTER_PUBLIC_URL: 'https://users.example.com' },
    ]) {
      const there = await commandLine(t, { ...muster.env, ...settings });
      const { code, stdout } = await there.attempt('check', '--json');
      assert.equal(code, 1, stdout);
      const errors = JSON.parse(stdout).filter(({ level }: { level: string }) => level === 'error');
      const [found, ...others] = errors;
      assert.deepEqual(others, []);
      assert.match(found.finding, /^cannot be used \(.+\)$/);
    }
  });

  for (const [what, damage, complaint] of [
    ['is damaged', (file: string) => scribble(file), /./],
    ['is of a newer version', newer, /^was made by a newer version \(9999-of-the-future\)/],
    ['counts wrongly', miscount, /^the stored count of users is 5, but there are 1$/],
    ['refers to nothing', orphan, /a row of passwords refers to a row that does not exist/],
    ['is none of ours', (file: string) => writeFileSync(file, 'text '.repeat(5000)), /not a database/],
  ] as const) {
    test(`finds a database that ${what}, and ends with 1`, { timeout }, async (t) => {
      const muster = await database(t, strong);
      damage(muster.file);
      const { code, stdout } = await muster.attempt('check', '--json');
      const errors = JSON.parse(stdout).filter(({ level }: { level: string }) => level === 'error');
      assert.ok(errors.length > 0, stdout);
      assert.match(errors[0].finding, complaint);
      assert.equal(errors[0].subject, muster.file);
      assert.equal(code, 1);
    });
  }
});

function scribble(file: string): void {
  const content = readFileSync(file);
  writeFileSync(file, content.fill(0xff, 4096 * 3, 4096 * 8));
}

function execute(file: string, sql: string): void {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec(sql);
  database.close();
}

function newer(file: string): void {
  execute(file, "INSERT INTO kysely_migration VALUES ('9999-of-the-future', '2100-01-01T00:00:00.000Z')");
}

function miscount(file: string): void {
  execute(file, "UPDATE collections SET row_count = 5 WHERE name = 'users'");
}

function orphan(file: string): void {
  execute(file, 'UPDATE passwords SET user_id = 99');
}
