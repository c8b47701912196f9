// Settings for password hashes of other systems.

import type { HashSecrets } from './security/hash-formats/foreign-hash.ts';
import type { HashRules } from './security/hash-formats.ts';
import { integer, type Setting, secret } from './setting.ts';

const firebaseSignerKey: Setting<string> = {
  default: '',
  description:
    'Signer key of the Firebase project whose password hashes were imported, in base64: base64_signer_key of its password hash parameters. Every process that checks passwords needs it, as long as there are such hashes.',
  secret: true,
  read: (value) =>
    Buffer.from(value, 'base64').toString('base64') === value && value.length >= 24
      ? { value }
      : 'must be at least 16 bytes in base64',
};

export const hashSettings = {
  maxHashSeconds: integer(
    1,
    'seconds',
    [1, 60],
    'How long the check of one password may take, about, on one core, with a hash of another system. An import refuses hashes that take longer.',
  ),
  firebaseSignerKey,
  devisePepper: secret(
    1,
    'Pepper of the Rails application with Devise whose password hashes were imported. Every process that checks passwords needs it, as long as there are such hashes.',
  ),
};

type HashSettings = HashSecrets & Pick<HashRules, 'maxHashSeconds'>;

export function hashRules({ maxHashSeconds, firebaseSignerKey, devisePepper }: HashSettings): HashRules {
  return { maxHashSeconds, secrets: { firebaseSignerKey, devisePepper } };
}
