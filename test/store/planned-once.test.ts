// PostgreSQL plans the look-ups of tokens, ids and addresses once for each connection, and not for each batch.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { openEngine } from '../../src/open-store.ts';
import { resources } from '../../src/resources/resources.ts';
import { users } from '../../src/resources/users/users.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyDatabaseConfig, engines } from '../support/engines.ts';
import { fillDatabaseBefore } from '../support/many-members.ts';

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('tokens of small batches are looked up by a plan that is kept', async (t) => {
    const config = await emptyDatabaseConfig(t, 'postgres');
    await fillDatabaseBefore(config, { users: 2000, organizations: 50 });
    const engine = await openEngine(config);
    await onTables(
      config,
      `INSERT INTO sessions (hash, user_id, machine, created_at) SELECT 'hash ' || id, id, true, 1 FROM users`,
    );
    await onTables(config, 'ANALYZE');
    const store = sqlStore(engine, resources);
    t.after(() => store.close());
    // The first five times, PostgreSQL plans for the values.
    for (let i = 0; i < 20; i++) await store.authenticate(`hash ${i}`, null);
    const { rows } = await sql<{ generic: number; custom: number }>`
      select sum(generic_plans)::int as generic, sum(custom_plans)::int as custom from pg_prepared_statements
      where statement like ${'%join sessions%'}
    `.execute(engine.reader);
    assert.deepEqual(rows, [{ generic: 15, custom: 5 }]);
  });

  test('users of small batches are looked up by plans that are kept', async (t) => {
    const config = await emptyDatabaseConfig(t, 'postgres');
    await fillDatabaseBefore(config, { users: 2000, organizations: 50 });
    await onTables(config, 'ANALYZE');
    const engine = await openEngine(config);
    const store = sqlStore(engine, resources);
    t.after(() => store.close());
    const records = store.read.records(users);
    const sort = [{ attribute: 'id', descending: false }];
    for (let i = 0; i < 20; i++) {
      const filter = { attribute: 'email', operator: 'eq', values: [`person${i}@example.com`] } as const;
      const page = { by: 'number', number: 1, size: 30 } as const;
      await records.stateWithPage({ filter, sort, page, fields: null }, null);
      await records.find(i + 1);
    }
    for (const part of ['%"state_row_count", "users"%"found_by"%', '%"shown", "users"."id" as "found_by"%']) {
      const { rows } = await sql<{ generic: number; custom: number }>`
        select sum(generic_plans)::int as generic, sum(custom_plans)::int as custom from pg_prepared_statements
        where statement like ${part}
      `.execute(engine.reader);
      assert.deepEqual(rows, [{ generic: 15, custom: 5 }]);
    }
  });
});
