// E9 and E1 for new databases: two processes that create one at once, and a process that is killed while creating
// one.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandLine, findings } from '../support/command-line.ts';
import { endWithTests } from '../support/end-with-tests.ts';
import { temporaryFolder } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const timeout = 240_000;
const token = 'a-token-of-the-first-account-with-32-characters';
const settings = {
  MUSTER_BOOTSTRAP_TOKEN: token,
  MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
};

/** Checks that the database has exactly the rows of a first start, and that the token works. */
async function assertFirstStart(t: TestContext, dataDir: string): Promise<void> {
  const muster = await spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });
  const { status, body } = await send(muster.url, 'GET', '/api/v2/users', { token });
  assert.equal(status, 200);
  assert.equal(body.data.length, 1);
  assert.equal(body.data[0].attributes.default_organization_slug, '1-organization');
  await muster.stop();
  assert.deepEqual(await findings(await commandLine(t, { MUSTER_DATA_DIR: dataDir }), 'error'), []);
  const database = new DatabaseSync(join(dataDir, 'muster.db'));
  const counts = ['users', 'organizations', 'memberships', 'passwords', 'sessions'].map(
    (table) => database.prepare(`SELECT count(*) AS count FROM ${table}`).get()!.count,
  );
  database.close();
  assert.deepEqual(counts, [1, 1, 1, 1, 1]);
}

/** Starts the service and kills it after this many changes of files in its folder, or when it is ready. */
async function killAtFirstStart(dataDir: string, touches: number): Promise<void> {
  const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env.PATH!, ...settings, MUSTER_DATA_DIR: dataDir, MUSTER_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  const closed = once(child, 'close');
  const watcher = watch(dataDir);
  let seen = 0;
  watcher.on('change', () => {
    if (++seen === touches) child.kill('SIGKILL');
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('"ready"')) child.kill('SIGKILL');
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [, signal] = await closed;
  watcher.close();
  assert.equal(signal, 'SIGKILL', complaint);
}

describe('the first start', { concurrency: 2 }, () => {
  test('E9 two processes that start on one empty folder at once both serve, and make one first account', {
    timeout,
  }, async (t) => {
    const dataDir = await temporaryFolder(t);
    const start = () => spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });
    const [one, other] = await Promise.all([start(), start()]);
    const welcomes = [one, other].filter(({ stdout }) => stdout.includes('First account'));
    assert.equal(welcomes.length, 1);
    for (const [writer, reader] of [
      [one, other],
      [other, one],
    ] as const) {
      const first_name = `by ${new URL(writer.url).port}`;
      const body = document({ first_name });
      const path = '/api/v2/users/1';
      const changed = await send(writer.url, 'PATCH', path, { token, body });
      assert.equal(changed.status, 200, changed.text);
      const seen = await send(reader.url, 'GET', path, { token });
      assert.equal(seen.body.data.attributes.first_name, first_name);
      // Same secret and same database: a version has the same ETag on every instance.
      assert.equal(seen.headers.get('etag'), changed.headers.get('etag'));
    }
    assert.deepEqual(await Promise.all([one.stop(), other.stop()]), [
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    await assertFirstStart(t, dataDir);
  });

  for (const touches of [1, 8, 21]) {
    test(`E9 a first start that is killed after ${touches} touches of its files can be made again`, {
      timeout,
    }, async (t) => {
      const dataDir = await temporaryFolder(t);
      await killAtFirstStart(dataDir, touches);
      await assertFirstStart(t, dataDir);
    });
  }
});
