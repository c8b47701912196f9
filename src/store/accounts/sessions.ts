// Sessions beside their records, see Sessions in ../sessions.ts. Hashes of tokens are only here: no attribute has them.

import { type RawBuilder, sql } from 'kysely';
import { chain } from '../../model/awaitable.ts';
import type { SessionEnds, SessionRow, Sessions } from '../sessions.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import { deleteFirst } from '../sql/delete-first.ts';
import type { Database, Engine } from '../sql/engine.ts';

export function sessions(db: Database, engine: Engine, known: KnownQueries): Sessions {
  const query = compiledQueries(known, runOn(engine, db as never));

  /** @param isOver holds again when the session is deleted, in case it became active since it was found */
  const deleteWhere = (
    isOver: RawBuilder<boolean>,
    order: 'token_expires_at' | 'last_activity_at',
    limit: number,
  ) => deleteFirst(db, engine, { table: 'sessions', key: ['id'], isOver, order, limit });

  return {
    async create(session) {
      const { id } = await db
        .insertInto('sessions')
        .values(session)
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    async list(userId) {
      const rows = await db
        .selectFrom('sessions')
        .leftJoin('organization_memberships as binding', 'binding.id', 'sessions.membership_id')
        .select([
          'sessions.id',
          'sessions.user_id',
          'sessions.machine',
          'sessions.read_only',
          'sessions.name',
          'sessions.created_at',
          'sessions.last_activity_at',
          'sessions.token_expires_at',
          'sessions.membership_id',
          'binding.organization_id',
        ])
        .orderBy('sessions.id')
        .$if(userId !== null, (select) => select.where('sessions.user_id', '=', userId!))
        .execute();
      return rows.map(
        (row): SessionRow => ({
          ...row,
          machine: Boolean(row.machine),
          read_only: Boolean(row.read_only),
        }),
      );
    },
    async end(id) {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async firstOf(userId, limit) {
      const rows = await db
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },
    async endMany(ids) {
      if (ids.length > 0) await db.deleteFrom('sessions').where('id', 'in', ids).execute();
    },
    async endSignIns(userId, exceptId) {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('user_id', '=', userId)
        .where('machine', '=', false)
        .where('id', '<>', exceptId ?? 0)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
    async endApiTokens(userId, after = 0) {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('user_id', '=', userId)
        .where('machine', '=', true)
        .where('id', '>', after)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
    async keepSignIns(userId, kept) {
      const { numAffectedRows } = await sql`
        delete from sessions where user_id = ${userId} and machine = ${sql.lit(false)} and id not in (
          select id from sessions where user_id = ${userId} and machine = ${sql.lit(false)}
          order by last_activity_at desc, id desc limit ${sql.lit(kept)}
        )
      `.execute(db);
      return Number(numAffectedRows ?? 0);
    },
    async countBound(membershipIds) {
      if (membershipIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('sessions')
        .select(['membership_id', ({ fn }) => fn.countAll<number>().as('count')])
        .where('membership_id', 'in', membershipIds)
        .groupBy('membership_id')
        .execute();
      return new Map(rows.map(({ membership_id, count }) => [membership_id!, Number(count)]));
    },
    lastEnds(now, idleMs) {
      const found = query<SessionEnds>('last ends of sessions', [now, now - idleMs], ([end, idle]) => ({
        compile: () =>
          sql`select
            coalesce((select max(token_expires_at) from sessions where token_expires_at <= ${end}), 0)
              as ${sql.ref('expiredAt')},
            coalesce((select max(last_activity_at) from sessions where not machine and last_activity_at <= ${idle}), 0)
              as ${sql.ref('idleSince')}`.compile(db),
      }));
      return chain(found, ([ends]) => ends!);
    },
    deleteEnded: (time, limit) => deleteWhere(sql`token_expires_at <= ${time}`, 'token_expires_at', limit),
    deleteIdle(time, limit) {
      return deleteWhere(sql`(not machine and last_activity_at <= ${time})`, 'last_activity_at', limit);
    },
  };
}
