// Laravel: the table users as CSV or JSON, also with the columns of Fortify and Jetstream.

import type { Members, ReadAccount } from '../account-reader.ts';
import { pathsToTable } from '../files/table-json.ts';
import type { System } from './system.ts';
import { readTableAccount } from './table-account.ts';
import { tableReader, tableRow } from './table-row.ts';

const required = ['email', 'password', ['created_at', 'email_verified_at', 'remember_token']];

export const laravel: System = {
  title: 'Laravel',
  formats: ['csv', 'json'],
  requires: { csv: required, json: required },
  escapesTabs: true,
  paths: pathsToTable('users'),
  reader: ({ now }) => tableReader((members) => readUser(members, now)),
};

function readUser(members: Members, now: number): ReadAccount {
  const row = tableRow(members, ['name']);
  const verifiedAt = row.time('email_verified_at');
  row.keep(['email_verified_at']);
  return readTableAccount(row, now, {
    source: 'laravel',
    externalId: row.text('id'),
    email: row.text('email'),
    emailVerified: row.has('email_verified_at') ? verifiedAt !== null : null,
    passwordHash: row.text('password'),
    userName: 'username',
  });
}
