// C13: what is on the disk, and in the log, is of no use to whoever finds it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashToken } from '../../src/security/tokens.ts';
import { runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { document, mediaType } from '../support/start-app.ts';

test('C13 keeps tokens and passwords as hashes, in its files and in its log', {
  timeout: 30_000,
}, async (t) => {
  const muster = await spawnMuster(t);
  const welcome = muster.stdout;
  const first = muster.token!;
  const printed = /^ {2}Password +(\S+)$/m.exec(welcome)![1]!;

  // By the command line, by a change, by a POST: the ways in which secrets come in or are made.
  const env = { MUSTER_DATA_DIR: muster.dataDir };
  const made = JSON.parse((await runMuster(['tokens', 'create', '1', '--json'], { env })).stdout).token;
  const send = (method: string, path: string, attributes: Record<string, unknown>) =>
    fetch(muster.url + path, {
      method,
      headers: { 'Content-Type': mediaType },
      body: JSON.stringify(document(attributes)),
    });
  const changed = await send('PATCH', `/api/v2/users/1/update_password?token=${made}`, {
    current_password: printed,
    password: 'newpassword1234',
  });
  assert.equal(changed.status, 200);
  const created = await send('POST', `/api/v2/users?%74oken=${first}`, {
    email: 'bea@email.com',
    first_name: 'Bea',
    last_name: 'Lee',
    password: 'a password by post',
  });
  assert.equal(created.status, 201);
  // The log is written a little later than the answer; then killed, so that the write-ahead log stays as it is.
  await muster.logged('request');
  assert.deepEqual(await muster.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });

  const files = readdirSync(muster.dataDir);
  assert.ok(files.includes('muster.db') && files.includes('muster.db-wal'), files.join());
  const bytes = Buffer.concat(files.map((file) => readFileSync(join(muster.dataDir, file))));
  // It is there, so what is not found below would have been.
  assert.ok(bytes.includes('bea@email.com'));
  assert.ok(bytes.includes('$argon2id$v=19$m=19456,t=2,p=1$'));
  for (const token of [first, made]) {
    assert.ok(bytes.includes(hashToken(token)));
    assertAbsent(token.slice('muster_'.length));
  }
  for (const password of [printed, 'newpassword1234', 'a password by post']) assertAbsent(password);

  function assertAbsent(secret: string): void {
    for (const encoding of ['utf8', 'utf16le'] as const)
      assert.ok(!bytes.includes(Buffer.from(secret, encoding)), `${secret} as ${encoding}`);
    for (const encoding of ['hex', 'base64'] as const)
      assert.ok(!bytes.includes(Buffer.from(secret).toString(encoding)), `${secret} as ${encoding}`);
    assert.ok(!muster.stdout.slice(welcome.length).includes(secret));
    assert.ok(!muster.stderr.includes(secret));
  }
});
