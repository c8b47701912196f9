// Commands on users, organizations, members and tokens, with output for people and for programs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandLine } from '../support/command-line.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, mediaType } from '../support/start-app.ts';

const ann = ['users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];

/** Parses lines of `name value`, as printed for one record. */
const readRecord = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/, 2) as [string, string]),
  );

/** Parses a table as printed for people: column names and rows. */
const readTable = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

onEachEngine((engine) => {
  describe('the command line', { concurrency: 3 }, () => accountsSuite(engine));
});

function accountsSuite(engine: EngineName): void {
  test('makes, lists and shows users', async (t) => {
    const { run, json } = await commandLine(t, {}, engine);
    const made = readRecord(await run(...ann));
    assert.deepEqual(Object.keys(made), ['id', 'email', 'password', 'note']);
    assert.match(made.note!, /muster users send-reset 1$/);
    assert.equal(made.id, '1');
    assert.match(made.password!, /^[\w-]{24}$/);
    const bea = [
      'users',
      'create',
      '--email',
      'Bea@Email.com',
      '--first-name',
      'Bea',
      '--last-name',
      'Lee',
      '--sysadmin',
    ];
    // A password that was given is not printed.
    assert.deepEqual(await json(...bea, '--password', 'a password of hers'), {
      id: 2,
      email: 'Bea@Email.com',
    });

    const [list, limited, table, byId, byEmail, shown] = await Promise.all([
      json('users', 'list'),
      json('users', 'list', '--limit', '2'),
      run('users', 'list'),
      json('users', 'show', '2'),
      json('users', 'show', 'BEA@email.com'),
      run('users', 'show', 'ann@email.com'),
    ]);
    const user = { first_name: 'Ann', last_name: 'Lee', default_organization_id: null, sysadmin: false };
    const [annCreated, beaCreated] = list.map(({ created_at }: { created_at: number }) => created_at);
    assert.deepEqual(list, [
      { id: 1, email: 'ann@email.com', ...user, created_at: annCreated },
      { id: 2, email: 'Bea@Email.com', ...user, first_name: 'Bea', sysadmin: true, created_at: beaCreated },
    ]);
    assert.equal(byId.created_at, beaCreated);
    assert.equal(Date.parse(readRecord(shown).created_at!), annCreated);
    assert.deepEqual(limited, list);
    assert.deepEqual(
      readTable(table).map((row) => row.slice(0, 2)),
      [
        ['id', 'email'],
        ['1', 'ann@email.com'],
        ['2', 'Bea@Email.com'],
      ],
    );
    assert.equal(byId.email, 'Bea@Email.com');
    assert.equal(byId.sysadmin, true);
    assert.deepEqual(byEmail, byId);
    assert.ok(!('ical_token' in byId) && !('password' in byId));
    assert.equal(readRecord(shown).first_name, 'Ann');
  });

  test('C16 another email is told to the old address, which takes it back for 72 hours', async (t) => {
    const { run, json, fail } = await commandLine(
      t,
      { MUSTER_LINK_SECRET: 'a secret of links that is long enough' },
      engine,
    );
    await run(...ann);
    const { email, note } = await json('users', 'update', '1', 'email=bea@email.com');
    assert.equal(email, 'bea@email.com');
    assert.match(
      note,
      /^ann@email\.com is told, by a mail whose link undoes the change for 72 hours; .*mailbox$/,
    );
    assert.ok(!('note' in (await json('users', 'update', '1', 'email=Bea@email.com', 'first_name=Bea'))));
    assert.match(await fail(...ann), /email has already been taken/);
  });

  test('makes and lists organizations, and adds and removes their members', async (t) => {
    const { run, json } = await commandLine(t, {}, engine);
    const first = await json('organizations', 'create', 'Kolibri & Co.');
    assert.equal(first.slug, '1-kolibri-co');
    assert.equal(readRecord(await run('organizations', 'create', 'Second')).slug, '2-second');
    await run(...ann, '--organization', '1', '--role', 'owner');
    await run('users', 'create', '--email', 'bea@email.com', '--first-name', 'Bea', '--last-name', 'Lee');

    const [organizations, table] = await Promise.all([
      json('organizations', 'list'),
      run('organizations', 'list'),
    ]);
    assert.deepEqual(
      organizations.map(({ id, name, slug }: Record<string, unknown>) => [id, name, slug]),
      [
        [1, 'Kolibri & Co.', '1-kolibri-co'],
        [2, 'Second', '2-second'],
      ],
    );
    assert.deepEqual(readTable(table)[2]!.slice(0, 3), ['2', 'Second', '2-second']);

    const added = await json('members', 'add', '2', 'bea@email.com');
    assert.deepEqual([added.organization_id, added.user_id, added.role], [2, 2, 'member']);
    const printed = readRecord(await run('members', 'add', '1', '2', '--role', 'admin'));
    assert.deepEqual([printed.organization_id, printed.user_id, printed.role], ['1', '2', 'admin']);
    // The first organization became the default. When it is removed, the other one replaces it, then null.
    const defaultOrganization = async () => (await json('users', 'show', '2')).default_organization_id;
    assert.deepEqual(await json('members', 'remove', '2', '2'), {
      id: added.id,
      organization_id: 2,
      user_id: 2,
      removed: true,
    });
    assert.equal(await defaultOrganization(), 1);
    assert.equal(readRecord(await run('members', 'remove', '1', 'bea@email.com')).removed, 'true');
    assert.equal(await defaultOrganization(), null);
  });

  test('makes tokens for a service that runs, lists them without their text, and revokes them', async (t) => {
    const { run, json, env } = await commandLine(t, {}, engine);
    const muster = await spawnMuster(t, { env });
    const status = async (token: string) =>
      (await fetch(`${muster.url}/api/v2/users`, { headers: { 'X-Auth-Token': token } })).status;

    const made = await json('tokens', 'create', 'admin@example.com', '--name', 'nightly export');
    assert.deepEqual({ ...made, token: '' }, { id: 2, user_id: 1, name: 'nightly export', token: '' });
    assert.match(made.token, /^muster_[\w-]{43}$/);
    const user = await json(...ann, '--organization', '1');
    const [plain, expired] = await Promise.all([
      run('tokens', 'create', 'ann@email.com').then(readRecord),
      json('tokens', 'create', '1', '--expires-at', '2020-01-01T00:00:00Z', '--session'),
    ]);
    assert.equal(await status(made.token), 200);
    assert.equal(await status(expired.token), 401);
    // Ann's token and the printed password work immediately.
    const changed = await fetch(`${muster.url}/api/v2/users/${user.id}/update_password`, {
      method: 'PATCH',
      headers: { 'X-Auth-Token': plain.token!, 'Content-Type': mediaType },
      body: JSON.stringify(document({ current_password: user.password, password: 'newpassword1234' })),
    });
    assert.equal(changed.status, 200);
    assert.match(await changed.text(), /"default_organization_slug":"1-organization"/);

    const [list, ofAnn, table] = await Promise.all([
      json('tokens', 'list'),
      json('tokens', 'list', '--user', 'ann@email.com'),
      run('tokens', 'list'),
    ]);
    const namesAndKinds = list.map(({ name, kind }: Record<string, string>) => `${name}, ${kind}`);
    assert.deepEqual(namesAndKinds.sort(), [
      'api token, api',
      'api token, session',
      'first token, api',
      'nightly export, api',
    ]);
    assert.deepEqual(
      ofAnn,
      list.filter(({ id }: { id: number }) => String(id) === plain.id),
    );
    assert.equal(readTable(table).length, 5);
    assert.doesNotMatch(table + JSON.stringify(list), /muster_|hash/);

    assert.deepEqual(await json('tokens', 'revoke', String(made.id)), { id: 2, revoked: true });
    assert.equal(readRecord(await run('tokens', 'revoke', plain.id!)).revoked, 'true');
    assert.equal(await status(made.token), 401);
    assert.equal(await status(plain.token!), 401);
    assert.equal(await status(muster.token!), 200);
  });

  test('makes tokens that only read, or act in one organization, for a service that runs', async (t) => {
    const { json, fail, env } = await commandLine(t, {}, engine);
    const muster = await spawnMuster(t, { env });
    const other = await json('organizations', 'create', 'Two');
    const [made, signIn] = await Promise.all([
      json('tokens', 'create', '1', '--name', 'ci', '--read-only', '--organization', '1'),
      json('tokens', 'create', '1', '--session'),
    ]);
    const list: Record<string, unknown>[] = await json('tokens', 'list');
    const shown = (id: number) => {
      const { user_id, kind, name, read_only, organization_id } = list.find((one) => one.id === id)!;
      return { user_id, kind, name, read_only, organization_id };
    };
    assert.deepEqual(shown(made.id), {
      ...{ user_id: 1, kind: 'api', name: 'ci', read_only: true, organization_id: 1 },
    });
    assert.deepEqual(shown(signIn.id), {
      ...{ user_id: 1, kind: 'session', name: 'api token', read_only: false, organization_id: null },
    });
    const { created_at, last_activity_at, expires_at } = list.find(({ id }) => id === signIn.id)! as any;
    assert.deepEqual([last_activity_at, expires_at], [created_at, created_at + 90 * 86_400_000]);
    const ask = async (method: string, headers: Record<string, string> = {}) => {
      const sent = { method, headers: { 'X-Auth-Token': made.token, ...headers } };
      return (await fetch(`${muster.url}/api/v2/users/1`, sent)).status;
    };
    assert.equal(await ask('GET'), 200);
    assert.equal(await ask('DELETE'), 403);
    assert.equal(await ask('GET', { 'X-Organization-Id': String(other.id) }), 403);
    for (const [args, reason] of [
      [['--organization', String(other.id)], /is not a member of organization 2/],
      [['--organization', '9'], /There is no organization 9/],
      [['--organization', '1', '--session'], /cannot be used with option/],
    ] as const)
      assert.match(await fail('tokens', 'create', '1', ...args), reason);
  });

  test('brings an empty database to this version, says so again, and lists nothing', async (t) => {
    const { run, json } = await commandLine(t, {}, engine);
    assert.equal(await run('migrate'), 'The database has the current version.\n');
    assert.equal(await run('migrate'), 'The database has the current version.\n');
    const lists = [json('users', 'list'), json('organizations', 'list'), run('tokens', 'list')];
    assert.deepEqual(await Promise.all(lists), [[], [], '\n']);
  });

  test('tells what is wrong with a new user, all of it at once', async (t) => {
    const { run, fail } = await commandLine(t, {}, engine);
    await run(...ann);
    const bad = ['users', 'create', '--email', 'nobody', '--first-name', ' ', '--last-name', 'x'.repeat(256)];
    const [message, taken, missing, noRole] = await Promise.all([
      fail(...bad, '--password', 'sh0rt'),
      fail(...ann.with(3, 'ANN@email.com')),
      fail('users', 'create', '--email', 'x@email.com'),
      fail(...ann.with(3, 'x@email.com'), '--role', 'emperor'),
    ]);
    for (const rule of [
      /email is not an email/,
      /first_name can't be blank/,
      /last_name is too long/,
      /password is too short/,
    ])
      assert.match(message, rule);
    assert.doesNotMatch(message, /sh0rt/);
    assert.match(taken, /email has already been taken/);
    assert.match(missing, /required option '--first-name <name>' not specified/);
    assert.match(noRole, /Allowed choices are owner, admin, member/);
  });

  test('tells what does not exist or is not allowed, and changes nothing', async (t) => {
    const { run, json, fail } = await commandLine(t, {}, engine);
    await run(...ann);
    await run('organizations', 'create', 'First');
    const cases: readonly (readonly [string[], RegExp])[] = [
      [['users', 'show', '99999999999999999999'], /^muster: There is no user 99999999999999999999$/m],
      [['users', 'list', '--limit', '0'], /must be a whole number from 1 to 999999999/],
      [['organizations', 'create', ' '], /name can't be blank/],
      [['members', 'add', '9', '1'], /There is no organization 9/],
      [['members', 'add', '1', '9'], /There is no user 9/],
      [['members', 'remove', '1', '1'], /User 1 is not a member of organization 1/],
      [['tokens', 'create', '1', '--expires-at', 'tomorrow'], /must be a date or a time in ISO 8601/],
      [['tokens', 'create', '1', '--name', ''], /^muster: name can't be blank$/m],
      [['tokens', 'create', '1', '--name', ' \u00a0\u200b'], /^muster: name can't be blank$/m],
      [
        ['tokens', 'create', '1', '--name', 'a\nb'],
        /^muster: name contains characters that are not allowed$/m,
      ],
      [['tokens', 'list', '--user', '9'], /There is no user 9/],
      [['tokens', 'revoke', 'abc', '--json'], /There is no token abc/],
    ];
    // A few at a time, because each is a process.
    for (let i = 0; i < cases.length; i += 4)
      await Promise.all(
        cases.slice(i, i + 4).map(async ([args, message]) => assert.match(await fail(...args), message)),
      );
    assert.deepEqual(await json('tokens', 'list'), []);
  });
}
