// C13: secrets are not usable from the disk or the log.

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
    'C13 keeps tokens, also of links in mails, and passwords as hashes, in its database and in its log',
    {
      timeout: 180_000,
    },
    (t) => keepsSecrets(t, engine),
  );
});

/** Everything in the database: the bytes of the files, or all rows. */
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
  const secret = 'the secret of links, which lies in no database';
  const { env, json } = await commandLine(t, { MUSTER_LINK_SECRET: secret }, engine);
  const muster = await spawnMuster(t, { env });
  const welcome = muster.stdout;
  const first = muster.token!;
  const printed = /^ {2}Password +(\S+)$/m.exec(welcome)![1]!;

  // By a command, a PATCH and a POST: all ways in which secrets are given or generated.
  const [made, signIn] = await Promise.all(
    [['--read-only'], ['--session']].map(
      async (more) => (await json('tokens', 'create', '1', ...more)).token,
    ),
  );
  const send = (method: string, path: string, attributes: Record<string, unknown>) =>
    fetch(muster.url + path, {
      method,
      headers: { 'Content-Type': mediaType },
      body: JSON.stringify(document(attributes)),
    });
  const changed = await send('PATCH', `/api/v2/users/1/update_password?token=${signIn}`, {
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
  assert.equal((await fetch(`${muster.url}/api/v2/users?token=${made}`)).status, 200);
  const asked = await fetch(`${muster.url}/api/v2/passwords`, {
    method: 'POST',
    headers: { 'Content-Type': mediaType },
    body: JSON.stringify({ data: { type: 'passwords', attributes: { email: 'bea@email.com' } } }),
  });
  assert.equal(asked.status, 204);
  const link = await linkInMailbox();
  // The log is written slightly after the response. The process is then killed, so that the write-ahead log remains.
  await muster.logged('request');
  assert.deepEqual(await muster.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });

  const bytes = await contentOf(engine, env);
  // This is found, so the search works.
  assert.ok(bytes.includes('bea@email.com'));
  assert.ok(bytes.includes('$argon2id$v=19$m=19456,t=2,p=1$'));
  for (const token of [first, made, signIn]) {
    assert.ok(bytes.includes(hashToken(token)));
    assertAbsent(token.slice('muster_'.length));
  }
  assert.ok(bytes.includes(hashToken(link)));
  for (const one of [link, secret]) assertAbsent(one);
  for (const password of [printed, 'newpassword1234', 'a password by post']) assertAbsent(password);

  async function linkInMailbox(): Promise<string> {
    const answer = await fetch(`${muster.url}/api/v2/mailbox`, { headers: { 'X-Auth-Token': first } });
    const { data } = (await answer.json()) as { data: { attributes: { to: string; text: string } }[] };
    const { text } = data.find(({ attributes }) => attributes.to === 'bea@email.com')!.attributes;
    const token = /#([\w-]{43})$/m.exec(text)![1]!;
    assert.equal((await fetch(`${muster.url}/api/v2/passwords/${token}`)).status, 200);
    return token;
  }

  function assertAbsent(secret: string): void {
    for (const encoding of ['utf8', 'utf16le'] as const)
      assert.ok(!bytes.includes(Buffer.from(secret, encoding)), `${secret} as ${encoding}`);
    for (const encoding of ['hex', 'base64'] as const)
      assert.ok(!bytes.includes(Buffer.from(secret).toString(encoding)), `${secret} as ${encoding}`);
    assert.ok(!muster.stdout.slice(welcome.length).includes(secret));
    assert.ok(!muster.stderr.includes(secret));
  }
}
