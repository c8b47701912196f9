// E4: the disk fails under SQLite: fdatasync reports an error, after which nobody knows what is on the disk.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertError } from '../support/assert-error.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import { type MusterProcess, runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const timeout = 180_000;
const token = 'a-token-of-the-first-account-with-32-characters';

const rename = ({ url }: MusterProcess, first_name: string) =>
  send(url, 'PATCH', '/api/v2/users/1', { token, body: document({ first_name }) });

async function nameOf({ url }: MusterProcess): Promise<string> {
  const { body } = await send(url, 'GET', '/api/v2/users/1', { token });
  return body.data.attributes.first_name;
}

for (const args of [[], ['--workers', '2']])
  test(`E4 after a sync that failed nothing is acknowledged, and the service ends with status 1 (${args.join(' ') || 'alone'})`, {
    timeout,
  }, async (t) => {
    const failing = join(await temporaryFolder(t), 'failing');
    const dataDir = await temporaryFolder(t);
    const env = {
      MUSTER_DATA_DIR: dataDir,
      MUSTER_BOOTSTRAP_TOKEN: token,
      MUSTER_RATE_LIMIT: '0',
      SYNCS_FAIL_WHILE: failing,
      NODE_OPTIONS: `--import=${new URL('../support/fail-syncs.ts', import.meta.url).href}`,
    };
    const muster = await spawnMuster(t, { args, env });
    assert.equal((await rename(muster, 'Acknowledged')).status, 200);
    assert.equal(await nameOf(muster), 'Acknowledged');

    writeFileSync(failing, '');
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => rename(muster, `Lost ${i}`)),
    );
    // Connections of other workers break.
    const received = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
    assert.ok(received.length > 0);
    for (const answer of received) assertError(answer, 503, 'service_unavailable');
    assert.deepEqual(await muster.exited, { code: 1, signal: null });
    const fatal = muster.log.filter(({ level }) => level === 60);
    assert.ok(fatal.length > 0);
    for (const { msg, reason } of fatal) {
      assert.equal(msg, 'the disk failed, stopping');
      assert.match(String(reason), /could not be written to disk: EIO: i\/o error/);
    }

    rmSync(failing);
    const again = await spawnMuster(t, { args, env });
    assert.match(await nameOf(again), /^(Acknowledged|Lost \d)$/);
    assert.equal((await rename(again, 'Again')).status, 200);
    assert.equal(await nameOf(again), 'Again');
    await again.stop();
    assert.deepEqual(await findings(await commandLine(t, { MUSTER_DATA_DIR: dataDir }), 'error'), []);
  });

test('E4 a command whose commit could not be synced says so, and ends with status 1', {
  timeout,
}, async (t) => {
  const dataDir = await temporaryFolder(t);
  const failing = join(await temporaryFolder(t), 'failing');
  const before = await spawnMuster(t, { env: { MUSTER_DATA_DIR: dataDir } });
  await before.stop();
  writeFileSync(failing, '');
  const { code, stderr } = await runMuster(['organizations', 'create', 'Lost'], {
    env: {
      MUSTER_DATA_DIR: dataDir,
      SYNCS_FAIL_WHILE: failing,
      NODE_OPTIONS: `--import=${new URL('../support/fail-syncs.ts', import.meta.url).href}`,
    },
  });
  assert.equal(code, 1);
  assert.match(stderr, /^muster: .*could not be written to disk: EIO: i\/o error/);
});
