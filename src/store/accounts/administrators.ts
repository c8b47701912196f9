// Finds the accounts that can administer, see Administrators in ../accounts.ts.

import { type RawBuilder, sql } from 'kysely';
import { powers } from '../../model/actor.ts';
import type { Administrators } from '../accounts.ts';
import type { Database, Engine } from '../sql/engine.ts';

/**
 * The condition for a row of `users` that can administer, in SQL that works on both engines. Permissions are stored
 * as JSON text.
 */
const canAdminister = [
  'users.sysadmin = true',
  ...powers.map((power) => `users.sysadmin_permissions LIKE '%"${power}"%'`),
  'users.account_access_expires_at IS NULL',
  `(EXISTS (SELECT 1 FROM passwords WHERE passwords.user_id = users.id)
    OR EXISTS (SELECT 1 FROM sessions
      WHERE sessions.user_id = users.id AND sessions.machine = true AND sessions.read_only = false
        AND sessions.membership_id IS NULL AND sessions.token_expires_at IS NULL))`,
].join(' AND ');

/**
 * A query for code that inspects a database without a store. It returns a row if there are sysadmins and none of them
 * can administer.
 */
export const nobodyAdministers = `SELECT 1 FROM (SELECT 1) AS one
  WHERE EXISTS (SELECT 1 FROM users WHERE users.sysadmin = true)
    AND NOT EXISTS (SELECT 1 FROM users WHERE ${canAdminister})`;

export function administrators(db: Database, engine: Engine): Administrators {
  async function isThere(condition: RawBuilder<unknown>): Promise<boolean> {
    const { rows } = await sql`select 1 from users where ${condition} limit 1`.execute(db);
    return rows.length > 0;
  }
  const can = sql.raw(canAdminister);
  return {
    hold: () => engine.hold(db, 'sysadmins'),
    anySysadmin: () => isThere(sql`users.sysadmin = true`),
    any: () => isThere(can),
    includes: (userId) => isThere(sql`${can} and users.id = ${userId}`),
    anyBut: (userId) => isThere(sql`${can} and users.id <> ${userId}`),
  };
}
