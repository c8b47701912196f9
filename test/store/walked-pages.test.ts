// Pages of events: whoever reads and whatever the filter, they have exactly what matches, in the order of ids, and a page
// looks at a limited number of rows.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CompiledQuery } from 'kysely';
import type { Config } from '../../src/config.ts';
import type { Stored } from '../../src/model/kind.ts';
import type { Comparison, Filter, SortKey } from '../../src/model/query.ts';
import { openEngine, openStore, product } from '../../src/open-store.ts';
import { type Event, events } from '../../src/resources/events/events.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { maxRowsLookedAt } from '../../src/store/sql/walked-page.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { Store, Visible } from '../../src/store/store.ts';
import { onTables } from '../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { recordedAct } from '../support/recorded-act.ts';

const count = 2 * maxRowsLookedAt + 2000;
const hour = 3_600_000;
/** An event each minute. */
const timeOf = (id: number) => Date.parse('2026-01-01T00:00:00.000Z') + id * 60_000;

const fill = `INSERT INTO events (created_at, action, outcome, actor_kind, ip, changes, details, actor_id, subject_id, organization_id)
  WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${count})
  SELECT ${timeOf(0)} + i * 60000, CASE WHEN i % 4000 = 3999 THEN 'user.delete' ELSE 'user.update' END,
    CASE WHEN i % 50 = 0 THEN 'failure' ELSE 'success' END, 'token', '192.0.2.' || (i % 7), '[]', '{}',
    1 + i % 3, CASE WHEN i % 5 = 0 THEN 1 + i % 11 END, CASE WHEN i % 2 = 0 THEN 1 + i % 8 END
  FROM numbers`;

const eq = (attribute: string, ...values: Stored[]): Comparison => ({ attribute, operator: 'eq', values });
const own = (id: number) => [eq('actor_id', id), eq('subject_id', id)];

const readers: Readonly<Record<string, Visible>> = {
  'who sees all': null,
  'who sees what is their own': { any: own(2) },
  'who sees nothing': { any: [] },
  'an administrator': { any: [...own(7), eq('organization_id', 1, 3)] },
  'an administrator of many': {
    any: [...own(7), eq('organization_id', ...Array.from({ length: 60 }, (_, i) => i + 1))],
  },
  'who names an organization': { all: [eq('organization_id', 3), { any: own(2) }] },
};

/** More than there are walks in a few statements, and more than a statement has parameters. */
const manyOrganizations = {
  'an administrator of hundreds': {
    any: [...own(7), eq('organization_id', ...Array.from({ length: 700 }, (_, i) => 701 - i))],
  },
  'an administrator of very many': {
    any: [...own(7), eq('organization_id', ...Array.from({ length: 40_000 }, (_, i) => 40_001 - i))],
  },
};

const at = (operator: 'gt_eq' | 'lt', id: number): Comparison => ({
  attribute: 'created_at',
  operator,
  values: [timeOf(id)],
});

const filters: readonly (Filter | null)[] = [
  null,
  eq('action', 'user.delete'),
  eq('action', 'user.delete', 'user.update'),
  { all: [eq('outcome', 'failure'), eq('ip', '192.0.2.3', '192.0.2.4')] },
  { all: [eq('subject_id', 7), eq('actor_id', 2)] },
  { any: [eq('subject_id', 7), { attribute: 'actor_id', operator: 'not_eq', values: [2] }] },
  eq('organization_id', 3),
  eq('subject_id', null),
  at('gt_eq', count - 40),
  { all: [at('gt_eq', 6000), at('lt', 6100), eq('outcome', 'success')] },
  at('lt', 30),
];

function matches(filter: Filter | null, row: Event): boolean {
  if (filter === null) return true;
  if ('attribute' in filter) {
    const { attribute, operator, values } = filter;
    const value = (row as Record<string, Stored>)[attribute]!;
    if (operator === 'eq') return values.includes(value);
    if (operator === 'not_eq') return !values.includes(value);
    return operator === 'gt_eq' ? value! >= values[0]! : value! < values[0]!;
  }
  if ('all' in filter && filter.all) return filter.all.every((part) => matches(part, row));
  return (filter as { any: readonly Filter[] }).any.some((part) => matches(part, row));
}

interface Asked {
  readonly filter: Filter | null;
  readonly visible: Visible;
  readonly descending?: boolean;
  readonly size?: number;
  /** Pages. */
  readonly atMost?: number;
}

async function pagesOf(
  store: Store,
  { filter, visible, descending = false, size = 1000, atMost = Number.POSITIVE_INFINITY }: Asked,
) {
  const pages: number[][] = [];
  for (
    let after: SortKey | null = null, isFirst = true;
    (isFirst || after !== null) && pages.length < atMost;
    isFirst = false
  ) {
    const sort = [{ attribute: 'id', descending }];
    const query = { filter, sort, page: { by: 'cursor', after, size } as const, fields: null };
    const { rows, next } = await store.read.records(events).walk(query, visible);
    pages.push(rows.map(({ id }) => id));
    after = next;
  }
  return pages;
}

onEachEngine((engine) => {
  async function world(t: TestContext): Promise<{ config: Config; store: Store }> {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    await onTables(config, fill);
    // SQLite's reads of one turn share a snapshot.
    await setImmediate();
    return { config, store };
  }

  test('every reader finds what matches, in order, in pages that look at a limited number of events', async (t) => {
    const { store } = await world(t);
    const all = await store.read.records(events).findMany(Array.from({ length: count }, (_, i) => i + 1));
    assert.equal(all.length, count);
    // One direction each, because PostgreSQL plans each statement. The number of filters is odd.
    let descending = false;
    for (const [reader, visible] of Object.entries(readers))
      for (const filter of filters) {
        descending = !descending;
        const matching = all.filter((row) => matches(visible, row) && matches(filter, row));
        const expected = matching.map(({ id }) => id);
        const name: string = `${reader}, ${JSON.stringify(filter)}, ${descending ? 'descending' : 'ascending'}`;
        const pages = await pagesOf(store, { filter, visible, descending });
        assert.deepEqual(pages.flat(), descending ? expected.toReversed() : expected, name);
        assert.ok(pages.length <= 2 + expected.length / 1000 + count / (maxRowsLookedAt / 64), name);
      }
    assert.equal(filters.length % 2, 1);
    // Nothing matches, and no index says so.
    const filter = { all: [eq('action', 'user.update'), eq('ip', 'nowhere'), eq('outcome', 'success')] };
    const pages = await pagesOf(store, { filter, visible: { any: own(2) }, size: 30 });
    assert.deepEqual(pages.flat(), []);
    assert.ok(pages.length <= 3);
  });

  test('an administrator of hundreds of organizations finds what matches, in order', async (t) => {
    const { store } = await world(t);
    const all = await store.read.records(events).findMany(Array.from({ length: count }, (_, i) => i + 1));
    const visible = manyOrganizations['an administrator of hundreds'];
    for (const descending of [false, true]) {
      const matching = all.filter((row) => matches(visible, row)).map(({ id }) => id);
      const [first] = await pagesOf(store, { filter: null, visible, descending, size: 40, atMost: 1 });
      assert.deepEqual(first, (descending ? matching.toReversed() : matching).slice(0, 40));
    }
  });

  test('slices of ids count what matches once, and have its rows', async (t) => {
    const { store } = await world(t);
    const records = store.read.records(events);
    const all = await records.findMany(Array.from({ length: count }, (_, i) => i + 1));
    const ranges = [
      { above: 0, upTo: count },
      { above: 4990, upTo: 5040 },
      { above: count - 3, upTo: count + 5 },
    ];
    for (const [reader, visible] of Object.entries({ ...readers, ...manyOrganizations }))
      for (const filter of reader in manyOrganizations ? filters.slice(0, 2) : filters)
        for (const range of ranges) {
          const name = `${reader}, ${JSON.stringify(filter)}, ${JSON.stringify(range)}`;
          const expected = all
            .filter(({ id }) => id > range.above && id <= range.upTo)
            .filter((row) => matches(visible, row) && matches(filter, row))
            .map(({ id }) => id);
          assert.equal(await records.countWithin(filter, visible, range), expected.length, name);
          const rows = await records.rowsWithin(filter, visible, range, { skip: 2, take: 7 });
          assert.deepEqual(
            rows.map(({ id }) => id),
            expected.slice(2, 9),
            name,
          );
        }
  });

  test('a filter by time finds all, also after the clock was wrong', async (t) => {
    const { config, store } = await world(t);
    const found = async (...span: Filter[]) =>
      (await pagesOf(store, { filter: { all: span }, visible: null })).flat();
    assert.deepEqual(
      await found(at('gt_eq', 50), at('lt', 60)),
      Array.from({ length: 10 }, (_, i) => 50 + i),
    );

    const isLate = async () => (await onTables(config, 'SELECT id FROM events WHERE late')).length;
    await store.write(async (transaction) => transaction.record(() => recordedAct('user.update', 1)));
    assert.equal(await isLate(), 0);
    // The clock was far ahead, then right again.
    await onTables(config, `UPDATE events SET created_at = ${Date.now() + 100 * hour} WHERE id = 100`);
    await store.write(async (transaction) => transaction.record(() => recordedAct('user.update', 1)));
    assert.equal(await isLate(), 1);
    const today: Comparison = { attribute: 'created_at', operator: 'gt_eq', values: [Date.now() - hour] };
    const tomorrow: Comparison = {
      attribute: 'created_at',
      operator: 'lt',
      values: [Date.now() + 24 * hour],
    };
    assert.deepEqual(await found(today, tomorrow), [count + 1, count + 2]);
    assert.deepEqual(await found(tomorrow, at('gt_eq', count - 1)), [count - 1, count, count + 1, count + 2]);
  });

  test('a page is read along the index of what its reader sees, not along that of a filter', async (t) => {
    const { config } = await world(t);
    await onTables(config, 'ANALYZE events');
    const engineUsed = await openEngine(config);
    t.after(() => engineUsed.close());
    const asked: CompiledQuery<unknown>[] = [];
    const recording = {
      ...engineUsed,
      query: (query: CompiledQuery<never>) => engineUsed.query(note(query)),
      queryNow: engineUsed.queryNow && ((query: CompiledQuery<never>) => engineUsed.queryNow!(note(query))),
    };
    function note(query: CompiledQuery<never>) {
      asked.push(query);
      return query;
    }
    const { read } = sqlStore(recording as Engine, product.resources);
    const filter = { all: [eq('ip', 'nowhere'), eq('outcome', 'failure')] };
    for (const descending of [false, true])
      for (const after of [null, [count / 2]]) {
        const sort = [{ attribute: 'id', descending }];
        const query = { filter, sort, page: { by: 'cursor', after, size: 30 } as const, fields: null };
        await read.records(events).walk(query, eq('actor_id', 2));
      }
    const explained = async ({ sql, parameters }: CompiledQuery<unknown>) => {
      const explain = engine === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
      const query = { sql: `${explain} ${sql}`, parameters } as CompiledQuery<Record<string, string>>;
      const rows = await engineUsed.query(query);
      return rows.map((row) => row.detail ?? row['QUERY PLAN']).join('; ');
    };
    assert.equal(asked.length, 8);
    for (const query of asked) {
      const plan = await explained(query);
      assert.match(plan, /events_actor_id/, query.sql);
      assert.doesNotMatch(plan, /events_(ip|outcome)/, query.sql);
      assert.doesNotMatch(plan, /Seq Scan on events|SCAN events/, query.sql);
    }
  });
});
