// Origins of users and organizations, see Origins in ../origins.ts.

import { type ExternalId, externalIdKey, type Origins } from '../origins.ts';
import type { Database } from '../sql/engine.ts';

export function origins(db: Database): Origins {
  /** @param find the rows with one of these ids in a system */
  async function idsOf(
    ids: readonly ExternalId[],
    find: (source: string, externalIds: string[]) => Promise<{ id: number; external_id: string | null }[]>,
  ): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const [source, ofSource] of Map.groupBy(ids, (id) => id.source))
      for (const { id, external_id } of await find(
        source,
        ofSource.map(({ externalId }) => externalId),
      ))
        found.set(externalIdKey({ source, externalId: external_id! }), id);
    return found;
  }

  return {
    usersOf: (ids) =>
      idsOf(ids, (source, externalIds) =>
        db
          .selectFrom('origins')
          .select(['user_id as id', 'external_id'])
          .where('source', '=', source)
          .where('external_id', 'in', externalIds)
          .execute(),
      ),
    organizationsOf: (ids) =>
      idsOf(ids, (source, externalIds) =>
        db
          .selectFrom('organization_origins')
          .select(['organization_id as id', 'external_id'])
          .where('source', '=', source)
          .where('external_id', 'in', externalIds)
          .execute(),
      ),
    async ofAddresses(emailKeys) {
      if (emailKeys.length === 0) return new Map();
      const rows = await db
        .selectFrom('users')
        .innerJoin('origins', 'origins.user_id', 'users.id')
        .select(['email_key', 'source', 'external_id'])
        .where('email_key', 'in', emailKeys)
        .where('external_id', 'is not', null)
        .execute();
      return new Map(
        rows.map(({ email_key, source, external_id }) => [email_key, { source, externalId: external_id! }]),
      );
    },
    async usersWith(externalId, source) {
      const rows = await db
        .selectFrom('origins')
        .select('user_id')
        .where('external_id', '=', externalId)
        .$if(source !== null, (query) => query.where('source', '=', source!))
        .orderBy('user_id')
        .execute();
      return rows.map(({ user_id }) => user_id);
    },
    async listOf(userIds) {
      if (userIds.length === 0) return new Map();
      const rows = await db.selectFrom('origins').selectAll().where('user_id', 'in', userIds).execute();
      return new Map(
        rows.map(({ user_id, source, external_id, email_verified, details }) => [
          user_id,
          {
            source,
            externalId: external_id,
            // SQLite stores booleans as 0 and 1.
            emailVerified: email_verified === null ? null : Boolean(email_verified),
            details,
          },
        ]),
      );
    },
    async ofOrganization(organizationId) {
      const row = await db
        .selectFrom('organization_origins')
        .select(['source', 'external_id as externalId'])
        .where('organization_id', '=', organizationId)
        .executeTakeFirst();
      return row ?? null;
    },
    async insertMany(rows) {
      if (rows.length === 0) return;
      await db
        .insertInto('origins')
        .values(
          rows.map(({ userId, source, externalId, emailVerified, details }) => ({
            user_id: userId,
            source,
            external_id: externalId,
            email_verified: emailVerified,
            details,
          })),
        )
        .execute();
    },
    async insertOrganization(organizationId, { source, externalId }) {
      await db
        .insertInto('organization_origins')
        .values({ organization_id: organizationId, source, external_id: externalId })
        .execute();
    },
  };
}
