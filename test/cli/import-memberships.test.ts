// What `users import` keeps of memberships and of times, and what it gives where the file says nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileFormats, writeAccounts } from '../support/account-files.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

const person = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  email: `${name}@x.com`,
  first_name: 'Ann',
  last_name: 'Lee',
  ...more,
});

async function imported(muster: CommandLine, file: string): Promise<number> {
  const { stdout, stderr } = await muster.attempt('users', 'import', file, '--json');
  const { created, refused } = JSON.parse(stdout);
  assert.equal(refused, 0, stderr);
  return created;
}

onEachEngine((engine) => {
  test('an import keeps when accounts were created, when members joined, and when memberships end', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const [ended, joined, created, changed] = [2021, 2020, 2019, 2022].map(
      (year) => `${year}-02-03T04:05:06Z`,
    );
    const first = { organization_id: 1, organization_name: 'First' };
    const second = { organization_id: 2, organization_name: 'Second' };
    const rows = [
      person('ann', {
        created_at: created,
        updated_at: changed,
        memberships: [{ ...first, created_at: joined, role: 'owner' }],
      }),
      // Without created_at, an account was created at the earliest time that the file has.
      person('bea', { updated_at: changed }),
      person('cy', { updated_at: changed, memberships: [{ ...first, created_at: joined }] }),
      // A membership that has ended does not become the default organization.
      person('dee', { memberships: [{ ...first, expires_at: ended }, second] }),
      person('eve', { memberships: [{ ...first, expires_at: ended }] }),
    ];
    const before = Date.now();
    for (const format of fileFormats) {
      const file = writeAccounts(
        muster.dataDir,
        'people',
        format,
        rows.map((row) => ({ ...row, email: `${format}-${row.email}` })),
      );
      assert.equal(await imported(muster, file), rows.length);
      const shown = await Promise.all(
        rows.map(({ email }) => muster.json('users', 'show', `${format}-${email}`)),
      );
      const millis = (text: string | undefined) => Date.parse(text!);
      assert.deepEqual(
        shown.slice(0, 3).map((user) => [user.created_at, user.updated_at]),
        [
          [millis(created), millis(changed)],
          [millis(changed), millis(changed)],
          [millis(joined), millis(changed)],
        ],
      );
      for (const { created_at, updated_at } of shown.slice(3)) {
        assert.equal(created_at, updated_at);
        assert.ok(created_at >= before);
      }
      assert.deepEqual(
        shown.map((user) => user.default_organization_id),
        [1, null, 1, 2, null],
      );
      const [own, ...others] = await muster.json('members', 'list', '--user', `${format}-ann@x.com`);
      assert.deepEqual(
        [own.role, own.created_at, own.expires_at, own.ended],
        ['owner', millis(joined), null, false],
      );
      assert.deepEqual(others, []);
      const [gone] = await muster.json('members', 'list', '--user', `${format}-eve@x.com`);
      assert.deepEqual([gone.role, gone.expires_at, gone.ended], ['member', millis(ended), true]);
    }
  });

  test('accounts with many memberships are imported', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const memberships = Array.from({ length: 25 }, (_, i) => ({
      organization_id: i + 1,
      organization_name: `Organization ${i + 1}`,
    }));
    const rows = Array.from({ length: 400 }, (_, i) => person(`person${i}`, { memberships }));
    assert.equal(
      await imported(muster, writeAccounts(muster.dataDir, 'people', 'ndjson', rows)),
      rows.length,
    );
    const members = await muster.json('members', 'list', '--organization', '25', '--limit', '9999');
    assert.deepEqual(
      members.map(({ user_id }: { user_id: number }) => user_id),
      rows.map((_, i) => i + 1),
    );
  });
});
