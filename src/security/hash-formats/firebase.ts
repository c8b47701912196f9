// Firebase Authentication (github.com/firebase/scrypt): the key that scrypt derives encrypts the signer key of the project.
// The form is that of Supabase Auth without the signer key: $fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==$SALT$HASH, where n is the
// `mem_cost` and r the `rounds` of the project, and ss its salt separator.

import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { deriveScrypt, scryptOptions, scryptWork } from './algorithms.ts';
import {
  type Check,
  fromBase64,
  type HashForm,
  HashProblem,
  malformed,
  requireStrong,
} from './foreign-hash.ts';

/** The smallest of a real project has 64. */
const minSignerKeyBytes = 16;

export const firebaseForms: readonly HashForm[] = [
  { format: 'Firebase scrypt', pattern: /^\$fbscrypt\$([^$]*)\$([^$]*)\$([^$]*)$/, read: readFirebase },
];

function readFirebase([, parameters, salt, key]: readonly string[]): Check {
  if (/,sk=/.test(parameters!))
    throw new HashProblem(
      'contains the signer key: remove its sk=, and set MUSTER_FIREBASE_SIGNER_KEY to it',
    );
  const [, n, r, p, separator] =
    /^v=1,n=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3}),ss=([A-Za-z0-9+/]*={0,2})$/.exec(parameters!) ?? [];
  if (n === undefined) throw malformed('Firebase scrypt');
  const cost = { cost: 2 ** Number(n), r: Number(r), p: Number(p) };
  const own = fromBase64(salt!, 'Firebase scrypt');
  const expected = fromBase64(key!, 'Firebase scrypt');
  requireStrong(own, expected);
  const salted = Buffer.concat([own, fromBase64(separator!, 'Firebase scrypt')]);
  return {
    work: scryptWork(cost),
    secret: 'firebaseSignerKey',
    async verify(password, { firebaseSignerKey }) {
      const signerKey = Buffer.from(firebaseSignerKey, 'base64');
      if (signerKey.length < minSignerKeyBytes) return false;
      const derived = await deriveScrypt(password, salted, 32, scryptOptions(cost));
      const cipher = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16));
      const actual = Buffer.concat([cipher.update(signerKey), cipher.final()]);
      return actual.length === expected.length && timingSafeEqual(actual, expected);
    },
  };
}
