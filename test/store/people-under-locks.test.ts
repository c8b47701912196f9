// On PostgreSQL: an account and its membership change at the same moment. Both changes write the person.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import type { Role } from '../../src/model/actor.ts';
import { openStore } from '../../src/open-store.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { people } from '../../src/resources/people/people.ts';
import { clearedPostgres, engines } from '../support/engines.ts';
import { setMember } from '../support/members.ts';
import { serveStore } from '../support/start-app.ts';

/** A connection whose changes are counted in a slot of its own, see the table `collections`. */
async function connect(t: TestContext, connectionString: string): Promise<pg.Client> {
  const sharing = `SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND pid % 128 = pg_backend_pid() % 128`;
  for (;;) {
    const client = new pg.Client({ connectionString });
    await client.connect();
    t.after(() => client.end());
    if ((await client.query(sharing)).rows.length === 0) return client;
  }
}

describe('on postgres', { skip: !engines.includes('postgres'), timeout: 180_000 }, () => {
  test('whoever joins, returns, gets a role or leaves while the account is renamed has the new name, without a deadlock', async (t) => {
    const databaseUrl = await clearedPostgres(t);
    // A long timeout: requests wait for the test, which may be slow.
    const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '60000' }, {}));
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const organizationId = await app.createOrganization();
    const set = (userId: number, role: Role = 'member') =>
      store.write((transaction) => setMember(transaction, organizationId, userId, role, 1));
    // Only the triggers lock the account here, as for an instance of the version before.
    const remove = (userId: number) =>
      store.write(async ({ records, memberships: known }) =>
        records(memberships).delete((await known.idOf(organizationId, userId))!),
      );
    /** Each prepares the account and returns the change. */
    const changes = {
      async joins(id: number) {
        return () => set(id);
      },
      async returns(id: number) {
        await set(id);
        await remove(id);
        return () => set(id);
      },
      async 'gets a role'(id: number) {
        await set(id);
        return () => set(id, 'admin');
      },
      async leaves(id: number) {
        await set(id);
        return () => remove(id);
      },
    };
    await app.createUser();
    const [client, watcher] = [await connect(t, databaseUrl), await connect(t, databaseUrl)];
    const blocked = `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    for (const [what, prepare] of Object.entries(changes)) {
      const { id } = await app.createUser();
      const change = await prepare(id);
      await client.query('BEGIN');
      // What a PATCH of the account locks.
      await client.query(`SELECT id FROM users WHERE id = ${id} FOR NO KEY UPDATE`);
      const changed = change();
      while ((await watcher.query(blocked)).rows[0].count === 0) await sleep(10);
      // Nothing that the trigger of this statement needs may be locked.
      await client.query(`SET LOCAL lock_timeout = 1`);
      await client.query(
        `UPDATE users SET first_name = 'Zoë', first_name_key = 'zoë', revision = revision + 1 WHERE id = ${id}`,
      );
      await client.query('COMMIT');
      await changed;
      const { rows } = await watcher.query(`SELECT id FROM people WHERE user_id = ${id}`);
      const person = (await store.read.records(people).find(Number(rows[0].id)))!;
      assert.equal(person.first_name, 'Zoë', what);
      assert.equal(person.deactivated_at !== null, what === 'leaves', what);
    }
  });
});
