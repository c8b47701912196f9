// On PostgreSQL, functions keep the plans that they made while a table was small.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { newColumns } from '../../src/resources/operations/changed-columns.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { users } from '../../src/resources/users/users.ts';
import { emptyPostgres, engines } from '../support/engines.ts';

const [batches, rows] = [8, 500];

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('members who join a new organization by the thousands are made people without reading the people before them', async (t) => {
    const databaseUrl = await emptyPostgres(t);
    const store = await openStore(readConfig({ databaseUrl }, {}));
    const organization_id = await store.write((transaction) =>
      insertOrganization(transaction, { name: 'Acme' }, 1),
    );
    for (let batch = 0; batch < batches; batch++)
      await store.write(async ({ records }) => {
        const accounts = Array.from({ length: rows }, (_, i) => ({
          email: `user${batch}of${i}@email.com`,
          first_name: 'name',
          last_name: 'surname',
        }));
        const ids = await records(users).insertMany(accounts.map((account) => newColumns(users, account, 1)));
        await records(memberships).insertMany(
          ids.map((user_id) => newColumns(memberships, { organization_id, user_id: user_id! }, 1)),
        );
      });
    await store.close();
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    // A connection reports its statistics when it ends.
    const open = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'`;
    while ((await client.query(open)).rows.length > 0);
    const read = `SELECT relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_user_tables
      WHERE relname IN ('people', 'users', 'organization_memberships')`;
    const found = (await client.query(read)).rows as { relname: string; read: number }[];
    await client.end();
    assert.equal(found.length, 3);
    const total = batches * rows;
    for (const { relname, read } of found) assert.ok(read < 20 * total, `${relname}: ${read} for ${total}`);
    assert.ok(found.some(({ read }) => read >= total));
  });
});
