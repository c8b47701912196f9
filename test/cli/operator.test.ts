// Commands of an operator: change and delete accounts, demo data, info.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { type CommandLine, commandLine, findings } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { send } from '../support/start-app.ts';

const timeout = 180_000;

const createUser = ({ json }: CommandLine, name: string, ...more: string[]) =>
  json(
    'users',
    'create',
    '--email',
    `${name}@email.com`,
    '--first-name',
    name,
    '--last-name',
    'Lee',
    ...more,
  );

/** All attributes of all accounts, except times. */
async function accountsOf({ attempt }: CommandLine): Promise<Record<string, unknown>[]> {
  const { code, stdout } = await attempt('users', 'export', '-', '--format', 'ndjson');
  assert.equal(code, 0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), updated_at: null }));
}

onEachEngine((engine) => {
  describe('users update and delete', { concurrency: 2 }, () => {
    test('change any attribute, of every kind, and clear it', { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await createUser(muster, 'ann');
      const changes = [
        'first_name=Ann = Zoë',
        'email=Ann.Lee@email.com',
        'time_zone=Europe/Zagreb',
        'flags={"beta":true}',
        'preferences=["a=b"]',
        'newsletter_consent=true',
        'account_access_expires_at=2099-01-01T00:00:00Z',
        'locale=pt_BR',
      ];
      const changed = await muster.json('users', 'update', 'ann@email.com', ...changes);
      assert.equal(changed.first_name, 'Ann = Zoë');
      const shown = await muster.json('users', 'show', 'ann.lee@email.com');
      assert.equal(shown.email, 'Ann.Lee@email.com');
      assert.equal(shown.time_zone, 'Europe/Zagreb');
      assert.deepEqual(shown.flags, { beta: true });
      assert.deepEqual(shown.preferences, ['a=b']);
      assert.equal(shown.newsletter_consent, true);
      assert.equal(typeof shown.newsletter_consent_at, 'number');
      assert.equal(shown.account_access_expires_at, Date.parse('2099-01-01T00:00:00Z'));
      assert.equal(shown.locale, 'pt_BR');
      assert.ok(shown.updated_at > 0);

      const clearing = [
        'time_zone=',
        'preferences=',
        'account_access_expires_at=',
        'newsletter_consent=false',
      ];
      await muster.run('users', 'update', '1', ...clearing);
      const cleared = await muster.json('users', 'show', '1');
      for (const name of ['time_zone', 'preferences', 'account_access_expires_at', 'newsletter_consent_at'])
        assert.equal(cleared[name], null, name);
      assert.ok(cleared.updated_at > shown.updated_at);
      // A write without a difference is not a change.
      await muster.run('users', 'update', '1', 'first_name=Ann = Zoë');
      assert.deepEqual(await muster.json('users', 'show', '1'), cleared);
    });

    test('keep every digit of the numbers in flags and preferences', { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await createUser(muster, 'ann');
      const [flags, preferences] = [
        '{"seats":9007199254740993,"share":1.0}',
        '[12345678901234567890,-0,1E5]',
      ];
      await muster.run('users', 'update', '1', `flags=${flags}`, `preferences=${preferences}`);
      const exported = await muster.attempt('users', 'export', '-');
      assert.ok(exported.stdout.includes(`"flags":${flags},`), exported.stdout);
      assert.ok(exported.stdout.includes(`"preferences":${preferences},`), exported.stdout);
      for (const [change, rule] of [
        ['preferences={"a":1', /preferences is not JSON$/m],
        ['preferences=dark', /preferences is not JSON; put text in double quotes$/m],
        ['preferences=1e400', /preferences contains a number that is too large$/m],
        [`preferences=${'['.repeat(62)}${']'.repeat(62)}`, /preferences is nested deeper than 61$/m],
        ['constructor=1', /constructor is not a known attribute$/m],
        ['__proto__={}', /__proto__ is not a known attribute$/m],
      ] as const)
        assert.match(await muster.fail('users', 'update', '1', change), rule);
    });

    test('tell everything that is wrong with a change, and change nothing then', { timeout }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await createUser(muster, 'ann', '--sysadmin');
      await createUser(muster, 'bea');
      const before = await accountsOf(muster);
      const wrong = [
        'first_name=',
        'email=nobody',
        'shoe_size=44',
        'updated_at=2020-01-01',
        'last_name=Good',
      ];
      const [all, taken, last, demoted, nobody] = await Promise.all([
        muster.fail('users', 'update', '2', ...wrong),
        muster.fail('users', 'update', '2', 'email=ANN@email.com'),
        muster.fail('users', 'delete', '1'),
        muster.fail('users', 'update', '1', 'sysadmin=false'),
        muster.fail('users', 'update', '9', 'last_name=Good'),
      ]);
      for (const rule of [
        /first_name can't be blank/,
        /email is not an email/,
        /shoe_size is not a known attribute/,
        /updated_at is set by the server/,
      ])
        assert.match(all, rule);
      assert.match(taken, /email has already been taken/);
      assert.match(last, /The last sysadmin cannot be deleted/);
      assert.match(demoted, /sysadmin is needed, this is the last sysadmin/);
      assert.match(nobody, /There is no user 9/);
      assert.deepEqual(await accountsOf(muster), before);
    });

    test('delete an account, whose tokens are refused from then on by the service that runs', {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      const service = await spawnMuster(t, { env: muster.env });
      const { id } = await createUser(muster, 'ann', '--organization', '1', '--sysadmin');
      const { token } = await muster.json('tokens', 'create', 'ann@email.com');
      const status = async (path: string, used: string) =>
        (await send(service.url, 'GET', path, { token: used })).status;
      assert.equal(await status('/api/v2/users', token), 200);
      assert.equal(await status(`/api/v2/users/${id}`, service.token!), 200);
      assert.deepEqual(await muster.json('users', 'delete', 'ANN@email.com'), { id, deleted: true });
      assert.equal(await status('/api/v2/users', token), 401);
      assert.equal(await status(`/api/v2/users/${id}`, service.token!), 404);
      assert.match(await muster.fail('users', 'delete', 'ann@email.com'), /There is no user ann@email\.com/);
      // A change by a command is visible to the service at once.
      await muster.run('users', 'update', '1', 'first_name=Changed');
      const { body } = await send(service.url, 'GET', '/api/v2/users/1', { token: service.token! });
      assert.equal(body.data.attributes.first_name, 'Changed');
      // An id is never reused.
      assert.ok((await createUser(muster, 'bea')).id > id);
    });
  });

  test('demo makes the same people for the same seed, other people for another, and nobody twice', {
    timeout,
  }, async (t) => {
    const [one, same, other] = await Promise.all([
      commandLine(t, {}, engine),
      commandLine(t, {}, engine),
      commandLine(t, {}, engine),
    ]);
    const demo = async (muster: CommandLine, ...args: string[]) =>
      JSON.parse((await muster.attempt('demo', '--json', ...args)).stdout);
    assert.deepEqual(await demo(one, '--users', '700'), { users: 700, there_already: 0 });
    assert.deepEqual(await demo(same, '--users', '700', '--seed', '1'), { users: 700, there_already: 0 });
    await demo(other, '--users', '700', '--seed', '2');
    const people = await accountsOf(one);
    assert.deepEqual(await accountsOf(same), people);
    assert.notDeepEqual(await accountsOf(other), people);

    const owners = new Map<unknown, number>();
    for (const { memberships } of people as any[])
      for (const { organization_id: id, role } of memberships)
        owners.set(id, (owners.get(id) ?? 0) + Number(role === 'owner'));
    assert.ok(owners.size > 1);
    assert.deepEqual([...new Set(owners.values())], [1]);
    // The first organization has somebody of every kind.
    const first = String((await one.json('organizations', 'list'))[0].id);
    const members = await one.json('members', 'list', '--organization', first);
    const kinds = new Set(members.map((row: any) => `${row.role}${row.ended ? ' who was' : ''}`));
    for (const kind of ['owner', 'admin', 'member', 'member who was']) assert.ok(kinds.has(kind), kind);
    const ids = new Set(members.map(({ user_id }: any) => String(user_id)));
    const theirs = (people as any[]).filter(({ id }) => ids.has(id));
    assert.ok(theirs.some((user) => user.default_organization_id === null));
    assert.ok((people as any[]).some((user) => user.memberships.length === 2));
    const left = async () =>
      (await one.json('people', 'list', '--organization', first)).filter((row: any) => row.deactivated_at);
    const [gone, ...others] = await left();
    assert.deepEqual([gone.role, others], [null, []]);
    // Who has been added again stays.
    await one.run('members', 'add', first, gone.email);

    // A larger number with the same seed gives the same users and more.
    assert.deepEqual(await demo(one, '--users', '800'), { users: 100, there_already: 700 });
    assert.deepEqual(await left(), []);
    await one.run('members', 'remove', first, gone.email);
    assert.deepEqual((await accountsOf(one)).slice(0, 700), people);
    assert.deepEqual(await findings(one, 'error'), []);
  });

  test('info tells versions, sizes and counts, while the service runs too', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const service = await spawnMuster(t, { env: muster.env });
    await createUser(muster, 'ann');
    const { size_bytes, wal_bytes, engine_version, migration, database, ...rest } = await muster.json('info');
    assert.deepEqual(rest, {
      muster: packageJson.version,
      node: process.version,
      engine,
      ...(engine === 'sqlite' && { data_dir: service.dataDir }),
      invitations: 0,
      links: 0,
      mails: 0,
      users: 2,
      organizations: 1,
      organization_memberships: 1,
      origins: 0,
      people: 1,
      passwords: 2,
      sessions: 1,
      events: 5,
    });
    assert.match(engine_version, engine === 'sqlite' ? /^3\.\d+\.\d+$/ : /^\d+\.\d+/);
    assert.equal(database, muster.env.MUSTER_DATABASE_URL);
    assert.match(migration, /^\d{4}-/);
    assert.ok(size_bytes >= 4096);
    assert.equal(Number.isInteger(wal_bytes), engine === 'sqlite');
    assert.match(await muster.run('info'), /^users +2$/m);
  });
});
