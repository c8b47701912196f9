// Connections to PostgreSQL are returned to the pool clean: without an open transaction, a lock or a changed setting.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { connectionPool, onConnection, sharedConnections } from '../../src/store/postgres/connections.ts';
import { engines } from '../support/chosen-engines.ts';
import { clearedPostgres } from '../support/engines.ts';
import { until } from '../support/postgres-outage.ts';

async function poolOfOne(t: TestContext): Promise<pg.Pool> {
  const pool = connectionPool(await clearedPostgres(t), {
    ...readConfig({}, {}),
    databasePool: 1,
  });
  t.after(() => pool.end());
  return pool;
}

/** The start of the current transaction: now, unless a previous user of the connection left one open. */
const isInTransaction = async (client: pg.ClientBase) => {
  const { rows } = await client.query('SELECT now() < statement_timestamp() AS is_older');
  return rows[0].is_older as boolean;
};

const lockIsFree = 'SELECT pg_try_advisory_xact_lock(4711) AS free';

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  for (const [title, work] of [
    ['is left open', (client: pg.ClientBase) => client.query('BEGIN')],
    ['is left open after a statement failed in it', failInTransaction],
    ['is left open by work that throws', throwInTransaction],
  ] as const)
    test(`a transaction that ${title} meets nobody else`, async (t) => {
      const pool = await poolOfOne(t);
      await onConnection(pool, work as (client: pg.ClientBase) => Promise<unknown>).catch(() => {});
      assert.equal(await onConnection(pool, isInTransaction), false);
    });

  test('work that ends well leaves its connection to the next, and work that throws an error of its own as well', async (t) => {
    const pool = await poolOfOne(t);
    const backend = (client: pg.ClientBase) =>
      client.query('SELECT pg_backend_pid() AS pid').then(({ rows }) => rows[0].pid as number);
    const first = await onConnection(pool, backend);
    assert.equal(await onConnection(pool, backend), first);
    await assert.rejects(
      onConnection(pool, async () => {
        throw new Error('of its own');
      }),
      /of its own/,
    );
    assert.equal(await onConnection(pool, backend), first, 'a connection is not made anew for nothing');
  });

  test('a connection that has not answered in time is given to nobody else', async (t) => {
    const pool = await poolOfOne(t);
    const slow = { text: 'SELECT pg_sleep(60)', query_timeout: 50 };
    await assert.rejects(onConnection(pool, (client) => client.query(slow as pg.QueryConfig)));
    const { rows } = await pool.query('SELECT 1 AS answer');
    assert.deepEqual(rows, [{ answer: 1 }]);
  });

  test('a lock of work that failed is free for the next', async (t) => {
    const pool = await poolOfOne(t);
    await onConnection(pool, async (client) => {
      await client.query('BEGIN');
      await client.query(lockIsFree);
      throw new Error('of its own');
    }).catch(() => {});
    // The server notices a moment later that the connection is closed.
    await until(async () => (await pool.query(lockIsFree)).rows[0].free);
  });

  test('reads that share a connection give it back when the last one ends, also where one of them fails', async (t) => {
    const pool = await poolOfOne(t);
    const read = sharedConnections(pool);
    const query = (sql: string) => read({ sql, parameters: [], query: {} as never, queryId: {} as never });
    const outcomes = await Promise.allSettled([
      query('SELECT 1'),
      query('SELECT nonsense'),
      query('SELECT pg_sleep(0.05)'),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(pool.idleCount, 1);
    await onConnection(pool, (client) => client.query('SELECT 1'));
  });
});

async function failInTransaction(client: pg.ClientBase): Promise<void> {
  await client.query('BEGIN');
  await client.query('SELECT nonsense').catch(() => {});
}

async function throwInTransaction(client: pg.ClientBase): Promise<void> {
  await client.query('BEGIN');
  throw new Error('of its own');
}
