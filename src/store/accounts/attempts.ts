// Failed attempts of accounts. Each kind of attempt has its own table.

import type { Attempts } from '../attempts.ts';
import type { Database } from '../sql/engine.ts';

export function attemptsIn(db: Database, table: 'password_attempts' | 'email_attempts'): Attempts {
  return {
    async attempts(userId) {
      const row = await db
        .selectFrom(table)
        .select(['failures', 'blocked_until'])
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return { failures: row?.failures ?? 0, blockedUntil: row?.blocked_until ?? 0 };
    },
    async setAttempts(userId, failures, blockedUntil) {
      const values = { failures, blocked_until: blockedUntil };
      await db
        .insertInto(table)
        .values({ user_id: userId, ...values })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
        .execute();
    },
  };
}
