// C13: what is on the disk, and in the log, is of no use to whoever finds it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { hashToken } from '../../src/security/tokens.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables, tablesOf } from '../support/database-rows.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { type Environment, spawnMuster } from '../support/spawn-muster.ts';
import { document, mediaType } from '../support/start-app.ts';

onEachEngine((engine) => {
  test(
    'C13 keeps tokens and passwords as hashes, in its database and in its log',
    {
      timeout: 120_000,
    },
    (t) => keepsSecrets(t, engine),
  );
});

/** All that the database holds: the files as they are, or every row. */
async function contentOf(engine: EngineName, env: Environment): Promise<Buffer> {
  const config = readConfig({}, env);
  if (engine === 'postgres') {
    const rows = await Promise.all(
      (await tablesOf(config)).map((table) => onTables(config, `SELECT * FROM ${table}`)),
    );
    return Buffer.from(JSON.stringify(rows));
  }
  const files = readdirSync(config.dataDir);
  assert.ok(files.includes('muster.db') && files.includes('muster.db-wal'), files.join());
  return Buffer.concat(files.map((file) => readFileSync(join(config.dataDir, file))));
}

async function keepsSecrets(t: TestContext, engine: EngineName): Promise<void> {
  const { env, json } = await commandLine(t, {}, engine);
  const muster = await spawnMuster(t, { env });
  const welcome = muster.stdout;
  const first = muster.token!;
  const printed = /^ {2}Password +(\S+)$/m.exec(welcome)![1]!;

  // By the command line, by a change, by a POST: the ways in which secrets come in or are made.
  const made = (await json('tokens', 'create', '1')).token;
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

  const bytes = await contentOf(engine, env);
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
}
