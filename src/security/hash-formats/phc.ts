// PHC strings (github.com/P-H-C/phc-string-format) and the forms of passlib, and bcrypt in modular crypt format, which
// Laravel, Devise, Auth0, Supabase and htpasswd write too.

import { createHash, createHmac } from 'node:crypto';
import { argon2, bcrypt, pbkdf2, readParameters, scrypt } from './algorithms.ts';
import { fromBase64, type HashForm, malformed } from './foreign-hash.ts';

/** passlib writes "." for "+". */
const decode = (text: string, format: string) => fromBase64(text.replaceAll('.', '+'), format);

export const phcForms: readonly HashForm[] = [
  { format: 'argon2', pattern: /^\$argon2(?:id|i|d)\$.*$/, read: ([hash]) => argon2(hash!) },
  { format: 'bcrypt', pattern: /^\$2[abxy]\$.*$/, read: ([hash]) => bcrypt(hash!) },
  {
    format: 'scrypt',
    pattern: /^\$scrypt\$([^$]*)\$([^$]*)\$([^$]*)$/,
    read([, parameters, salt, key]) {
      const { ln = 0, r = 0, p = 0 } = readParameters(parameters!);
      return scrypt({ cost: 2 ** ln, r, p }, decode(salt!, 'scrypt'), decode(key!, 'scrypt'));
    },
  },
  {
    // PHC strings write `i=25000`, passlib writes only the number, and no digest for SHA-1.
    format: 'pbkdf2',
    pattern: /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,15})(?:,l=\d+)?\$([^$]*)\$([^$]*)$/,
    read: ([, digest = 'sha1', iterations, salt, key]) =>
      pbkdf2({
        digest,
        iterations: Number(iterations),
        salt: decode(salt!, 'PBKDF2'),
        key: decode(key!, 'PBKDF2'),
      }),
  },
  {
    // passlib's bcrypt_sha256: any length of password counts. Version 2 keys the digest with the salt.
    format: 'passlib bcrypt-sha256',
    pattern: /^\$bcrypt-sha256\$(.*)$/,
    read([, rest]) {
      const [, version, kind, cost, salt, key] =
        /^(v=2,t=|)(2[aby]),(?:r=)?(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/.exec(rest!) ?? [];
      if (kind === undefined) throw malformed('bcrypt-sha256');
      const digest = (password: string) =>
        version === '' ? createHash('sha256').update(password) : createHmac('sha256', salt!).update(password);
      return bcrypt(`$${kind}$${cost!.padStart(2, '0')}$${salt}${key}`, (password) =>
        digest(password).digest('base64'),
      );
    },
  },
];
