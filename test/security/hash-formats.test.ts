// Which texts are hashes, so that they are refused as passwords; and which hashes a password can be checked against.

import assert from 'node:assert/strict';
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { looksLikeHash } from '../../src/security/hash-formats/looks-like-hash.ts';
import { defaultHashRules, examineHash, verifyHash } from '../../src/security/hash-formats.ts';

for (const hash of [
  '$2y$10$69B63mbfC4eK8KYgXS2/MuZafqIAJXmPl1J7JMDEKtBkPzjXl2eyy',
  '$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$B5LBT8Bq9tD0PLqNRAOC8w',
  '$pbkdf2-sha256$29000$FaIUAuBcCyGktFbKuTcGwA$rgCMCk.BcQ76Ys6mpJNSjB3On/5Xr9M2nR7/l/j2TTU',
  '$scrypt$ln=14,r=8,p=1$UEqpFcJ4z9l7z5lzzjlHqA$TXl6ywwob2ZM2Nupm9gJSilDdP3lF6Fa6ZD8CE9dxG0',
  '$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2',
  'pbkdf2_sha256$600000$V9qnTzJxYx3b$Y7xJHhVfPa0jXbqU0yq0yJ1uQk2p1m3n4o5p6q7r8s9=',
  'argon2$argon2id$v=19$m=102400,t=2,p=8$Y2VjY2Vj$c29tZWtleXNvbWVrZXk',
  'bcrypt_sha256$$2b$12$n79VH0Q2TMWmt3Oqt9ukuuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2',
  'sha1$a1b2c$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8',
  'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99',
  'pbkdf2:sha256:600000$abcdefgh$1234567890abcdef',
  'scrypt:32768:8:1$abcdefgh$1234567890abcdef',
  '$P$B7889EMq/erHIuZapMB8GEizebcIy9.',
  '$H$9aaaaaSXBjgypwqm.JsMssPLiS8YQ00',
  '$S$DeIZ1KTE.VzRvudZ5.xgOakipuMFrVyPmRdWTjAdYieWj27NMglI',
  'U$S$DeIZ1KTE.VzRvudZ5.xgOakipuMFrVyPmRdWTjAdYieWj27NMglI',
  '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/',
  '$apr1$saltsalt$2bnM6yRQXb5sDJTNyMUvO1',
  '$5$rounds=5000$saltsalt$KqJWpanXZHKq2BOB43TSaYhEWsQ1Lr5QNyPCDH/Tp.6',
  '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/',
  '$y$j9T$saltsaltsalt$keykeykeykeykeykeykeykey',
  '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g0c2FsdA==',
  '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
  '{CRYPT}$6$saltsalt$qFmFH',
  '{SHA512-CRYPT}$6$saltsalt$qFmFH',
  '{devise}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG',
  '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqA',
  '{"secretData":"{}","credentialData":"{}"}',
  '{"algorithm":"bcrypt","hash":{"value":""}}',
  '{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG',
  '{pbkdf2@SpringSecurity_v5_8}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc',
  '5f4dcc3b5aa765d61d8327deb882cf99',
  '5F4DCC3B5AA765D61D8327DEB882CF99:salt',
  '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8',
  '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19',
  'a'.repeat(64),
  '0'.repeat(128),
  'sha256:1000:c2FsdHNhbHQ=:a2V5a2V5a2V5a2V5',
  'SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5',
  'AQAAAAEAACcQAAAAEFGnA8fRkOjTUqYhM0mC5zmP8m4n1J1s0f2bUqg3uRtXxC6VYp0o3n2m1k0j9i8h7g==',
  // WordPress from 6.8 on, a locked account of /etc/shadow, Django without a password, salts before and behind a digest.
  '$wp$2y$10$69B63mbfC4eK8KYgXS2/MuZafqIAJXmPl1J7JMDEKtBkPzjXl2eyy',
  '!$6$c2FsdHNhbHQ$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/',
  '!abcdefghijABCDEFGHIJabcdefghij0123456789',
  '5f4dcc3b5aa765d6.5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99',
  '5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99.5f4dcc3b5aa765d6',
  's2:c2FsdHNhbHRzYWx0:5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99',
  ' $2b$10$Iq5DYsWsTNqv2gBffv39nuieIS7Odtf6cFfYr2vrE7DdVY.4BykHS\n',
])
  test(`${hash.slice(0, 30)} is a hash`, () => assert.equal(looksLikeHash(hash), true));

for (const password of [
  'correct horse battery',
  '$money$forever and ever',
  '$ecret$passw0rd!',
  '{hello}world12345',
  'shadow$of$the$colossus',
  'md5 is no password hash',
  'scrypt is fine, they said',
  'deadbeefcafe',
  'a'.repeat(31),
  '12345678901234567890',
  'p@$$w0rd$6$9',
  '!important.notice!',
  'version.1.2.3:deadbeef',
  '',
])
  test(`${JSON.stringify(password)} is no hash`, () => assert.equal(looksLikeHash(password), false));

const isKnownHash = (hash: string, maxHashSeconds = 1) =>
  'format' in examineHash(hash, { ...defaultHashRules, maxHashSeconds });

const bytes = (length: number, value = 7) =>
  Buffer.alloc(length, value).toString('base64').replaceAll('=', '');

/** A hash of each format with a salt and a key of this many bytes. */
const forms: Readonly<Record<string, (salt: number, key: number) => string>> = {
  argon2id: (salt, key) => `$argon2id$v=19$m=4096,t=1,p=1$${bytes(salt)}$${bytes(key)}`,
  argon2i: (salt, key) => `$argon2i$m=4096,t=3,p=1$${bytes(salt)}$${bytes(key)}`,
  scrypt: (salt, key) => `$scrypt$ln=4,r=8,p=1$${bytes(salt)}$${bytes(key)}`,
  'pbkdf2-sha1': (salt, key) => `$pbkdf2-sha1$10$${bytes(salt)}$${bytes(key)}`,
  'pbkdf2-sha256': (salt, key) => `$pbkdf2-sha256$i=10$${bytes(salt)}$${bytes(key)}`,
  'pbkdf2-sha512': (salt, key) => `$pbkdf2-sha512$i=10,l=64$${bytes(salt)}$${bytes(key)}`,
};

for (const [format, form] of Object.entries(forms))
  test(`${format} needs a salt of 8 bytes and a key of 16: a shorter one is matched by guessing`, () => {
    for (const [salt, key, isKnown] of [
      [16, 32, true],
      [8, 16, true],
      [7, 32, false],
      [1, 32, false],
      [16, 15, false],
      [16, 8, false],
      [16, 1, false],
    ] as const)
      assert.equal(isKnownHash(form(salt, key)), isKnown, `${salt} ${key}`);
  });

test('a key of no byte or of one, which any password may match, is matched by none', async () => {
  const salt = Buffer.alloc(16, 7);
  for (const password of ['a', 'b']) {
    const oneByte = pbkdf2Sync(password, salt, 10, 1, 'sha256').toString('base64').replaceAll('=', '');
    const scrypted = scryptSync(password, salt, 1, { N: 16, r: 8, p: 1 }).toString('base64');
    for (const key of ['A', oneByte]) {
      assert.equal(await verifyHash(`$pbkdf2-sha256$10$${bytes(16)}$${key}`, password), false, key);
      assert.equal(await verifyHash(`$pbkdf2-sha512$10$${bytes(16)}$${key}`, password), false, key);
    }
    for (const key of ['A', scrypted.replaceAll('=', '')])
      assert.equal(await verifyHash(`$scrypt$ln=4,r=8,p=1$${bytes(16)}$${key}`, password), false, key);
  }
});

test('a hash is matched by its password alone, and a cut or lengthened key by none', async () => {
  const salt = Buffer.alloc(16, 7);
  const key = (length: number) =>
    pbkdf2Sync('password of Ann', salt, 10, length, 'sha256').toString('base64').replaceAll('=', '');
  const hash = (text: string) => `$pbkdf2-sha256$10$${bytes(16)}$${text}`;
  assert.equal(await verifyHash(hash(key(32)), 'password of Ann'), true);
  assert.equal(await verifyHash(hash(key(32)), 'password of Bea'), false);
  assert.equal(await verifyHash(hash(key(32)), ''), false);
  assert.equal(await verifyHash(hash(`${key(32).slice(0, -4)}AAAA`), 'password of Ann'), false);
});

test('a cost at its limit is borne, and one above it is not', () => {
  const salt = bytes(16);
  const key = bytes(32);
  for (const [hash, isKnown] of [
    [`$argon2id$v=19$m=262144,t=4,p=1$${salt}$${key}`, true],
    [`$argon2id$v=19$m=262144,t=5,p=1$${salt}$${key}`, false],
    [`$argon2id$v=19$m=262145,t=1,p=1$${salt}$${key}`, false],
    [`$argon2id$v=19$m=512,t=1,p=64$${salt}$${key}`, true],
    [`$argon2id$v=19$m=511,t=1,p=64$${salt}$${key}`, false],
    [`$argon2id$v=19$m=1024,t=1,p=65$${salt}$${key}`, false],
    [`$argon2id$v=19$m=4096,t=0,p=1$${salt}$${key}`, false],
    [`$scrypt$ln=18,r=8,p=1$${salt}$${key}`, true],
    [`$scrypt$ln=18,r=8,p=2$${salt}$${key}`, false],
    [`$scrypt$ln=0,r=8,p=1$${salt}$${key}`, false],
    [`$pbkdf2-sha256$2000000$${salt}$${key}`, true],
    [`$pbkdf2-sha256$2000001$${salt}$${key}`, false],
    [`$pbkdf2-sha256$0$${salt}$${key}`, false],
    [`$2b$04$${'a'.repeat(53)}`, true],
    [`$2b$14$${'a'.repeat(53)}`, true],
    [`$2b$15$${'a'.repeat(53)}`, false],
    [`$2b$03$${'a'.repeat(53)}`, false],
    [`$2b$10$${'a'.repeat(52)}`, false],
  ] as const)
    assert.equal(isKnownHash(hash), isKnown, hash.slice(0, 40));
});

test('a hash that its own library cannot read is matched by no password', async () => {
  // 25 characters are not valid Base64.
  const damaged = `$argon2id$v=19$m=4096,t=1,p=1$${bytes(16)}$${'A'.repeat(25)}`;
  await assert.rejects(verifyArgon2(damaged, 'password'));
  assert.equal(await verifyHash(damaged, 'password'), false);
  assert.equal(await verifyHash('no hash at all', 'no hash at all'), false);
});
