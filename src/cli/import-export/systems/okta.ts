// Okta: the report "Okta Password Health", CSV with the attributes of profiles as the console's template and scripts write
// it, and JSON of the Users API. No export of Okta has password hashes.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/

import type { Members, ReadAccount } from '../account-reader.ts';
import { foldName } from '../column-names.ts';
import { readAccount } from './account.ts';
import { givenValues, rowsAs } from './given-values.ts';
import { isMembers } from './json-parts.ts';
import { withoutSecrets } from './secret-columns.ts';
import type { System } from './system.ts';

export const okta: System = {
  title: 'Okta',
  formats: ['csv', 'json'],
  requires: { csv: [['login', 'profile.login', 'username', 'profile.email']], json: ['profile', 'status'] },
  reader: ({ now }) => ({
    columns: rowsAs((row) => accountOf(row, now)),
    object: ({ profile, _links, ...user }) =>
      isMembers(profile) ? accountOf({ ...profile, ...user }, now) : { problem: 'has no profile' },
  }),
};

function accountOf(members: Members, now: number): ReadAccount {
  const values = givenValues(withoutSecrets(members));
  const names = new Map(Object.keys(members).map((name) => [ownName(name), name]));
  /** The name in the file that the first of these has there. */
  const nameOf = (...own: readonly string[]) =>
    own.map((one) => names.get(one)).find((name) => name !== undefined) ?? '';
  const status = textOf(members[nameOf('status', 'userstatus')]);
  const login = textOf(members[nameOf('login', 'username')]);
  const email = values.text(nameOf('email', 'primaryemail')) ?? (login?.includes('@') ? login : null);
  const created = values.time(nameOf('created', 'createddate', 'createdate', 'creationdate'));
  return readAccount({
    source: 'okta',
    externalId: values.text(nameOf('id', 'userid', 'oktaid')),
    email,
    emailVerified: isVerified(members, email),
    names: {
      given: values.text(nameOf('firstname', 'first')),
      family: values.text(nameOf('lastname', 'last')),
      // The report has the name of the person in `User`.
      whole: values.text(nameOf('displayname', 'user')),
      userName: login,
    },
    createdAt: created ?? values.time(nameOf('activated', 'activationdate')),
    updatedAt: values.time(nameOf('lastupdated')),
    lockedAt: isLocked(status) ? (values.time(nameOf('statuschanged')) ?? new Date(now).toISOString()) : null,
    optional: { locale: nameOf('locale'), time_zone: nameOf('timezone') },
    values,
  });
}

/** Firstname for profile.firstName, First Name and first_name. */
function ownName(name: string): string {
  return foldName(name.replace(/^(?:profile|user)[._]/i, ''));
}

/**
 * By the names of the API and of the console. Locked out is not among them: it follows wrong passwords, and ends by itself
 * or with a new password. Those who are staged or have to set a password can do so here.
 */
function isLocked(status: string | null): boolean {
  return ['suspended', 'deprovisioned', 'deactivated'].includes(status?.toLowerCase() ?? '');
}

/** Null if the file does not say it. */
function isVerified({ credentials }: Members, email: string | null): boolean | null {
  const emails = isMembers(credentials) && Array.isArray(credentials.emails) ? credentials.emails : [];
  const own = emails.find((one) => isMembers(one) && one.value === email);
  return own === undefined ? null : own.status === 'VERIFIED';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
