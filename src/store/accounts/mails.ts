// The outbox and the development mailbox, see Mails in ../mails.ts.

import { sql } from 'kysely';
import { endedMailMs, type MailContent, mailboxMs } from '../../model/mail.ts';
import type { MailRow, Mails } from '../mails.ts';
import { deleteFirst } from '../sql/delete-first.ts';
import type { Database, Engine } from '../sql/engine.ts';
import { linkRow } from './links.ts';
import type { StoredRow } from './schema.ts';

/** A mail, joined with its link. */
type Found = StoredRow<'mails'> & {
  [C in keyof StoredRow<'links'> as `link_${C}`]: StoredRow<'links'>[C] | null;
};

/** Null if it cannot be read: then this mail cannot be rendered, and others are. */
function readData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function mailRow(row: Found): MailRow {
  return {
    ...({ kind: row.kind, data: readData(row.data) } as MailContent),
    id: row.id,
    userId: row.user_id,
    toAddress: row.to_address,
    toName: row.to_name,
    locale: row.locale,
    linkId: row.link_id,
    state: row.state,
    attempts: row.attempts,
    dueAt: row.due_at,
    lastError: row.last_error,
    messageId: row.message_id,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    deleteAt: row.delete_at,
    link:
      row.link_id === null
        ? null
        : linkRow({
            id: row.link_id,
            purpose: row.link_purpose!,
            user_id: row.link_user_id,
            invitation_id: row.link_invitation_id,
            organization_id: row.link_organization_id,
            email: row.link_email,
            nonce: row.link_nonce!,
            token_hash: row.link_token_hash,
            created_at: row.link_created_at!,
            expires_at: row.link_expires_at!,
            used_at: row.link_used_at,
          }),
  };
}

export function mails(db: Database, engine: Engine): Mails {
  const select = () =>
    db.selectFrom('mails').leftJoin('links', 'links.id', 'mails.link_id').select([
      // By name: what asks for all columns fails when the next version adds one.
      'mails.id',
      'mails.kind',
      'mails.user_id',
      'mails.to_address',
      'mails.to_name',
      'mails.locale',
      'mails.data',
      'mails.link_id',
      'mails.state',
      'mails.attempts',
      'mails.due_at',
      'mails.last_error',
      'mails.message_id',
      'mails.created_at',
      'mails.sent_at',
      'mails.delete_at',
      'links.purpose as link_purpose',
      'links.user_id as link_user_id',
      'links.invitation_id as link_invitation_id',
      'links.organization_id as link_organization_id',
      'links.email as link_email',
      'links.nonce as link_nonce',
      'links.token_hash as link_token_hash',
      'links.created_at as link_created_at',
      'links.expires_at as link_expires_at',
      'links.used_at as link_used_at',
    ]);
  const ours = (id: number, attempts: number) =>
    db
      .updateTable('mails')
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .where('attempts', '=', attempts);

  return {
    async create(mail) {
      const { id } = await db
        .insertInto('mails')
        .values({
          kind: mail.kind,
          user_id: mail.userId,
          to_address: mail.toAddress,
          to_name: mail.toName,
          locale: mail.locale,
          data: JSON.stringify(mail.data),
          link_id: mail.linkId,
          state: mail.state,
          due_at: mail.createdAt,
          created_at: mail.createdAt,
          delete_at: mail.deleteAt,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    async due(now, limit) {
      const rows = await select()
        .where('mails.state', '=', sql.lit('queued'))
        .where('mails.due_at', '<=', now)
        .orderBy('mails.due_at')
        .orderBy('mails.id')
        .limit(limit)
        .execute();
      return rows.map((row) => mailRow(row as Found));
    },
    async claim(id, attempts, { dueAt, messageId }) {
      const { numUpdatedRows } = await ours(id, attempts)
        .set({
          attempts: attempts + 1,
          due_at: dueAt,
          message_id: sql`coalesce(message_id, ${messageId})`,
        })
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return null;
      const row = await select().where('mails.id', '=', id).executeTakeFirstOrThrow();
      return mailRow(row as Found);
    },
    async retry(id, attempts, { dueAt, error }) {
      const { numUpdatedRows } = await ours(id, attempts)
        .set({ due_at: dueAt, last_error: error })
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async end(id, attempts, { state, error, now }) {
      const { numUpdatedRows } = await ours(id, attempts)
        .set({
          state,
          last_error: error,
          sent_at: state === 'sent' ? now : null,
          delete_at: now + endedMailMs,
        })
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async outbox() {
      const { queued, oldest } = await db
        .selectFrom('mails')
        .select(({ fn }) => [
          fn.countAll<number>().as('queued'),
          fn.min<number | null>('created_at').as('oldest'),
        ])
        .where('state', '=', sql.lit('queued'))
        .executeTakeFirstOrThrow();
      return { queued: Number(queued), oldestAt: oldest === null ? null : Number(oldest) };
    },
    async moveToMailbox(now, limit) {
      const { numUpdatedRows } = await db
        .updateTable('mails')
        .set({ state: 'mailbox', delete_at: now + mailboxMs })
        .where('state', '=', sql.lit('queued'))
        .where('id', 'in', (nested) =>
          nested
            .selectFrom('mails')
            .select('id')
            .where('state', '=', sql.lit('queued'))
            .orderBy('due_at')
            .limit(limit),
        )
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    async mailbox(limit, skipped, before = null) {
      const rows = await select()
        .where('mails.state', '=', sql.lit('mailbox'))
        .$if(before !== null, (older) => older.where('mails.id', '<', before))
        .orderBy('mails.id', 'desc')
        .limit(limit)
        .offset(skipped)
        .execute();
      return rows.map((row) => mailRow(row as Found));
    },
    async countMailbox() {
      const { count } = await db
        .selectFrom('mails')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('state', '=', sql.lit('mailbox'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    deleteUntil: (time, limit) =>
      deleteFirst(db, engine, {
        table: 'mails',
        key: ['id'],
        isOver: sql`delete_at <= ${time}`,
        order: 'delete_at',
        limit,
      }),
    eraseOf: (userId, limit) =>
      deleteFirst(db, engine, {
        table: 'mails',
        key: ['id'],
        isOver: sql`user_id = ${userId}`,
        order: 'id',
        limit,
      }),
  };
}
