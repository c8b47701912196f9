// Databases with many users in many organizations, of realistic sizes: most organizations are small, one has a tenth of
// all users; users are in one to three organizations. Rows are inserted by SQL into the tables of the version before, and
// the migration does the rest, which is much faster than the product's own way.

import type { Config } from '../../src/config.ts';
import { isPostgres, openEngine } from '../../src/open-store.ts';
import { migrations } from '../../src/store/migrations/migrations.ts';
import { onTables } from './database-rows.ts';

/** The version in which memberships were not a resource. */
const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0012'));

export interface Sizes {
  readonly users: number;
  readonly organizations: number;
}

/** The organization with a tenth of all users. */
export const largeOrganization = 1;

/** Creates a database of the version before. It must not exist yet. */
export async function fillDatabaseBefore(config: Config, sizes: Sizes): Promise<void> {
  await (await openEngine(config, { migrations: before })).close();
  const parts = await onTables(config, isPostgres(config) ? slowInPostgres : slowInSqlite);
  for (const { kind, name } of parts) await onTables(config, `DROP ${kind} ${name}`);
  for (const statement of rows(isPostgres(config), sizes)) await onTables(config, statement);
  for (const { sql } of parts) await onTables(config, String(sql));
  if (isPostgres(config)) return;
  await onTables(config, `INSERT INTO users_search (users_search) VALUES ('rebuild')`);
  await onTables(config, `UPDATE collections SET row_count = ${sizes.users} WHERE name = 'users'`);
}

/** What makes inserts of many rows slow. It is dropped, and then made again. */
const slowInSqlite = `SELECT type AS kind, name, sql FROM sqlite_schema
  WHERE type IN ('trigger', 'index') AND sql IS NOT NULL AND tbl_name IN ('users', 'memberships')`;
const slowInPostgres = `SELECT 'INDEX' AS kind, 'users_search' AS name, pg_get_indexdef('users_search'::regclass) AS sql`;

function rows(onServer: boolean, { users, organizations }: Sizes): string[] {
  const numbers = (count: number) =>
    onServer
      ? `(SELECT n FROM generate_series(1::bigint, ${count}) AS n) AS numbers`
      : `(WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${count})
          SELECT n FROM counted) AS numbers`;
  /** Multiplied by a number below one, so that low numbers are more frequent. */
  const among = (n: string) => `2 + (${n} % ${organizations - 1}) * (${n} % 1009) / 1009`;
  const home = `CASE WHEN n % 10 = 0 THEN ${largeOrganization} ELSE ${among('(n * 7)')} END`;
  return [
    `INSERT INTO organizations (name, name_key, slug, created_at, updated_at)
      SELECT 'Organization ' || n, 'organization ' || n, n || '-organization-' || n, n, n
      FROM ${numbers(organizations)}`,
    `INSERT INTO users (updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key, flags,
        newsletter_consent, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision,
        account_access_expires_at, locale, default_organization_id)
      SELECT 1700000000000 + n * 1000, 'Person' || n || '@example.com', 'person' || n || '@example.com',
        'First' || n % 500, 'first' || n % 500, 'Last' || n % 977, 'last' || n % 977, '{}',
        n % 10 = 0, n % 1000 = 0, '[]', n % 20 = 0, n % 50 = 0,
        CASE WHEN n % 100 = 0 THEN 1800000000000 END, 'en_US', ${home}
      FROM ${numbers(users)}`,
    // Those who joined later have lower ids as often as not. Three in four joined before their last change.
    `INSERT INTO memberships (organization_id, user_id, role, created_at)
      SELECT joined, n, CASE WHEN n % 100 = 10 THEN 'owner' WHEN n % 20 = 3 THEN 'admin' ELSE 'member' END,
        1700000000000 + n * 7919 % ${users} * 1000 - n % 4 * 1000
      FROM (
        SELECT ${home} AS joined, n FROM ${numbers(users)}
        UNION SELECT ${among('(n * 13)')}, n FROM ${numbers(users)} WHERE n % 3 = 0
        UNION SELECT ${among('(n * 17)')}, n FROM ${numbers(users)} WHERE n % 9 = 0
      ) AS joins`,
  ];
}

/** For a database of this version: memberships that end, people who left, who are invited, or were active. */
export const someOfEachKind = [
  `UPDATE organization_memberships SET expires_at = 1750000000000 + id * 1000000
    WHERE id % 50 = 7 AND role <> 'owner'`,
  'DELETE FROM organization_memberships WHERE id % 50 = 13',
  `INSERT INTO people (organization_id, user_id, is_user, email, email_key, first_name, first_name_key, last_name,
      last_name_key, created_at, invited_at, two_factor_auth)
    SELECT organization_id, NULL, false, 'Invited' || id || '@example.com', 'invited' || id || '@example.com',
      first_name, first_name_key, last_name, last_name_key, created_at, created_at, false
    FROM people WHERE id % 60 = 1`,
  `INSERT INTO invitations (organization_id, person_id, inviter_id, email, email_key, role, first_name,
      first_name_key, last_name, last_name_key, token_expires_at, created_at, updated_at)
    SELECT organization_id, id, id % 100, email, email_key, 'member', first_name, first_name_key, last_name,
      last_name_key, created_at + id, created_at + id, created_at
    FROM people WHERE user_id IS NULL`,
  'UPDATE people SET last_activity_at = 1750000000000 + id * 1000 WHERE id % 3 = 0',
];
