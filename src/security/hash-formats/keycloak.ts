// Keycloak: the `secretData` and `credentialData` of a password credential, as a realm export has them: JSON in strings, or
// objects. Both are converted to a PHC string.

import { argon2, pbkdf2 } from './algorithms.ts';
import { type Check, fromBase64, type HashForm, HashProblem, malformed } from './foreign-hash.ts';
import { memberOf, readObject, textOf } from './json-text.ts';

export const keycloakForms: readonly HashForm[] = [
  { format: 'Keycloak', pattern: /^\{.*"secretData".*\}$/s, read: ([text]) => readKeycloak(text!) },
];

const digests: Readonly<Record<string, string>> = {
  pbkdf2: 'sha1',
  'pbkdf2-sha256': 'sha256',
  'pbkdf2-sha512': 'sha512',
};

function readKeycloak(text: string): Check {
  const credential = readObject(text, 'Keycloak');
  const secret = memberOf(credential, 'secretData', 'Keycloak');
  const data = memberOf(credential, 'credentialData', 'Keycloak');
  const salt = fromBase64(textOf(secret, 'salt', 'Keycloak'), 'Keycloak');
  const key = fromBase64(textOf(secret, 'value', 'Keycloak'), 'Keycloak');
  const algorithm = textOf(data, 'algorithm', 'Keycloak');
  const iterations = Number(data.hashIterations);
  const digest = digests[algorithm];
  if (digest !== undefined) return pbkdf2({ digest, iterations, salt, key });
  if (algorithm !== 'argon2') throw new HashProblem('has an algorithm of Keycloak that is not known');
  return argon2(phcOf(memberOf(data, 'additionalParameters', 'Keycloak'), iterations, salt, key));
}

/** Every parameter is a list of one text. */
function phcOf(
  parameters: Readonly<Record<string, unknown>>,
  passes: number,
  salt: Buffer,
  key: Buffer,
): string {
  const one = (name: string) => String([parameters[name]].flat()[0]);
  const version = { '1.0': 16, '1.3': 19 }[one('version')];
  if (!/^(?:id|i|d)$/.test(one('type')) || version === undefined) throw malformed('Keycloak');
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const costs = `m=${one('memory')},t=${passes},p=${one('parallelism')}`;
  return `$argon2${one('type')}$v=${version}$${costs}$${base64(salt)}$${base64(key)}`;
}
