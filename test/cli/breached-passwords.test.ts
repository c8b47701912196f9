// Breached passwords on the command line: new passwords, imports, the start of the service, `muster check`.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { writeAccounts } from '../support/account-files.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { onEachEngine, temporaryFolder } from '../support/engines.ts';
import { rangeServer, sha1 } from '../support/range-server.ts';
import { type Environment, runMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;
const breached = 'a breached password';
const ann = ['--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];

async function breachFile(t: TestContext, text = `${sha1(breached)}:5\r\n`): Promise<Environment> {
  const path = join(await temporaryFolder(t), 'pwned-passwords.txt');
  writeFileSync(path, text);
  return { MUSTER_BREACHED_PASSWORDS: `file:${path}` };
}

const byRanges = (url: string): Environment => ({
  MUSTER_BREACHED_PASSWORDS: 'hibp',
  MUSTER_BREACHED_PASSWORDS_URL: url,
});

const people = [breached, 'a password of nobody else'].map((password, i) => ({
  ...{ email: `person${i}@email.com`, first_name: 'Ann', last_name: 'Lee', password },
}));

onEachEngine((engine) => {
  for (const source of ['a file', 'a range server'])
    test(`commands refuse a password that ${source} has`, { timeout }, async (t) => {
      const server = await rangeServer(t, [breached]);
      const muster = await commandLine(
        t,
        source === 'a file' ? await breachFile(t) : byRanges(server.url),
        engine,
      );
      const refused = await muster.fail('users', 'create', ...ann, '--password', breached);
      assert.match(refused, /password has appeared in a data breach/);
      await muster.run('users', 'create', ...ann);
      const set = await runMuster(['users', 'set-password', '1', '--password-stdin'], {
        env: muster.env,
        input: breached,
      });
      assert.match(set.stderr, /password has appeared in a data breach\. Nothing was changed\./);
    });

  test('a command warns that the range server does not answer, and sets the password', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, byRanges('http://127.0.0.1:1'), engine);
    const { code, stderr } = await muster.attempt('users', 'create', ...ann, '--password', breached);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^muster: warning: MUSTER_BREACHED_PASSWORDS cannot be reached.*; the new password was not looked up\n$/,
    );
  });

  test('an import looks passwords up in a file, unless any password is allowed, and asks no range server', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, await breachFile(t), engine);
    const file = writeAccounts(muster.dataDir, 'people', 'ndjson', people);
    const refused = await muster.attempt('users', 'import', file, '--json');
    assert.equal(JSON.parse(refused.stdout).created, 1);
    assert.match(refused.stderr, /^line 1: password has appeared in a data breach$/m);
    const repeated = await muster.attempt('users', 'import', file, '--any-password', '--json');
    assert.equal(JSON.parse(repeated.stdout).created, 1);

    const server = await rangeServer(t, [breached]);
    const other = await commandLine(t, byRanges(server.url), engine);
    const unasked = await other.attempt('users', 'import', file, '--json');
    assert.equal(JSON.parse(unasked.stdout).created, 2);
    assert.equal(server.requests.length, 0);
  });
});

// Nothing of these is read from a database, or written to one.
describe('breached passwords', { concurrency: 2 }, () => {
  test('a file that does not work stops the service, an import and the check, with the reason', {
    timeout,
  }, async (t) => {
    const broken = await breachFile(t, `${sha1('b')}:1\n${sha1('a')}:1\n`);
    const muster = await commandLine(t, broken);
    const reason = 'is not sorted by hash: see the line at byte 43';
    const file = writeAccounts(muster.dataDir, 'people', 'ndjson', people);
    for (const command of [
      ['serve', '--port', '0'],
      ['serve', '--port', '0', '--workers', '2'],
      ['users', 'import', file],
    ])
      assert.equal(await muster.fail(...command), `muster: MUSTER_BREACHED_PASSWORDS ${reason}\n`);
    assert.deepEqual(await findings(await commandLine(t, { ...muster.env, MUSTER_PORT: '0' }), 'error'), [
      { level: 'error', subject: 'MUSTER_BREACHED_PASSWORDS', finding: reason },
    ]);
  });

  test('the check says that the range server does not work, and nothing of one that works', {
    timeout,
  }, async (t) => {
    const server = await rangeServer(t, []);
    const muster = await commandLine(t, { ...byRanges(server.url), MUSTER_PORT: '0' });
    const ofBreaches = async () =>
      (await findings(muster, 'warning')).filter(({ subject }) => /BREACHED/.test(subject));
    assert.deepEqual(await ofBreaches(), []);
    server.answer((response) => response.writeHead(500).end());
    assert.deepEqual(await ofBreaches(), [
      {
        level: 'warning',
        subject: 'MUSTER_BREACHED_PASSWORDS_URL',
        finding: 'answers with an error; new passwords are not looked up',
      },
    ]);
  });
});
