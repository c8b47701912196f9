// Records by their ids, as far as somebody sees them: what `include` reads.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { hasId } from '../../src/model/query.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { organizationsOfUsers, users } from '../../src/resources/users/users.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import type { Store, Visible } from '../../src/store/store.ts';
import { engines } from '../support/chosen-engines.ts';
import { emptyPostgres, emptyStore, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { setMember } from '../support/members.ts';
import { gadgetReviews } from '../support/toy/gadget-reviews.ts';
import { gadgets } from '../support/toy/gadgets.ts';
import { withGadgets } from '../support/toy/with-gadgets.ts';

/** More numbers than a statement has parameters. */
const veryMany = Array.from({ length: 70_000 }, (_, i) => 1000 + i);

const person = (n: number) => ({
  email: `person${n}@email.com`,
  first_name: 'Ann',
  last_name: 'Lee',
  updated_at: 0,
});

/** Seven accounts, the even ones members of one organization. @returns its id */
async function fill(store: Store): Promise<{ organizationId: number; ids: number[] }> {
  return store.write(async (transaction) => {
    const { records } = transaction;
    const organizationId = await insertOrganization(transaction, { name: 'Acme' }, 0);
    const ids: number[] = [];
    for (let n = 1; n <= 7; n++) {
      const id = await records(users).insert(person(n));
      if (n % 2 === 0) await setMember(transaction, organizationId, id, 'member', 0);
      ids.push(id);
    }
    return { organizationId, ids };
  });
}

onEachEngine((engine) => {
  test('of records with some ids, those that are visible are read, as rows and as versions', async (t) => {
    const store = await emptyStore(t, engine, withGadgets);
    const { organizationId, ids } = await fill(store);
    const [one, two, three, four] = ids as [number, number, number, number];
    const { findMany, versions } = store.read.records(users);
    const members: Visible = { link: organizationsOfUsers, others: [organizationId] };
    const cases: [asked: number[], visible: Visible, expected: number[]][] = [
      [[], null, []],
      [[four, one, three], null, [one, three, four]],
      [[four, one, three], members, [four]],
      [[two, one, four, 999], members, [two, four]],
      [ids, members, ids.filter((_, i) => i % 2 === 1)],
      [ids, { link: organizationsOfUsers, others: [organizationId, 999] }, ids.filter((_, i) => i % 2 === 1)],
      [
        ids,
        { link: organizationsOfUsers, others: [organizationId, ...veryMany] },
        ids.filter((_, i) => i % 2 === 1),
      ],
      [ids, { attribute: 'id', operator: 'eq', values: [two, ...veryMany] }, [two]],
      [
        ids,
        { attribute: 'id', operator: 'not_eq', values: [two, ...veryMany] },
        ids.filter((id) => id !== two),
      ],
      [[one, two], hasId(two), [two]],
      [[one, two], hasId(three), []],
      [[one, two], { any: [] }, []],
      [[999], null, []],
    ];
    for (const [asked, visible, expected] of cases) {
      const rows = await findMany(asked, visible);
      assert.deepEqual(
        rows.map(({ id }) => id),
        expected,
      );
      const found = await versions(asked, visible);
      assert.deepEqual(
        found,
        rows.map(({ id, revision, shown }) => ({ id, revision, shown })),
      );
    }
  });

  test('a version has what decides about audiences, and changes with what the record shows of others', async (t) => {
    const store = await emptyStore(t, engine, withGadgets);
    const { ids } = await fill(store);
    const { gadget, review } = await store.write(async ({ records }) => {
      const gadget = await records(gadgets).insert({ name: 'Lamp', contact: 'a@b.com', updated_at: 0 });
      const values = { text: 'Good.', gadget_id: gadget, organization_id: 7, author_id: ids[0]! };
      return { gadget, review: await records(gadgetReviews).insert({ ...values, updated_at: 0 }) };
    });
    const versions = () => store.read.records(gadgetReviews).versions([review], null);
    const facts = { author_id: ids[0], organization_id: 7 };
    assert.deepEqual(await versions(), [{ id: review, revision: 1, shown: 1, facts }]);
    const before = await store.read.records(gadgetReviews).state();
    await store.changeRecord(gadgets, gadget, async () => ({ owner_id: ids[1]! }));
    assert.deepEqual(await versions(), [{ id: review, revision: 1, shown: 2, facts }]);
    const after = await store.read.records(gadgetReviews).state();
    assert.ok(after.changeCount > before.changeCount && after.shownCount > before.shownCount);
  });
});

const related: readonly Visible[] = [
  null,
  { link: organizationsOfUsers, others: [7] },
  { link: organizationsOfUsers, others: [7, 8] },
];

async function askedBy(store: Store, asked: CompiledQuery<unknown>[], visible: Visible) {
  asked.length = 0;
  await store.read.records(users).findMany([1, 2, 3], visible);
  await store.read.records(users).versions([1, 2, 3], visible);
  assert.equal(asked.length, 2);
  return asked;
}

describe('on sqlite', { skip: !engines.includes('sqlite') }, () => {
  test('related records are looked up by their ids', async (t) => {
    const engine = await openSqlite(join(await temporaryFolder(t), 'muster.db'), readConfig({}, {}));
    t.after(() => engine.close());
    const asked: CompiledQuery<unknown>[] = [];
    const queryNow: NonNullable<typeof engine.queryNow> = (query) => {
      asked.push(query);
      return engine.queryNow!(query);
    };
    const store = sqlStore({ ...engine, queryNow }, [users]);
    for (const visible of related)
      for (const query of [...(await askedBy(store, asked, visible))]) {
        const explained = { ...query, sql: `EXPLAIN QUERY PLAN ${query.sql}` };
        const plan = await engine.query(explained as CompiledQuery<{ detail: string }>);
        const steps = plan.map(({ detail }) => detail);
        assert.match(steps[0]!, /^SEARCH users USING INTEGER PRIMARY KEY/, steps.join('; '));
        assert.ok(!steps.some((step) => /^SCAN|TEMP B-TREE/.test(step)), steps.join('; '));
      }
  });
});

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('related records are looked up by their ids', async (t) => {
    const url = await emptyPostgres(t);
    const engine = await openPostgres(url, readConfig({}, {}));
    t.after(() => engine.close());
    const client = new pg.Client({ connectionString: url });
    // The database goes before the client does.
    client.on('error', () => {});
    await client.connect();
    t.after(() => client.end());
    await client.query(`
      INSERT INTO users (updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key, flags,
        newsletter_consent, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision, locale)
      SELECT 0, 'person' || n, 'person' || n, 'a', 'a', 'b', 'b', '{}', false, false, '[]', false, false, 'en_US'
      FROM generate_series(1, 20000) AS n;
      INSERT INTO organizations (name, created_at) SELECT 'Organization ' || n, 0 FROM generate_series(1, 100) AS n;
      INSERT INTO memberships SELECT 1 + n % 100, n, 'member', 0 FROM generate_series(1, 20000) AS n;
    `);
    await client.query('VACUUM ANALYZE');
    const asked: CompiledQuery<unknown>[] = [];
    const query: typeof engine.query = (compiled) => {
      asked.push(compiled);
      return engine.query(compiled);
    };
    const store = sqlStore({ ...engine, query }, [users]);
    for (const visible of related)
      for (const { sql, parameters } of [...(await askedBy(store, asked, visible))]) {
        const explained = await client.query(`EXPLAIN ${sql}`, parameters as unknown[]);
        const plan = explained.rows.map((row) => row['QUERY PLAN']).join('\n');
        assert.doesNotMatch(plan, /Seq Scan on (users|memberships)/, plan);
        assert.match(plan, /Index (Only )?Scan using (users_\w+) on users|Bitmap Index Scan on users_/, plan);
      }
  });
});
