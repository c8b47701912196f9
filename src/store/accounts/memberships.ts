// Which users belong to which organization, see Memberships in ../accounts.ts.

import type { Member, Memberships } from '../accounts.ts';
import type { Database } from '../sql/engine.ts';

export function memberships(db: Database): Memberships {
  return {
    async list(organizationId, limit) {
      let query = db
        .selectFrom('memberships')
        .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
        .innerJoin('users', 'users.id', 'memberships.user_id')
        .select([
          'memberships.organization_id',
          'organizations.name as organization_name',
          'memberships.user_id',
          'users.email',
          'memberships.role',
        ])
        .orderBy('memberships.organization_id')
        .orderBy('memberships.user_id')
        .limit(limit);
      if (organizationId !== null) query = query.where('memberships.organization_id', '=', organizationId);
      return (await query.execute()) as Member[];
    },
    async count(organizationId) {
      let query = db.selectFrom('memberships').select(({ fn }) => fn.countAll<number>().as('count'));
      if (organizationId !== null) query = query.where('organization_id', '=', organizationId);
      return Number((await query.executeTakeFirstOrThrow()).count);
    },
    async set(organizationId, userId, role, now) {
      await db
        .insertInto('memberships')
        .values({ organization_id: organizationId, user_id: userId, role, created_at: now })
        .onConflict((conflict) => conflict.columns(['organization_id', 'user_id']).doUpdateSet({ role }))
        .execute();
    },
    async setMany(many, now) {
      if (many.length === 0) return;
      await db
        .insertInto('memberships')
        .values(many.map((membership) => ({ ...membership, created_at: now })))
        .onConflict((conflict) =>
          conflict
            .columns(['organization_id', 'user_id'])
            .doUpdateSet(({ ref }) => ({ role: ref('excluded.role') })),
        )
        .execute();
    },
    async listOf(userIds) {
      if (userIds.length === 0) return [];
      return db
        .selectFrom('memberships')
        .select(['organization_id', 'user_id', 'role'])
        .where('user_id', 'in', userIds)
        .orderBy('user_id')
        .orderBy('organization_id')
        .execute();
    },
    async usersOf(organizationId, roles, after, limit) {
      const rows = await db
        .selectFrom('memberships')
        .select('user_id')
        .where('organization_id', '=', organizationId)
        .where('role', 'in', roles)
        .where('user_id', '>', after)
        .orderBy('user_id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.user_id);
    },
    async removeMany(organizationId, userIds) {
      if (userIds.length === 0) return;
      await db
        .deleteFrom('memberships')
        .where('organization_id', '=', organizationId)
        .where('user_id', 'in', userIds)
        .execute();
    },
    async remove(organizationId, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('memberships')
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async role(organizationId, userId) {
      const row = await db
        .selectFrom('memberships')
        .select('role')
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row?.role ?? null;
    },
    async oldestOf(userIds) {
      if (userIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('memberships')
        .select(['user_id', 'organization_id'])
        .where('user_id', 'in', userIds)
        .orderBy('created_at', 'desc')
        .orderBy('organization_id', 'desc')
        .execute();
      // The last one of a user wins: the oldest.
      return new Map(rows.map((row) => [row.user_id, row.organization_id]));
    },
    async organizationsOf(userId, roles) {
      const rows = await db
        .selectFrom('memberships')
        .select('organization_id')
        .where('user_id', '=', userId)
        .where('role', 'in', roles)
        .orderBy('organization_id')
        .execute();
      return rows.map((row) => row.organization_id);
    },
  };
}
