// phpass, as WordPress before 6.8 ($P$) and phpBB ($H$) have it, WordPress since ($wp$), and Drupal ($S$).

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { bcrypt } from './algorithms.ts';
import { type Check, type HashForm, HashProblem, malformed } from './foreign-hash.ts';
import { inWorker } from './loop-workers.ts';
import { cryptAlphabet } from './loops.ts';

interface Variant {
  readonly digest: 'md5' | 'sha512';
  /** Of the salt and the key together. */
  readonly characters: number;
  /** Longer passwords match nothing, as in the system itself. */
  readonly maxPasswordBytes: number;
  /** What is hashed in place of the password. */
  readonly prepare: (password: string) => string;
}

const wordpress: Variant = {
  digest: 'md5',
  characters: 30,
  maxPasswordBytes: 4096,
  prepare: (password) => password,
};
const drupal: Variant = { ...wordpress, digest: 'sha512', characters: 51, maxPasswordBytes: 512 };
/** Drupal 7 hashed the MD5 that Drupal 6 had stored. */
const upgraded: Variant = {
  ...drupal,
  prepare: (password) => createHash('md5').update(password).digest('hex'),
};

export const phpassForms: readonly HashForm[] = [
  {
    format: 'phpass',
    pattern: /^\$[PH]\$(.)(.*)$/,
    read: ([, count, rest]) => readPhpass(wordpress, count!, rest!),
  },
  {
    format: 'Drupal',
    pattern: /^\$S\$(.)(.*)$/,
    read: ([, count, rest]) => readPhpass(drupal, count!, rest!),
  },
  {
    format: 'Drupal',
    pattern: /^U\$S\$(.)(.*)$/,
    read: ([, count, rest]) => readPhpass(upgraded, count!, rest!),
  },
  {
    // Since 6.8. The digest lets all of a long password count.
    format: 'WordPress bcrypt',
    pattern: /^\$wp(\$.*)$/,
    read: ([, hash]) =>
      bcrypt(hash!, (password) => createHmac('sha384', 'wp-sha384').update(password).digest('base64')),
  },
];

function readPhpass(
  { digest, characters, maxPasswordBytes, prepare }: Variant,
  count: string,
  rest: string,
): Check {
  const log2 = cryptAlphabet.indexOf(count);
  if (rest.length !== characters || !/^[./0-9A-Za-z]*$/.test(rest.slice(8))) throw malformed('phpass');
  if (log2 < 7 || log2 > 30) throw new HashProblem('has a number of rounds that phpass does not know');
  const salt = rest.slice(0, 8);
  const expected = Buffer.from(rest.slice(8));
  return {
    work: [{ name: 'phpass rounds', value: 2 ** log2, max: (seconds) => 2 ** 18 * seconds }],
    async verify(password) {
      if (Buffer.byteLength(password) > maxPasswordBytes) return false;
      const actual = await inWorker('phpass', digest, prepare(password), salt, 2 ** log2);
      return timingSafeEqual(expected, Buffer.from(actual.slice(0, expected.length)));
    },
  };
}
