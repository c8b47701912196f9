// The memory of all caches is bounded, for any sequence of requests.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CompiledQuery } from 'kysely';
import { readConfig } from '../../src/config.ts';
import { BoundedCache } from '../../src/resources/cache/bounded-cache.ts';
import { totalsCache } from '../../src/resources/cache/totals.ts';
import { statementName } from '../../src/store/postgres/statement-names.ts';
import { CommitScopedCache } from '../../src/store/sql/commit-scoped-cache.ts';
import { compiledQueries } from '../../src/store/sql/compiled-queries.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { temporaryFolder } from '../support/engines.ts';

async function openEngine(t: Parameters<typeof temporaryFolder>[0]): Promise<Engine> {
  const engine = await openSqlite(join(await temporaryFolder(t), 'muster.db'), readConfig({}, {}));
  t.after(() => engine.close());
  return engine;
}

test('what is kept until the next commit is at most 25,000 answers', async (t) => {
  const cache = new CommitScopedCache<number, number>(await openEngine(t));
  const asked = 60_000;
  for (let i = 0; i < asked; i++) {
    assert.equal(cache.get(i), undefined);
    cache.set(i, i);
  }
  assert.equal(cache.get(asked - 1), asked - 1, 'the last one is kept');
  let kept = 0;
  for (let i = 0; i < asked; i++) if (cache.get(i) !== undefined) kept++;
  assert.ok(kept <= 25_000, `${kept} are kept`);
});

test('what is kept until the next commit is forgotten by a commit', async (t) => {
  const engine = await openEngine(t);
  const cache = new CommitScopedCache<number, number>(engine);
  cache.get(1);
  cache.set(1, 1);
  assert.equal(cache.get(1), 1);
  await engine.write((db) => db.insertInto('secrets').values({ name: 'any', value: 'any' }).execute());
  assert.equal(cache.get(1), undefined);
});

test('queries of a thousand shapes are kept compiled, and no more', async () => {
  const known = new Map<string, CompiledQuery<unknown>>();
  let built = 0;
  const query = compiledQueries(known, () => []);
  const build = () => ({
    compile: () => {
      built++;
      return { sql: '', parameters: [] } as unknown as CompiledQuery<unknown>;
    },
  });
  for (let i = 0; i < 3000; i++) await query(`shape ${i}`, [], build);
  assert.equal(known.size, 1000);
  assert.equal(built, 3000);
  await query('shape 2999', [], build);
  assert.equal(built, 3000, 'the last one is kept');
});

test('a bounded cache stays below its weight, and a value that takes the place of another weighs once', () => {
  const cache = new BoundedCache<number, string>(100, (text) => text.length);
  const kept = (upTo: number) => {
    let weight = 0;
    for (let i = 0; i < upTo; i++) weight += cache.get(i)?.length ?? 0;
    return weight;
  };
  for (let i = 0; i < 1000; i++) {
    cache.set(i, 'x'.repeat(1 + (i % 30)));
    assert.ok(kept(i + 1) <= 100, `${kept(i + 1)} after ${i}`);
  }
  const one = new BoundedCache<number, string>(100, (text) => text.length);
  for (let i = 0; i < 50; i++) one.set(1, 'x'.repeat(40));
  one.set(2, 'x'.repeat(40));
  assert.deepEqual([one.get(1)?.length, one.get(2)?.length], [40, 40]);
});

test('a bounded cache evicts the oldest values first, but not one that was read since it was last passed', () => {
  /** @returns which keys are kept after these steps in a new cache for five: a number is added, its text is read */
  const keptAfter = (...steps: readonly (number | string)[]): number[] => {
    const cache = new BoundedCache<number, string>(5, (text) => text.length);
    for (const step of steps) typeof step === 'number' ? cache.set(step, 'x') : cache.get(Number(step));
    const kept = Array.from({ length: 20 }, (_, key) => key).filter((key) => cache.get(key) !== undefined);
    assert.equal(cache.weight, kept.length);
    assert.equal(cache.evict(Number.POSITIVE_INFINITY), kept.length);
    assert.equal(cache.weight, 0);
    return kept;
  };
  assert.deepEqual(keptAfter(0, 1, 2, 3, 4, 5, 6), [2, 3, 4, 5, 6]);
  assert.deepEqual(keptAfter(0, 1, 2, 3, 4, '0', 5, 6), [0, 3, 4, 5, 6]);
  assert.deepEqual(keptAfter(0, 1, 2, 3, 4, '0', 5, 6, 7, 8, 9), [0, 6, 7, 8, 9], 'its second chance');
  assert.deepEqual(keptAfter(0, 1, 2, 3, 4, '0', 5, 6, 7, 8, 9, 10), [6, 7, 8, 9, 10]);
  assert.deepEqual(keptAfter(0, 1, 2, 3, 4, '0', 5, 6, '0', 7, 8, 9, 10), [0, 7, 8, 9, 10], 'a third one');
  assert.deepEqual(
    keptAfter(0, 1, 2, 3, 4, '0', '1', '2', '3', '4', 5),
    [0, 1, 2, 3, 4],
    'the one that nobody has read',
  );
});

test('totals are kept of so many questions, the most recent ones, each for the version in which it was counted', async () => {
  const totals = totalsCache(10);
  let counted = 0;
  const of = (key: string, version: number) =>
    totals.of(key, version, () => {
      counted++;
      return counted;
    });
  for (let i = 0; i < 100; i++) await of(`question ${i}`, 1);
  assert.equal(counted, 100);
  for (let i = 99; i > 89; i--) await of(`question ${i}`, 1);
  const again = counted - 100;
  assert.ok(again <= 1, `${again} were counted again`);
  for (let i = 0; i < 50; i++) await of(`question ${i}`, 1);
  assert.ok(counted >= 150, 'the oldest were forgotten');
  const before = counted;
  assert.equal(await of('question 49', 2), before + 1, 'another version is another total');
  assert.equal(await of('question 49', 2), before + 1);
  assert.equal(await of('question 49', 1), before + 2);
});

test('a statement has one name, another has another, and one that searches a text has none', () => {
  assert.equal(statementName('select 1'), statementName('select 1'));
  assert.notEqual(statementName('select 1'), statementName('select 2'));
  assert.equal(statementName("select 1 where 'a' like 'b'"), undefined);
});
