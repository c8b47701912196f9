// Firebase Authentication: what `firebase auth:export` writes, as JSON or as CSV without a header line. The form:
// github.com/firebase/firebase-tools, src/accountExporter.ts.

import { CommandError } from '../../print.ts';
import type { Members, ReadAccount } from '../account-reader.ts';
import { readAccount } from './account.ts';
import { type FirebaseHash, firebaseHash } from './firebase-hash.ts';
import { givenValues, rowsAs, unreadable } from './given-values.ts';
import { parsed, withoutEmpty } from './json-parts.ts';
import { withoutSecrets } from './secret-columns.ts';
import type { System } from './system.ts';

const providers = {
  google: 'google.com',
  facebook: 'facebook.com',
  twitter: 'twitter.com',
  github: 'github.com',
};

/** Of what a row has of each provider. */
const ofProvider = ['rawId', 'email', 'displayName', 'photoUrl'] as const;

const columnsOfProviders = Object.keys(providers).flatMap((name) =>
  ofProvider.map((part) => `${name}.${part}`),
);

/** What the export has instead of a hash if it must not be shown: REDACTED, in base64. */
const redacted = 'UkVEQUNURUQ=';

export const firebase: System = {
  title: 'Firebase',
  formats: ['csv', 'json'],
  requires: { csv: ['localId', 'email'], json: ['localId'] },
  paths: [['users']],
  head: {
    names: [
      ...['localId', 'email', 'emailVerified', 'passwordHash', 'salt', 'displayName', 'photoUrl'],
      ...columnsOfProviders,
      ...['createdAt', 'lastSignedInAt', 'phoneNumber', 'disabled', 'customAttributes'],
      // Each row ends with a comma.
      '',
    ],
    // Without `disabled` and `customAttributes`, but with the comma.
    atLeast: 26,
  },
  takesHashConfig: true,
  reader({ now, hashConfig, hashSecrets }) {
    const hashOf = hashConfig === null ? null : firebaseHash(hashConfig, hashSecrets);
    const read = (user: Members) => accountOf(user, now, hashOf);
    return {
      columns: rowsAs((row) => read(withProviders(row))),
      object: read,
      // A file with hashes is refused before its first row, also if the first people have none.
      isReadTwice: hashOf === null,
    };
  },
};

/** @param hashOf null without the parameters of the hashes */
function accountOf(user: Members, now: number, hashOf: FirebaseHash | null): ReadAccount {
  const claims = parsed(user.customAttributes);
  const values = givenValues(
    withoutEmpty(withoutSecrets({ ...user, customAttributes: claims }, ['passwordHash', 'salt'])),
  );
  const [hash, salt] = [values.text('passwordHash'), values.text('salt')];
  if (hash !== null && hashOf === null)
    throw new CommandError(
      'The file has password hashes: add --hash-config FILE, with the password hash parameters of the project (Firebase console, Authentication, Users, the menu beside "Add user")',
    );
  if (hash === redacted)
    throw new CommandError(
      'The password hashes are left out of the file (REDACTED): export it with an account that has the permission firebaseauth.configs.getHashConfig, such as an owner of the project',
    );
  const email = values.text('email');
  const phone = values.text('phoneNumber');
  if (email === null)
    return { problem: phone === null ? 'has no email' : 'has no email, only a phone number' };
  const problem = unreadable(user, { flags: ['disabled'] });
  if (problem !== null) return { problem };
  const isDisabled = values.flag('disabled') === true;
  return readAccount({
    source: 'firebase',
    externalId: values.text('localId'),
    email,
    emailVerified: values.flag('emailVerified'),
    names: { given: null, family: null, whole: values.text('displayName') },
    passwordHash: hash === null || hashOf === null ? null : hashOf(salt ?? '', hash),
    createdAt: values.time('createdAt'),
    lockedAt: isDisabled ? new Date(now).toISOString() : null,
    optional: { avatar_url: 'photoUrl' },
    values,
    details: {
      ...(phone !== null && { phoneNumber: phone }),
      ...(isDisabled && { disabled: true }),
    },
  });
}

/** A row with its providers as in JSON. */
function withProviders(row: Members): Members {
  const others = Object.entries(row).filter(([name]) => !columnsOfProviders.includes(name));
  const infos = Object.entries(providers).flatMap(([name, providerId]) => {
    const info = ofProvider.flatMap((part) => {
      const value = row[`${name}.${part}`];
      return value === undefined ? [] : [[part, value]];
    });
    return info.length === 0 ? [] : [{ providerId, ...Object.fromEntries(info) }];
  });
  return { ...Object.fromEntries(others), ...(infos.length > 0 && { providerUserInfo: infos }) };
}
