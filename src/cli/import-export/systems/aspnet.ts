// ASP.NET Identity: the table AspNetUsers as CSV or JSON, of ASP.NET Core and of the .NET Framework.

import type { Members, ReadAccount } from '../account-reader.ts';
import { pathsToTable } from '../files/table-json.ts';
import type { System } from './system.ts';
import { readTableAccount } from './table-account.ts';
import { type TableRow, tableReader, tableRow } from './table-row.ts';

export const aspnet: System = {
  title: 'ASP.NET Identity',
  formats: ['csv', 'json'],
  // FOR JSON leaves out what is NULL.
  requires: { csv: ['UserName', 'Email', 'PasswordHash'], json: ['UserName', 'AccessFailedCount'] },
  escapesTabs: true,
  paths: pathsToTable('AspNetUsers'),
  reader: ({ now }) =>
    tableReader((members) =>
      Object.values(members).every(isDashes)
        ? { skipped: 'is the line below the names of the columns' }
        : readUser(members, now),
    ),
};

/** sqlcmd underlines the names of the columns. */
const isDashes = (cell: unknown) => typeof cell === 'string' && /^-+$/.test(cell);

function readUser(members: Members, now: number): ReadAccount {
  const row = tableRow(members);
  const problem = row.unreadable({ flags: ['LockoutEnabled'], times: lockoutEnds });
  if (problem !== null) return { problem };
  const lockedAt = lockTime(row, now);
  // The same in upper case.
  row.drop('NormalizedUserName', 'NormalizedEmail');
  return readTableAccount(row, now, {
    source: 'aspnet',
    externalId: row.text('Id'),
    email: row.text('Email'),
    emailVerified: row.flag('EmailConfirmed'),
    passwordHash: row.text('PasswordHash'),
    userName: 'UserName',
    lockedAt,
  });
}

/** Of ASP.NET Core, and of the .NET Framework. */
const lockoutEnds = ['LockoutEnd', 'LockoutEndDateUtc'];

const yearMs = 365 * 24 * 60 * 60 * 1000;

/**
 * A lock is a time until which the account is locked, also after failed attempts. An administrator who means it for ever sets
 * a time that is far away, which PostgreSQL may have as infinity. Without LockoutEnabled it does not count.
 */
function lockTime(row: TableRow, now: number): string | null {
  row.keep([...lockoutEnds, 'LockoutEnabled']);
  const column = row.first(lockoutEnds);
  if (column === null || row.flag('LockoutEnabled') === false) return null;
  const until = row.time(column) ?? row.text(column);
  const isFar = until === 'infinity' || Date.parse(until ?? '') > now + yearMs;
  return isFar ? new Date(now).toISOString() : null;
}
