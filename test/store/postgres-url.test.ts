// Which PostgreSQL URLs are accepted, and the messages for those that are not.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config.ts';
import { readPostgresUrl } from '../../src/store/postgres/url.ts';

const none = {};

describe('a URL of PostgreSQL', () => {
  for (const [url, expected] of [
    [
      'postgres://ann:secret@db:6432/muster',
      { host: 'db', port: 6432, user: 'ann', password: 'secret', database: 'muster' },
    ],
    ['postgresql://ann@db/muster', { host: 'db', user: 'ann', database: 'muster' }],
    ['postgres://ann:@db/muster', { host: 'db', user: 'ann', database: 'muster' }],
    ['postgres://db/muster', { host: 'db', database: 'muster' }],
    [
      'postgres://a%40b:p%40ss%23w%2Frd%3F%25@db/muster',
      { host: 'db', user: 'a@b', password: 'p@ss#w/rd?%', database: 'muster' },
    ],
    [
      'postgres://ann:p+q&r=s[t]!$*,;@db/muster',
      { host: 'db', user: 'ann', password: 'p+q&r=s[t]!$*,;', database: 'muster' },
    ],
    ['postgres://ann:é@db/m%C3%BCster', { host: 'db', user: 'ann', password: 'é', database: 'müster' }],
    ['postgres://ann@[::1]:5432/muster', { host: '::1', port: 5432, user: 'ann', database: 'muster' }],
    [
      'postgres://ann@/muster?host=/var/run/postgresql',
      { host: '/var/run/postgresql', user: 'ann', database: 'muster' },
    ],
    [
      'postgres://ann@%2Fvar%2Frun%2Fpostgresql/muster',
      { host: '/var/run/postgresql', user: 'ann', database: 'muster' },
    ],
    [
      'postgres:///muster?user=ann&password=a%26b&port=1',
      { port: 1, user: 'ann', password: 'a&b', database: 'muster' },
    ],
    ['postgres://db?dbname=muster', { host: 'db', database: 'muster' }],
    [
      'postgres://db/muster?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      { host: 'db', database: 'muster', sslmode: 'verify-full', sslrootcert: '/etc/ca.pem' },
    ],
    [
      'postgres://db/muster?sslrootcert=system',
      { host: 'db', database: 'muster', sslmode: 'verify-full', sslrootcert: 'system' },
    ],
    ['postgres://db/muster?ssl=true', { host: 'db', database: 'muster', sslmode: 'require' }],
    [
      'postgres://db/muster?application_name=a%20b&options=-c%20geqo%3Doff',
      { host: 'db', database: 'muster', applicationName: 'a b', options: '-c geqo=off' },
    ],
    [
      'postgres://db/muster?fallback_application_name=app',
      { host: 'db', database: 'muster', applicationName: 'app' },
    ],
    // As hosting providers show it.
    [
      'postgresql://ann:secret@ep-x-pooler.example.com/muster?sslmode=require&channel_binding=require&connect_timeout=15&options=endpoint%3Dep-x',
      {
        host: 'ep-x-pooler.example.com',
        user: 'ann',
        password: 'secret',
        database: 'muster',
        options: 'endpoint=ep-x',
        sslmode: 'require',
        connectTimeoutMs: 15_000,
        channelBinding: 'require',
      },
    ],
    [
      'postgres://db/muster?channel_binding=prefer&connect_timeout=0&keepalives=0&keepalives_idle=30&target_session_attrs=read-write',
      {
        host: 'db',
        database: 'muster',
        keepAlive: false,
        keepAliveIdleMs: 30_000,
        channelBinding: 'prefer',
        targetSession: 'read-write',
      },
    ],
    [
      'postgres://db/muster?keepalives=1&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=5000&client_encoding=UTF8&gssencmode=prefer&load_balance_hosts=disable&sslcompression=0&sslnegotiation=postgres&sslsni=1&connect_timeout=99999',
      { host: 'db', database: 'muster', connectTimeoutMs: 3_600_000 },
    ],
  ] as const) {
    test(`${url} is read`, () => {
      assert.deepEqual(readPostgresUrl(url, none), expected);
      assert.equal(readConfig({ databaseUrl: url }, {}).databaseUrl, url);
    });
  }

  test('the database may come from PGDATABASE', () => {
    assert.deepEqual(readPostgresUrl('postgres://db', { PGDATABASE: 'muster' }), { host: 'db' });
  });

  for (const [url, sentence] of [
    ['postgres://ann:s3cr@et@db/muster', /more than one @.* @ is %40/],
    ['postgres://ann:s3cr#et@db/muster', /has a #: .*# is %23/],
    ['postgres://ann:s3cr/et@db/muster', /a \/ or \? before the @.*\/ is %2F/],
    ['postgres://ann:s3cr?et@db/muster', /a \/ or \? before the @.*\? is %3F/],
    ['postgres://ann:s3cr@#w/et@db/muster', /percent-encode it/],
    ['postgres://ann:s3cr%et@db/muster', /a % that is not followed by two hexadecimal digits.*% is %25/],
    ['postgres://ann:s3cr%@db/muster', /% is %25/],
    ['postgres://ann:s3cr%FFet@db/muster', /not UTF-8/],
    ['postgres://ann:s3cr%00et@db/muster', /not UTF-8/],
    ['postgres://ann:s3cr et@db/muster', /a space/],
    ['postgres://ann:s3cr\net@db/muster', /a space or a control character/],
    ['postgres://ann:s3cr:et@db/muster', /more than one :.*: is %3A/],
    ['postgres://ann:s3cret@db1,db2/muster', /names several hosts.*MUSTER_DATABASE_REPLICA_URLS/],
    ['postgres://ann:s3cret@db1:5432,db2:5432/muster', /names several hosts/],
    ['postgres://ann:s3cret@/muster?host=db1,db2', /names several hosts/],
    ['postgres://ann:s3cret@db:port/muster', /a port that is not a whole number from 1 to 65535/],
    ['postgres://ann:s3cret@db:0/muster', /a port/],
    ['postgres://ann:s3cret@db:65536/muster', /a port/],
    ['postgres://ann:s3cret@db:-1/muster', /a port/],
    ['postgres://ann:s3cret/x', /a port.*If it is part of the password/],
    ['postgres://ann:s3cret@db', /names no database: it must end in \/NAME/],
    ['postgres://ann:s3cret@db/', /names no database/],
    [
      'postgres://ann:s3cret@db/muster?sslmode=verified',
      /the sslmode "verified", which is not supported; it must be one of disable, allow, prefer, require, verify-ca, verify-full/,
    ],
    ['postgres://ann:s3cret@db/muster?sslmode=', /the sslmode ""/],
    ['postgres://ann:s3cret@db/muster?sslmode=REQUIRE', /the sslmode "REQUIRE"/],
    ['postgres://ann:s3cret@db/muster?ssl=1', /Use sslmode instead/],
    ['postgres://ann:s3cret@db/muster?sslrootcert=/ca.pem', /add sslmode=verify-full/],
    ['postgres://ann:s3cret@db/muster?sslmode=disable&sslrootcert=/ca.pem', /no sslmode that uses it/],
    ['postgres://ann:s3cret@db/muster?sslmode=require&sslrootcert=system', /needs sslmode=verify-full/],
    ['postgres://ann:s3cret@db/muster?sslmode=require&sslcert=/c.pem', /both sslcert and sslkey/],
    [
      'postgres://ann:s3cret@db/muster?schema=public',
      /the parameter "schema", which is not supported. Supported are host,/,
    ],
    ['postgres://ann:s3cret@db/muster?toString=1', /the parameter "toString"/],
    [
      'postgres://ann:s3cret@db/muster?channel_binding=required',
      /channel_binding="required", which is not supported; it must be one of disable, prefer, require$/,
    ],
    ['postgres://ann:s3cret@db/muster?channel_binding=require', /needs TLS: add sslmode=verify-full/],
    ['postgres://ann:s3cret@db/muster?sslmode=disable&channel_binding=require', /needs TLS/],
    ['postgres://ann:s3cret@db/muster?connect_timeout=2s', /connect_timeout="2s".* a whole number$/],
    ['postgres://ann:s3cret@db/muster?keepalives=yes', /keepalives="yes".* one of 0, 1$/],
    ['postgres://ann:s3cret@db/muster?gssencmode=require', /gssencmode="require", which is not supported/],
    ['postgres://ann:s3cret@db/muster?client_encoding=LATIN1', /one of UTF8/],
    ['postgres://ann:s3cret@db/muster?sslnegotiation=direct', /one of postgres$/],
    ['postgres://ann:s3cret@db/muster?require_auth=scram-sha-256', /the parameter "require_auth"/],
    ['postgres://ann:s3cret@db/muster?sslcrl=/crl.pem', /the parameter "sslcrl"/],
    ['postgres://ann:s3cret@db/muster?target_session_attrs=master', /target_session_attrs="master"/],
    [
      'postgres://ann:s3cret@db/muster?target_session_attrs=standby',
      /standby, which a database cannot be; it must be one of any, primary, read-write$/,
    ],
    ['postgres:/ann:s3cret@db/muster', /must be sqlite:PATH or postgres:\/\/USER:PASSWORD@HOST:PORT\/NAME/],
    ['mysql://ann:s3cret@db/muster', /must be sqlite:PATH or postgres:/],
  ] as const) {
    test(`${JSON.stringify(url)} is refused with what to do, and without its password`, () => {
      assert.throws(
        () => readConfig({}, { MUSTER_DATABASE_URL: url }),
        (error: Error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, /^MUSTER_DATABASE_URL /);
          assert.match(error.message, sentence);
          assert.doesNotMatch(error.message, /s3cr|\n/);
          return true;
        },
      );
    });
  }

  test('a replica is read in the same way', () => {
    const read = (urls: string) => readConfig({}, { MUSTER_DATABASE_REPLICA_URLS: urls }).databaseReplicaUrls;
    assert.deepEqual(read('postgres://one/muster, postgres://two/muster'), [
      'postgres://one/muster',
      'postgres://two/muster',
    ]);
    assert.throws(
      () => read('postgres://one/muster,postgres://ann:s3cr#et@two/muster'),
      /MUSTER_DATABASE_REPLICA_URLS has a #/,
    );
    assert.equal(read('postgres://one/muster?target_session_attrs=standby').length, 1);
    assert.throws(
      () => read('postgres://one/muster?target_session_attrs=primary'),
      /MUSTER_DATABASE_REPLICA_URLS has target_session_attrs=primary, which a replica cannot be/,
    );
    assert.throws(() => read('postgres://one,two/muster'), /each of one host; a comma in a password is %2C/);
  });
});
