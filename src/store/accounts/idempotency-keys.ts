// What requests with an Idempotency-Key created, see IdempotencyKeys in ../accounts.ts.

import { sql } from 'kysely';
import type { IdempotencyKeys } from '../accounts.ts';
import { deleteFirst } from '../sql/delete-first.ts';
import type { Database, Engine } from '../sql/engine.ts';

export function idempotencyKeys(db: Database, engine: Engine): IdempotencyKeys {
  return {
    async find({ userId, route, keyHash }, since) {
      const row = await db
        .selectFrom('idempotency_keys')
        .select(['body_digest', 'created_id', 'created_at'])
        .where('user_id', '=', userId)
        .where('route', '=', route)
        .where('key_hash', '=', keyHash)
        .where('created_at', '>', since)
        .executeTakeFirst();
      if (row === undefined) return null;
      return { bodyDigest: row.body_digest, createdId: row.created_id, createdAt: row.created_at };
    },
    async keep({ userId, route, keyHash }, { bodyDigest, createdId, createdAt }, since) {
      const values = { body_digest: bodyDigest, created_id: createdId, created_at: createdAt };
      const row = await db
        .insertInto('idempotency_keys')
        .values({ user_id: userId, route, key_hash: keyHash, ...values })
        .onConflict((conflict) =>
          conflict
            .columns(['user_id', 'route', 'key_hash'])
            .doUpdateSet(values)
            .where('idempotency_keys.created_at', '<=', since),
        )
        .returning('created_id')
        .executeTakeFirst();
      return row !== undefined;
    },
    deleteUntil: (time, limit) =>
      deleteFirst(db, engine, {
        table: 'idempotency_keys',
        key: ['user_id', 'route', 'key_hash'],
        isOver: sql`created_at <= ${time}`,
        order: 'created_at',
        limit,
      }),
    eraseOf: (userId, limit) =>
      deleteFirst(db, engine, {
        table: 'idempotency_keys',
        key: ['user_id', 'route', 'key_hash'],
        isOver: sql`user_id = ${userId}`,
        order: 'route',
        limit,
      }),
  };
}
