// Hashes of Firebase Authentication without the signer key of the project, which is a setting and never in the database.

import type { HashSecrets } from '../../../security/hash-formats/foreign-hash.ts';
import { CommandError } from '../../print.ts';
import type { HashConfig } from '../hash-config.ts';

const setting = 'MUSTER_FIREBASE_SIGNER_KEY';

/** Makes the hash of an account. Salt and key are in base64. */
export type FirebaseHash = (salt: string, key: string) => string;

/**
 * @param config the password hash parameters of the project
 * @param secrets null before the settings are read
 * @throws CommandError if the parameters are not complete, or the setting has another key
 */
export function firebaseHash({ file, values }: HashConfig, secrets: HashSecrets | null): FirebaseHash {
  const missing = ['base64_signer_key', 'base64_salt_separator', 'rounds', 'mem_cost'].filter(
    (name) => values[name] === undefined,
  );
  if (missing.length > 0) throw new CommandError(`${file} lacks ${missing.join(', ')}`);
  if ((values.algorithm ?? 'SCRYPT') !== 'SCRYPT')
    throw new CommandError(`${file} has the algorithm ${values.algorithm}, and exports have SCRYPT`);
  const set = secrets?.firebaseSignerKey;
  if (set !== undefined && set !== values.base64_signer_key)
    throw new CommandError(
      `${setting} ${set === '' ? 'is not set' : `has another value than base64_signer_key in ${file}`}. Set it to the value of base64_signer_key in ${file}, for the import and for the service: without it, no imported password works. It is not kept in the database`,
    );
  const { mem_cost: memory, rounds, base64_salt_separator: separator } = values;
  return (salt, key) => `$fbscrypt$v=1,n=${memory},r=${rounds},p=1,ss=${separator}$${salt}$${key}`;
}

/**
 * A hash that Supabase has taken over from Firebase, without the signer key in it.
 * @returns the problem if the setting has another one; any other hash unchanged
 */
export function withoutSignerKey(
  hash: string | null,
  signerKey: string,
): string | null | { readonly problem: string } {
  const [whole, key] = /,sk=([^$]*)/.exec(hash ?? '') ?? [];
  if (!hash?.startsWith('$fbscrypt$') || whole === undefined) return hash;
  if (signerKey !== '' && signerKey !== key)
    return { problem: `password_hash has another signer key (sk=) than ${setting}` };
  return hash.replace(whole, '');
}
