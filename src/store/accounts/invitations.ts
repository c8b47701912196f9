// Queries of invitations, see ../invitations.ts.

import { sql } from 'kysely';
import type { Invitations } from '../invitations.ts';
import type { Database } from '../sql/engine.ts';

export function invitations(db: Database): Invitations {
  return {
    async idsIn(organizationId, limit) {
      const rows = await db
        .selectFrom('invitations')
        .select('id')
        .where('organization_id', '=', organizationId)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },
    async idsOfMembers(membershipIds) {
      if (membershipIds.length === 0) return [];
      const joined = db
        .selectFrom('organization_memberships as joined')
        .where('joined.id', 'in', membershipIds);
      const rows = await joined
        .innerJoin('invitations', 'invitations.person_id', 'joined.person_id')
        .select('invitations.id')
        .union(
          joined
            .innerJoin('users', 'users.id', 'joined.user_id')
            .innerJoin('invitations', (on) =>
              on
                .onRef('invitations.organization_id', '=', 'joined.organization_id')
                .onRef('invitations.email_key', '=', 'users.email_key'),
            )
            .select('invitations.id'),
        )
        .execute();
      return rows.map(({ id }) => id);
    },
    async idsOfUser(userId) {
      const rows = await db
        .selectFrom('invitations')
        .innerJoin('people', 'people.id', 'invitations.person_id')
        .select('invitations.id')
        .where('people.user_id', '=', userId)
        .execute();
      return rows.map(({ id }) => id);
    },
    async erase(ids) {
      if (ids.length === 0) return;
      const invited = await db.selectFrom('invitations').select('person_id').where('id', 'in', ids).execute();
      const personIds = invited.map(({ person_id: id }) => id);
      // Their invitations go with them.
      if (personIds.length > 0)
        await db.deleteFrom('people').where('id', 'in', personIds).where(sql<boolean>`not is_user`).execute();
      await db.deleteFrom('invitations').where('id', 'in', ids).execute();
    },
  };
}
