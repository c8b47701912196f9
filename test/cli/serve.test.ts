// The first start and later ones, as a person sees them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { readConfig } from '../../src/config.ts';
import { rowsOf } from '../support/database-rows.ts';
import { clearedPostgres, type EngineName, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { type Environment, type MusterProcess, runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { document, mediaType } from '../support/start-app.ts';

const chosen = {
  MUSTER_BOOTSTRAP_EMAIL: 'ann@email.com',
  MUSTER_BOOTSTRAP_PASSWORD: 'a password of her own',
  MUSTER_BOOTSTRAP_TOKEN: 'a-token-of-her-own-with-32-characters-and-more',
};

const printedPassword = (muster: MusterProcess) => /^ {2}Password +(\S+)$/m.exec(muster.stdout)?.[1];

async function get(muster: MusterProcess, path: string, token: string) {
  const response = await fetch(muster.url + path, { headers: { 'X-Auth-Token': token } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

/** Whether this is the first account's password: only someone who knows it can change it. */
async function changePassword(muster: MusterProcess, token: string, current_password: string) {
  const response = await fetch(`${muster.url}/api/v2/users/1/update_password`, {
    method: 'PATCH',
    headers: { 'X-Auth-Token': token, 'Content-Type': mediaType },
    body: JSON.stringify(document({ current_password, password: 'newpassword1234' })),
  });
  return response.status;
}

/** Settings for an empty database. */
async function databaseOf(t: TestContext, engine: EngineName): Promise<Environment> {
  const MUSTER_DATA_DIR = await temporaryFolder(t);
  return engine === 'sqlite'
    ? { MUSTER_DATA_DIR }
    : { MUSTER_DATA_DIR, MUSTER_DATABASE_URL: await clearedPostgres(t) };
}

async function start(t: TestContext, engine: EngineName, env: Environment = {}, args: string[] = []) {
  return spawnMuster(t, { env: { ...(await databaseOf(t, engine)), ...env }, args });
}

/** Counts of users, organizations, memberships, passwords and sessions. */
function countAll(database: Environment): Promise<unknown[]> {
  const config = readConfig({}, database);
  return Promise.all(
    ['users', 'organizations', 'memberships', 'passwords', 'sessions'].map(
      async (table) => (await rowsOf(config, table)).length,
    ),
  );
}

onEachEngine((engine) => {
  describe('muster serve', { concurrency: 3 }, () => serveSuite(engine));
});

function serveSuite(engine: EngineName): void {
  test('prints an address, an email, a password, a token and a curl line that works', async (t) => {
    const muster = await start(t, engine);
    assert.match(muster.stdout, new RegExp(`^Muster is ready at ${muster.url}$`, 'm'));
    assert.match(muster.stdout, /^ {2}First account +admin@example\.com$/m);
    assert.match(muster.token ?? '', /^muster_[\w-]{43}$/);
    assert.match(printedPassword(muster) ?? '', /^[\w-]{24}$/);

    const line = /^ *(curl .*)$/m.exec(muster.stdout)?.[1];
    const { stdout } = await promisify(execFile)('sh', ['-c', line!]);
    const { data } = JSON.parse(stdout);
    assert.equal(data.length, 1);
    assert.equal(data[0].attributes.email, 'admin@example.com');
    assert.equal(data[0].attributes.sysadmin, true);
    assert.equal(await changePassword(muster, muster.token!, printedPassword(muster)!), 200);
    assert.equal(muster.stderr, '');
  });

  test('makes nothing where it cannot listen: the next start prints the password', async (t) => {
    const database = await databaseOf(t, engine);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const refused = await runMuster(['serve'], {
      env: { ...database, MUSTER_PORT: String(port) },
    });
    other.close();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /MUSTER_PORT/);
    const muster = await spawnMuster(t, { env: database });
    assert.match(printedPassword(muster) ?? '', /^[\w-]{24}$/);
  });

  test('makes nothing and prints no secret when it is started again', async (t) => {
    const database = await databaseOf(t, engine);
    const first = await spawnMuster(t, { env: database });
    const password = printedPassword(first)!;
    const before = await countAll(database);
    assert.deepEqual(before, [1, 1, 1, 1, 1]);
    assert.deepEqual(await first.stop(), { code: 0, signal: null });

    const second = await spawnMuster(t, { env: database });
    assert.equal((await get(second, '/api/v2/users', first.token!)).status, 200);
    await second.stop();
    for (const output of [second.stdout, second.stderr]) {
      assert.doesNotMatch(output, /muster_(?!LINK_SECRET:)|curl|Password|token(?!_id":\d)/i);
      assert.ok(!output.includes(password) && !output.includes(first.token!));
    }
    assert.deepEqual(await countAll(database), before);
  });

  test('takes the first account from the settings, and prints nothing secret', async (t) => {
    const muster = await start(t, engine, chosen);
    const { body } = await get(muster, '/api/v2/users', chosen.MUSTER_BOOTSTRAP_TOKEN);
    assert.equal(body.data[0].attributes.email, 'ann@email.com');
    const status = await changePassword(
      muster,
      chosen.MUSTER_BOOTSTRAP_TOKEN,
      chosen.MUSTER_BOOTSTRAP_PASSWORD,
    );
    assert.equal(status, 200);
    await muster.stop();
    assert.match(muster.stdout, /ann@email\.com/);
    for (const output of [muster.stdout, muster.stderr]) {
      assert.ok(!output.includes(chosen.MUSTER_BOOTSTRAP_TOKEN));
      assert.ok(!output.includes(chosen.MUSTER_BOOTSTRAP_PASSWORD));
      assert.doesNotMatch(output, /muster_|curl|Password/);
    }
  });

  // "generated and printed once where none is given": what was given is not printed, what was not is.
  test('prints the token that it makes where only the password is chosen, and the other way round', async (t) => {
    const { MUSTER_BOOTSTRAP_PASSWORD, MUSTER_BOOTSTRAP_TOKEN } = chosen;
    const [passwordGiven, tokenGiven] = await Promise.all([
      start(t, engine, { MUSTER_BOOTSTRAP_PASSWORD }),
      start(t, engine, { MUSTER_BOOTSTRAP_TOKEN }),
    ]);
    assert.ok(!passwordGiven.stdout.includes(MUSTER_BOOTSTRAP_PASSWORD));
    assert.match(passwordGiven.token ?? 'none is printed', /^muster_[\w-]{43}$/);
    assert.equal(await changePassword(passwordGiven, passwordGiven.token!, MUSTER_BOOTSTRAP_PASSWORD), 200);
    assert.ok(!tokenGiven.stdout.includes(MUSTER_BOOTSTRAP_TOKEN));
    assert.match(printedPassword(tokenGiven) ?? 'none is printed', /^[\w-]{24}$/);
    assert.equal(await changePassword(tokenGiven, MUSTER_BOOTSTRAP_TOKEN, printedPassword(tokenGiven)!), 200);
  });

  test('lets flags win over variables, writes links with the public URL, and warns of slips by name', async (t) => {
    const settings = {
      MUSTER_TIME_ZONE: 'Europe/Zagreb',
      MUSTER_PUBLIC_URL: 'https://api.example.com/',
      MUSTER_BOOTSTRAP_EMAIL: chosen.MUSTER_BOOTSTRAP_EMAIL,
      MUSTER_PASSWROD: 'a slip of the pen',
    };
    const muster = await start(t, engine, settings, ['--time-zone', 'Asia/Kolkata']);
    assert.match(muster.stdout, /^Muster is ready at https:\/\/api\.example\.com$/m);
    assert.match(muster.stdout, /^ {2}First account +ann@email\.com$/m);
    assert.equal(muster.log.find(({ level }) => level === 40)?.name, 'MUSTER_PASSWROD');
    assert.doesNotMatch(muster.stdout, /a slip of the pen/);
    // If only the email is set, the rest is generated and printed.
    const { body } = await get(muster, '/api/v2/users', muster.token!);
    assert.match(body.data[0].attributes.updated_at, /\+05:30$/);
    assert.match(body.links.first, /^https:\/\/api\.example\.com\/api\/v2\/users\?page%5Bnumber%5D=1&/);
    assert.equal(await changePassword(muster, muster.token!, printedPassword(muster)!), 200);
  });
}

test('keeps its data where MUSTER_DATABASE_URL says', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'deeper', 'accounts.db');
  const muster = await spawnMuster(t, { env: { MUSTER_DATABASE_URL: `sqlite:${file}` } });
  assert.ok(existsSync(file));
  assert.ok(!existsSync(join(muster.dataDir, 'muster.db')));
  const env = { MUSTER_DATABASE_URL: `sqlite:${file}`, MUSTER_DATA_DIR: muster.dataDir };
  const { stdout } = await runMuster(['users', 'list', '--json'], { env });
  assert.equal(JSON.parse(stdout)[0].email, 'admin@example.com');
});
