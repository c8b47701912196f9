// What `muster members` changes in an account: its default organization and updated_at.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';

onEachEngine((engine) => {
  test('a change of the default organization never sets updated_at back, whatever the clock says', async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('organizations', 'create', 'First');
    await muster.run(
      ...['users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'],
    );
    const store = await openStore(readConfig({}, muster.env));
    t.after(() => store.close());
    const ahead = Date.now() + 1e10;
    await store.write(({ records }) => records(users).update(1, { updated_at: ahead }));
    const row = async () => {
      const { default_organization_id, updated_at } = (await store.read.records(users).find(1))!;
      return [default_organization_id, Number(updated_at) - ahead];
    };
    await muster.run('members', 'add', '1', '1');
    assert.deepEqual(await row(), [1, 1]);
    // A role is not an attribute of the account.
    await muster.run('members', 'add', '1', '1', '--role', 'admin');
    assert.deepEqual(await row(), [1, 1]);
    await muster.run('members', 'remove', '1', '1');
    assert.deepEqual(await row(), [null, 2]);
    await muster.run('users', 'update', '1', 'first_name=Anna');
    assert.deepEqual(await row(), [null, 3]);
  });

  test('the oldest membership that is left becomes the default', async (t) => {
    const muster = await commandLine(t, {}, engine);
    for (const name of ['First', 'Second', 'Third']) await muster.run('organizations', 'create', name);
    await muster.run(
      ...['users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'],
    );
    for (const organization of ['3', '2', '1']) await muster.run('members', 'add', organization, '1');
    // Changing a role keeps the age of the membership.
    await muster.run('members', 'add', '2', '1', '--role', 'owner');
    const byDefault = async () => (await muster.json('users', 'show', '1')).default_organization_id;
    for (const [removed, left] of [
      ['3', 2],
      ['1', 2],
      ['2', null],
    ] as const) {
      await muster.run('members', 'remove', removed, '1');
      assert.equal(await byDefault(), left);
    }
  });
});
