// Settings: --help lists all of them, and a wrong one prevents the start, with its name in the message.

import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { environmentName, flagName, settings } from '../../src/settings.ts';
import { temporaryFolder } from '../support/engines.ts';
import { type Finished, runMuster, spawnMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;

type Wrong = readonly [name: keyof typeof settings, value: string, rule: RegExp];

/** Checked together, before anything is opened. */
const readTogether: readonly Wrong[] = [
  ['port', '70000', /must be a whole number from 0 to 65535, it is "70000"/],
  ['allowedHosts', 'localhost:3000', /must be a comma-separated list of names and addresses without a port/],
  ['allowedHosts', 'a.example.com, https://b.example.com', /names and addresses without a port/],
  ['allowedHosts', '*.example.com', /names and addresses without a port/],
  ['allowedHosts', 'a b', /names and addresses without a port/],
  ['publicUrl', 'api.example.com', /must be an absolute http\(s\) URL, it is "api.example.com"/],
  [
    'trustedProxies',
    '10.0.0.0/33',
    /must be a comma-separated list of addresses, ranges such as 10\.0\.0\.0\/8/,
  ],
  ['trustedProxies', 'loopback, proxy.example.com', /addresses, ranges such as .* and loopback, it is/],
  ['trustedProxies', '0.0.0.0/0', /addresses, ranges such as/],
  ['trustedProxies', 'fd00::/129', /addresses, ranges such as/],
  ['smtpHost', 'smtp.example.com:587', /must be a name or an address without a port, such as/],
  ['smtpPort', '0', /must be a whole number from 1 to 65535, it is "0"/],
  ['smtpSecurity', 'ssl', /must be one of starttls, tls, none, it is "ssl"/],
  [
    'mailFrom',
    'Accounts <accounts@example.com>',
    /must be an email, it is "Accounts <accounts@example.com>"/,
  ],
  ['mailFromName', 'Accounts\nBcc: a@b.c', /must have at most \d+ characters, without line breaks/],
  ['timeZone', 'Europe/Atlantis', /must be an IANA time zone name, it is "Europe\/Atlantis"/],
  ['logLevel', 'loud', /must be one of fatal, error, warn, info, debug, trace, silent, it is "loud"/],
  ['corsOrigins', '*', /must be a comma-separated list of origins/],
  ['bootstrapPassword', 'sh0rt', /must have at least 8 characters$/],
  ['bootstrapToken', 'short-secret-of-mine', /must have at least 32 characters$/],
  ['rateLimit', '-1', /must be a whole number from 0 to 1000000000, it is "-1"/],
  ['membersSeeEachOther', 'yes', /must be true or false, it is "yes"/],
  ['sessionProfile', 'lax', /must be one of standard, strict, it is "lax"/],
  ['sessionIdleMinutes', '4', /must be a whole number from 5 to \d+, it is "4"/],
  ['sessionAbsoluteMinutes', '12h', /must be a whole number from 5 to \d+, it is "12h"/],
  ['breachedPasswords', 'on', /must be off, hibp or file:PATH, it is "on"/],
  ['breachedPasswordsUrl', 'ftp:x', /must be an absolute http\(s\) URL/],
  ['minPasswordLength', '7', /must be a whole number from 8 to 1024, it is "7"/],
  ['brandName', 'Two\nlines', /must be a name of 1 to 60 characters, without line breaks/],
  ['brandColor', 'blue', /must be a color such as #1d4ed8, it is "blue"/],
  ['brandUrl', 'app.example.com', /must be an absolute http\(s\) URL, it is "app.example.com"/],
  ['maxBodyBytes', '1 MB', /must be a whole number from 1024 to 1000000000, it is "1 MB"/],
  ['requestTimeoutMs', '30s', /must be a whole number from 100 to 3600000, it is "30s"/],
];

/** Found one at a time, when all others are valid or when they are used. */
const foundLater: readonly Wrong[] = [
  ['databaseUrl', 'mysql://localhost/muster', /must be sqlite:PATH/],
  [
    'sessionIdleMinutes',
    '129601',
    /is longer than a sign-in is valid in all, 129600 minutes, it is "129601"/,
  ],
  ['brandLogo', '/nowhere/logo.png', /cannot be read \(ENOENT\), it is "\/nowhere\/logo\.png"/],
  ['brandLogo', import.meta.filename, /must be a PNG or an SVG, it is ".*\.ts"/],
  ['bootstrapEmail', 'not an email', /is not an email/],
  ['bootstrapPassword', 'password', /is a commonly used password/],
];

/** @returns the line of the message about this setting */
function assertRefused({ code, stdout, stderr }: Finished, source: string): string {
  assert.equal(code, 1);
  assert.equal(stdout, '');
  const line = stderr.split('\n').find((text) => text.replace('muster: ', '').startsWith(`${source} `));
  assert.ok(line !== undefined, `nothing of ${source} in ${stderr}`);
  // Sentences for a person, and no trace of the code.
  assert.doesNotMatch(stderr, /^ +at /m);
  return line;
}

async function takenPort(t: TestContext): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return String((server.address() as { port: number }).port);
}

async function textFile(t: TestContext): Promise<string> {
  const file = join(await temporaryFolder(t), 'a-file');
  writeFileSync(file, 'not a folder, and not a database');
  return file;
}

describe('settings', { concurrency: 3 }, () => {
  test('stops the start and names every wrong setting, a flag as a flag, and tells no secret', async (t) => {
    const env = Object.fromEntries(readTogether.map(([name, value]) => [environmentName(name), value]));
    const finished = await runMuster(['serve', '--max-filters', 'many', '--intercom-secret', ''], {
      env: { MUSTER_DATA_DIR: await temporaryFolder(t), ...env },
    });
    for (const [name, , rule] of readTogether) {
      const line = assertRefused(finished, environmentName(name));
      assert.match(line, rule);
    }
    assert.match(
      assertRefused(finished, '--max-filters'),
      /must be a whole number from 1 to 1000, it is "many"/,
    );
    assert.match(assertRefused(finished, '--intercom-secret'), /must have at least 1 character$/);
    assert.doesNotMatch(finished.stderr, /short-secret-of-mine|sh0rt/);
  });

  for (const [name, value, rule] of foundLater) {
    test(`stops the start where ${environmentName(name)} is ${JSON.stringify(value)}`, async (t) => {
      const env = { MUSTER_DATA_DIR: await temporaryFolder(t), MUSTER_PORT: '0' };
      const finished = await runMuster(['serve'], { env: { ...env, [environmentName(name)]: value } });
      assert.match(assertRefused(finished, environmentName(name)), rule);
    });
  }

  test('stops the start where settings of mail contradict each other, and tells no password', async (t) => {
    const whole = {
      MUSTER_DATA_DIR: await temporaryFolder(t),
      MUSTER_SMTP_HOST: 'smtp.example.com',
      MUSTER_PUBLIC_URL: 'https://users.example.com',
      MUSTER_MAIL_FROM: 'accounts@example.com',
      MUSTER_SMTP_USER: 'muster',
      MUSTER_SMTP_PASSWORD: 'a-password-of-smtp',
    };
    const wrong: readonly (readonly [env: Record<string, string>, setting: string, rule: RegExp])[] = [
      [
        { MUSTER_PUBLIC_URL: '' },
        'MUSTER_SMTP_HOST',
        /requires MUSTER_PUBLIC_URL: links in mails begin with it/,
      ],
      [{ MUSTER_MAIL_FROM: '' }, 'MUSTER_SMTP_HOST', /requires MUSTER_MAIL_FROM: it is the sender/],
      [
        { MUSTER_DATABASE_URL: 'postgres://localhost/muster' },
        'MUSTER_SMTP_HOST',
        /requires MUSTER_LINK_SECRET: tokens in mails are derived from it/,
      ],
      [{ MUSTER_SMTP_PASSWORD: '' }, 'MUSTER_SMTP_USER', /requires MUSTER_SMTP_PASSWORD/],
      [{ MUSTER_SMTP_USER: '' }, 'MUSTER_SMTP_PASSWORD', /requires MUSTER_SMTP_USER/],
      [
        { MUSTER_SMTP_HOST: '' },
        'MUSTER_SMTP_USER',
        /requires MUSTER_SMTP_HOST: without it, no mail is sent/,
      ],
      [
        { MUSTER_SMTP_SECURITY: 'none' },
        'MUSTER_SMTP_SECURITY',
        /is none, so the password would go to smtp\.example\.com unencrypted: use starttls or tls/,
      ],
    ];
    for (const [env, setting, rule] of wrong) {
      const refused = (error: Error) => error.message.startsWith(`${setting} `) && rule.test(error.message);
      assert.throws(() => readConfig({}, { ...whole, ...env }), refused, setting);
    }
    const finished = await runMuster(['serve'], { env: { ...whole, MUSTER_SMTP_SECURITY: 'none' } });
    assertRefused(finished, 'MUSTER_SMTP_SECURITY');
    assert.doesNotMatch(finished.stderr, /a-password-of-smtp/);
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      readConfig({}, { ...whole, MUSTER_SMTP_SECURITY: 'none', MUSTER_SMTP_HOST: host });
  });

  const refusals: Readonly<Record<string, (t: TestContext) => Promise<string>>> = {
    MUSTER_PORT: takenPort,
    // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    MUSTER_HOST: async () => '192.0.2.1',
    MUSTER_DATA_DIR: textFile,
    MUSTER_DATABASE_URL: async (t) => `sqlite:${await textFile(t)}`,
  };
  for (const [variable, value] of Object.entries(refusals)) {
    test(`stops the start and names ${variable} where the machine refuses it`, async (t) => {
      const env = { MUSTER_DATA_DIR: await temporaryFolder(t), MUSTER_PORT: '0', [variable]: await value(t) };
      assertRefused(await runMuster(['serve'], { env }), variable);
    });

    test(`stops the start and names the flag where ${variable} is given as a flag`, async (t) => {
      const env = { MUSTER_DATA_DIR: await temporaryFolder(t), MUSTER_PORT: '0' };
      const flag = `--${variable.slice('MUSTER_'.length).toLowerCase().replaceAll('_', '-')}`;
      assertRefused(await runMuster(['serve', flag, await value(t)], { env }), flag);
    });
  }

  test('names a flag of the first account, of a command and of a finding as a flag', async (t) => {
    const dataDir = await temporaryFolder(t);
    const env = { MUSTER_DATA_DIR: dataDir, MUSTER_PORT: '0' };
    const account = ['serve', '--bootstrap-email', 'first', '--bootstrap-password', 'password'];
    const refused = await runMuster(account, { env });
    assertRefused(refused, '--bootstrap-email');
    assertRefused(refused, '--bootstrap-password');
    const backup = ['backup', join(dataDir, 'backup.db'), '--database-url', 'postgres://localhost/muster'];
    assert.match((await runMuster(backup, { env })).stderr, /but --database-url is a PostgreSQL database/);
    const check = await runMuster(['check', '--rate-limit', '0', '--json'], { env });
    assert.match(check.stdout, /"subject":\s*"--rate-limit"/);
  });

  test('makes the folder of the data with those above it, and says where that is not possible', async (t) => {
    const parent = join(await temporaryFolder(t), 'a', 'b');
    const made = await runMuster(['migrate'], { env: { MUSTER_DATA_DIR: parent } });
    assert.equal(made.code, 0, made.stderr);
    assert.ok(existsSync(join(parent, 'muster.db')));
    const refused = await runMuster(['migrate'], { env: { MUSTER_DATA_DIR: '/proc/none/data' } });
    assertRefused(refused, 'MUSTER_DATA_DIR');
  });

  test('a flag that names the database takes precedence over the variable of the other setting', async (t) => {
    const [byFlag, byVariable] = [await temporaryFolder(t), await temporaryFolder(t)];
    const file = (folder: string) => join(folder, 'muster.db');
    const cases: readonly (readonly [flags: string[], env: Record<string, string>])[] = [
      [['--data-dir', byFlag], { MUSTER_DATABASE_URL: `sqlite:${file(byVariable)}` }],
      [['--database-url', `sqlite:${file(byFlag)}`], { MUSTER_DATA_DIR: byVariable }],
      // The variable is not read, so it may be wrong.
      [['--data-dir', byFlag], { MUSTER_DATABASE_URL: 'mysql://localhost/muster' }],
    ];
    for (const [flags, env] of cases) {
      rmSync(file(byFlag), { force: true });
      const made = await runMuster(['migrate', ...flags], { env });
      assert.equal(made.code, 0, made.stderr);
      assert.deepEqual([byFlag, byVariable].map(file).map(existsSync), [true, false]);
    }
    const env = { MUSTER_DATABASE_URL: `sqlite:${file(byVariable)}`, MUSTER_PORT: '0' };
    const served = await spawnMuster(t, { env, args: ['--data-dir', byFlag] });
    await served.stop();
    assert.ok(!existsSync(file(byVariable)));
  });

  test('of two variables that name the database, the URL decides', async (t) => {
    const [folder, other] = [await temporaryFolder(t), await temporaryFolder(t)];
    const env = { MUSTER_DATA_DIR: folder, MUSTER_DATABASE_URL: `sqlite:${join(other, 'muster.db')}` };
    assert.equal((await runMuster(['migrate'], { env })).code, 0);
    assert.deepEqual(
      [folder, other].map((name) => existsSync(join(name, 'muster.db'))),
      [false, true],
    );
  });

  test('two flags that name the database are refused, and nothing is created', async (t) => {
    const folder = join(await temporaryFolder(t), 'data');
    const both = ['--data-dir', folder, '--database-url', `sqlite:${folder}.db`];
    for (const command of [['migrate'], ['serve'], ['users', 'list']]) {
      const { code, stderr } = await runMuster([...command, ...both]);
      assert.equal(code, 1);
      assert.equal(
        stderr,
        'muster: --data-dir and --database-url both name the database: give only one of them\n',
      );
    }
    for (const flags of [both.slice(0, 2), both.slice(2)]) {
      const moved = ['move', '--from', 'sqlite:a.db', '--to', 'sqlite:b.db', ...flags];
      const { code, stderr } = await runMuster(moved);
      assert.equal(code, 1);
      assert.match(stderr, /'--from <url>' cannot be used with option '--(data-dir|database-url) <value>'/);
    }
    assert.ok(!existsSync(folder) && !existsSync(`${folder}.db`));
  });

  test('lists every setting in --help, with its variable, its default and its sentence', async () => {
    const { code, stdout, stderr } = await runMuster(['serve', '--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const text = stdout.replaceAll(/\s+/g, ' ');
    for (const [name, { description }] of Object.entries(settings)) {
      assert.match(stdout, new RegExp(`^  ${flagName(name)} <value> `, 'm'));
      assert.match(text, new RegExp(`[( ]${environmentName(name)}\\)`));
      assert.ok(text.includes(description), name);
    }
    assert.match(text, /--port <value> Port to listen on; .{1,40}default: 3000; MUSTER_PORT/);
  });

  test('lists every command in --help, and tells its version', async () => {
    const [help, version] = await Promise.all([runMuster(['--help']), runMuster(['--version'])]);
    assert.equal(help.code, 0);
    for (const name of ['serve', 'migrate', 'users', 'organizations', 'members', 'people', 'tokens'])
      assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
    assert.match(help.stdout, /MUSTER_DATA_DIR/);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });

  test('warns of a variable that is no setting, in the way of each command', { timeout }, async (t) => {
    const env = {
      MUSTER_DATA_DIR: await temporaryFolder(t),
      MUSTER_PORT: '0',
      MUSTER_DATABSE_URL: 'sqlite:x',
    };
    const made = await runMuster(['migrate'], { env });
    assert.deepEqual(
      [made.code, made.stdout, made.stderr],
      [
        0,
        'The database has the current version.\n',
        'muster: warning: MUSTER_DATABSE_URL is not a setting and is ignored\n',
      ],
    );
    const checked = await runMuster(['check', '--json'], { env });
    assert.equal(checked.stderr, '');
    const found = JSON.parse(checked.stdout).find(
      (finding: { subject: string }) => finding.subject === 'MUSTER_DATABSE_URL',
    );
    assert.equal(found.level, 'warning');
    const served = await spawnMuster(t, { env });
    assert.equal((await served.logged('unknown setting')).name, 'MUSTER_DATABSE_URL');
    await served.stop();
    assert.throws(
      () => readConfig({ databseUrl: 'sqlite:x' }, {}),
      /^Error: --databse-url is not a setting$/,
    );
  });

  test('refuses a command, a flag and an argument that do not exist', async (t) => {
    const env = { MUSTER_DATA_DIR: await temporaryFolder(t), MUSTER_PORT: '0' };
    const cases: readonly (readonly [string[], RegExp])[] = [
      [['srve'], /unknown command 'srve'/],
      [['serve', '--prot', '3000'], /unknown option '--prot'/],
      [['users', 'show', '1', '2'], /too many arguments/],
    ];
    await Promise.all(
      cases.map(async ([args, message]) => {
        const { code, stdout, stderr } = await runMuster(args, { env });
        assert.equal(code, 1);
        assert.equal(stdout, '');
        assert.match(stderr, message);
      }),
    );
  });
});
