// The operator can write every attribute that any audience can write, with `users create` and `users update`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../src/resources/users/users.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

/** By attribute: the value on the command line, and in the output of `users export`. */
const given: Readonly<Record<string, readonly [text: string, exported: unknown]>> = {
  email: ['given@email.com', 'given@email.com'],
  first_name: ['Bea = Zoë', 'Bea = Zoë'],
  last_name: ['Kay', 'Kay'],
  time_zone: ['Europe/Zagreb', 'Europe/Zagreb'],
  avatar_url: ['https://email.com/?a=b', 'https://email.com/?a=b'],
  default_organization_id: ['2', 2],
  flags: ['{"beta":true}', { beta: true }],
  newsletter_consent: ['true', true],
  preferences: ['{"theme":"dark"}', { theme: 'dark' }],
  sysadmin: ['true', true],
  sysadmin_permissions: ['["manage_users"]', ['manage_users']],
  account_access_expires_at: ['2099-01-01T00:00:00Z', '2099-01-01T00:00:00.000+00:00'],
  locale: ['pt_BR', 'pt_BR'],
};
/** The server generates it, for any given value. */
const made = 'ical_token';

const isWritable = (name: string) => {
  const { create, update } = users.attributes[name as keyof typeof users.attributes] as {
    create?: unknown;
    update?: unknown;
  };
  return create !== undefined || update !== undefined;
};
const writable = users.names.filter(isWritable);
const serverOnly = users.names.filter((name) => !isWritable(name));
const assignments = [...Object.entries(given).map(([name, [text]]) => `${name}=${text}`), `${made}=x`];

async function exported({ attempt }: CommandLine, email: string): Promise<Record<string, unknown>> {
  const { stdout } = await attempt('users', 'export', '-', '--format', 'ndjson');
  const accounts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return accounts.find((account) => account.email === email);
}

function assertGiven(account: Record<string, unknown>): void {
  for (const [name, [, value]] of Object.entries(given)) assert.deepEqual(account[name], value, name);
  assert.match(String(account[made]), /^[\w-]{22,}$/);
  assert.ok(Date.parse(String(account.newsletter_consent_at)) > 0);
}

const named = (email: string) => ['--email', email, '--first-name', 'Ann', '--last-name', 'Lee'];

test('this file gives a value to every attribute that anybody may write', () => {
  assert.deepEqual([...Object.keys(given), made].sort(), [...writable].sort());
  assert.ok(serverOnly.includes('updated_at'));
});

onEachEngine((engine) => {
  test('users update writes every attribute that anybody may write', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    for (const name of ['One', 'Two']) await muster.run('organizations', 'create', name);
    await muster.run('users', 'create', ...named('ann@email.com'), '--organization', '1');
    assert.match(
      await muster.fail('users', 'update', 'ann@email.com', 'default_organization_id=2'),
      /^muster: default_organization_id is not an organization of the user$/m,
    );
    await muster.run('members', 'add', '2', 'ann@email.com');
    await muster.run('users', 'update', 'ann@email.com', ...assignments);
    assertGiven(await exported(muster, 'given@email.com'));
  });

  test('users create takes every attribute that anybody may write', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    for (const name of ['One', 'Two']) await muster.run('organizations', 'create', name);
    const others = assignments.filter((text) => !/^(email|first_name|last_name)=/.test(text));
    const options = others.flatMap((assignment) => ['--set', assignment]);
    const { email, first_name, last_name } = given as Record<string, [text: string, exported: unknown]>;
    await muster.run(
      ...['users', 'create', '--email', email![0], '--first-name', first_name![0]],
      ...['--last-name', last_name![0], '--role', 'owner', ...options],
    );
    const account = await exported(muster, 'given@email.com');
    assertGiven(account);
    const [{ created_at: _, ...membership }, ...more] = account.memberships as any[];
    assert.deepEqual(membership, {
      organization_id: 2,
      organization_name: 'Two',
      role: 'owner',
      expires_at: null,
    });
    assert.deepEqual(more, []);
    assert.match(
      await muster.fail('users', 'create', ...named('bea@email.com'), '--set', 'default_organization_id=9'),
      /^muster: default_organization_id is not a known organization$/m,
    );
  });

  test('users create refuses to set what has an option of its own', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    for (const name of ['password', 'role'])
      assert.match(
        await muster.fail('users', 'create', ...named('ann@email.com'), '--set', `${name}=owner`),
        new RegExp(`^muster: ${name} is not an attribute: use --${name}$`, 'm'),
      );
  });

  test('an attribute that is given twice, or without a name, is refused', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('users', 'create', ...named('ann@email.com'));
    const update = (...changes: string[]) => muster.fail('users', 'update', 'ann@email.com', ...changes);
    assert.match(await update('locale=de_DE', 'locale=fr_FR'), /^muster: locale is given twice$/m);
    assert.match(await update('=de_DE'), /^muster: '=de_DE' has no name: write NAME=VALUE$/m);
    const both = ['--set', 'locale=de_DE', '--set', 'locale=fr_FR'];
    assert.match(
      await muster.fail('users', 'create', ...named('bea@email.com'), ...both),
      /^muster: locale is given twice$/m,
    );
    assert.equal((await exported(muster, 'ann@email.com')).locale, 'en_US');
  });

  test('users create refuses an attribute that both its own option and --set give', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('organizations', 'create', 'One');
    const cases: readonly (readonly [set: string, ...options: string[]])[] = [
      ['email=bea@email.com'],
      ['first_name=Bea'],
      ['last_name=Lee'],
      ['default_organization_id=1', '--organization', '1'],
      ['sysadmin=false', '--sysadmin'],
      ['sysadmin_permissions=[]', '--sysadmin'],
    ];
    for (const [set, ...options] of cases) {
      const [name] = set.split('=');
      assert.match(
        await muster.fail('users', 'create', ...named('ann@email.com'), ...options, '--set', set),
        new RegExp(`^muster: ${name} is given twice: by its own option and by --set$`, 'm'),
      );
    }
    assert.deepEqual(await muster.json('users', 'list'), []);
  });

  test('what the server writes is refused by name, and nothing is written', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('users', 'create', ...named('ann@email.com'));
    const before = await exported(muster, 'ann@email.com');
    const wrong = [...serverOnly.map((name) => `${name}=1`), 'locale=de_DE', 'shoe_size=44'];
    const refusals = await Promise.all([
      muster.fail('users', 'update', 'ann@email.com', ...wrong),
      muster.fail(
        ...['users', 'create', ...named('bea@email.com')],
        ...wrong.flatMap((text) => ['--set', text]),
      ),
    ]);
    for (const refusal of refusals) {
      for (const name of serverOnly)
        assert.match(refusal, new RegExp(`^(muster: )?${name} is set by the server$`, 'm'));
      assert.match(refusal, /^shoe_size is not a known attribute$/m);
      assert.doesNotMatch(refusal, /locale/);
    }
    assert.deepEqual(await exported(muster, 'ann@email.com'), before);
    assert.equal(await exported(muster, 'bea@email.com'), undefined);
  });
});
