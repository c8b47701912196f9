// Import of password hashes from other tools with `users import`.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { generateToken, hashToken } from '../../src/security/tokens.ts';
import { fileFormats, lineOf, writeAccounts } from '../support/account-files.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { type ForeignHash, foreignHashes, hashSecretsEnvironment } from '../support/foreign-hashes.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const timeout = 300_000;
const password = 'correct horse battery';

/** Hashes of this password, each by the tool in the comment before it. */
const hashes: Readonly<Record<string, string>> = {
  'argon2 (the reference command line)':
    '$argon2id$v=19$m=32768,t=3,p=1$c29tZXNhbHQxNmJ5dGVzMQ$B5LBT8Bq9tD0PLqNRAOC8/msOd8faxb6E8Iu0HwJCcY',
  'argon2 -i':
    '$argon2i$v=19$m=4096,t=3,p=1$c29tZXNhbHQxNmJ5dGVzMQ$E/tPCpKsuzFDsE/H+yXQyiHzSJul4K0S+uqvBOpP+FI',
  'npm argon2':
    '$argon2d$v=19$m=4096,p=4,t=3$waJuIowX8Zsrfu54ezzkDQ$1EniXXHMN8quap1BMui0KITjccYmkBK4cuOl4cmfXKE',
  'Apache htpasswd -B': '$2y$10$YltNHeb1Sj7k08YLZFuLp.j.saBLpaCPDuk5ReXBejj7Kjy2.AJ/W',
  'PHP password_hash': '$2y$10$69B63mbfC4eK8KYgXS2/MuZafqIAJXmPl1J7JMDEKtBkPzjXl2eyy',
  'npm bcryptjs': '$2b$10$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS',
  'passlib pbkdf2_sha256':
    '$pbkdf2-sha256$29000$FaIUAuBcCyGktFbKuTcGwA$rgCMCk.BcQ76Ys6mpJNSjB3On/5Xr9M2nR7/l/j2TTU',
  'passlib pbkdf2_sha512':
    '$pbkdf2-sha512$1000$mhPi3JtTam3t3XvPea/Vug$QbfKMIeSGN1zcifdmKeKOE7EC17LE4ozCrjlCnIxZ1EINTmHF.kAUNE/xi6wSC2712I5ncPQuI0mg4GvMjIWMw',
  'npm @phc/pbkdf2':
    '$pbkdf2-sha256$i=25000$KtxvsoNKnmKtxmlm2PziMg$xBXFdEc6RZ6Ii11eR+6otqzxeO65C6mF8/iygj5Eo9k',
  'passlib scrypt':
    '$scrypt$ln=14,r=8,p=1$UEqpFcJ4z9l7z5lzzjlHqA$TXl6ywwob2ZM2Nupm9gJSilDdP3lF6Fa6ZD8CE9dxG0',
};

const wrongPassword = '422 data/attributes/current_password';

const oneOfEachFormat = (all: readonly ForeignHash[]) => [
  ...new Map(all.map((each) => [each.format, each])).values(),
];

const own = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

const accounts = (list: readonly string[]) =>
  list.map((hash, i) => ({
    email: `person${i}@email.com`,
    first_name: 'name',
    last_name: 'surname',
    password_hash: hash,
  }));

/** A service whose database has imported these hashes. */
async function serviceWith(t: TestContext, engine: EngineName, list: readonly string[]) {
  const muster = await commandLine(t, hashSecretsEnvironment, engine);
  const service = await spawnMuster(t, { env: muster.env });
  const file = writeAccounts(muster.dataDir, 'people', 'ndjson', accounts(list));
  const { stdout } = await muster.attempt('users', 'import', file, '--json');
  assert.deepEqual(JSON.parse(stdout), { rows: list.length, created: list.length, existing: 0, refused: 0 });
  const config = readConfig({}, muster.env);
  const store = await openStore(config);
  t.after(() => store.close());

  return Promise.all(
    list.map(async (_, i) => {
      const { id } = (await store.read.records(users).findByIdentity('email', `person${i}@email.com`))!;
      const token = generateToken();
      await store.write(({ sessions }) =>
        sessions.create({ user_id: id, hash: hashToken(token), machine: true, created_at: Date.now() }),
      );
      return {
        stored: async () => {
          const [row] = await onTables(config, `SELECT hash FROM passwords WHERE user_id = ${Number(id)}`);
          return String(row!.hash);
        },
        /** @returns the status, and the code of the error */
        async signIn(password: string): Promise<string> {
          const attributes = { email: `person${i}@email.com`, password };
          const body = { data: { type: 'sessions', attributes } };
          const answer = await send(service.url, 'POST', '/api/v2/sessions', { body });
          return [answer.status, ...(answer.body.errors ?? []).map(({ code }: any) => code)].join(' ');
        },
        /** @returns the status, and the attributes with violations */
        async change(current_password: string, next: string): Promise<string> {
          const path = `/api/v2/users/${id}/update_password`;
          const body = document({ current_password, password: next });
          const answer = await send(service.url, 'PATCH', path, { token, body });
          const wrong = (answer.body.errors ?? []).map(({ source, code }: any) => source.pointer ?? code);
          return [answer.status, ...wrong].join(' ');
        },
      };
    }),
  );
}

onEachEngine((engine) => {
  test('a hash that another tool made is checked against, replaced by ours at the first right password, and its owner changes it', {
    timeout,
  }, async (t) => {
    const tools = Object.keys(hashes);
    const people = await serviceWith(t, engine, Object.values(hashes));
    for (const [i, { stored, change }] of people.entries()) {
      const tool = tools[i]!;
      assert.equal(await stored(), hashes[tool], tool);
      assert.equal(
        await change('correct horse batterY', 'a new password'),
        '422 data/attributes/current_password',
        tool,
      );
      assert.equal(await stored(), hashes[tool], tool);
      assert.equal(await change(password, 'short'), '422 data/attributes/password', tool);
      assert.match(await stored(), own, tool);
      assert.equal(await change('short', 'a new password'), '422 data/attributes/current_password', tool);
      assert.equal(await change(password, 'a new password'), '200', tool);
      assert.match(await stored(), own, tool);
      assert.equal(await change(password, 'yet another one'), '422 data/attributes/current_password', tool);
      assert.equal(await change('a new password', 'yet another one'), '200', tool);
    }
  });

  test('the hash of every system signs its owner in with the old password, and is replaced at that moment', {
    timeout,
  }, async (t) => {
    const given = oneOfEachFormat(foreignHashes);
    // The same hash for two people: one signs in first, the other changes the password first.
    const twice = given.flatMap((each) => [each, each]);
    const people = await serviceWith(
      t,
      engine,
      twice.map(({ hash }) => hash),
    );
    for (const [i, { by, password, hash }] of given.entries()) {
      const [first, second] = [people[2 * i]!, people[2 * i + 1]!];
      assert.equal(await first.signIn(`${password}x`), '401 invalid_credentials', by);
      assert.equal(await first.stored(), hash, by);
      assert.equal(await first.signIn(password), '201', by);
      assert.match(await first.stored(), own, by);
      assert.equal(await second.change(`${password}x`, 'a new password'), wrongPassword, by);
      assert.equal(await second.stored(), hash, by);
      assert.equal(await second.change(password, 'a new password'), '200', by);
      assert.match(await second.stored(), own, by);
    }
  });

  for (const format of fileFormats) {
    test(`hashes of a cost that nobody bears, or of no known form, are refused in ${format} with the reason`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      const salt = 'c29tZXNhbHQxNmJ5dGVzMQ';
      const key = 'B5LBT8Bq9tD0PLqNRAOC8/msOd8faxb6E8Iu0HwJCcY';
      const refused: readonly (readonly [hash: string, reason: RegExp])[] = [
        [`$argon2id$v=19$m=1048576,t=3,p=1$${salt}$${key}`, /has 1024 as memory in MiB, and at most 256/],
        [`$argon2id$v=19$m=19456,t=1000000,p=1$${salt}$${key}`, /as argon2 work/],
        [`$argon2id$v=19$m=19456,t=2,p=1000$${salt}$${key}`, /not a valid argon2/],
        // Each within its limit, but together a minute of CPU time.
        [`$argon2id$v=19$m=262144,t=100,p=1$${salt}$${key}`, /has 25600 as argon2 work/],
        [`$scrypt$ln=18,r=8,p=16$${salt}$${key}`, /as scrypt work/],
        [`$argon2id$v=19$t=2,p=1$${salt}$${key}`, /not a valid argon2/],
        [
          '$2b$31$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS',
          /has 31 as bcrypt cost, and at most 14 is accepted/,
        ],
        ['$2b$03$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS', /bcrypt cost of less than 4/],
        [`$scrypt$ln=24,r=8,p=1$${salt}$${key}`, /as memory in MiB/],
        [`$scrypt$ln=14,r=8,p=1000$${salt}$${key}`, /as scrypt work/],
        [`$pbkdf2-sha512$i=1000000000$${salt}$${key}`, /as PBKDF2 iterations, and at most 2000000/],
        [`$pbkdf2-sha256$0$${salt}$${key}`, /not a valid PBKDF2/],
        [`$6$rounds=999999999$salt$${'a'.repeat(86)}`, /as crypt rounds, and at most 700000/],
        [`$P$P${'a'.repeat(30)}`, /as phpass rounds/],
        // A salt or key that is too short to be secure, or missing.
        [`$argon2id$v=19$m=19456,t=2,p=1$c29t$${key}`, /a salt of less than 8 bytes/],
        [`$argon2id$v=19$m=19456,t=2,p=1$${salt}$B5LB`, /a key of less than 16 bytes/],
        [`$argon2id$v=19$m=19456,t=2,p=1$$${key}`, /not a valid argon2/],
        [`$scrypt$ln=14,r=8,p=1$c29t$${key}`, /a salt of less than 8 bytes/],
        [`$scrypt$ln=14,r=8,p=1$${salt}$TQ`, /a key of less than 16 bytes/],
        [`$pbkdf2-sha256$25000$$${key}`, /a salt of less than 8 bytes/],
        [`$pbkdf2-sha256$25000$c29t$${key}`, /a salt of less than 8 bytes/],
        [`$pbkdf2-sha1$25000$${salt}$TQ`, /a key of less than 16 bytes/],
        ['{noop}correct horse battery', /is \{noop\}, which is no hash/],
        [
          '{devise}$2b$10$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS',
          /needs MUSTER_DEVISE_PEPPER/,
        ],
        ['5f4dcc3b5aa765d61d8327deb882cf99', /unknown format/],
        ['$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/', /unknown format/],
        [`${hashes['argon2 -i']}${'A'.repeat(2000)}`, /more than 2048 characters/],
        ['correct horse battery', /unknown format/],
      ];
      const good = Object.values(hashes).at(-1)!;
      const file = writeAccounts(
        muster.dataDir,
        'people',
        format,
        accounts([...refused.map(([hash]) => hash), good]),
      );
      const { code, stdout, stderr } = await muster.attempt('users', 'import', file, '--json');
      const reasons = stderr.split('\n');
      for (const [i, [hash, reason]] of refused.entries()) {
        const told = reasons.find((line) => line.startsWith(`line ${lineOf(format, i)}: password_hash `));
        assert.match(String(told), reason, hash);
      }
      const rows = refused.length + 1;
      assert.deepEqual(JSON.parse(stdout), { rows, created: 1, existing: 0, refused: refused.length });
      assert.equal(code, 1);
      // The message does not repeat the secret.
      assert.doesNotMatch(stderr, /\$argon2|correct horse/);
    });
  }

  test('a hash that import takes and that no password can match is a wrong password, never a fault', {
    timeout,
  }, async (t) => {
    const damaged = [
      // Less memory than the lanes need.
      '$argon2id$v=19$m=8,t=1,p=8$c29tZXNhbHQxNmJ5dGVzMQ$B5LBT8Bq9tD0PLqNRAOC8/msOd8faxb6E8Iu0HwJCcY',
      '$argon2id$v=99$m=19456,t=2,p=1$c29tZXNhbHQxNmJ5dGVzMQ$B5LBT8Bq9tD0PLqNRAOC8/msOd8faxb6E8Iu0HwJCcY',
      '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxNmJ5dGVzMQ$....',
      `$2b$10$${'/'.repeat(53)}`,
      `$scrypt$ln=1,r=1,p=1$c29tZXNhbHQ$${'TXl6'.repeat(8)}`,
      `$pbkdf2-sha1$1$c29tZXNhbHQ$${'TXl6'.repeat(8)}`,
    ];
    const muster = await commandLine(t, {}, engine);
    // Immediate refusal is also correct.
    const list = [...damaged, ...Object.values(hashes).slice(0, 1)];
    const file = writeAccounts(muster.dataDir, 'people', 'ndjson', accounts(list));
    const { stderr } = await muster.attempt('users', 'import', file, '--json');
    const taken = list.filter((_, i) => !stderr.includes(`line ${i + 1}: `));
    const people = await serviceWith(t, engine, taken);
    const outcomes: [string, string][] = [];
    for (const [i, { change }] of people.slice(0, -1).entries())
      outcomes.push([taken[i]!, await change(password, 'a new password')]);
    assert.deepEqual(
      outcomes.filter(([, outcome]) => outcome !== '422 data/attributes/current_password'),
      [],
    );
    assert.equal(await people.at(-1)!.change(password, 'a new password'), '200');
  });
});
