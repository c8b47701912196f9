// `muster users verify` and `muster import-report`: does the old password still work, and how many have come over?

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { writeAccounts } from '../support/account-files.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { onEachEngine } from '../support/engines.ts';
import { foreignHashes, hashSecretsEnvironment } from '../support/foreign-hashes.ts';
import { runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { send } from '../support/start-app.ts';

const timeout = 300_000;
const of = (format: string) => foreignHashes.find((each) => each.format === format)!;

const django = of('Django bcrypt');
const wordpress = of('phpass');
const keycloak = of('Keycloak');
const firebase = of('Firebase scrypt');
const own = `$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxNmJ5dGVzMQ$${'A'.repeat(43)}`;

const person = (name: string, password: Readonly<Record<string, string>> = {}) => ({
  email: `${name}@x.com`,
  first_name: name,
  last_name: 'Lee',
  ...password,
});

onEachEngine((engine) => {
  test('an operator proves that imported passwords work, and sees how many people have come', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, hashSecretsEnvironment, engine);
    const config = readConfig({}, muster.env);
    const service = await spawnMuster(t, { env: muster.env });
    const people = [
      person('ann', { password_hash: django.hash }),
      person('bea', { password_hash: django.hash }),
      person('cal', { password_hash: wordpress.hash }),
      person('dee', { password_hash: keycloak.hash }),
      person('eve', { password_hash: firebase.hash }),
      person('fay', { password: 'correct horse of fay' }),
      person('own', { password_hash: own }),
      person('none'),
    ];
    await muster.attempt('users', 'import', writeAccounts(muster.dataDir, 'people', 'csv', people));

    const verify = (email: string, input: string, env = muster.env) =>
      runMuster(['users', 'verify', email, '--json'], { env, input });
    const traces = () =>
      onTables(
        config,
        `SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM password_attempts) AS attempts,
          (SELECT count(*) FROM sign_in_attempts) AS sign_ins, (SELECT count(*) FROM sessions) AS sessions,
          hash FROM passwords ORDER BY user_id`,
      );
    const before = await traces();
    for (const [email, { format, password }] of [
      ['ann@x.com', django],
      ['cal@x.com', wordpress],
      ['dee@x.com', keycloak],
      ['eve@x.com', firebase],
      ['fay@x.com', { format: 'muster', password: 'correct horse of fay' }],
    ] as const) {
      const right = await verify(email, `${password}\n`);
      assert.equal(right.code, 0, email + right.stderr);
      const { id: _, ...told } = JSON.parse(right.stdout);
      assert.deepEqual(told, { email, format, password: 'right' });
      const wrong = await verify(email, `${password}x\n`);
      assert.equal(wrong.code, 1);
      assert.equal(JSON.parse(wrong.stdout).password, 'wrong');
    }
    assert.deepEqual(await traces(), before);

    assert.match((await verify('none@x.com', 'x')).stderr, /User none@x.com has no password/);
    const { MUSTER_FIREBASE_SIGNER_KEY: _, ...without } = muster.env;
    const keyless = await verify('eve@x.com', firebase.password, without);
    assert.equal(keyless.code, 1);
    assert.match(
      keyless.stderr,
      /The password hash of this user needs MUSTER_FIREBASE_SIGNER_KEY, which is not set/,
    );

    const row = (format: string, imported: number, signed_in: number) => ({
      ...{ format, imported, signed_in, still_foreign: imported - signed_in },
    });
    assert.deepEqual(await muster.json('import-report'), [
      row('Django bcrypt', 2, 0),
      row('Firebase scrypt', 1, 0),
      row('Keycloak', 1, 0),
      row('phpass', 1, 0),
    ]);
    for (const [email, { password }] of [
      ['bea@x.com', django],
      ['eve@x.com', firebase],
    ] as const) {
      const body = { data: { type: 'sessions', attributes: { email, password } } };
      assert.equal((await send(service.url, 'POST', '/api/v2/sessions', { body })).status, 201, email);
    }
    assert.deepEqual(await muster.json('import-report'), [
      row('Django bcrypt', 2, 1),
      row('Firebase scrypt', 1, 1),
      row('Keycloak', 1, 0),
      row('phpass', 1, 0),
    ]);

    // As an older version left them.
    await onTables(config, 'UPDATE passwords SET imported_format = NULL');
    assert.match(
      await muster.run('import-report'),
      /^format +imported +signed_in +still_foreign\n\(imported by an older version\) +3 +0 +3\n$/,
    );
  });
});
