// Auth0: the bulk export as JSON lines or CSV, the export of password hashes, and the file of the bulk import.
// https://auth0.com/docs/manage-users/user-migration

import type { Members, ReadAccount } from '../account-reader.ts';
import { type GivenMembership, readAccount } from './account.ts';
import { type GivenValues, givenValues, rowsAs, unreadable } from './given-values.ts';
import { isMembers } from './json-parts.ts';
import { withoutSecrets } from './secret-columns.ts';
import type { System } from './system.ts';

export const auth0: System = {
  title: 'Auth0',
  formats: ['csv', 'json'],
  requires: { csv: ['email'], json: [['user_id', 'email', '_id']] },
  // A page of the Management API.
  paths: [['users']],
  reader: ({ now }) => ({
    columns: rowsAs((row) => accountOf(unquoted(row), now)),
    object: (members) => accountOf(members, now),
  }),
};

/** In CSV, the export writes an apostrophe before every text, so that none is a formula. */
function unquoted(row: Members): Members {
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, String(cell).replace(/^'/, '')]),
  );
}

function accountOf(members: Members, now: number): ReadAccount {
  const problem = unreadable(members, { flags: ['blocked'] });
  if (problem !== null) return { problem };
  const values = givenValues(withoutSecrets(members, ownSecrets));
  const identifier = emailIdentifier(members);
  const custom = values.take('custom_password_hash');
  const isBlocked = values.flag('blocked') === true;
  const externalId = userId(values);
  values.drop('_tmp_is_unique', 'identifiers');
  return readAccount({
    source: 'auth0',
    externalId,
    email: values.text('email') ?? identifier.email,
    emailVerified: values.flag('email_verified') ?? identifier.isVerified,
    names: {
      given: values.text('given_name'),
      family: values.text('family_name'),
      whole: values.text('name'),
      userName: textOf(members.username) ?? textOf(members.nickname),
    },
    passwordHash:
      custom === null ? textOf(members.password_hash ?? members.passwordHash) : JSON.stringify(custom),
    createdAt: values.time('created_at'),
    updatedAt: values.time('updated_at'),
    lockedAt: isBlocked ? new Date(now).toISOString() : null,
    memberships: organizationsOf(values),
    optional: { avatar_url: 'picture', locale: 'locale' },
    values,
    details: isBlocked ? { blocked: true } : {},
  });
}

/** Has secrets inside, which Muster checks passwords against. */
const ownSecrets = ['custom_password_hash'];

/** The export of hashes has the parts of an id, and the bulk import adds `auth0|` to it. */
function userId(values: GivenValues): string | null {
  const oid = values.take('_id');
  const id = values.text('user_id') ?? values.text('alt_id') ?? (isMembers(oid) ? textOf(oid.$oid) : null);
  return id === null || id.includes('|') ? id : `auth0|${id}`;
}

/** The address of an account of the export of hashes, which may be here alone. */
function emailIdentifier({ identifiers }: Members): { email: string | null; isVerified: boolean | null } {
  const one = (Array.isArray(identifiers) ? identifiers : []).find(
    (each) => isMembers(each) && each.type === 'email',
  );
  if (one === undefined) return { email: null, isVerified: null };
  return { email: textOf(one.value), isVerified: typeof one.verified === 'boolean' ? one.verified : null };
}

/** `organizations` as of `GET /api/v2/users/{id}/organizations`, which no export has by itself. */
function organizationsOf(values: GivenValues): GivenMembership[] {
  const given = values.take('organizations');
  return (Array.isArray(given) ? given : []).flatMap((one) => {
    const id = isMembers(one) ? textOf(one.id) : null;
    const name = isMembers(one) ? (textOf(one.display_name) ?? textOf(one.name)) : null;
    return id === null || name === null ? [] : [{ organization_external_id: id, organization_name: name }];
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
