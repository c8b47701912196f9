// An account in a table of users. Developers add columns to the tables of their frameworks; those that are common, and mean
// the same everywhere, are read here for all systems.

import type { ReadAccount } from '../account-reader.ts';
import { readAccount } from './account.ts';
import type { TableRow } from './table-row.ts';

/** What a system reads in its own columns. */
export interface TableAccount {
  /** The name of the system. */
  readonly source: string;
  readonly externalId: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean | null;
  readonly passwordHash: string | null;
  /** The column with the name by which the account signs in. */
  readonly userName: string;
  /** ISO 8601. */
  readonly createdAt?: string | null;
  /** Since when the system refuses a sign-in. */
  readonly lockedAt?: string | null;
  readonly isAdministrator?: boolean;
}

/** @param now time of the import, in milliseconds since 1970 */
export function readTableAccount(row: TableRow, now: number, account: TableAccount): ReadAccount {
  const problem = row.unreadable({ flags: [...deletionColumns, ...lockColumns, ...activeColumns] });
  if (problem !== null) return { problem };
  const gone = deletion(row);
  if (gone !== null) return { skipped: `is deleted: ${gone} is set` };
  const isAdministrator = account.isAdministrator || anyFlag(row, administratorColumns, true);
  const lockedAt = account.lockedAt ?? lockTime(row, now);
  const given = firstText(row, ['first_name', 'given_name', 'forename']);
  const family = firstText(row, ['last_name', 'family_name', 'surname']);
  const isNamed = given !== null && family !== null;
  const whole = isNamed ? null : firstText(row, ['name', 'full_name', 'display_name']);
  const userName = row.text(account.userName);
  row.keep([account.userName, ...lockTimeColumns, ...lockColumns, ...activeColumns, ...administratorColumns]);
  return readAccount({
    ...account,
    names: {
      given,
      family,
      // WordPress has the name of the account here, as long as there is no other.
      whole: whole === userName ? null : whole,
      userName,
    },
    createdAt: account.createdAt ?? firstTime(row, createdColumns),
    updatedAt: firstTime(row, updatedColumns),
    lockedAt,
    ...(isAdministrator && { organizationRole: 'admin' }),
    optional: {
      ...column(row, 'avatar_url', ['avatar_url', 'avatar', 'picture', 'profile_photo_url', 'image_url']),
      ...column(row, 'locale', ['locale', 'language', 'lang', 'preferred_locale', 'preferred_language']),
      ...column(row, 'time_zone', ['time_zone', 'tz']),
    },
    values: row,
  });
}

const createdColumns = [
  'created_at',
  'created_on',
  'created',
  'date_created',
  'created_date',
  'creation_date',
];
const updatedColumns = ['updated_at', 'updated_on', 'updated', 'date_updated', 'modified_at', 'modified_on'];
const deletionTimeColumns = ['deleted_at', 'deleted_on', 'discarded_at'];
const deletionColumns = ['deleted', 'is_deleted'];
const lockTimeColumns = ['locked', 'banned', 'blocked', 'suspended', 'disabled', 'deactivated'].map(
  (one) => `${one}_at`,
);
const lockColumns = ['locked', 'banned', 'blocked', 'suspended', 'disabled'].flatMap((one) => [
  one,
  `is_${one}`,
]);
const activeColumns = ['active', 'is_active', 'enabled', 'is_enabled'];
const administratorColumns = ['admin', 'administrator', 'superuser', 'super_admin'].flatMap((one) => [
  one,
  `is_${one}`,
]);

/** The column that says that the account is deleted. */
function deletion(row: TableRow): string | null {
  return setTime(row, deletionTimeColumns) ?? deletionColumns.find((name) => row.flag(name) === true) ?? null;
}

function lockTime(row: TableRow, now: number): string | null {
  const column = setTime(row, lockTimeColumns);
  const since = column === null ? null : row.time(column);
  if (since !== null) return since;
  const isLocked = column !== null || anyFlag(row, lockColumns, true) || anyFlag(row, activeColumns, false);
  return isLocked ? new Date(now).toISOString() : null;
}

/** The first of these columns with a time. Some tables have 0 for none. */
function setTime(row: TableRow, columns: readonly string[]): string | null {
  return columns.find((name) => row.flag(name) !== false && row.first([name]) !== null) ?? null;
}

function anyFlag(row: TableRow, columns: readonly string[], value: boolean): boolean {
  return columns.some((name) => row.flag(name) === value);
}

function firstText(row: TableRow, columns: readonly string[]): string | null {
  const name = row.first(columns);
  return name === null ? null : row.text(name);
}

function firstTime(row: TableRow, columns: readonly string[]): string | null {
  const name = row.first(columns);
  return name === null ? null : row.time(name);
}

function column(row: TableRow, attribute: 'avatar_url' | 'locale' | 'time_zone', columns: readonly string[]) {
  const name = row.first(columns);
  return name === null ? {} : { [attribute]: name };
}
