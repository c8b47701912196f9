// Replacing a lost password: `muster users set-password`, and the ways to give a password to `users create`.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { passwordHasher } from '../../src/security/passwords.ts';
import { commandLine } from '../support/command-line.ts';
import { endWithTests } from '../support/end-with-tests.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { runResident } from '../support/resident-commands.ts';
import { type Environment, runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const good = 'a password of her own';

/** Ann, who has lost her password, with a session and two API tokens, of which one has expired. */
async function ann(t: TestContext, engine: EngineName, settings: Environment = {}) {
  const muster = await commandLine(t, settings, engine);
  const create = ['users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];
  await muster.run(...create);
  const store = await openStore(readConfig({}, muster.env));
  t.after(() => store.close());
  return {
    muster,
    create,
    store,
    /** Runs the command with this standard input. */
    setPassword(input: string | Buffer | undefined, ...rest: string[]) {
      const args = ['users', 'set-password', 'ann@email.com', ...rest];
      const { env } = muster;
      // Bytes, and no input at all, only in a process of its own.
      if (typeof input === 'string') return runResident({ args, env, input });
      return runMuster(args, { env, ...(input && { input }) });
    },
    async isPassword(password: string) {
      const stored = await store.read.passwords.find(1);
      return passwordHasher(1).run('signed_in', (hashing) => hashing.verify(stored, password));
    },
  };
}

onEachEngine((engine) => {
  test('a password that was lost is replaced, which ends the sign-ins and names the API tokens', async (t) => {
    const { muster, store, isPassword } = await ann(t, engine);
    const api = await muster.json('tokens', 'create', '1');
    await muster.json('tokens', 'create', '1', '--expires-at', '2020-01-01');
    const signIns = [
      await muster.json('tokens', 'create', '1', '--session'),
      await muster.json('tokens', 'create', '1', '--session'),
    ];
    await store.write(({ passwords }) => passwords.setAttempts(1, 99, Date.now() + 1e9));
    const service = await spawnMuster(t, { env: muster.env });
    const status = async (token: string) =>
      (await send(service.url, 'GET', '/api/v2/users', { token })).status;
    for (const { token } of [api, ...signIns]) assert.equal(await status(token), 200);

    const { password, note, ...record } = await muster.json(
      ...['users', 'set-password', 'ANN@email.com', '--generate'],
    );
    assert.deepEqual(record, { id: 1, email: 'ann@email.com', sign_ins_ended: 2, api_tokens_kept: 1 });
    assert.match(note, /muster tokens list --user 1/);
    assert.match(password, /^[\w-]{24,}$/);
    assert.ok(await isPassword(password));
    assert.equal(await status(api.token), 200);
    for (const { token } of signIns) assert.equal(await status(token), 401);
    // The delay after wrong passwords is reset, and the new password works.
    const changed = await send(service.url, 'PATCH', '/api/v2/users/1/update_password', {
      token: api.token,
      body: document({ current_password: password, password: good }),
    });
    assert.equal(changed.status, 200, changed.text);
    await service.stop();
  });

  test('a password comes from standard input, with or without a line break at its end, and is not printed', async (t) => {
    const { setPassword, isPassword, create, muster } = await ann(t, engine);
    for (const [input, password] of [
      [`${good}\n`, good],
      [`${good} 2\r\n`, `${good} 2`],
      [' née à Málaga ', ' née à Málaga '],
    ] as const) {
      const { code, stdout, stderr } = await setPassword(input, '--password-stdin');
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(!stdout.includes(password));
      assert.ok(await isPassword(password), password);
    }
    const made = await runMuster([...create.with(3, 'bea@email.com'), '--password-stdin', '--json'], {
      env: muster.env,
      input: `${good}\n`,
    });
    assert.deepEqual(JSON.parse(made.stdout), { id: 2, email: 'bea@email.com' });
  });

  test('a password that breaks a rule is refused, and the old one stays', async (t) => {
    const { setPassword, store, create, muster } = await ann(t, engine, {
      MUSTER_PUBLIC_URL: 'https://users.example.com',
    });
    const before = await store.read.passwords.find(1);
    for (const [input, message] of [
      ['short', /password is too short \(minimum is 8 characters\)\. Nothing was changed/],
      ['', /password can't be blank/],
      ['\n', /password can't be blank/],
      ['password1234', /password is a commonly used password/],
      ['ann@email.com', /password can't be your email/],
      ['Ann -- Lee', /password can't be your name/],
      ['users.example.com', /password can't be the address of this service/],
      ['a password\nand another', /more than one line/],
      [Buffer.from('passw\u00f6rter sind gut', 'latin1'), /not UTF-8/],
      ['x'.repeat(1025), /too long/],
      ['x'.repeat(100_000), /too long/],
    ] as const) {
      const { code, stdout, stderr } = await setPassword(input, '--password-stdin');
      assert.deepEqual([code, stdout], [1, ''], String(input).slice(0, 30));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ +at /m);
    }
    const refused = await runMuster([...create.with(3, 'ann.lee@email.com'), '--password-stdin'], {
      env: muster.env,
      input: 'Ann Lee!',
    });
    assert.match(refused.stderr, /password can't be/);
    assert.equal(await store.read.passwords.find(1), before);
    assert.equal(await store.read.records(users).find(2), null);
  });

  test('without a terminal and without a flag the command says what to do', async (t) => {
    const { setPassword, muster, create, store } = await ann(t, engine);
    const before = await store.read.passwords.find(1);
    for (const input of [undefined, '', `${good}\n${good}\n`]) {
      const { code, stderr } = await setPassword(input);
      assert.equal(code, 1);
      assert.match(stderr, /^muster: There is no terminal .* --password-stdin .* --generate/);
    }
    const both = await setPassword(good, '--generate', '--password-stdin');
    assert.match(both.stderr, /cannot be used with/);
    const twice = await runMuster([...create, '--password', good, '--password-stdin'], { env: muster.env });
    assert.match(twice.stderr, /cannot be used with/);
    assert.match(
      await muster.fail('users', 'set-password', '9', '--generate'),
      /^muster: There is no user 9$/m,
    );
    assert.equal(await store.read.passwords.find(1), before);
  });

  test('an import takes no password that is the name of its owner or the host of the service', async (t) => {
    const { muster, store } = await ann(t, engine, { MUSTER_PUBLIC_URL: 'https://users.example.com' });
    const row = (password: string) =>
      `${JSON.stringify({ email: 'bea@email.com', first_name: 'Beatrice', last_name: 'Lee', password })}\n`;
    const input = ['Beatrice', 'beatrice lee', 'users.example.com', good].map(row).join('');
    const { code, stderr } = await runMuster(['users', 'import', '-', '--format', 'ndjson'], {
      env: muster.env,
      input,
    });
    assert.equal(code, 1);
    assert.equal(stderr.match(/password can't be your name/g)?.length, 2, stderr);
    assert.match(stderr, /password can't be the address of this service/);
    assert.equal(
      (await store.read.records(users).findByIdentity('email', 'bea@email.com'))?.first_name,
      'Beatrice',
    );
  });

  test('a generated password is as long as the settings want', async (t) => {
    const { muster, create } = await ann(t, engine, { MUSTER_MIN_PASSWORD_LENGTH: '40' });
    const set = await muster.json('users', 'set-password', '1', '--generate');
    const made = await muster.json(...create.with(3, 'bea@email.com'));
    for (const { password } of [set, made]) assert.ok(password.length >= 40, password);
  });

  test('a new password or token of an account whose access has ended says that it will not work', async (t) => {
    const { muster } = await ann(t, engine);
    await muster.run('users', 'update', '1', 'account_access_expires_at=2020-01-01');
    const wayOut =
      /its access ended at 2020-01-01T00:00:00.000Z\. To restore it: muster users update 1 account_access_expires_at=$/;
    assert.match((await muster.json('users', 'set-password', '1', '--generate')).note, wayOut);
    assert.match((await muster.json('tokens', 'create', 'ann@email.com')).note, wayOut);
    assert.match(await muster.fail('tokens', 'create', 'bea@email.com'), /There is no user bea@email.com/);
    await muster.run('users', 'update', '1', 'account_access_expires_at=');
    const token = await muster.json('tokens', 'create', '1');
    assert.equal(token.note, undefined);
    const ended = await muster.json('tokens', 'create', '1', '--expires-at', '2020-01-01');
    assert.match(ended.note, /This token does not work, because it expired at 2020-01-01/);
  });
});

// From util-linux: it gives a command a terminal.
const skip = spawnSync('script', ['--version']).status === 0 ? false : 'there is no `script` here';

/**
 * Types each answer when its prompt appears.
 * @returns everything that the terminal has shown, and the exit status
 */
async function atTerminal(env: Environment, answers: readonly string[]) {
  const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
  const command = `'${process.execPath}' '${main}' users set-password ann@email.com`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, ...env },
  });
  endWithTests(child);
  let shown = '';
  let next = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      const asked = shown.split(/New password: |Repeat the new password: /).length - 1;
      while (next < Math.min(asked, answers.length)) child.stdin.write(answers[next++]);
    });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { shown, code };
}

test('at a terminal a password is typed twice, and never shown', { skip, timeout: 180_000 }, async (t) => {
  const { muster, isPassword } = await ann(t, 'sqlite');
  const { shown, code } = await atTerminal(muster.env, [`${good}x\u007f\r`, `${good}\r`]);
  assert.equal(code, 0, shown);
  assert.ok(!shown.includes(good), shown);
  assert.match(shown, /sign_ins_ended/);
  assert.ok(await isPassword(good));

  const different = await atTerminal(muster.env, [`${good} 2\r`, `${good} 3\r`]);
  assert.equal(different.code, 1);
  assert.match(different.shown, /The two passwords differ\. Nothing was changed\./);
  for (const key of ['\u0003', '\u0004']) {
    const cancelled = await atTerminal(muster.env, [`${good} 2\r`, key]);
    assert.equal(cancelled.code, 1);
    assert.match(cancelled.shown, /Cancelled\. Nothing was changed\./);
    assert.doesNotMatch(cancelled.shown, /^ +at /m);
  }
  assert.ok(await isPassword(good));
});
