// Auth0: the `custom_password_hash` of its bulk import, as JSON. Plain bcrypt, which its own export has, needs no mark.

import { argon2, bcrypt, scrypt } from './algorithms.ts';
import { type Check, fromBase64, fromHex, type HashForm, HashProblem } from './foreign-hash.ts';
import { type Members, memberOf, readObject, textOf } from './json-text.ts';
import { ldapForms } from './ldap.ts';
import { phcForms } from './phc.ts';
import { readForm } from './read-form.ts';

export const auth0Forms: readonly HashForm[] = [
  {
    format: 'Auth0 custom_password_hash',
    pattern: /^\{.*"algorithm".*"hash".*\}$/s,
    read: ([text]) => readAuth0(text!),
  },
];

function readAuth0(text: string): Check {
  const custom = readObject(text, 'Auth0');
  const hash = memberOf(custom, 'hash', 'Auth0');
  const value = textOf(hash, 'value', 'Auth0');
  switch (custom.algorithm) {
    case 'bcrypt':
      return bcrypt(value);
    case 'argon2':
      return argon2(value);
    case 'pbkdf2':
      return readForm(phcForms, value).check;
    case 'ldap':
      return readForm(ldapForms, value).check;
    case 'scrypt':
      return scrypt(
        {
          cost: Number(custom.cost ?? 16_384),
          r: Number(custom.blockSize ?? 8),
          p: Number(custom.parallelization ?? 1),
        },
        bytesOf(memberOf(custom, 'salt', 'Auth0'), 'utf8'),
        bytesOf(hash, 'base64'),
      );
    default:
      throw new HashProblem('has an algorithm of Auth0 that is not taken');
  }
}

function bytesOf(member: Members, encoding: string): Buffer {
  const value = textOf(member, 'value', 'Auth0');
  switch (member.encoding ?? encoding) {
    case 'utf8':
      return Buffer.from(value);
    case 'hex':
      return fromHex(value, 'Auth0');
    case 'base64':
      return fromBase64(value, 'Auth0');
    default:
      throw new HashProblem('has an encoding that is not known');
  }
}
