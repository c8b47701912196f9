// Organizations, see Organizations in ../accounts.ts.

import { sql } from 'kysely';
import { joinLinkBeginning, type OrganizationRow, type Organizations } from '../accounts.ts';
import type { Database } from '../sql/engine.ts';

export function organizations(db: Database): Organizations {
  return {
    list: () =>
      db.selectFrom('organizations').select(['id', 'name']).orderBy('id').execute() as Promise<
        OrganizationRow[]
      >,
    joinable: (beginning) =>
      db
        .selectFrom('organizations')
        .select(['id', sql<string>`invitation_token`.as('invitationToken')])
        .where(sql`substr(invitation_token, 1, ${sql.lit(joinLinkBeginning)})`, '=', beginning)
        .where(sql`invitation_token`, 'is not', null)
        .execute(),
    async nextRename() {
      const row = await db
        .selectFrom('organization_renames')
        .select(['organization_id as organizationId', 'last_user_id as lastUserId'])
        .orderBy('organization_id')
        .limit(1)
        .executeTakeFirst();
      return row ?? null;
    },
    async advanceRename(rename, lastUserId) {
      if (lastUserId === null)
        await db
          .deleteFrom('organization_renames')
          .where('organization_id', '=', rename.organizationId)
          .where('last_user_id', '=', rename.lastUserId)
          .execute();
      else
        await db
          .updateTable('organization_renames')
          .set({ last_user_id: lastUserId })
          .where('organization_id', '=', rename.organizationId)
          .where('last_user_id', '=', rename.lastUserId)
          .execute();
    },
  };
}
