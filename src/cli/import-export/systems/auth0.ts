// Auth0: the bulk export as JSON lines or CSV, and the file of the bulk import.

import type { Members, ReadAccount } from '../account-reader.ts';
import { readAccount } from './account.ts';
import { givenValues, rowsAs } from './given-values.ts';
import type { System } from './system.ts';

export const auth0: System = {
  title: 'Auth0',
  formats: ['csv', 'json'],
  requires: { csv: ['email'], json: ['email'] },
  // A page of the Management API.
  paths: [['users']],
  reader: ({ now }) => {
    const read = (members: Members) => accountOf(members, now);
    return {
      columns: rowsAs((row) =>
        read(Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, unquoted(cell)]))),
      ),
      object: read,
    };
  },
};

/** The export writes a quote before every text in CSV, against formulas. */
function unquoted(cell: unknown): unknown {
  return typeof cell === 'string' && cell.startsWith("'") ? cell.slice(1) : cell;
}

function accountOf(members: Members, now: number): ReadAccount {
  const values = givenValues(members);
  const isBlocked = values.flag('blocked') === true;
  const custom = values.take('custom_password_hash');
  const hash = values.text('password_hash') ?? values.text('passwordHash');
  values.drop('password_set_date', 'mfa_factors', 'multifactor');
  return readAccount({
    source: 'auth0',
    externalId: values.text('user_id'),
    email: values.text('email'),
    emailVerified: values.flag('email_verified'),
    names: {
      given: values.text('given_name'),
      family: values.text('family_name'),
      whole: values.text('name'),
      userName: values.text('username') ?? values.text('nickname'),
    },
    passwordHash: custom === null ? hash : JSON.stringify(custom),
    createdAt: values.time('created_at'),
    updatedAt: values.time('updated_at'),
    lockedAt: isBlocked ? new Date(now).toISOString() : null,
    optional: { avatar_url: 'picture', locale: 'locale' },
    values,
    details: isBlocked ? { blocked: true } : {},
  });
}
