// crypt(3) with SHA-256 and SHA-512: www.akkadia.org/drepper/SHA-crypt.txt. As /etc/shadow, LDAP and passlib have them.

import { timingSafeEqual } from 'node:crypto';
import { type Check, type HashForm, HashProblem, malformed } from './foreign-hash.ts';
import { inWorker } from './loop-workers.ts';

const forms = { 5: { digest: 'sha256', characters: 43 }, 6: { digest: 'sha512', characters: 86 } } as const;

/** The library's crypt refuses longer ones (crypt(3), CRYPT_MAX_PASSPHRASE_SIZE), and they would multiply the work. */
const maxPasswordBytes = 512;

export const cryptForms: readonly HashForm[] = [
  {
    format: 'crypt',
    pattern: /^\$([56])\$(.*)$/,
    read: ([, kind, rest]) => readCrypt(kind as '5' | '6', rest!),
  },
  {
    format: 'locked crypt',
    pattern: /^!{1,2}\$.*$/,
    read() {
      throw new HashProblem('belongs to a locked account: leave it out, or remove the exclamation mark');
    },
  },
];

function readCrypt(kind: '5' | '6', rest: string): Check {
  const { digest, characters } = forms[kind];
  const [, rounds = '5000', salt, key] =
    /^(?:rounds=(\d{1,9})\$)?([^$:\n]{1,16})\$([./0-9A-Za-z]+)$/.exec(rest) ?? [];
  if (key?.length !== characters) throw malformed('crypt');
  if (Number(rounds) < 1000) throw new HashProblem('has less than 1000 rounds');
  const expected = Buffer.from(key);
  return {
    work: [{ name: 'crypt rounds', value: Number(rounds), max: (seconds) => 700_000 * seconds }],
    async verify(password) {
      if (Buffer.byteLength(password) > maxPasswordBytes) return false;
      const actual = await inWorker('shaCrypt', digest, password, salt!, Number(rounds));
      return timingSafeEqual(expected, Buffer.from(actual));
    },
  };
}
