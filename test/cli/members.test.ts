// `muster members` and `people`: who belongs to which organization, and what a change does to the account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { users } from '../../src/resources/users/users.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;
const past = '2020-02-03T00:00:00Z';
const future = '2099-02-03T00:00:00Z';

type Row = Readonly<Record<string, unknown>>;

/** Organizations 1 to 3, and the users ann (1), bea (2) and cy (3) without memberships. */
async function cast(t: Parameters<typeof commandLine>[0], engine: EngineName): Promise<CommandLine> {
  const muster = await commandLine(t, {}, engine);
  const store = await openStore(readConfig({}, muster.env));
  await store.write(async (transaction) => {
    for (const name of ['First', 'Second', 'Third'])
      await insertOrganization(transaction, { name }, Date.now());
    for (const name of ['Ann', 'Bea', 'Cy'])
      await transaction.records(users).insert({
        email: `${name.toLowerCase()}@email.com`,
        first_name: name,
        last_name: 'Lee',
        updated_at: Date.now(),
      });
  });
  await store.close();
  return muster;
}

onEachEngine((engine) => {
  test('members are added, shown, changed, listed and removed', { timeout }, async (t) => {
    const { run, json, fail } = await cast(t, engine);
    const { id, person_id, ...added } = await json('members', 'add', '1', 'ann@email.com', '--role', 'owner');
    assert.deepEqual(added, { organization_id: 1, user_id: 1, role: 'owner', expires_at: null });
    await json('members', 'add', '1', '2', '--expires-at', future);
    await json('members', 'add', '2', 'ann@email.com');

    const changed = await json('members', 'update', '1', 'bea@email.com', 'role=admin', `expires_at=${past}`);
    assert.deepEqual([changed.role, changed.expires_at], ['admin', Date.parse(past)]);
    assert.match(changed.note, /gives no access, because it ended\. .*members update 1 2 expires_at=$/);
    const shown = await json('members', 'show', '1', 'bea@email.com');
    assert.deepEqual([shown.role, shown.expires_at], ['admin', Date.parse(past)]);
    assert.ok(shown.updated_at >= shown.created_at);

    const list = async (...args: string[]) =>
      (await json('members', 'list', ...args)).map(({ organization_id, user_id, role, ended }: Row) => [
        organization_id,
        user_id,
        role,
        ended,
      ]);
    const [first, second, third] = [
      [1, 1, 'owner', false],
      [1, 2, 'admin', true],
      [2, 1, 'member', false],
    ];
    assert.deepEqual(await list(), [first, second, third]);
    assert.deepEqual(await list('--organization', '1'), [first, second]);
    assert.deepEqual(await list('--user', 'ann@email.com'), [first, third]);
    assert.deepEqual(await list('--organization', '2', '--user', '2'), []);
    const [row] = await json('members', 'list', '--limit', '9', '--organization', '2');
    assert.deepEqual(Object.keys(row), [
      'id',
      'organization_id',
      'organization_name',
      'user_id',
      'email',
      'person_id',
      'role',
      'created_at',
      'expires_at',
      'ended',
    ]);
    assert.match(
      await run('members', 'list', '--organization', '1'),
      /^\d+ +1 +First +2 +bea@email\.com +\d+ +admin +\S+ +2020-02-03T00:00:00\.000\+00:00 +true$/m,
    );

    const extended = await json('members', 'update', '1', '2', 'expires_at=');
    assert.deepEqual([extended.expires_at, extended.note], [null, undefined]);
    assert.ok(typeof id === 'number' && typeof person_id === 'number');
    const refused: Promise<void>[] = [];
    for (const [args, reason] of [
      [['list', '--organization', '9'], /There is no organization 9/],
      [['list', '--user', 'nobody@email.com'], /There is no user nobody@email\.com/],
      [['show', '3', '1'], /User 1 is not a member of organization 3/],
      [['update', '3', '1', 'role=admin'], /User 1 is not a member of organization 3/],
      [['update', '1', '2', 'role=emperor'], /role is not included in the list/],
      [['update', '1', '2', 'expires_at=soon'], /expires_at is not a time/],
      [['update', '1', '2', 'person_id=1'], /person_id is set by the server/],
      [
        ['update', '1', '2', 'organization_id=3', 'user_id=3'],
        /organization_id cannot be changed\nuser_id cannot/,
      ],
      [['add', '1', '3', '--expires-at', 'soon'], /expires_at is not a time/],
      [['remove', '3', '1'], /User 1 is not a member of organization 3/],
    ] as const)
      refused.push(fail('members', ...args).then((error) => assert.match(error, reason, args.join(' '))));
    await Promise.all(refused);
    assert.deepEqual(await list('--user', '3'), []);
  });

  test('adding a member again changes nothing, and says how to change a role', { timeout }, async (t) => {
    const { json, fail } = await cast(t, engine);
    const owner = await json('members', 'add', '1', 'ann@email.com', '--role', 'owner');
    const shown = await json('members', 'show', '1', '1');
    for (const args of [[], ['--role', 'admin'], ['--role', 'owner', '--expires-at', future]]) {
      const error = await fail('members', 'add', '1', 'ann@email.com', ...args);
      assert.match(
        error,
        /User ann@email\.com is in organization 1 already, as owner\. Nothing was changed\./,
      );
      assert.match(error, /muster members update 1 ann@email\.com role=/);
    }
    assert.deepEqual(await json('members', 'add', '1', 'ann@email.com', '--role', 'owner'), owner);
    assert.deepEqual(await json('members', 'show', '1', '1'), shown);

    const until = await json('members', 'add', '1', '2', '--expires-at', future);
    assert.deepEqual(
      await json('members', 'add', '1', '2', '--expires-at', '2099-02-03T01:00:00+01:00'),
      until,
    );
    assert.match(
      await fail('members', 'add', '1', '2'),
      /already, as member until 2099-02-03T00:00:00\.000\+00:00/,
    );
  });

  test('the last owner stays until there is another', { timeout }, async (t) => {
    const { run, json, fail } = await cast(t, engine);
    await run('members', 'add', '1', 'ann@email.com', '--role', 'owner');
    await run('members', 'add', '1', 'bea@email.com');
    assert.match(
      await fail('members', 'update', '1', '1', 'role=admin', `expires_at=${future}`),
      /^muster: role is needed, this is the last owner\nexpires_at is needed, this is the last owner$/m,
    );
    assert.match(await fail('members', 'remove', '1', '1'), /last owner/);
    assert.equal((await json('members', 'show', '1', '1')).role, 'owner');
    await run('members', 'update', '1', 'bea@email.com', 'role=owner');
    await run('members', 'update', '1', 'ann@email.com', 'role=member');
    await run('members', 'remove', '1', '1');
    // Deleting the organization or the account is not refused.
    await run('users', 'delete', '2');
    assert.deepEqual(await json('members', 'list'), []);
  });

  test('people are listed and shown, also those who have left', { timeout }, async (t) => {
    const { run, json, fail } = await cast(t, engine);
    for (const [organization, user] of ['1 ann', '1 bea', '2 ann'].map((text) => text.split(' ')))
      await run('members', 'add', organization!, `${user}@email.com`);
    const before = Date.now();
    await run('members', 'remove', '1', 'bea@email.com');
    const list = async (...args: string[]): Promise<Row[]> => json('people', 'list', ...args);
    const seen = ({ organization_id, email, role, deactivated_at }: Row) => [
      organization_id,
      email,
      role,
      deactivated_at !== null,
    ];
    const all = await list();
    assert.deepEqual(all.map(seen), [
      [1, 'ann@email.com', 'member', false],
      [1, 'bea@email.com', null, true],
      [2, 'ann@email.com', 'member', false],
    ]);
    assert.ok(Number(all[1]!.deactivated_at) >= before);
    assert.deepEqual(await list('--organization', '1'), all.slice(0, 2));
    assert.match(await run('people', 'list'), /^\d+ +1 +2 +bea@email\.com +Bea +Lee /m);

    const person = await json('people', 'show', String(all[1]!.id));
    assert.deepEqual(
      [person.email, person.user_id, person.organization_id, person.is_user, person.deactivated_at],
      ['bea@email.com', 2, 1, true, all[1]!.deactivated_at],
    );
    // Who comes back is the same person.
    assert.equal((await json('members', 'add', '1', 'bea@email.com')).person_id, all[1]!.id);
    assert.equal((await json('people', 'show', String(all[1]!.id))).deactivated_at, null);
    assert.match(await fail('people', 'show', '99'), /There is no person 99/);
    assert.match(await fail('people', 'list', '--organization', '9'), /There is no organization 9/);
  });

  test('a service that runs answers by what a command has changed, from the next request on', {
    timeout,
  }, async (t) => {
    const { run, json, env } = await commandLine(t, {}, engine);
    const muster = await spawnMuster(t, { env });
    const { id } = await json('organizations', 'create', 'Acme');
    const organization = String(id);
    const named = ['--first-name', 'Ann', '--last-name', 'Lee'];
    const ann = await json('users', 'create', '--email', 'ann@email.com', ...named);
    await run('users', 'create', '--email', 'bea@email.com', ...named);
    await run('members', 'add', organization, 'bea@email.com', '--role', 'owner');
    const { token } = await json('tokens', 'create', 'ann@email.com');
    const get = async (path: string) => {
      const response = await fetch(`${muster.url}/api/v2/${path}`, { headers: { 'X-Auth-Token': token } });
      return { status: response.status, data: ((await response.json()) as any).data };
    };
    const memberships = async () =>
      (await get('organization_memberships')).data.map(({ attributes }: any) => attributes.role);
    const sees = async () => [
      (await get(`organizations/${id}`)).status,
      (await get(`users/${ann.id}`)).data.attributes.default_organization_id,
    ];
    assert.deepEqual([await memberships(), await sees()], [[], [404, null]]);
    await run('members', 'add', organization, 'ann@email.com', '--role', 'admin');
    assert.deepEqual([await memberships(), await sees()], [['admin'], [200, id]]);
    await run('members', 'update', organization, 'ann@email.com', 'role=member');
    assert.deepEqual(await memberships(), ['member']);
    await run('members', 'update', organization, 'ann@email.com', `expires_at=${past}`);
    assert.deepEqual([await memberships(), await sees()], [[], [404, null]]);
    await run('members', 'update', organization, 'ann@email.com', 'expires_at=');
    assert.deepEqual([await memberships(), await sees()], [['member'], [200, id]]);
    await run('members', 'remove', organization, 'ann@email.com');
    assert.deepEqual([await memberships(), await sees()], [[], [404, null]]);
  });

  test('a change of the default organization never sets updated_at back, whatever the clock says', {
    timeout,
  }, async (t) => {
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
    await muster.run('members', 'update', '1', '1', 'role=admin');
    assert.deepEqual(await row(), [1, 1]);
    await muster.run('members', 'remove', '1', '1');
    assert.deepEqual(await row(), [null, 2]);
    await muster.run('users', 'update', '1', 'first_name=Anna');
    assert.deepEqual(await row(), [null, 3]);
  });

  test('the oldest membership that is left becomes the default', { timeout }, async (t) => {
    const muster = await cast(t, engine);
    for (const organization of ['3', '2', '1']) await muster.run('members', 'add', organization, '1');
    // Changing a role keeps the age of the membership.
    await muster.run('members', 'update', '2', '1', 'role=admin');
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
