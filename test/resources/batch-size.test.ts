// The rows of one transaction of a job, and the rest after it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchSize } from '../../src/resources/operations/batch-size.ts';

/** Keeps the thread busy, as SQLite does. */
async function busy(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('a job leaves the thread to others for as long as its batches take, or longer', async () => {
  for (const rest of [1, 3]) {
    const size = new BatchSize({ targetMs: 15, minRows: 20, maxRows: 100, rest });
    const startedAt = performance.now();
    for (let i = 0; i < 5; i++) await size.timed(() => busy(10));
    const tookMs = performance.now() - startedAt;
    // A timer may be a millisecond early.
    assert.ok(tookMs >= 5 * (10 + rest * 10 - 1), `${tookMs} ms`);
  }
});

test('batches grow while they are fast, and become small where they are slow', async () => {
  const size = new BatchSize({ targetMs: 15, minRows: 20, maxRows: 100, rest: 0 });
  const sizes: number[] = [];
  for (const ms of [0, 0, 0, 300, 0])
    await size.timed(async (rows) => {
      sizes.push(rows);
      await busy(ms);
    });
  assert.deepEqual(sizes, [20, 40, 80, 100, 20]);
});
