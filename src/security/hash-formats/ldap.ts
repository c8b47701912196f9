// userPassword of LDAP directories (RFC 2307): a scheme in braces, and the rest in the form of the scheme. Salted SHA is fast,
// so whoever has such a hash tries many passwords: the first right password replaces it like all others.

import { hash as digestOf, timingSafeEqual } from 'node:crypto';
import { pbkdf2 } from './algorithms.ts';
import { cryptForms } from './crypt.ts';
import { type Check, fromBase64, type HashForm, HashProblem, malformed } from './foreign-hash.ts';
import { phcForms } from './phc.ts';
import { readForm } from './read-form.ts';

const digests: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  ssha: { name: 'sha1', bytes: 20 },
  ssha256: { name: 'sha256', bytes: 32 },
  ssha384: { name: 'sha384', bytes: 48 },
  ssha512: { name: 'sha512', bytes: 64 },
};

const phc = (name: string) => phcForms.filter(({ format }) => format === name);

export const ldapForms: readonly HashForm[] = [
  {
    format: 'LDAP salted SHA',
    pattern: /^\{(SSHA(?:256|384|512)?)\}(.*)$/i,
    read: ([, scheme, text]) => salted(scheme!.toLowerCase(), text!),
  },
  {
    format: 'LDAP crypt',
    pattern: /^\{CRYPT\}(.*)$/i,
    read: ([, hash]) => readForm([...cryptForms, ...phc('bcrypt')], hash!).check,
  },
  {
    format: 'LDAP PBKDF2',
    pattern: /^\{PBKDF2(?:[-_](SHA1|SHA256|SHA512))?\}(.*)$/i,
    read: ([, digest = 'sha1', text]) => readPbkdf2(digest.toLowerCase(), text!),
  },
  {
    format: 'LDAP argon2',
    pattern: /^\{ARGON2\}(.*)$/i,
    read: ([, hash]) => readForm(phc('argon2'), hash!).check,
  },
];

/**
 * OpenLDAP and newer 389 Directory Servers write iterations, salt and key. Older ones of the latter write base64 of all:
 * 4 bytes, 64 bytes, and a key of 256.
 */
function readPbkdf2(digest: string, text: string): Check {
  const decode = (part: string) => fromBase64(part.replaceAll('.', '+'), 'LDAP');
  const [, iterations, salt, key] = /^(\d{1,15})\$([^$]*)\$([^$]*)$/.exec(text) ?? [];
  if (iterations !== undefined)
    return pbkdf2({ digest, iterations: Number(iterations), salt: decode(salt!), key: decode(key!) });
  const all = decode(text);
  if (all.length !== 4 + 64 + 256) throw malformed('LDAP');
  const [salted, derived] = [all.subarray(4, 68), all.subarray(68)];
  return pbkdf2({ digest, iterations: all.readUInt32BE(0), salt: salted, key: derived });
}

function salted(scheme: string, text: string): Check {
  const { name, bytes } = digests[scheme]!;
  const all = fromBase64(text, 'LDAP');
  const salt = all.subarray(bytes);
  if (all.length < bytes) throw malformed('LDAP');
  // OpenLDAP wrote 4 bytes until version 2.4.
  if (salt.length < 4) throw new HashProblem('has a salt of less than 4 bytes');
  const expected = all.subarray(0, bytes);
  return {
    work: [],
    verify: async (password) =>
      timingSafeEqual(expected, digestOf(name, Buffer.concat([Buffer.from(password), salt]), 'buffer')),
  };
}
