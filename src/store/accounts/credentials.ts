// Passwords and the server's own secrets. These tables are never read into a response document.

import { type Kysely, sql } from 'kysely';
import type { Passwords, Secrets } from '../accounts.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import type { Database, Engine } from '../sql/engine.ts';
import { attemptsIn } from './attempts.ts';

export function passwords(db: Database, engine: Engine, queries: KnownQueries): Passwords {
  const query = compiledQueries(queries, runOn(engine, db as Kysely<never>));
  return {
    async find(userId) {
      const row = await db
        .selectFrom('passwords')
        .select('hash')
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row?.hash ?? null;
    },
    async changedAt(userId) {
      const row = await db
        .selectFrom('passwords')
        .select('changed_at')
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row?.changed_at ?? null;
    },
    async set(userId, hash, now) {
      await db
        .insertInto('passwords')
        .values({ user_id: userId, hash, changed_at: now })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ hash, changed_at: now }))
        .execute();
    },
    async rehash(userId, hash) {
      await db.updateTable('passwords').set({ hash }).where('user_id', '=', userId).execute();
    },
    async remove(userId) {
      const { numDeletedRows } = await db
        .deleteFrom('passwords')
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async setMany(many, now) {
      if (many.length === 0) return;
      const given = engine.givenRows(
        { user_id: 'integer', hash: 'text', changed_at: 'integer', imported_format: 'text' },
        many.map(({ userId, hash, importedFormat = null }) => ({
          user_id: userId,
          hash,
          changed_at: now,
          imported_format: importedFormat,
        })),
      );
      await query(`set passwords ${given.shape}`, given.values, (parameters) =>
        db
          .insertInto('passwords')
          .columns(['user_id', 'hash', 'changed_at', 'imported_format'])
          .expression(given.query(parameters) as never)
          .onConflict((conflict) =>
            conflict.column('user_id').doUpdateSet(({ ref }) => ({
              hash: ref('excluded.hash'),
              changed_at: ref('excluded.changed_at'),
              imported_format: ref('excluded.imported_format'),
            })),
          ),
      );
    },
    async imported(ownPrefix) {
      const isForeign = sql<boolean>`substr(hash, 1, ${sql.lit(ownPrefix.length)}) <> ${ownPrefix}`;
      const rows = await db
        .selectFrom('passwords')
        .select(({ fn }) => [
          'imported_format',
          fn.countAll().as('imported'),
          sql<number>`sum(CASE WHEN ${isForeign} THEN 1 ELSE 0 END)`.as('foreign'),
        ])
        .where(({ or, eb }) => or([eb('imported_format', 'is not', null), isForeign]))
        .groupBy('imported_format')
        .orderBy('imported_format')
        .execute();
      return rows.map(({ imported_format: format, imported, foreign }) => ({
        format,
        imported: Number(imported),
        foreign: Number(foreign),
      }));
    },
    async listOf(userIds) {
      if (userIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('passwords')
        .select(['user_id', 'hash'])
        .where('user_id', 'in', userIds)
        .execute();
      return new Map(rows.map((row) => [row.user_id, row.hash]));
    },
    ...attemptsIn(db, 'password_attempts'),
  };
}

export function secrets(db: Database): Secrets {
  const find = async (name: string) => {
    const row = await db.selectFrom('secrets').select('value').where('name', '=', name).executeTakeFirst();
    return row?.value ?? null;
  };
  return {
    find,
    async keep(name, value) {
      await db
        .insertInto('secrets')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      return (await find(name))!;
    },
  };
}
