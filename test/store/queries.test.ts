// The contract of the store on each engine: pages, counts and cursors of any query, compared with plain arrays that
// are filtered and sorted in the test.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Filter, Query, SortKey } from '../../src/model/query.ts';
import { users } from '../../src/resources/users/users.ts';
import { onEachEngine } from '../support/engines.ts';
import { anyQuery, expected } from './query-model.ts';
import { decomposed, knownWorlds, usersWorld } from './query-worlds.ts';

const bounds = { numRuns: 300, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: false };

const byNumber = (number: number, size: number): Query['page'] => ({ by: 'number', number, size });

const neverNull = [...users.sorts.keys()].filter((name) => name !== 'id' && !users.sorts.get(name)!.nullable);

onEachEngine((engine) => {
  for (const { name, make, pools } of knownWorlds) {
    test(`pages and counts of any query of ${name} are those of a plain array`, async (t) => {
      const world = await make(t, engine, 40);
      const { page, count } = world.records;
      const { filter: anyFilter, visible: anyVisible, sort: anySort } = anyQuery(world, pools);
      await fc.assert(
        fc.asyncProperty(
          fc.option(anyFilter),
          anySort,
          anyVisible,
          fc.constantFrom(1, 3, 7, 200),
          async (filter, sort, visible, size) => {
            const all = expected(filter, sort, visible, world);
            assert.equal(await count(filter, visible), all.length);
            // With and without a known total, and one page past the end.
            for (const total of [all.length, null]) {
              const pages = Math.ceil(all.length / size) + 1;
              for (const number of new Set(
                [1, 2, Math.ceil(pages / 2), pages - 1, pages].filter((n) => n > 0),
              )) {
                const found = await page(
                  { filter, sort, fields: null, page: byNumber(number, size) },
                  visible,
                  total,
                );
                const ids = found.map(({ id }) => id);
                assert.deepEqual(
                  ids,
                  all.slice((number - 1) * size, number * size),
                  `page ${number} of ${total}`,
                );
              }
            }
          },
        ),
        bounds,
      );
    });

    test(`a cursor walks any query of ${name} from its first to its last, each once, past nulls`, async (t) => {
      const world = await make(t, engine, 40);
      const { page } = world.records;
      const { filter: anyFilter, visible: anyVisible, sort: anySort } = anyQuery(world, pools);
      await fc.assert(
        fc.asyncProperty(
          fc.option(anyFilter, { freq: 2 }),
          anySort,
          fc.option(anyVisible, { freq: 2 }),
          fc.constantFrom(1, 3, 7, 39, 40, 41),
          async (filter, sort, visible, size) => {
            const walked: number[] = [];
            let after: SortKey | null = null;
            do {
              const asked: Query = { filter, sort, fields: null, page: { by: 'cursor', after, size } };
              const found = await page(asked, visible, null);
              assert.ok(found.length <= size + 1);
              walked.push(...found.slice(0, size).map(({ id }) => id));
              assert.ok(walked.length <= world.rows.length, 'the cursor goes in circles');
              after = found.length > size ? found[size - 1]!.sortKey : null;
            } while (after !== null);
            assert.deepEqual(walked, expected(filter, sort, visible, world));
          },
        ),
        { ...bounds, numRuns: 150 },
      );
    });

    test(`who is seen of ${name} are those that a list of the same shows`, async (t) => {
      const world = await make(t, engine, 20);
      const { sees } = world.records;
      const { visible: anyVisible } = anyQuery(world, pools);
      await fc.assert(
        fc.asyncProperty(anyVisible, fc.integer({ min: 1, max: 20 }), async (visible, id) => {
          assert.equal(await sees(visible, id), expected(null, [], visible, world).includes(id));
        }),
        { ...bounds, numRuns: 100 },
      );
    });
  }

  for (const attribute of neverNull) {
    for (const descending of [false, true]) {
      const way = `${attribute}${descending ? ', descending,' : ''}`;
      test(`a cursor by ${way} neither skips nor repeats those who were there all along`, async (t) => {
        const { store, rows } = await usersWorld.make(t, engine, 40);
        const sort = [
          { attribute, descending },
          { attribute: 'id', descending: false },
        ];
        const before = rows.map((row) => row.id as number);
        const walked: number[] = [];
        const gone = new Set<number>();
        let after: SortKey | null = null;
        let round = 0;
        do {
          const asked: Query = { filter: null, sort, fields: null, page: { by: 'cursor', after, size: 3 } };
          const found = await store.read.records(users).page(asked, null, null);
          walked.push(...found.slice(0, 3).map(({ id }) => id));
          after = found.length > 3 ? found[2]!.sortKey : null;
          if (++round > 10) continue;
          await store.write(async (transaction) => {
            // Delete one record: alternately the record of the cursor and one after it. Insert two: one at each end.
            const waiting = before.find((id) => !walked.includes(id) && !gone.has(id));
            const victim = round % 2 ? walked.at(-1)! : waiting!;
            gone.add(victim);
            await transaction.records(users).delete(victim);
            for (const [first_name, updated_at] of [
              ['0', -5],
              ['\u{10ffff}', 2 ** 45],
            ] as const)
              await transaction.records(users).insert({
                ...{ email: `${first_name}new${round}@email.com`, first_name, last_name: first_name },
                updated_at,
              });
          });
        } while (after !== null);
        assert.equal(gone.size, 10);
        assert.equal(new Set(walked).size, walked.length);
        assert.deepEqual(
          before.filter((id) => !walked.includes(id) && !gone.has(id)),
          [],
        );
      });
    }
  }

  test('a page names the versions of its rows', async (t) => {
    const { store, rows } = await usersWorld.make(t, engine, 5);
    const id = rows[2]!.id as number;
    await store.write((transaction) => transaction.records(users).update(id, { first_name: 'Changed' }));
    const sort = [{ attribute: 'id', descending: false }];
    const asked: Query = { filter: null, sort, fields: null, page: byNumber(1, 10) };
    const found = await store.read.records(users).page(asked, null, null);
    assert.deepEqual(
      found.map(({ revision }) => revision),
      [1, 1, 2, 1, 1],
    );
  });

  test('text that is shorter or longer once it is folded is found all the same, in whatever order it is asked for', async (t) => {
    const { store } = await usersWorld.make(t, engine, 0);
    await store.write((transaction) =>
      transaction.records(users).insert({
        email: 'a@email.com',
        first_name: 'née İrma',
        last_name: 'Straße',
        updated_at: 0,
      }),
    );
    const search = (text: string) => {
      const filter: Filter = { attribute: 'first_name', operator: 'contains', values: [text] };
      return store.read.records(users).count(filter, null);
    };
    // Characters whose folded form has fewer or more characters, among those that stay the same.
    for (const text of [
      'née',
      `n${decomposed}`,
      `${decomposed}e`,
      'née',
      'İ',
      'İr',
      'ma',
      'İrma',
      decomposed,
      'é',
    ])
      assert.equal(await search(text), 1, text);
    for (const text of ['nee', 'e\u0302e', 'xyz', 'xy']) assert.equal(await search(text), 0, text);
  });
});
