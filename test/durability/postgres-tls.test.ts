// TLS to a real PostgreSQL server: `sslmode` has the same meaning as in libpq.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, chownSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { postgresAddress } from '../../src/store/postgres/client.ts';
import { connectionPool, onConnection } from '../../src/store/postgres/connections.ts';
import { type Authority, hasOpenssl, makeAuthority } from '../support/certificates.ts';
import { engines } from '../support/chosen-engines.ts';
import { temporaryFolder } from '../support/engines.ts';
import { ask, connectTo, serveOn, settingsOn, startPostgres, until } from '../support/postgres-outage.ts';
import { makePostgres, type PostgresServer } from '../support/postgres-server.ts';
import { runMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;
const isEncrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';

interface TlsServer {
  readonly server: PostgresServer;
  readonly authority: Authority;
  readonly stranger: Authority;
  /** The certificate of the server is only for `localhost`. */
  url(query: string, host?: string, user?: string): string;
  /** Sets these lines of pg_hba.conf. */
  admit(...lines: string[]): Promise<void>;
  set(name: string, value: string): Promise<void>;
}

async function startTls(t: TestContext): Promise<TlsServer> {
  const folder = await temporaryFolder(t);
  const authority = makeAuthority(folder, 'authority');
  const stranger = makeAuthority(folder, 'stranger');
  const { cert, key } = authority.issue('localhost');
  const server = await makePostgres(folder, { settings: { listen_addresses: 'localhost,127.0.0.1' } });
  appendFileSync(join(server.dataFolder, 'postgresql.conf'), "\nssl = on\nssl_ca_file = 'root.crt'\n");
  // A key that others can read is refused.
  const { uid, gid } = statSync(server.dataFolder);
  for (const [from, name] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
    [authority.file, 'root.crt'],
  ] as const) {
    const target = join(server.dataFolder, name);
    copyFileSync(from, target);
    chownSync(target, uid, gid);
  }
  await server.start();
  t.after(() => server.kill());
  // By the Unix socket, which has no TLS.
  const admin = await connectTo(
    t,
    `postgres://muster@/postgres?host=${server.socketFolder}&port=${server.port}`,
  );
  return {
    server,
    authority,
    stranger,
    url: (query, host = 'localhost', user = 'muster') =>
      `postgres://${user}@${host}:${server.port}/postgres${query}`,
    async admit(...lines) {
      writeFileSync(join(server.dataFolder, 'pg_hba.conf'), ['local all all trust', ...lines, ''].join('\n'));
      await admin.query('SELECT pg_reload_conf()');
    },
    async set(name, value) {
      await admin.query(`ALTER SYSTEM SET ${name} = ${value}`);
      await admin.query('SELECT pg_reload_conf()');
    },
  };
}

/** Connects in both ways of Muster: a single client, and a pool. */
async function encrypted(url: string): Promise<boolean> {
  const client = await postgresAddress(url).connect({});
  const { rows } = await client.query(isEncrypted);
  await client.end();
  assert.equal(await encryptedInPool(url), rows[0].ssl);
  return rows[0].ssl;
}

async function encryptedInPool(url: string): Promise<boolean> {
  const pool = connectionPool(url, readConfig({}, {}));
  try {
    const read = async (client: pg.ClientBase) => (await client.query(isEncrypted)).rows[0].ssl;
    return await onConnection(pool, read);
  } finally {
    await pool.end();
  }
}

describe('TLS to PostgreSQL', {
  skip: !engines.includes('postgres') || (hasOpenssl ? false : 'openssl is not installed'),
}, () => {
  test('each sslmode encrypts and verifies as libpq does', { timeout }, async (t) => {
    const { url, authority, stranger } = await startTls(t);
    const root = `&sslrootcert=${authority.file}`;
    const wrong = `&sslrootcert=${stranger.file}`;
    const ip = '127.0.0.1';
    for (const [query, host, expected] of [
      ['', 'localhost', false],
      ['?sslmode=disable', 'localhost', false],
      ['?sslmode=allow', 'localhost', false],
      ['?sslmode=prefer', 'localhost', true],
      ['?sslmode=require', 'localhost', true],
      ['?ssl=true', 'localhost', true],
      // Without a root certificate, nothing can be verified.
      ['?sslmode=require', ip, true],
      [`?sslmode=require${root}`, ip, true],
      [`?sslmode=verify-ca${root}`, 'localhost', true],
      [`?sslmode=verify-ca${root}`, ip, true],
      [`?sslmode=verify-full${root}`, 'localhost', true],
    ] as const)
      assert.equal(await encrypted(url(query, host)), expected, `${query} ${host}`);

    const notAccepted = /the server's certificate was rejected \(.+\): set sslrootcert=FILE/;
    for (const [query, host, reason] of [
      [`?sslmode=require${wrong}`, 'localhost', notAccepted],
      [`?sslmode=verify-ca${wrong}`, 'localhost', notAccepted],
      [`?sslmode=verify-full${wrong}`, 'localhost', notAccepted],
      [`?sslmode=verify-full${root}`, ip, notAccepted],
      ['?sslmode=verify-full', 'localhost', notAccepted],
      ['?sslrootcert=system', 'localhost', notAccepted],
      ['?sslmode=verify-ca', 'localhost', /sslmode=verify-ca needs sslrootcert=FILE/],
      [
        '?sslmode=verify-full&sslrootcert=/nowhere/ca.crt',
        'localhost',
        /the file of sslrootcert cannot be read: ENOENT/,
      ],
    ] as const)
      await assert.rejects(async () => encrypted(url(query, host)), reason, `${query} ${host}`);
  });

  test('a server without TLS is used by prefer and allow, and refused by what asks for TLS', {
    timeout,
  }, async (t) => {
    const { url, authority, set } = await startTls(t);
    await set('ssl', 'off');
    await until(async () => !(await encrypted(url('?sslmode=prefer'))));
    for (const mode of ['disable', 'allow', 'prefer'])
      assert.equal(await encrypted(url(`?sslmode=${mode}`)), false, mode);
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      await assert.rejects(
        encrypted(url(`?sslmode=${mode}&sslrootcert=${authority.file}`)),
        new RegExp(`sslmode=${mode} requires TLS, but the server does not support it`),
      );
  });

  test('a server that lets in only one way is entered by prefer and allow in that way', {
    timeout,
  }, async (t) => {
    const { url, admit } = await startTls(t);
    await admit('hostssl all all all trust');
    for (const mode of ['allow', 'prefer'])
      assert.equal(await encrypted(url(`?sslmode=${mode}`)), true, mode);
    await assert.rejects(encrypted(url('')), /add \?sslmode=require or, better, \?sslmode=verify-full/);
    await admit('hostnossl all all all trust');
    // Its own URL, because the way that worked is remembered for each URL.
    for (const mode of ['allow', 'prefer'])
      assert.equal(await encrypted(url(`?sslmode=${mode}`, '127.0.0.1')), false, mode);
  });

  test('a pool goes on when the server begins or ends to offer TLS', { timeout }, async (t) => {
    const { url, set, admit } = await startTls(t);
    const address = url('?sslmode=prefer');
    const becomes = (ssl: boolean) =>
      until(async () => (await encryptedInPool(address).catch(() => null)) === ssl);
    await becomes(true);
    await set('ssl', 'off');
    await becomes(false);
    await set('ssl', 'on');
    await admit('hostssl all all all trust');
    await becomes(true);
  });

  test('a client proves who it is with a certificate', { timeout }, async (t) => {
    const { url, admit, authority, stranger } = await startTls(t);
    await admit('hostssl all all all cert');
    const by = ({ cert, key }: { cert: string; key: string }) =>
      url(`?sslmode=verify-full&sslrootcert=${authority.file}&sslcert=${cert}&sslkey=${key}`);
    assert.equal(await encrypted(by(authority.issue('muster'))), true);
    await assert.rejects(encrypted(by(stranger.issue('muster'))));
    await assert.rejects(encrypted(url(`?sslmode=verify-full&sslrootcert=${authority.file}`)), /certificate/);
  });

  test('channel_binding=require lets in no server that does not prove who it is by SCRAM', {
    timeout,
  }, async (t) => {
    const { server, url, admit } = await startTls(t);
    const socket = `postgres://muster@/postgres?host=${server.socketFolder}&port=${server.port}`;
    const admin = await connectTo(t, socket);
    await admin.query(`CREATE ROLE scram LOGIN PASSWORD 'a secret'`);
    await admin.query(`SET password_encryption = 'md5'`);
    await admin.query(`CREATE ROLE md5 LOGIN PASSWORD 'a secret'`);
    const by = (user: string, query: string) => url(`?${query}&password=a%20secret`, 'localhost', user);
    const refused = /channel_binding=require needs SCRAM over TLS/;

    await admit('hostssl all scram all scram-sha-256', 'hostssl all all all md5');
    for (const binding of ['disable', 'prefer', 'require'])
      assert.equal(await encrypted(by('scram', `sslmode=require&channel_binding=${binding}`)), true, binding);
    assert.equal(await encrypted(by('md5', 'sslmode=require&channel_binding=prefer')), true);
    for (const mode of ['require', 'prefer'])
      await assert.rejects(encrypted(by('md5', `sslmode=${mode}&channel_binding=require`)), refused);
    for (const method of ['trust', 'password']) {
      await admit(`host all all all ${method}`);
      await assert.rejects(
        encrypted(by('scram', 'sslmode=require&channel_binding=require')),
        refused,
        method,
      );
    }
    await admit('hostnossl all all all scram-sha-256');
    assert.equal(await encrypted(by('scram', 'sslmode=prefer&channel_binding=prefer')), false);
    await assert.rejects(encrypted(by('scram', 'sslmode=allow&channel_binding=require')), refused);
  });

  test('a service and its commands run over TLS, and PGSSLMODE counts where the URL says nothing', {
    timeout,
  }, async (t) => {
    const { url, admit, authority } = await startTls(t);
    await admit('hostssl all all all trust');
    const muster = await serveOn(t, url(`?sslmode=verify-full&sslrootcert=${authority.file}`));
    assert.equal((await ask(muster, 'GET', '/api/v2/users/1')).status, 200);
    const plain = await runMuster(['info'], { env: settingsOn(url('')) });
    assert.equal(plain.code, 1);
    assert.match(plain.stderr, /^muster: MUSTER_DATABASE_URL cannot be used: .*add \?sslmode=require/);
    const env = { ...settingsOn(url('')), PGSSLMODE: 'require' };
    for (const command of ['info', 'check'])
      assert.equal((await runMuster([command], { env })).code, 0, command);
    const wrong = await runMuster(['info'], { env: { ...env, PGSSLMODE: 'always' } });
    assert.match(wrong.stderr, /^muster: MUSTER_DATABASE_URL cannot be used: PGSSLMODE is "always"/);
  });

  test('a service signs in by the password of its URL, and connects as the URL says', {
    timeout,
  }, async (t) => {
    const server = await startPostgres(t);
    const socket = `postgres://muster@/postgres?host=${server.socketFolder}&port=${server.port}`;
    const admin = await connectTo(t, socket);
    await admin.query(`ALTER ROLE muster PASSWORD 'p@ss'`);
    writeFileSync(
      join(server.dataFolder, 'pg_hba.conf'),
      'local all all trust\nhost all all all scram-sha-256\n',
    );
    await admin.query('SELECT pg_reload_conf()');
    const url = (password: string) =>
      `postgres://muster:${password}@127.0.0.1:${server.port}/postgres?application_name=payroll&options=-c%20work_mem%3D5MB`;
    const muster = await serveOn(t, url('p%40ss'));
    assert.equal((await ask(muster, 'GET', '/api/v2/users/1')).status, 200);
    const { rows } = await admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'payroll'`);
    assert.ok(rows.length > 0);
    await assert.rejects(postgresAddress(url('pass')).connect({}), /password authentication failed/);
    const pool = connectionPool(url('p%40ss'), readConfig({}, {}));
    t.after(() => pool.end());
    assert.deepEqual((await pool.query('SHOW work_mem')).rows, [{ work_mem: '5MB' }]);
  });

  test('connect_timeout of the URL goes before the setting', { timeout }, async (t) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const url = `postgres://muster@127.0.0.1:${port}/muster?connect_timeout=1`;
    // Far longer than the test may take.
    const connectionTimeoutMillis = 3_600_000;
    await assert.rejects(postgresAddress(url).connect({ connectionTimeoutMillis }), /timeout/);
    const config = readConfig({ databaseConnectTimeoutMs: String(connectionTimeoutMillis) }, {});
    const pool = connectionPool(url, config);
    t.after(() => pool.end());
    await assert.rejects(pool.connect(), /timeout/);
  });

  test('a password that the server asks for and nobody gave is named', { timeout }, async (t) => {
    const server = await startPostgres(t);
    const admin = await connectTo(t, server.url());
    for (const method of ['scram-sha-256', 'md5', 'password']) {
      await admin.query(`SET password_encryption = '${method === 'md5' ? 'md5' : 'scram-sha-256'}'`);
      await admin.query('DROP ROLE IF EXISTS guarded');
      await admin.query(`CREATE ROLE guarded LOGIN PASSWORD 'a secret'`);
      writeFileSync(
        join(server.dataFolder, 'pg_hba.conf'),
        `host all guarded all ${method}\nhost all all all trust\n`,
      );
      await admin.query('SELECT pg_reload_conf()');
      const address = postgresAddress(`postgres://guarded@127.0.0.1:${server.port}/postgres`);
      await until(() =>
        address.connect({}).then(
          (client) => client.end().then(() => false),
          (error: Error) => {
            assert.match(error.message, /requires a password and the URL has none/, method);
            return true;
          },
        ),
      );
    }
  });
});
