// userPassword of LDAP directories (RFC 2307): a scheme in braces, and base64 of digest and salt. They are fast, so whoever
// has one tries many passwords: the first right password replaces it like all others.

import { hash as digestOf, timingSafeEqual } from 'node:crypto';
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

export const ldapForms: readonly HashForm[] = [
  {
    format: 'LDAP salted SHA',
    pattern: /^\{(SSHA(?:256|384|512)?)\}(.*)$/i,
    read: ([, scheme, text]) => salted(scheme!.toLowerCase(), text!),
  },
  {
    format: 'LDAP crypt',
    pattern: /^\{CRYPT\}(.*)$/i,
    read: ([, hash]) =>
      readForm([...cryptForms, ...phcForms.filter(({ format }) => format === 'bcrypt')], hash!).check,
  },
];

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
