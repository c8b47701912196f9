// Django: django.contrib.auth.hashers. Salts are text; keys are base64.

import { createHash } from 'node:crypto';
import { argon2, bcrypt, type Digest, digestBytes, pbkdf2, scrypt } from './algorithms.ts';
import { fromBase64, type HashForm, HashProblem, malformed } from './foreign-hash.ts';

export const djangoForms: readonly HashForm[] = [
  {
    format: 'Django pbkdf2',
    pattern: /^pbkdf2_(sha1|sha256)\$(\d{1,15})\$([^$]+)\$([^$]+)$/,
    read: ([, digest, iterations, salt, key]) =>
      pbkdf2({
        digest: digest!,
        iterations: Number(iterations),
        salt: Buffer.from(salt!),
        key: keyOf(key!, digestBytes[digest as Digest], 'PBKDF2'),
      }),
  },
  { format: 'Django argon2', pattern: /^argon2(\$.*)$/, read: ([, hash]) => argon2(hash!) },
  { format: 'Django bcrypt', pattern: /^bcrypt\$(\$.*)$/, read: ([, hash]) => bcrypt(hash!) },
  {
    format: 'Django bcrypt_sha256',
    pattern: /^bcrypt_sha256\$(\$.*)$/,
    read: ([, hash]) => bcrypt(hash!, (password) => createHash('sha256').update(password).digest('hex')),
  },
  {
    format: 'Django scrypt',
    pattern: /^scrypt\$(\d{1,15})\$([^$]+)\$(\d{1,9})\$(\d{1,9})\$([^$]+)$/,
    read: ([, cost, salt, r, p, key]) =>
      scrypt(
        { cost: Number(cost), r: Number(r), p: Number(p) },
        Buffer.from(salt!),
        keyOf(key!, 64, 'scrypt'),
      ),
  },
  {
    format: 'Django without a password',
    pattern: /^![A-Za-z0-9]{0,40}$/,
    read() {
      throw new HashProblem('is the mark of an account without a password: leave it out');
    },
  },
];

/** Django always writes the whole key. @throws HashProblem */
function keyOf(text: string, length: number, format: string): Buffer {
  const key = fromBase64(text, format);
  if (key.length !== length) throw malformed(format);
  return key;
}
