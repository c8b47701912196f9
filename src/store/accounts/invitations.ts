// Queries of invitations, see ../invitations.ts.

import { type Kysely, sql } from 'kysely';
import type { Invitations } from '../invitations.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import type { Database, Engine } from '../sql/engine.ts';

export function invitations(db: Database, engine: Engine, queries: KnownQueries): Invitations {
  const query = compiledQueries(queries, runOn(engine, db as Kysely<never>));
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
      const given = engine.givenRows(
        { id: 'integer' },
        membershipIds.map((id) => ({ id })),
      );
      const rows = await query<{ id: number }>(
        `invitations of members ${given.shape}`,
        given.values,
        (parameters) => ({
          compile: () =>
            sql`
          with joined as materialized (
            select organization_id, user_id, person_id from organization_memberships
            where id in (${given.query(parameters)})
          )
          select invitations.id from joined join invitations on invitations.person_id = joined.person_id
          union
          select invitations.id from joined
            join users on users.id = joined.user_id
            join invitations on invitations.organization_id = joined.organization_id
              and invitations.email_key = users.email_key`.compile(db),
        }),
      );
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
