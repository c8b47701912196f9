// Django: the table auth_user, or that of another user model, as CSV or JSON, and the JSON of dumpdata.

import { CommandError } from '../../print.ts';
import type { Members, ReadAccount } from '../account-reader.ts';
import { pathsToTable } from '../files/table-json.ts';
import type { System } from './system.ts';
import { readTableAccount } from './table-account.ts';
import { tableReader, tableRow } from './table-row.ts';

/** Columns that every model of users has. */
const ofUsers = ['password', 'last_login'];

export const django: System = {
  title: 'Django',
  formats: ['csv', 'json'],
  requires: { csv: [...ofUsers, 'email'] },
  escapesTabs: true,
  paths: pathsToTable('auth_user'),
  reader: ({ now }) => ({
    ...tableReader((row) => readUser(row, now)),
    object(members) {
      const row = rowOf(members);
      return 'skipped' in row ? row : readUser(row.members, now);
    },
  }),
};

/**
 * The row of an object, which is one itself, or as dumpdata writes it. That writes objects of all models that it is given:
 * also groups, permissions and content types.
 */
function rowOf(members: Members): { readonly members: Members } | { readonly skipped: string } {
  if (isRow(members)) return { members };
  const { model, pk, fields } = members;
  if (typeof fields !== 'object' || fields === null)
    throw new CommandError(
      'The file does not come from Django: an object is neither a row of users nor one of dumpdata',
    );
  // --natural-primary leaves out the key.
  if (isRow(fields)) return { members: { id: pk ?? null, ...(fields as Members) } };
  return { skipped: `is of the model ${model}, which is not that of users` };
}

const isRow = (members: object) => ofUsers.every((name) => Object.hasOwn(members, name));

/** Django has no NULL in them. */
const texts = ['username', 'first_name', 'last_name'];

function readUser(members: Members, now: number): ReadAccount {
  const row = tableRow(members, texts);
  const hash = row.text('password');
  return readTableAccount(row, now, {
    source: 'django',
    externalId: row.text('id'),
    email: row.text('email'),
    emailVerified: null,
    // An account without a password has a mark that no hash begins with.
    passwordHash: hash?.startsWith('!') ? null : hash,
    userName: 'username',
    createdAt: row.time('date_joined'),
  });
}
