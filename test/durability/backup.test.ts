// E10: a backup taken while the service writes, and its restore elsewhere.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import { type MusterProcess, spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const timeout = 180_000;
const token = 'a-token-of-the-first-account-with-32-characters';
const password = 'a password of the first account';
const settings = {
  MUSTER_BOOTSTRAP_TOKEN: token,
  MUSTER_BOOTSTRAP_PASSWORD: password,
  MUSTER_RATE_LIMIT: '0',
};

const serveFrom = (t: TestContext, dataDir: string) =>
  spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });

const create = (muster: MusterProcess, email: string, more: object = {}) =>
  send(muster.url, 'POST', '/api/v2/users', {
    token,
    body: document({ email, first_name: 'name', last_name: 'surname', ...more }),
  });

const rename = (muster: MusterProcess, first_name: string, headers: Record<string, string> = {}) =>
  send(muster.url, 'PATCH', '/api/v2/users/1', { token, headers, body: document({ first_name }) });

/** A folder with a database that no service has open, and a backup of it. */
async function databaseAndBackup(t: TestContext) {
  const muster = await commandLine(t);
  const ann = ['--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];
  await muster.run('users', 'create', ...ann);
  const backup = join(await temporaryFolder(t), 'backup.db');
  await muster.run('backup', backup);
  return { muster, backup };
}

const emails = async (muster: { json(...args: string[]): Promise<any> }) =>
  (await muster.json('users', 'list')).map(({ email }: { email: string }) => email);

describe('backup and restore', { concurrency: 2 }, () => {
  test('E10 a backup under load holds every account acknowledged before it began, with its password', {
    timeout,
  }, async (t) => {
    const service = await spawnMuster(t, { env: settings });
    const acknowledged = new Map<string, string>();
    const hers = 'a password of hers';
    const ann = await create(service, 'ann@email.com', { password: hers });
    assert.equal(ann.status, 201, ann.text);
    let stop = false;
    const enough = Promise.withResolvers<void>();
    const clients = Array.from({ length: 6 }, async (_, client) => {
      for (let i = 0; !stop; i++) {
        const email = `client${client}-${i}@email.com`;
        const answer = await create(service, email);
        assert.equal(answer.status, 201, answer.text);
        acknowledged.set(email, answer.body.data.id);
        if (acknowledged.size >= 60) enough.resolve();
      }
    });
    await Promise.race([enough.promise, Promise.all(clients)]);

    const here = await commandLine(t, { MUSTER_DATA_DIR: service.dataDir });
    const backup = join(await temporaryFolder(t), 'backup.db');
    const before = new Map(acknowledged);
    await here.run('backup', backup);
    const after = acknowledged.size;
    stop = true;
    await Promise.all(clients);
    assert.ok(after > before.size, 'nobody wrote while the backup was taken');
    await service.stop();

    const there = await commandLine(t);
    await there.run('restore', backup);
    assert.deepEqual(await findings(there, 'error'), []);
    const restored = await serveFrom(t, there.dataDir);
    const found = new Map<string, string>();
    for (let next: string | undefined = '/api/v2/users?page[size]=200&page[after]='; next !== undefined; ) {
      const page = await send(restored.url, 'GET', next, { token });
      assert.equal(page.status, 200, page.text);
      for (const { id, attributes } of page.body.data) found.set(attributes.email, id);
      next = page.body.links.next?.replace(restored.url, '');
    }
    const missing = [...before].filter(([email, id]) => found.get(email) !== id);
    assert.deepEqual(missing, []);

    const { user_id: id, token: annsToken } = await there.json('tokens', 'create', 'ann@email.com');
    assert.equal(String(id), ann.body.data.id);
    const change = (current_password: string) =>
      send(restored.url, 'PATCH', `/api/v2/users/${id}/update_password`, {
        token: annsToken,
        body: document({ current_password, password: 'a new password of hers' }),
      });
    assert.equal((await change('not a password of hers')).status, 422);
    assert.equal((await change(hers)).status, 200);
  });

  test('E10 the first version after a restore has another ETag than the one that it had before', {
    timeout,
  }, async (t) => {
    const service = await spawnMuster(t, { env: settings });
    const here = await commandLine(t, { MUSTER_DATA_DIR: service.dataDir });
    const backup = join(await temporaryFolder(t), 'backup.db');
    await here.run('backup', backup);
    const get = (muster: MusterProcess, path: string, headers = {}) =>
      send(muster.url, 'GET', `/api/v2/users${path}`, { token, headers });
    const lost = await rename(service, 'lost by the restore');
    const tags = await Promise.all(
      ['/1', ''].map(async (path) => (await get(service, path)).headers.get('etag')!),
    );
    assert.equal(lost.headers.get('etag'), tags[0]);
    await service.stop();
    await here.run('restore', backup);

    const restored = await serveFrom(t, here.dataDir);
    // Changed as often as before, but to other values.
    const stale = await rename(restored, 'too late', { 'If-Match': tags[0]! });
    assert.equal(stale.status, 412);
    assert.equal((await rename(restored, 'found after it')).status, 200);
    for (const [i, path] of ['/1', ''].entries()) {
      const answer = await get(restored, path, { 'If-None-Match': tags[i] });
      assert.equal(answer.status, 200, path);
      assert.match(answer.text, /found after it/);
    }
    assert.equal((await rename(restored, 'too late', { 'If-Match': tags[0]! })).status, 412);
  });

  test('restore refuses while the service runs, and disturbs nothing', { timeout }, async (t) => {
    const service = await spawnMuster(t, { env: settings });
    const here = await commandLine(t, { MUSTER_DATA_DIR: service.dataDir });
    const backup = join(await temporaryFolder(t), 'backup.db');
    await here.run('backup', backup);
    assert.equal((await create(service, 'later@email.com')).status, 201);
    const files = readdirSync(service.dataDir).sort();
    assert.match(await here.fail('restore', backup), /is in use: stop the service first/);
    assert.deepEqual(readdirSync(service.dataDir).sort(), files);
    assert.equal((await create(service, 'later.still@email.com')).status, 201);
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
    assert.deepEqual(await emails(here), ['admin@example.com', 'later@email.com', 'later.still@email.com']);
  });

  test('restore keeps the old database beside, with all that is in it', { timeout }, async (t) => {
    const { muster, backup } = await databaseAndBackup(t);
    // Killed, so that its last writes are only in the write-ahead log.
    const service = await serveFrom(t, muster.dataDir);
    assert.equal((await create(service, 'later@email.com')).status, 201);
    await service.stop('SIGKILL');
    const kept = /^kept_the_old_one_as +(.+)$/m.exec(await muster.run('restore', backup))?.[1];
    assert.deepEqual(await emails(muster), ['ann@email.com']);
    const old = await commandLine(t, {
      MUSTER_DATA_DIR: await temporaryFolder(t),
      MUSTER_DATABASE_URL: `sqlite:${kept}`,
    });
    assert.deepEqual(await emails(old), ['ann@email.com', 'admin@example.com', 'later@email.com']);
    assert.deepEqual(await findings(old, 'error'), []);
  });

  test('neither a backup nor what is restored can be read by others on the machine', {
    timeout,
  }, async (t) => {
    const { muster, backup } = await databaseAndBackup(t);
    const there = await commandLine(t);
    await there.run('restore', backup);
    const files = [backup, join(muster.dataDir, 'muster.db'), join(there.dataDir, 'muster.db')];
    assert.deepEqual(
      files.map((file) => (statSync(file).mode & 0o077).toString(8)),
      ['0', '0', '0'],
    );
  });

  test('restore refuses what is damaged, no database, or of a newer version, and leaves all as it was', {
    timeout,
  }, async (t) => {
    const { muster, backup } = await databaseAndBackup(t);
    const good = readFileSync(backup);
    const folder = await temporaryFolder(t);
    const file = (name: string, content: Buffer | string) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    const scribbled = Buffer.from(good);
    scribbled.fill(0xff, 4096 * 3, 4096 * 8);
    const newer = file('newer.db', good);
    const database = new DatabaseSync(newer);
    database.exec("INSERT INTO kysely_migration VALUES ('9999-of-the-future', '2100-01-01T00:00:00.000Z')");
    database.close();
    const short = file('short.db', good);
    truncateSync(short, good.length - 4096 * 4);
    const cases: readonly (readonly [string, RegExp])[] = [
      [file('scribbled.db', scribbled), /is damaged/],
      [short, /is damaged/],
      [file('text.db', 'no database at all. '.repeat(1000)), /is not a database/],
      [file('empty.db', ''), /is empty/],
      [folder, /is a folder, not a database/],
      [newer, /newer version \(9999-of-the-future\)/],
      [join(folder, 'nowhere.db'), /does not exist/],
    ];
    const files = readdirSync(muster.dataDir).sort();
    for (const [path, message] of cases) assert.match(await muster.fail('restore', path), message);
    assert.deepEqual(readdirSync(muster.dataDir).sort(), files);
    assert.deepEqual(await emails(muster), ['ann@email.com']);
  });

  test('backup refuses to write over a file, and to make one of nothing', { timeout }, async (t) => {
    const { muster, backup } = await databaseAndBackup(t);
    const content = readFileSync(backup);
    assert.match(await muster.fail('backup', backup), /exists already/);
    assert.deepEqual(readFileSync(backup), content);
    const nobody = await commandLine(t, { MUSTER_DATA_DIR: await temporaryFolder(t) });
    assert.match(await nobody.fail('backup', join(nobody.dataDir, 'backup.db')), /does not exist/);
    assert.deepEqual(readdirSync(nobody.dataDir), []);
  });
});
