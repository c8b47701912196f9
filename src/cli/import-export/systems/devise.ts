// Rails with Devise: the table users as CSV or JSON.

import type { Members, ReadAccount } from '../account-reader.ts';
import { pathsToTable } from '../files/table-json.ts';
import type { System, SystemOptions } from './system.ts';
import { readTableAccount } from './table-account.ts';
import { tableReader, tableRow } from './table-row.ts';

const required = ['email', 'encrypted_password'];

export const devise: System = {
  title: 'Rails with Devise',
  formats: ['csv', 'json'],
  requires: { csv: required, json: required },
  escapesTabs: true,
  paths: pathsToTable('users'),
  reader: (options) => tableReader((members) => readUser(members, options)),
};

function readUser(members: Members, { now, hashSecrets }: SystemOptions): ReadAccount {
  const row = tableRow(members);
  const hash = row.text('encrypted_password');
  const confirmedAt = row.time('confirmed_at');
  row.keep(['confirmed_at']);
  return readTableAccount(row, now, {
    source: 'devise',
    externalId: row.text('id'),
    email: row.text('email'),
    emailVerified: row.has('confirmed_at') ? confirmedAt !== null : null,
    passwordHash: hash !== null && hashSecrets?.devisePepper ? `{devise}${hash}` : hash,
    userName: 'username',
  });
}
