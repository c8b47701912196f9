// Supabase: the table auth.users as CSV or JSON, of the SQL editor, psql or a script. Its columns:
// github.com/supabase/auth, internal/models/user.go.

import type { Members, ReadAccount } from '../account-reader.ts';
import { readAccount } from './account.ts';
import { withoutSignerKey } from './firebase-hash.ts';
import { givenValues, isoTime, rowsAs, unreadable } from './given-values.ts';
import { isMembers, parsed, withoutEmpty } from './json-parts.ts';
import { withoutSecrets } from './secret-columns.ts';
import type { System } from './system.ts';

export const supabase: System = {
  title: 'Supabase',
  formats: ['csv', 'json'],
  requires: {
    csv: ['id', 'email', 'encrypted_password'],
    json: ['id', 'email', 'encrypted_password'],
  },
  reader({ now, hashSecrets }) {
    const read = (row: Members) => accountOf(row, now, hashSecrets?.firebaseSignerKey ?? '');
    return { columns: rowsAs(read), object: read };
  },
};

/** Supabase has no lock without an end: its documentation bans people for a hundred years. */
const forGoodMs = 10 * 365 * 24 * 60 * 60 * 1000;

function accountOf(row: Members, now: number, signerKey: string): ReadAccount {
  const user = parsed(row.raw_user_meta_data);
  const values = givenValues({
    ...withoutEmpty(
      withoutSecrets({
        ...row,
        raw_user_meta_data: user,
        raw_app_meta_data: parsed(row.raw_app_meta_data),
      }),
    ),
    ...ofUser(user),
  });
  if (values.text('deleted_at') !== null) return { skipped: 'has been deleted' };
  if (values.flag('is_anonymous') === true) return { skipped: 'is an anonymous account' };
  const problem = unreadable(row, { times: ['banned_until'] });
  if (problem !== null) return { problem };
  const email = values.text('email');
  if (email === null && row.phone) return { problem: 'has no email, only a phone number' };
  const hash = withoutSignerKey(nonEmpty(row.encrypted_password), signerKey);
  if (typeof hash === 'object' && hash !== null) return hash;
  const name = (key: string) => (isMembers(user) ? nonEmpty(user[key]) : null);
  const isSuperAdmin = values.flag('is_super_admin') === true;
  return readAccount({
    source: 'supabase',
    externalId: values.text('id'),
    email,
    emailVerified: isoTime(row.email_confirmed_at) !== null,
    names: {
      given: name('first_name') ?? name('given_name'),
      family: name('last_name') ?? name('family_name'),
      whole: name('full_name') ?? name('name'),
      userName: name('user_name') ?? name('preferred_username'),
    },
    passwordHash: hash,
    createdAt: values.time('created_at'),
    updatedAt: values.time('updated_at'),
    lockedAt: isBannedForGood(row.banned_until, now) ? new Date(now).toISOString() : null,
    ...(isSuperAdmin && { organizationRole: 'admin' }),
    optional: { avatar_url: 'picture', locale: 'locale' },
    values,
    details: isSuperAdmin ? { is_super_admin: true } : {},
  });
}

/** Banned without an end. A ban that ends by itself stays in the details. */
function isBannedForGood(until: unknown, now: number): boolean {
  const end = isoTime(until);
  return until === 'infinity' || (end !== null && Date.parse(end) > now + forGoodMs);
}

/** What the sign-in with another service has written. */
function ofUser(user: unknown): Members {
  if (!isMembers(user)) return {};
  return { picture: nonEmpty(user.avatar_url) ?? nonEmpty(user.picture), locale: nonEmpty(user.locale) };
}

const nonEmpty = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);
