// Links in mails, see Links in ../links.ts.

import { type Kysely, sql } from 'kysely';
import { mailboxKey } from '../../model/mailbox.ts';
import type { LinkRow, Links } from '../links.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import { deleteFirst } from '../sql/delete-first.ts';
import type { Database, Engine } from '../sql/engine.ts';
import type { StoredRow } from './schema.ts';

/** By name: what asks for all columns fails when the next version adds one. */
const columns = [
  'id',
  'purpose',
  'user_id',
  'invitation_id',
  'organization_id',
  'email',
  'nonce',
  'token_hash',
  'created_at',
  'expires_at',
  'used_at',
] as const;

export function linkRow(row: Pick<StoredRow<'links'>, (typeof columns)[number]>): LinkRow {
  return {
    id: row.id,
    purpose: row.purpose,
    userId: row.user_id,
    invitationId: row.invitation_id,
    organizationId: row.organization_id,
    email: row.email,
    nonce: row.nonce,
    tokenHash: row.token_hash!,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}

/** Nobody has used it, and it has neither ended nor expired. */
const canBeUsed = (now: unknown) => sql<boolean>`used_at is null and expires_at > ${now}`;

/** The columns of a link that undoes a change of an address, see the migrations 0022 and 0025. */
const ofUndo = (userId: number, email: string) => ({
  reserved_key: mailboxKey(email),
  password_changed_at: sql<number | null>`(select changed_at from passwords where user_id = ${userId})`,
  last_session_id: sql<number | null>`(select max(id) from sessions where user_id = ${userId})`,
  last_membership_id: sql<number>`(select coalesce(max(id), 0) from organization_memberships where user_id = ${userId})`,
});

export function links(db: Database, engine: Engine, queries: KnownQueries): Links {
  const query = compiledQueries(queries, runOn(engine, db as Kysely<never>));
  const deleteBy = (order: 'used_at' | 'expires_at', time: number, limit: number) =>
    deleteFirst(db, engine, {
      table: 'links',
      key: ['id'],
      isOver: sql`${sql.ref(order)} <= ${time}`,
      order,
      limit,
    });

  return {
    eraseOf: (userId, limit) =>
      deleteFirst(db, engine, {
        table: 'links',
        key: ['id'],
        isOver: sql`user_id = ${userId}`,
        order: 'id',
        limit,
      }),
    async create(link, hashOf) {
      const { purpose, userId, invitationId, organizationId = null } = link;
      const { email, nonce, createdAt, expiresAt } = link;
      const row = await db
        .insertInto('links')
        .values({
          purpose,
          user_id: userId,
          invitation_id: invitationId,
          organization_id: organizationId,
          email,
          nonce,
          created_at: createdAt,
          expires_at: expiresAt,
          ...(purpose === 'email_undo' && ofUndo(userId!, email!)),
        })
        .returning(columns)
        .executeTakeFirstOrThrow();
      const token_hash = hashOf(row.id);
      await db.updateTable('links').set({ token_hash }).where('id', '=', row.id).execute();
      return linkRow({ ...row, token_hash });
    },
    async find(tokenHash, purpose, now) {
      const row = await db
        .selectFrom('links')
        .select(columns)
        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)
        .where(canBeUsed(now))
        .executeTakeFirst();
      return row === undefined ? null : linkRow(row);
    },
    async claim(tokenHash, purpose, now) {
      const row = await db
        .updateTable('links')
        .set({ used_at: now })
        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)
        .where(canBeUsed(now))
        .returning(columns)
        .executeTakeFirst();
      return row === undefined ? null : linkRow(row);
    },
    async end({ userId, invitationId, organizationId }, purposes, now, after = 0) {
      if (userId === undefined && invitationId === undefined && organizationId === undefined)
        throw new Error('Say whose links are to end: of an account, of an invitation, or of an organization');
      const { numUpdatedRows } = await db
        .updateTable('links')
        .set({ used_at: now })
        .where('purpose', 'in', purposes)
        .where(canBeUsed(now))
        .where('id', '>', after)
        .$if(userId !== undefined, (update) => update.where('user_id', '=', userId!))
        .$if(invitationId !== undefined, (update) => update.where('invitation_id', '=', invitationId!))
        .$if(organizationId !== undefined, (update) => update.where('organization_id', '=', organizationId!))
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    async latest(userId, purpose, now) {
      const row = await db
        .selectFrom('links')
        .select(columns)
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .where(canBeUsed(now))
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : linkRow(row);
    },
    async createdAfter(userId, purpose, time) {
      const { count, firstAt } = await db
        .selectFrom('links')
        .select(({ fn }) => [
          fn.countAll<number>().as('count'),
          fn.min<number | null>('created_at').as('firstAt'),
        ])
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .where('created_at', '>', time)
        .executeTakeFirstOrThrow();
      return { count: Number(count), firstAt: firstAt === null ? null : Number(firstAt) };
    },
    async stateBefore(id) {
      const row = await db
        .selectFrom('links')
        .select(['password_changed_at', 'last_session_id', 'last_membership_id'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return {
        passwordChangedAt: row.password_changed_at,
        lastSessionId: row.last_session_id ?? 0,
        lastMembershipId: row.last_membership_id,
      };
    },
    async reserved(keys, now) {
      if (keys.length === 0) return new Map();
      const given = engine.givenRows(
        { key: 'text' },
        keys.map((key) => ({ key })),
      );
      const rows = await query<{ reserved_key: string; user_id: number }>(
        `reserved ${given.shape}`,
        [now, ...given.values],
        ([time, ...parameters]) =>
          db
            .selectFrom('links')
            .select(['reserved_key', 'user_id'])
            .where(sql<boolean>`reserved_key in (${given.query(parameters)})`)
            .where(canBeUsed(time)),
      );
      return new Map(rows.map(({ reserved_key, user_id }) => [reserved_key, user_id]));
    },
    async forgetReserved(now) {
      await db
        .updateTable('links')
        .set({ reserved_key: null })
        .where('reserved_key', 'is not', null)
        .where('used_at', 'is', null)
        .where('expires_at', '<=', now)
        .execute();
    },
    async replaceHash(id, tokenHash) {
      await db
        .updateTable('links')
        .set({ token_hash: tokenHash })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('token_hash', '<>', tokenHash)
        .execute();
    },
    deleteUsed: (time, limit) => deleteBy('used_at', time, limit),
    deleteExpired: (time, limit) => deleteBy('expires_at', time, limit),
  };
}
