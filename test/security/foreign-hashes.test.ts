// Passwords against hashes that the tools of other systems made.

import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { hash as hashBcrypt } from '@node-rs/bcrypt';
import { noHashSecrets } from '../../src/security/hash-formats/foreign-hash.ts';
import { defaultHashRules, examineHash, verifyHash } from '../../src/security/hash-formats.ts';
import { passwordHasher } from '../../src/security/passwords.ts';
import { foreignHashes, hashSecrets } from '../support/foreign-hashes.ts';

const rules = { ...defaultHashRules, secrets: hashSecrets };

const problemOf = (hash: string, more: Partial<typeof rules> = {}) => {
  const examined = examineHash(hash, { ...rules, ...more });
  return 'problem' in examined ? examined.problem : undefined;
};

for (const { by, format, password, hash } of foreignHashes)
  test(`${by}: the right password matches, and no other does`, async () => {
    assert.deepEqual(examineHash(hash, rules), { format });
    assert.equal(await verifyHash(hash, password, hashSecrets), true);
    assert.equal(await verifyHash(hash, `${password} `, hashSecrets), false);
  });

/** One hash of each format. */
const oneEach = [...new Map(foreignHashes.map((each) => [each.format, each])).values()];

/** Their keys may have any length of at least 16 bytes, and the beginning of a longer key is a shorter one. */
const ofAnyLength = ['pbkdf2', 'ASP.NET Identity V3', 'Spring scrypt'];

test('a hash that is cut, lengthened or changed in one place is refused, or matches no password', async () => {
  for (const { by, format, password, hash } of oneEach) {
    const middle = hash.startsWith('{"') ? hash.indexOf('value') + 12 : hash.length - 12;
    const other = hash[middle] === 'a' ? 'b' : 'a';
    const damaged = [
      ...(ofAnyLength.includes(format) ? [] : [hash.slice(0, -8)]),
      `${hash}aaaaaaaa`,
      `${hash.slice(0, middle)}${other}${hash.slice(middle + 1)}`,
      `${hash.slice(0, middle)}é${hash.slice(middle + 1)}`,
    ];
    for (const each of damaged) {
      const matches = problemOf(each) === undefined && (await verifyHash(each, password, hashSecrets));
      assert.equal(matches, false, `${by}: ${each}`);
    }
  }
});

test('a password with a NUL matches no hash, where C would end it', async () => {
  for (const { by, password, hash } of oneEach)
    assert.equal(await verifyHash(hash, `${password}\0x`, hashSecrets), false, by);
});

test('bcrypt reads 72 bytes, as everywhere; where a digest comes first, all of the password counts', async () => {
  const long = 'é'.repeat(36);
  assert.equal(await verifyHash(await hashBcrypt(long, 4), `${long} and more`), true);
  const { hash } = foreignHashes.find(({ format }) => format === 'WordPress bcrypt')!;
  assert.equal(await verifyHash(hash, `${'a'.repeat(72)}b`), false);
});

test('a password that is typed with combining marks matches the hash of the same characters, and the other way round', async () => {
  const hasher = passwordHasher(1);
  const verify = (hash: string, password: string) =>
    hasher.run('signed_in', (hashing) => hashing.verify(hash, password));
  for (const form of ['NFC', 'NFD'] as const) {
    const hash = await hashBcrypt('Größe über alles'.normalize(form), 4);
    assert.equal(await verify(hash, 'Größe über alles'.normalize(form)), true, form);
  }
  assert.equal(await verify(await hashBcrypt('Größe', 4), 'Größe'.normalize('NFD')), true);
});

const salt = 'c29tZXNhbHQxNmJ5dGVzMQ';
const key = 'B5LBT8Bq9tD0PLqNRAOC8/msOd8faxb6E8Iu0HwJCcY';
const longKey = Buffer.alloc(64, 7).toString('base64');
const bcryptTail = 'Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS';
const keycloak = (iterations: number) =>
  JSON.stringify({
    secretData: JSON.stringify({ value: `${key}=`, salt: `${salt}==` }),
    credentialData: JSON.stringify({ hashIterations: iterations, algorithm: 'pbkdf2-sha256' }),
  });
const aspnet = (iterations: number) => {
  const bytes = Buffer.alloc(61, 7);
  bytes.set([1, 0, 0, 0, 1], 0);
  bytes.writeUInt32BE(iterations, 5);
  bytes.writeUInt32BE(16, 9);
  return bytes.toString('base64');
};

/** For each format: the largest cost that is taken, and the next one. */
const costs: Readonly<Record<string, readonly [string, string]>> = {
  'bcrypt cost': [`$2y$14$${bcryptTail}`, `$2y$15$${bcryptTail}`],
  'bcrypt cost, WordPress': [`$wp$2y$14$${bcryptTail}`, `$wp$2y$15$${bcryptTail}`],
  'bcrypt cost, Django': [`bcrypt_sha256$$2b$14$${bcryptTail}`, `bcrypt_sha256$$2b$15$${bcryptTail}`],
  'bcrypt cost, Spring': [`{bcrypt}$2a$14$${bcryptTail}`, `{bcrypt}$2a$15$${bcryptTail}`],
  'bcrypt cost, Devise': [`{devise}$2a$14$${bcryptTail}`, `{devise}$2a$15$${bcryptTail}`],
  'bcrypt cost, LDAP': [`{CRYPT}$2a$14$${bcryptTail}`, `{CRYPT}$2a$15$${bcryptTail}`],
  'PBKDF2 iterations': [`$pbkdf2-sha512$2000000$${salt}$${key}`, `$pbkdf2-sha512$2000001$${salt}$${key}`],
  'PBKDF2 iterations, Django': [
    `pbkdf2_sha256$2000000$saltsalt$${key}=`,
    `pbkdf2_sha256$2000001$saltsalt$${key}=`,
  ],
  'PBKDF2 iterations, Keycloak': [keycloak(2_000_000), keycloak(2_000_001)],
  'PBKDF2 iterations, ASP.NET': [aspnet(2_000_000), aspnet(2_000_001)],
  'memory in MiB': [`$scrypt$ln=18,r=8,p=1$${salt}$${key}`, `$scrypt$ln=19,r=8,p=1$${salt}$${key}`],
  'scrypt work (N * r * p), Django': [
    `scrypt$262144$saltsalt$8$1$${longKey}`,
    `scrypt$262144$saltsalt$8$2$${longKey}`,
  ],
  'memory in MiB, Spring': [`{scrypt}$120801$${salt}==$${key}=`, `{scrypt}$130801$${salt}==$${key}=`],
  'memory in MiB, Firebase': [
    `$fbscrypt$v=1,n=18,r=8,p=1,ss=Bw==$${salt}==$${key}=`,
    `$fbscrypt$v=1,n=19,r=8,p=1,ss=Bw==$${salt}==$${key}=`,
  ],
  'argon2 work (memory in MiB * passes)': [
    `argon2$argon2id$v=19$m=262144,t=4,p=1$${salt}$${key}`,
    `argon2$argon2id$v=19$m=262144,t=5,p=1$${salt}$${key}`,
  ],
  'phpass rounds': [`$P$G${'a'.repeat(30)}`, `$P$H${'a'.repeat(30)}`],
  'phpass rounds, Drupal': [`$S$G${'a'.repeat(51)}`, `$S$H${'a'.repeat(51)}`],
  'crypt rounds': [`$6$rounds=700000$salt$${'a'.repeat(86)}`, `$6$rounds=700001$salt$${'a'.repeat(86)}`],
  'crypt rounds, LDAP': [
    `{CRYPT}$5$rounds=700000$salt$${'a'.repeat(43)}`,
    `{CRYPT}$5$rounds=999999999$salt$${'a'.repeat(43)}`,
  ],
};

for (const [name, [most, more]] of Object.entries(costs))
  test(`a hash of more than about a second is refused with its factor named: ${name}`, () => {
    assert.equal(problemOf(most), undefined);
    const reason = problemOf(more);
    const factor = name.split(',')[0]!;
    assert.match(String(reason), /^has [\d.]+ as .+, and at most \d+ is accepted$/);
    assert.ok(String(reason).includes(` as ${factor},`), String(reason));
  });

test('an operator who can wait raises the limits of time, and not that of memory', () => {
  const of = (hash: string, maxHashSeconds: number) => problemOf(hash, { maxHashSeconds }) === undefined;
  assert.equal(of(`$2y$15$${bcryptTail}`, 2), true);
  assert.equal(of(`$2y$16$${bcryptTail}`, 3), false);
  assert.equal(of(`$2y$16$${bcryptTail}`, 4), true);
  assert.equal(of(`$pbkdf2-sha512$4000000$${salt}$${key}`, 2), true);
  assert.equal(of(`$6$rounds=7000000$salt$${'a'.repeat(86)}`, 10), true);
  assert.equal(of(`$scrypt$ln=19,r=8,p=1$${salt}$${key}`, 60), false);
});

test('the blocks of a long key count: each is derived anew', () => {
  const hash = (iterations: number) => `$pbkdf2-sha256$${iterations}$${salt}$${longKey}`;
  assert.equal(problemOf(hash(1_000_000)), undefined);
  assert.match(String(problemOf(hash(1_000_001))), /PBKDF2 iterations, and at most 1000000/);
});

for (const [hash, reason] of [
  ['{noop}correct horse battery', 'is {noop}, which is no hash: give the password itself in password'],
  [`!${'aB3'.repeat(13)}a`, 'is the mark of an account without a password: leave it out'],
  ['!$6$salt$x', 'belongs to a locked account: leave it out, or remove the exclamation mark'],
  [
    `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=c2VjcmV0$${salt}==$${key}=`,
    'contains the signer key: remove its sk=, and set MUSTER_FIREBASE_SIGNER_KEY to it',
  ],
  ['$2b$03$'.padEnd(60, 'a'), 'has a bcrypt cost of less than 4'],
  ['$2b$10$tooShort', 'is not a valid bcrypt hash'],
  ['{CRYPT}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/', 'has an unknown format'],
  ['{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'has an unknown format'],
  [`{SSHA}${Buffer.alloc(23, 7).toString('base64')}`, 'has a salt of less than 4 bytes'],
  [`pbkdf2_sha256$1000$salt$${key}=`, 'has a salt of less than 8 bytes'],
  ['{"secretData":"{}","credentialData":"{}"}', 'is not a valid Keycloak hash'],
  [
    '{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99"}}',
    'has an algorithm of Auth0 that is not taken',
  ],
  ['a'.repeat(3000), 'has more than 2048 characters'],
] as const)
  test(`the reason is told why a hash is not taken: it ${reason.slice(0, 50)}`, async () => {
    assert.equal(problemOf(hash), reason);
    assert.equal(await verifyHash(hash, 'correct horse battery', hashSecrets), false);
  });

test('hashes that need a secret of the other system are taken only where it is set, and match only with the right one', async () => {
  for (const [format, setting] of [
    ['Firebase scrypt', 'MUSTER_FIREBASE_SIGNER_KEY'],
    ['Devise with a pepper', 'MUSTER_DEVISE_PEPPER'],
  ] as const) {
    const { hash, password } = foreignHashes.find((each) => each.format === format)!;
    assert.equal(problemOf(hash, { secrets: noHashSecrets }), `needs ${setting}, which is not set`);
    assert.equal(await verifyHash(hash, password), false);
    const other = {
      firebaseSignerKey: Buffer.alloc(64, 7).toString('base64'),
      devisePepper: 'another pepper',
    };
    assert.equal(await verifyHash(hash, password, other), false);
  }
});

test('Auth0 may hand over any of the algorithms that are taken elsewhere', async () => {
  const bcrypt = await hashBcrypt('correct horse', 4);
  const derived = scryptSync('correct horse', 'saltsalt', 64, { N: 16, r: 8, p: 1 }).toString('base64');
  for (const custom of [
    { algorithm: 'bcrypt', hash: { value: bcrypt } },
    {
      algorithm: 'scrypt',
      hash: { value: derived, encoding: 'base64' },
      salt: { value: Buffer.from('saltsalt').toString('hex'), encoding: 'hex' },
      ...{ keylen: 64, cost: 16, blockSize: 8, parallelization: 1 },
    },
    { algorithm: 'ldap', hash: { value: foreignHashes.find(({ format }) => format === 'LDAP crypt')!.hash } },
    { algorithm: 'pbkdf2', hash: { value: foreignHashes.find(({ format }) => format === 'pbkdf2')!.hash } },
  ]) {
    const hash = JSON.stringify(custom);
    const password = ['ldap', 'pbkdf2'].includes(custom.algorithm)
      ? 'correct horse battery'
      : 'correct horse';
    assert.equal(problemOf(hash), undefined, custom.algorithm);
    assert.equal(await verifyHash(hash, password), true, custom.algorithm);
    assert.equal(await verifyHash(hash, `${password}!`), false, custom.algorithm);
  }
});

for (const [name, hash] of [
  ['crypt', `$6$rounds=200000$salt$${'a'.repeat(86)}`],
  ['phpass', `$P$E${'a'.repeat(30)}`],
] as const)
  test(`other requests are served while a hash of ${name} is checked`, async () => {
    let turns = 0;
    let isChecked = false;
    const turn = () => {
      turns++;
      if (!isChecked) setImmediate(turn);
    };
    turn();
    assert.equal(await verifyHash(hash, 'password'), false);
    isChecked = true;
    assert.ok(turns > 100, `${turns} turns of the event loop`);
  });

test('several checks at a time each get their own answer', async () => {
  const crypts = foreignHashes.filter(({ format }) => ['crypt', 'phpass', 'Drupal'].includes(format));
  const answers = await Promise.all(
    crypts.flatMap(({ hash, password }) => [verifyHash(hash, password), verifyHash(hash, `${password}x`)]),
  );
  assert.deepEqual(
    answers,
    crypts.flatMap(() => [true, false]),
  );
});
