// Failed sign-ins by typed address, and the known addresses of accounts.

import { sql } from 'kysely';
import type { KnownAddresses, SignInAttempts } from '../attempts.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import { deleteFirst } from '../sql/delete-first.ts';
import type { Database, Engine } from '../sql/engine.ts';

export function signInAttempts(db: Database, engine: Engine, known: KnownQueries): SignInAttempts {
  const query = compiledQueries(known, runOn(engine, db as never));
  return {
    async find(key) {
      const [row] = await query<{ failures: number; blocked_until: number }>(
        'sign-in attempts',
        [key],
        ([wanted]) =>
          db
            .selectFrom('sign_in_attempts')
            .select(['failures', 'blocked_until'])
            .where('key', '=', wanted as never),
      );
      return { failures: row?.failures ?? 0, blockedUntil: row?.blocked_until ?? 0 };
    },
    async replace(key, known, next, forgetAt) {
      const values = { failures: next.failures, blocked_until: next.blockedUntil, forget_at: forgetAt };
      if (known.failures === 0) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('sign_in_attempts')
          .values({ key, ...values })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows! > 0n;
      }
      const { numUpdatedRows } = await db
        .updateTable('sign_in_attempts')
        .set(values)
        .where('key', '=', key)
        .where('failures', '=', known.failures)
        .where('blocked_until', '=', known.blockedUntil)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async forget(keys) {
      await db.deleteFrom('sign_in_attempts').where('key', 'in', keys).execute();
    },
    deleteUntil: (time, limit) =>
      deleteFirst(db, engine, {
        table: 'sign_in_attempts',
        key: ['key'],
        isOver: sql`forget_at <= ${time}`,
        order: 'forget_at',
        limit,
      }),
  };
}

export function knownAddresses(db: Database, engine: Engine, known: KnownQueries): KnownAddresses {
  const query = compiledQueries(known, runOn(engine, db as never));
  return {
    async includes(userId, network, since) {
      const found = await query('known address', [userId, network, since], ([user, from, after]) =>
        db
          .selectFrom('known_addresses')
          .select('user_id')
          .where('user_id', '=', user as never)
          .where('network', '=', from as never)
          .where('last_at', '>', after as never),
      );
      return found.length > 0;
    },
    async note(userId, network, now, maxKept) {
      await db
        .insertInto('known_addresses')
        .values({ user_id: userId, network, last_at: now })
        .onConflict((conflict) => conflict.columns(['user_id', 'network']).doUpdateSet({ last_at: now }))
        .execute();
      const kept = db
        .selectFrom('known_addresses')
        .select('network')
        .where('user_id', '=', userId)
        .orderBy('last_at', 'desc')
        .orderBy('network')
        .limit(sql.lit(maxKept));
      await db
        .deleteFrom('known_addresses')
        .where('user_id', '=', userId)
        .where('network', 'not in', kept)
        .execute();
    },
    deleteUntil: (time, limit) =>
      deleteFirst(db, engine, {
        table: 'known_addresses',
        key: ['user_id', 'network'],
        isOver: sql`last_at <= ${time}`,
        order: 'last_at',
        limit,
      }),
  };
}
