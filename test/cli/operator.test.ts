// The commands of an operator: accounts changed and deleted, a demo, and what check and info tell.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { type CommandLine, commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
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

/** Everything of every account but when it was made. */
async function accountsOf({ attempt }: CommandLine): Promise<Record<string, unknown>[]> {
  const { code, stdout } = await attempt('users', 'export', '-', '--format', 'ndjson');
  assert.equal(code, 0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), updated_at: null }));
}

describe('users update and delete', { concurrency: 2 }, () => {
  test('change any attribute, of every kind, and clear it', { timeout }, async (t) => {
    const muster = await commandLine(t);
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
    assert.deepEqual(JSON.parse(shown.flags), { beta: true });
    assert.deepEqual(JSON.parse(shown.preferences), ['a=b']);
    assert.equal(shown.newsletter_consent, true);
    assert.equal(typeof shown.newsletter_consent_at, 'number');
    assert.equal(shown.account_access_expires_at, Date.parse('2099-01-01T00:00:00Z'));
    assert.equal(shown.locale, 'pt_BR');
    assert.ok(shown.updated_at > 0);

    const clearing = ['time_zone=', 'preferences=', 'account_access_expires_at=', 'newsletter_consent=false'];
    await muster.run('users', 'update', '1', ...clearing);
    const cleared = await muster.json('users', 'show', '1');
    for (const name of ['time_zone', 'preferences', 'account_access_expires_at', 'newsletter_consent_at'])
      assert.equal(cleared[name], null, name);
    assert.ok(cleared.updated_at > shown.updated_at);
    // Nothing that changes nothing is a change.
    await muster.run('users', 'update', '1', 'first_name=Ann = Zoë');
    assert.deepEqual(await muster.json('users', 'show', '1'), cleared);
  });

  test('tell everything that is wrong with a change, and change nothing then', { timeout }, async (t) => {
    const muster = await commandLine(t);
    await createUser(muster, 'ann', '--sysadmin');
    await createUser(muster, 'bea');
    const before = await accountsOf(muster);
    const wrong = ['first_name=', 'email=nobody', 'shoe_size=44', 'updated_at=2020-01-01', 'last_name=Good'];
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
      /updated_at is written by the server/,
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
    const service = await spawnMuster(t);
    const muster = await commandLine(t, { MUSTER_DATA_DIR: service.dataDir });
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
    // And a change from here is seen there at once.
    await muster.run('users', 'update', '1', 'first_name=Changed');
    const { body } = await send(service.url, 'GET', '/api/v2/users/1', { token: service.token! });
    assert.equal(body.data.attributes.first_name, 'Changed');
    // An id is never given to another.
    assert.ok((await createUser(muster, 'bea')).id > id);
  });
});

test('demo makes the same people for the same seed, other people for another, and nobody twice', {
  timeout,
}, async (t) => {
  const [one, same, other] = await Promise.all([commandLine(t), commandLine(t), commandLine(t)]);
  const demo = async (muster: CommandLine, ...args: string[]) =>
    JSON.parse((await muster.attempt('demo', '--json', ...args)).stdout);
  assert.deepEqual(await demo(one, '--users', '700'), { users: 700, there_already: 0 });
  assert.deepEqual(await demo(same, '--users', '700', '--seed', '1'), { users: 700, there_already: 0 });
  await demo(other, '--users', '700', '--seed', '2');
  const people = await accountsOf(one);
  assert.deepEqual(await accountsOf(same), people);
  assert.notDeepEqual(await accountsOf(other), people);

  const owners = new Map<unknown, number>();
  for (const { default_organization_id: id, memberships } of people as any[]) {
    assert.equal(memberships.length, 1);
    assert.equal(memberships[0].organization_id, id);
    owners.set(id, (owners.get(id) ?? 0) + Number(memberships[0].role === 'owner'));
  }
  assert.ok(owners.size > 1);
  assert.deepEqual([...new Set(owners.values())], [1]);

  // More of the same seed are those people and some more.
  assert.deepEqual(await demo(one, '--users', '800'), { users: 100, there_already: 700 });
  assert.deepEqual((await accountsOf(one)).slice(0, 700), people);
  assert.deepEqual(await findings(one, 'error'), []);
});

describe('check', { concurrency: 2 }, () => {
  const strong = { MUSTER_MIN_PASSWORD_LENGTH: '15', MUSTER_PORT: '0' };

  async function database(t: TestContext, env = {}): Promise<CommandLine & { file: string }> {
    const muster = await commandLine(t, env);
    await createUser(muster, 'ann', '--password', 'a very long password of hers');
    return { ...muster, file: join(muster.dataDir, 'muster.db') };
  }

  test('has nothing to complain of where all is well, and ends with 0', { timeout }, async (t) => {
    const muster = await database(t, strong);
    assert.equal(await muster.run('check', '--strict'), 'Nothing to complain of.\n');
    assert.deepEqual(await muster.json('check', '--strict'), []);
  });

  test('warns of weak settings, and ends with 1 only where it is told to be strict', {
    timeout,
  }, async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    t.after(() => taken.close());
    const muster = await database(t);
    chmodSync(muster.file, 0o644);
    const { port } = taken.address() as { port: number };
    const weak = await commandLine(t, {
      MUSTER_DATA_DIR: muster.dataDir,
      MUSTER_PORT: String(port),
      MUSTER_RATE_LIMIT: '0',
      MUSTER_LOG_LEVEL: 'silent',
      MUSTER_CORS_ORIGINS: 'http://app.example.com',
      MUSTER_BOOTSTRAP_PASSWORD: 'a password that nobody may read',
    });
    const subjects = (await weak.json('check')).map(({ level, subject }: Record<string, string>) => [
      level,
      subject,
    ]);
    assert.deepEqual(
      subjects,
      [
        muster.file,
        `127.0.0.1:${port}`,
        'MUSTER_MIN_PASSWORD_LENGTH',
        'MUSTER_RATE_LIMIT',
        'MUSTER_CORS_ORIGINS',
        'MUSTER_BOOTSTRAP_*',
        'MUSTER_LOG_LEVEL',
      ].map((subject) => ['warning', subject]),
    );
    const [plain, strict] = await Promise.all([weak.attempt('check'), weak.attempt('check', '--strict')]);
    assert.equal(plain.code, 0);
    assert.equal(strict.code, 1);
    assert.equal(strict.stdout, plain.stdout);
    assert.doesNotMatch(plain.stdout, /nobody may read/);

    const open = await commandLine(t, { ...strong, MUSTER_DATA_DIR: muster.dataDir, MUSTER_HOST: '0.0.0.0' });
    assert.ok((await findings(open, 'warning')).some(({ subject }) => subject === 'MUSTER_PUBLIC_URL'));
  });

  test('warns where there is no database yet, and makes none', { timeout }, async (t) => {
    const muster = await commandLine(t, {
      ...strong,
      MUSTER_DATA_DIR: join(await temporaryFolder(t), 'new'),
    });
    const [{ level, finding }] = await muster.json('check');
    assert.deepEqual([level, finding], ['warning', 'does not exist; the next start makes it']);
    assert.ok(!existsSync(muster.dataDir));
  });

  for (const [what, damage, complaint] of [
    ['is damaged', (file: string) => scribble(file), /./],
    ['is of a newer version', newer, /was made by a newer version \(9999-of-the-future\)/],
    ['counts wrongly', miscount, /^5 users are counted, 1 are there$/],
    ['refers to nothing', orphan, /a row of passwords refers to nothing/],
    ['is none of ours', (file: string) => writeFileSync(file, 'text '.repeat(5000)), /not a database/],
  ] as const) {
    test(`finds a database that ${what}, and ends with 1`, { timeout }, async (t) => {
      const muster = await database(t, strong);
      damage(muster.file);
      const { code, stdout } = await muster.attempt('check', '--json');
      const errors = JSON.parse(stdout).filter(({ level }: { level: string }) => level === 'error');
      assert.ok(errors.length > 0, stdout);
      assert.match(errors[0].finding, complaint);
      assert.equal(errors[0].subject, muster.file);
      assert.equal(code, 1);
    });
  }
});

function scribble(file: string): void {
  const content = readFileSync(file);
  writeFileSync(file, content.fill(0xff, 4096 * 3, 4096 * 8));
}

function execute(file: string, sql: string): void {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec(sql);
  database.close();
}

function newer(file: string): void {
  execute(file, "INSERT INTO kysely_migration VALUES ('9999-of-the-future', '2100-01-01T00:00:00.000Z')");
}

function miscount(file: string): void {
  execute(file, "UPDATE collections SET row_count = 5 WHERE name = 'users'");
}

function orphan(file: string): void {
  execute(file, 'UPDATE passwords SET user_id = 99');
}

test('info tells versions, sizes and counts, while the service runs too', { timeout }, async (t) => {
  const service = await spawnMuster(t);
  const muster = await commandLine(t, { MUSTER_DATA_DIR: service.dataDir });
  await createUser(muster, 'ann');
  const { size_bytes, wal_bytes, engine_version, migration, ...rest } = await muster.json('info');
  assert.deepEqual(rest, {
    muster: packageJson.version,
    node: process.version,
    engine: 'sqlite',
    data_dir: service.dataDir,
    users: 2,
    organizations: 1,
    memberships: 1,
    passwords: 2,
    tokens: 1,
  });
  assert.match(engine_version, /^3\.\d+\.\d+$/);
  assert.match(migration, /^\d{4}-/);
  assert.ok(size_bytes >= 4096);
  assert.ok(Number.isInteger(wal_bytes));
  assert.match(await muster.run('info'), /^users +2$/m);
});
