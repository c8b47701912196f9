// Sessions beside their records, see Sessions in ../accounts.ts. Hashes of tokens are only here: no attribute has them.

import type { Session, Sessions } from '../accounts.ts';
import type { Database } from '../sql/engine.ts';

export function sessions(db: Database): Sessions {
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
        (row): Session => ({
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
    async endSignIns(userId, exceptId) {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('user_id', '=', userId)
        .where('machine', '=', false)
        .where('id', '<>', exceptId ?? 0)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
