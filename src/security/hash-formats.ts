// Password hashes of other systems. An import stores them unchanged, and the first correct password replaces them with a
// hash of our own. Each file in hash-formats/ declares the forms of one system: what it looks like, what its check costs, and
// how a password is checked. This is the list of all.

import { aspnetForms } from './hash-formats/aspnet.ts';
import { auth0Forms } from './hash-formats/auth0.ts';
import { cryptForms } from './hash-formats/crypt.ts';
import { deviseForms } from './hash-formats/devise.ts';
import { djangoForms } from './hash-formats/django.ts';
import { firebaseForms } from './hash-formats/firebase.ts';
import { type HashForm, HashProblem, type HashSecrets, noHashSecrets } from './hash-formats/foreign-hash.ts';
import { keycloakForms } from './hash-formats/keycloak.ts';
import { ldapForms } from './hash-formats/ldap.ts';
import { phcForms } from './hash-formats/phc.ts';
import { phpassForms } from './hash-formats/phpass.ts';
import { readForm } from './hash-formats/read-form.ts';
import { springForms } from './hash-formats/spring.ts';

export const hashForms: readonly HashForm[] = [
  ...phcForms,
  ...djangoForms,
  ...phpassForms,
  ...cryptForms,
  ...springForms,
  ...ldapForms,
  ...deviseForms,
  ...firebaseForms,
  ...keycloakForms,
  ...auth0Forms,
  ...aspnetForms,
];

/** Of hashes that an import takes. */
export interface HashRules {
  /** A hash whose check takes longer on one core is refused: one sign-in would slow down all requests. */
  readonly maxHashSeconds: number;
  readonly secrets: HashSecrets;
}

export const defaultHashRules: HashRules = { maxHashSeconds: 1, secrets: noHashSecrets };

const maxCharacters = 2048;

/** The settings that hold the secrets. */
const secretNames: Readonly<Record<keyof HashSecrets, string>> = {
  firebaseSignerKey: 'MUSTER_FIREBASE_SIGNER_KEY',
  devisePepper: 'MUSTER_DEVISE_PEPPER',
};

/**
 * The format of a hash that passwords can be checked against, or why they cannot; `problem` completes "password_hash ...",
 * and does not contain the hash.
 */
export function examineHash(
  hash: string,
  { maxHashSeconds, secrets }: HashRules,
): { readonly format: string } | { readonly problem: string } {
  if (hash.length > maxCharacters) return { problem: `has more than ${maxCharacters} characters` };
  try {
    const { format, check } = readForm(hashForms, hash);
    for (const { name, value, max } of check.work)
      if (value > max(maxHashSeconds))
        return { problem: `has ${value} as ${name}, and at most ${max(maxHashSeconds)} is accepted` };
    if (check.secret !== undefined && secrets[check.secret] === '')
      return { problem: `needs ${secretNames[check.secret]}, which is not set` };
    return { format };
  } catch (error) {
    if (!(error instanceof HashProblem)) throw error;
    return { problem: error.message };
  }
}

/** @returns false also if the hash cannot be read */
export async function verifyHash(
  hash: string,
  password: string,
  secrets: HashSecrets = noHashSecrets,
): Promise<boolean> {
  // Systems written in C end a password there, so that others would match.
  if (password.includes('\0')) return false;
  try {
    return await readForm(hashForms, hash).check.verify(password, secrets);
  } catch {
    // No password matches a damaged hash.
    return false;
  }
}
