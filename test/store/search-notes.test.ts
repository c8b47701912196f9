// Trigrams of changed names are written at the end of a commit, once for all writes that share it.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openEngine, product } from '../../src/open-store.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { newColumns } from '../../src/resources/operations/changed-columns.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { people } from '../../src/resources/people/people.ts';
import { users } from '../../src/resources/users/users.ts';
import { indexDifferences } from '../../src/store/sql/compare-texts.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { Transaction } from '../../src/store/store.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyDatabaseConfig } from '../support/engines.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');

async function filled(t: TestContext, { accounts, organizations }: Readonly<Record<string, number>>) {
  const config = await emptyDatabaseConfig(t, 'sqlite');
  const engine = await openEngine(config);
  const store = sqlStore(engine, product.resources);
  t.after(() => store.close());
  const ids = await store.write(async (transaction) => {
    const given: number[] = [];
    for (let i = 0; i < accounts!; i++)
      given.push(await transaction.records(users).insert(person(`u${i}@email.com`)));
    for (let i = 0; i < organizations!; i++) {
      const organization_id = await insertOrganization(transaction, { name: `Club ${i}` }, now);
      // The first account is in all of them.
      for (const user_id of i === 0 ? given : given.slice(0, 1))
        await transaction
          .records(memberships)
          .insert(newColumns(memberships, { organization_id, user_id }, now));
    }
    return given;
  });

  /** All entries of the indexes are those of the rows, FTS5 finds no damage, and no note is left. */
  async function assertExact(): Promise<void> {
    for (const resource of [users, people]) {
      assert.deepEqual(await indexDifferences(engine, resource, ['trigrams']), []);
      // sqlite.org/fts5.html#the_integrity_check_command
      await onTables(
        config,
        `INSERT INTO ${resource.type}_search (${resource.type}_search, rank) VALUES ('integrity-check', 1)`,
      );
      assert.deepEqual(await onTables(config, `SELECT * FROM ${resource.type}_search_notes`), []);
    }
  }
  /** FTS5 makes one whenever it writes, see sqlite.org/fts5.html#fts5_data_structures. */
  async function segmentsOf(table: string): Promise<unknown> {
    const segments = `SELECT count(DISTINCT id >> 37) AS count FROM ${table}_search_data WHERE id >= 1 << 37`;
    return (await onTables(config, segments))[0]!.count;
  }
  const rename =
    (id: number, first_name: string) =>
    async ({ records }: Transaction) => {
      await records(users).update(id, { first_name });
    };
  return { engine, store, ids, segmentsOf, assertExact, rename };
}

const person = (email: string) => ({ email, first_name: 'Ann', last_name: 'Other', updated_at: now });

test('writes that share a commit write each index once', async (t) => {
  const { engine, store, ids, segmentsOf, assertExact, rename } = await filled(t, {
    accounts: 10,
    organizations: 1,
  });
  for (const { type } of [users, people]) {
    await engine.write((db) => engine.search!.rebuild(db, type));
    assert.equal(await segmentsOf(type), 1);
  }
  // From the last to the first: FTS5 would write at each of them.
  await Promise.all(ids.toReversed().map((id) => store.write(rename(id, `Zoë ${id}`))));
  for (const { type } of [users, people]) assert.equal(await segmentsOf(type), 2, type);
  await store.write(rename(ids[3]!, 'Alone'));
  await assertExact();
});

test('a name that changes twice in a commit, an account that is deleted after it, and a write that fails', async (t) => {
  const { store, ids, assertExact, rename } = await filled(t, { accounts: 8, organizations: 2 });
  const [, twice, back, gone, refused, goneAndRefused] = ids as [number, ...number[]];
  const outcomes = await Promise.allSettled([
    store.write(rename(twice!, 'Zoë')),
    store.write(rename(back!, 'Zoë')),
    store.write(rename(gone!, 'Zoë')),
    store.write(async (transaction) => {
      await rename(refused!, 'Xaver')(transaction);
      await rename(twice!, 'Xaver')(transaction);
      await transaction.records(users).delete(goneAndRefused!);
      throw new Error('refused');
    }),
    store.write(rename(twice!, 'Quirin')),
    store.write(rename(back!, 'Ann')),
    store.write(async ({ records }) => {
      await records(users).delete(gone!);
      await records(users).insert(person('new@email.com'));
    }),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    outcomes.map((_, i) => (i === 3 ? 'rejected' : 'fulfilled')),
  );
  const names = await store.read.records(users).findMany(ids);
  assert.deepEqual(
    names.map(({ id, first_name }) => [id, first_name]),
    ids.filter((id) => id !== gone).map((id) => [id, id === twice ? 'Quirin' : 'Ann']),
  );
  await assertExact();
});

test('an account with more people than are written at once', async (t) => {
  const { store, ids, assertExact, rename } = await filled(t, { accounts: 3, organizations: 250 });
  await Promise.all([
    store.write(rename(ids[1]!, 'Zoë')),
    store.write(rename(ids[0]!, 'Quirin')),
    store.write(({ records }) => records(users).delete(ids[2]!)),
  ]);
  const filter = { attribute: 'first_name', operator: 'contains', values: ['quirin'] } as const;
  assert.equal(await store.read.records(people).count(filter, null), 250);
  await assertExact();
});

test('an index that is made anew in the same commit', async (t) => {
  const { engine, store, ids, assertExact, rename } = await filled(t, { accounts: 4, organizations: 1 });
  const rebuild = () =>
    engine.write(async (db) => {
      for (const { type } of [users, people]) await engine.search!.rebuild(db, type);
    });
  await Promise.all([
    store.write(rename(ids[0]!, 'Zoë')),
    rebuild(),
    store.write(rename(ids[0]!, 'Quirin')),
    store.write(rename(ids[1]!, 'Zoë')),
  ]);
  await assertExact();
});

test('random changes, many in each commit', async (t) => {
  const { store, ids, assertExact, rename } = await filled(t, { accounts: 30, organizations: 3 });
  const names = ['Ann', 'Anna', 'Zoë', '王小明', 'Quirin', 'u1@email.com', ''];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;
  const left = [...ids];
  for (let round = 0; round < 20; round++) {
    const writes = Array.from({ length: 25 }, (_, i) => {
      if (i === 7 && left.length > 5) {
        const id = left.splice(Math.floor(Math.random() * left.length), 1)[0]!;
        return store.write(({ records }) => records(users).delete(id));
      }
      const [id, other, fails] = [pick(left), pick(left), Math.random() < 0.2];
      return store.write(async (transaction) => {
        await rename(id, pick(names))(transaction);
        if (other !== id) await rename(other, pick(names))(transaction);
        if (fails) throw new Error('refused');
      });
    });
    await Promise.allSettled(writes);
  }
  await assertExact();
});
