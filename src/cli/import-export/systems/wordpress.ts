// WordPress: the table wp_users as CSV or JSON, also of a multisite, and what `wp user list` prints.

import type { Members, ReadAccount } from '../account-reader.ts';
import { pathsToTable } from '../files/table-json.ts';
import type { System } from './system.ts';
import { readTableAccount } from './table-account.ts';
import { tableReader, tableRow } from './table-row.ts';

const required = ['user_login', 'user_email'];

export const wordpress: System = {
  title: 'WordPress',
  formats: ['csv', 'json'],
  requires: { csv: required, json: required },
  escapesTabs: true,
  paths: pathsToTable('wp_users'),
  reader: ({ now }) => tableReader((members) => readUser(members, now)),
};

/** WordPress has no NULL in them. */
const texts = ['user_login', 'display_name'];

function readUser(members: Members, now: number): ReadAccount {
  const row = tableRow(withoutEntities(members), texts);
  // A site of a multisite marks its users as spam, and then refuses them.
  const isSpam = row.flag('spam') === true;
  const roles = row.text('roles');
  row.keep(['spam', 'roles']);
  return readTableAccount(row, now, {
    source: 'wordpress',
    externalId: row.text('ID'),
    email: row.text('user_email'),
    emailVerified: null,
    passwordHash: row.text('user_pass'),
    userName: 'user_login',
    createdAt: row.time('user_registered'),
    lockedAt: isSpam ? new Date(now).toISOString() : null,
    isAdministrator: roles?.split(',').some((role) => role.trim() === 'administrator') ?? false,
  });
}

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#039;': "'",
  '&amp;': '&',
};

/** WordPress stores names as HTML. */
function withoutEntities(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name,
      typeof value === 'string' && value.includes('&') && /name/i.test(name)
        ? value.replaceAll(/&(?:lt|gt|quot|#039|amp);/g, (entity) => entities[entity]!)
        : value,
    ]),
  );
}
