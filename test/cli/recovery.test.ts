// docs/recovery.md: its commands work as written, and restore access.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { bootstrap } from '../../src/cli/serve/bootstrap.ts';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { commandLine } from '../support/command-line.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { blocksOf } from '../support/page-commands.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

/** The commands of a section, as words. */
function commandsOf(section: string): string[][] {
  return blocksOf('recovery.md', section)
    .map(({ commands }) => commands)
    .join('')
    .trim()
    .split('\n')
    .map((line) => {
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      assert.equal(words.shift(), 'muster', line);
      return words;
    });
}

/** An installation in which the first account is the only sysadmin. */
async function installation(t: TestContext, engine: EngineName) {
  const muster = await commandLine(t, {}, engine);
  const config = readConfig({}, muster.env);
  const store = await openStore(config);
  t.after(() => store.close());
  await bootstrap(config, store, Date.now);
  return {
    muster,
    store,
    /**
     * Runs the commands of a section.
     * @returns the output of each command, as records
     */
    async run(section: string): Promise<Record<string, string>[]> {
      const printed: Record<string, string>[] = [];
      for (const words of commandsOf(section)) {
        const lines = (await muster.run(...words)).trimEnd().split('\n');
        printed.push(Object.fromEntries(lines.map((line) => line.split(/ {2,}/, 2) as [string, string])));
      }
      return printed;
    },
  };
}

onEachEngine((engine) => {
  test('a password that is lost is replaced, a token that is lost too, and both work', async (t) => {
    const { muster, store, run } = await installation(t, engine);
    const [token] = await store.read.sessions.list(1);
    const [set] = await run('The password is lost');
    assert.deepEqual(await store.read.sessions.list(1), [], `token ${token!.id} is ended`);
    const [made] = await run('The token is lost');
    const service = await spawnMuster(t, { env: muster.env });
    const changed = await send(service.url, 'PATCH', '/api/v2/users/1/update_password', {
      token: made!.token,
      body: document({ current_password: set!.password, password: 'another one of mine' }),
    });
    assert.equal(changed.status, 200, changed.text);
    await service.stop();
  });

  for (const [section, lost] of [
    ['The only sysadmin has expired', { account_access_expires_at: 0 }],
    ['The only sysadmin was demoted or has lost a power', { sysadmin: false }],
    ['The only sysadmin was demoted or has lost a power', { sysadmin_permissions: '["manage_security"]' }],
    ['Nobody knows which account it was', { account_access_expires_at: 0, sysadmin: false }],
    ['All of it at once', { account_access_expires_at: 0, sysadmin: false, sysadmin_permissions: '[]' }],
  ] as const) {
    test(`${section}: after ${JSON.stringify(lost)} somebody can administer again`, async (t) => {
      const { store, run, muster } = await installation(t, engine);
      await store.write(async ({ records, passwords, sessions }) => {
        await records(users).update(1, lost);
        await passwords.set(1, 'no hash', 0);
        await sessions.end(1);
      });
      assert.equal(await store.read.administrators.any(), false);
      const printed = await run(section);
      assert.equal(await store.read.administrators.any(), true);
      const check = await muster.run('check', '--port', '0');
      assert.doesNotMatch(check, /nobody can administer/);
      const token = printed.find((record) => record.token?.startsWith('muster_'))?.token;
      if (token === undefined) return;
      const service = await spawnMuster(t, { env: muster.env });
      const answer = await send(service.url, 'POST', '/api/v2/users', {
        token,
        body: document({ email: 'ann@example.com', first_name: 'Ann', last_name: 'Lee' }),
      });
      assert.equal(answer.status, 201, answer.text);
      await service.stop();
    });
  }
});

test('the page of recovery is found from the README and from the page on running it', () => {
  for (const [file, link] of [
    ['README.md', 'docs/recovery.md'],
    ['docs/operations.md', 'recovery.md'],
  ])
    assert.match(
      readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'),
      new RegExp(`\\(${link}\\)`),
    );
});
