// Spring Security's DelegatingPasswordEncoder: the id of the encoder in braces, and what the encoder writes. The encoders
// of PBKDF2 do not write their parameters; these are the defaults, by the id.

import { argon2, bcrypt, pbkdf2, scrypt } from './algorithms.ts';
import { fromBase64, fromHex, type HashForm, HashProblem, malformed } from './foreign-hash.ts';

const pbkdf2Defaults = {
  pbkdf2: { digest: 'sha1', iterations: 185_000, saltBytes: 8 },
  'pbkdf2@SpringSecurity_v5_8': { digest: 'sha256', iterations: 310_000, saltBytes: 16 },
} as const;

const keyBytes = 32;

export const springForms: readonly HashForm[] = [
  { format: 'Spring bcrypt', pattern: /^\{bcrypt\}(.*)$/, read: ([, hash]) => bcrypt(hash!) },
  {
    format: 'Spring argon2',
    pattern: /^\{argon2(?:@SpringSecurity_v5_8)?\}(.*)$/,
    read: ([, hash]) => argon2(hash!),
  },
  {
    format: 'Spring pbkdf2',
    pattern: /^\{(pbkdf2(?:@SpringSecurity_v5_8)?)\}(.*)$/,
    read([, id, hash]) {
      const { digest, iterations, saltBytes } = pbkdf2Defaults[id as keyof typeof pbkdf2Defaults];
      const bytes = fromHex(hash!, 'PBKDF2');
      if (bytes.length !== saltBytes + keyBytes) throw malformed('PBKDF2');
      return pbkdf2({
        digest,
        iterations,
        salt: bytes.subarray(0, saltBytes),
        key: bytes.subarray(saltBytes),
      });
    },
  },
  {
    // $e0801$: the logarithm of N, r and p, as hexadecimal digits of one number.
    format: 'Spring scrypt',
    pattern: /^\{scrypt(?:@SpringSecurity_v5_8)?\}\$([0-9a-f]{1,8})\$([^$]*)\$([^$]*)$/,
    read([, parameters, salt, key]) {
      const number = Number.parseInt(parameters!, 16);
      const cost = { cost: 2 ** (number >>> 16), r: (number >>> 8) & 0xff, p: number & 0xff };
      return scrypt(cost, fromBase64(salt!, 'scrypt'), fromBase64(key!, 'scrypt'));
    },
  },
  {
    format: 'Spring noop',
    pattern: /^\{noop\}.*$/s,
    read() {
      throw new HashProblem('is {noop}, which is no hash: give the password itself in password');
    },
  },
];
