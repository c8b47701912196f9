// The secret of links in mails: from the settings, or in a file beside the SQLite database.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { readConfig } from '../../src/config.ts';
import { openMail } from '../../src/open-mail.ts';
import { temporaryFolder } from '../support/engines.ts';

async function emptyFolder(t: TestContext) {
  const dataDir = await temporaryFolder(t);
  writeFileSync(join(dataDir, 'muster.db'), '');
  const config = readConfig({ dataDir }, {});
  return { config, file: join(dataDir, 'muster.db-link-secret'), read: () => openMail(config).linkSecret };
}

test('the first process creates a secret, which only its owner can read', async (t) => {
  const { file, read } = await emptyFolder(t);
  const secret = read();
  assert.match(secret, /^[\w-]{43}$/);
  assert.equal(readFileSync(file, 'utf8'), `${secret}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(read(), secret);
});

test('the secret of the settings is used instead of the file, and creates none', async (t) => {
  const { config, file } = await emptyFolder(t);
  const linkSecret = 'a secret of the settings, long enough';
  assert.equal(openMail({ ...config, linkSecret }).linkSecret, linkSecret);
  assert.equal(statSync(file, { throwIfNoEntry: false }), undefined);
});

test('mail is off on PostgreSQL without a secret in the settings', () => {
  const databaseUrl = 'postgres://user@localhost/name';
  assert.equal(openMail(readConfig({ databaseUrl }, {})).mode, 'off');
  const linkSecret = 'a secret of the settings, long enough';
  assert.equal(openMail(readConfig({ databaseUrl, linkSecret }, {})).mode, 'mailbox');
  assert.throws(() => readConfig({ linkSecret: 'short' }, {}), /--link-secret must have at least 32/);
});

test('of many who create the secret at once, all get the same', async (t) => {
  const { config } = await emptyFolder(t);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      const { openMail } = await import(workerData.module);
      const { gate, dataDir } = workerData;
      const mail = openMail({ dataDir, databaseUrl: '', linkSecret: '' });
      Atomics.add(gate, 0, 1);
      Atomics.notify(gate, 0);
      Atomics.wait(gate, 1, 0);
      parentPort.postMessage(mail.linkSecret);
    })();`;
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const module = new URL('../../src/open-mail.ts', import.meta.url).href;
  const workers = Array.from({ length: 4 }, () => {
    const workerData = { gate, module, dataDir: config.dataDir };
    return new Worker(source, { eval: true, workerData });
  });
  const secrets = workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)));
  while (Atomics.load(gate, 0) < workers.length)
    await Atomics.waitAsync(gate, 0, Atomics.load(gate, 0), 1000).value;
  Atomics.store(gate, 1, 1);
  Atomics.notify(gate, 1);
  assert.equal(new Set(await Promise.all(secrets)).size, 1);
});

test('a secret that cannot be used is refused, with the reason', async (t) => {
  const { config, file, read } = await emptyFolder(t);
  read();
  chmodSync(file, 0o640);
  assert.throws(read, /link-secret can be accessed by others on this machine: run chmod 600$/);
  chmodSync(file, 0o600);
  writeFileSync(file, 'short\n');
  assert.throws(read, /link-secret has fewer than 32 characters: restore it, or delete it/);
  rmSync(file);
  symlinkSync(join(config.dataDir, 'absent'), file);
  assert.throws(read, /link-secret is a symbolic link to a file that does not exist$/);
  rmSync(file);
  mkdirSync(file);
  assert.throws(read, /link-secret is not a regular file$/);
  const absent = openMail({ ...config, dataDir: join(config.dataDir, 'absent') });
  assert.throws(() => absent.linkSecret, /link-secret cannot be written: the folder .* does not exist$/);
});
