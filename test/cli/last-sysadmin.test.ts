// The command line and the last account that can administer; and the warnings if there is none.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';

const needed = /is needed, this is the last sysadmin/;

async function database(t: TestContext, engine: EngineName) {
  const muster = await commandLine(t, {}, engine);
  const create = (name: string, ...more: string[]) =>
    muster.json(
      ...['users', 'create', '--email', `${name}@email.com`, '--first-name', name, '--last-name', 'Lee'],
      ...more,
    );
  return { muster, create, open: () => openStore(readConfig({}, muster.env)) };
}

/** Findings and log lines about it. */
const sayNobody = (texts: readonly string[]) => texts.filter((text) => /nobody can administer/.test(text));

onEachEngine((engine) => {
  test('the last account that can administer is not taken away by a command', async (t) => {
    const { muster, create } = await database(t, engine);
    await create('last', '--sysadmin');
    await create('expired', '--sysadmin');
    await muster.run('users', 'update', '2', 'account_access_expires_at=2020-01-01');
    await create('weak', '--sysadmin');
    await muster.run('users', 'update', '3', 'sysadmin_permissions=["manage_users","manage_security"]');
    const before = await muster.json('users', 'show', '1');
    for (const change of [
      'sysadmin=false',
      'sysadmin_permissions=[]',
      'sysadmin_permissions=["manage_security"]',
      'account_access_expires_at=2099-01-01',
    ])
      assert.match(await muster.fail('users', 'update', '1', change), needed);
    assert.match(await muster.fail('users', 'delete', '1'), /^muster: The last sysadmin cannot be deleted$/m);
    assert.deepEqual(await muster.json('users', 'show', '1'), before);

    await muster.run('users', 'update', '2', 'account_access_expires_at=');
    await muster.run('users', 'update', '1', 'sysadmin=false');
    assert.match(await muster.fail('users', 'delete', '2'), /The last sysadmin/);
    await muster.run('users', 'delete', '1');
  });

  test('of commands that demote all sysadmins at once one is refused', async (t) => {
    const { muster, create, open } = await database(t, engine);
    for (const name of ['ann', 'bea', 'cas']) await create(name, '--sysadmin');
    const ends = await Promise.all([
      muster.attempt('users', 'update', '1', 'sysadmin=false'),
      muster.attempt('users', 'delete', '2'),
      muster.attempt('users', 'update', '3', 'account_access_expires_at=2020-01-01'),
    ]);
    assert.deepEqual(ends.map(({ code }) => code).sort(), [0, 0, 1]);
    const store = await open();
    t.after(() => store.close());
    assert.equal(await store.read.administrators.any(), true);
  });

  test('where nobody can administer the check and the start say so, and no first account is made', async (t) => {
    const { muster, create, open } = await database(t, engine);
    const warnings = async () => (await findings(muster, 'warning')).map(({ finding }) => finding);
    await create('ann');
    // The next start creates a sysadmin.
    assert.deepEqual(sayNobody(await warnings()), []);
    await create('bea', '--sysadmin');
    assert.deepEqual(sayNobody(await warnings()), []);
    // No command removes the last sysadmin, so the test changes the database directly.
    await muster.run('users', 'update', '1', 'sysadmin=true');
    const store = await open();
    await store.write(({ records }) => records(users).update(2, { account_access_expires_at: 0 }));
    await store.close();
    assert.equal(sayNobody(await warnings()).length, 1);

    const service = await spawnMuster(t, { env: muster.env });
    const messages = service.log.map(({ msg }) => String(msg));
    assert.equal(sayNobody(messages).length, 1);
    assert.match(sayNobody(messages)[0]!, /muster users set-password/);
    assert.doesNotMatch(service.stdout, /First account/);
    await service.stop();

    await muster.run('users', 'update', '2', 'account_access_expires_at=');
    assert.deepEqual(sayNobody(await warnings()), []);
    const again = await spawnMuster(t, { env: muster.env });
    assert.deepEqual(sayNobody(again.log.map(({ msg }) => String(msg))), []);
    await again.stop();
  });
});
