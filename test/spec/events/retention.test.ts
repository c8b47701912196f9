// Old events are deleted by a job, in batches.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readConfig } from '../../../src/config.ts';
import { backgroundJobs } from '../../../src/jobs.ts';
import { openStore } from '../../../src/open-store.ts';
import { onTables, rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';

const day = 24 * 60 * 60 * 1000;

/** @param ages in days, in the order of the ids */
async function start(t: TestContext, engine: EngineName, ages: readonly number[]) {
  const config = await clearedConfig(t, engine);
  const store = await openStore(config);
  t.after(() => store.close());
  const values = ages.map(
    (age) =>
      `(${Date.now() - age * day}, 'user.update', 'success', 'system', '[]', '{"record":{"type":"users","id":"1"}}')`,
  );
  await onTables(
    config,
    `INSERT INTO events (created_at, action, outcome, actor_kind, changes, details) VALUES ${values.join()}`,
  );
  // SQLite's reads of one turn share a snapshot.
  await setImmediate();
  let transactions = 0;
  const run = async (days: number, signal = new AbortController().signal) => {
    const jobs = backgroundJobs(readConfig({ eventDays: String(days) }, {}), Date.now);
    const { work } = jobs.find(({ name }) => name === 'delete-old-events')!;
    const write: typeof store.write = (...asked) => {
      transactions++;
      return store.write(...asked);
    };
    return work({ write, signal });
  };
  const left = async () => (await rowsOf(config, 'events')).map(({ id }) => id);
  const markLate = (id: number) => onTables(config, `UPDATE events SET late = true WHERE id = ${id}`);
  return { run, left, markLate, transactions: () => transactions };
}

onEachEngine((engine) => {
  test('events are kept for the days of the setting, or for ever', async (t) => {
    const { run, left } = await start(t, engine, [900, 500, 401, 399, 10, 0]);
    assert.equal(await run(0), 0);
    assert.equal(await run(1000), 0);
    assert.equal((await left()).length, 6);
    assert.equal(await run(400), 3);
    assert.deepEqual(await left(), [4, 5, 6]);
    assert.equal(readConfig({}, {}).eventDays, 400);
  });

  test('an event whose clock was wrong goes with those before and after it', async (t) => {
    // The second was written when the clock was ahead, those that are late when it was behind.
    const { run, left, markLate } = await start(t, engine, [500, -900, 450, 10, 9000, 420, 5]);
    await markLate(5);
    await markLate(6);
    assert.equal(await run(400), 3);
    assert.deepEqual(await left(), [4, 5, 6, 7]);
  });

  test('many are deleted in short transactions, and a stopped job goes on from there', async (t) => {
    const many = Array.from({ length: 1200 }, () => 500);
    const { run, left, transactions } = await start(t, engine, [...many, 1]);
    const stopped = new AbortController();
    const first = run(400, stopped.signal);
    stopped.abort();
    const deleted = await first;
    assert.equal(transactions(), 1);
    assert.ok(deleted > 0 && deleted <= 500, `${deleted}`);
    assert.equal((await left()).length, 1201 - deleted);
    assert.equal(await run(400), 1200 - deleted);
    assert.ok(transactions() > 3, `${transactions()}`);
    assert.deepEqual(await left(), [1201]);
  });
});
