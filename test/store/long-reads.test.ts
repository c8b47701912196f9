// Who has the next place among long reads, and who is refused.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { longReads } from '../../src/store/sql/long-reads.ts';

/** Reads with names, such as `7a` of caller 7, that end when the test says so. */
function namedReads(t: TestContext, maxRunning: number) {
  const limited = longReads({ maxRunning, timeoutMs: 60_000 });
  t.after(() => limited.close());
  const started: string[] = [];
  const refused: string[] = [];
  const enders = new Map<string, () => void>();
  const { signal: gone } = new AbortController();
  const ask = (...names: string[]) => {
    for (const name of names)
      limited
        .run(
          (ended) =>
            new Promise<void>((end) => {
              started.push(name);
              enders.set(name, end);
              ended.addEventListener('abort', () => end());
            }),
          () => ({ caller: Number.parseInt(name, 10), gone }),
        )
        .catch((error) => {
          assert.ok(error instanceof StoreUnavailable);
          refused.push(name);
        });
  };
  const end = async (name: string) => {
    enders.get(name)!();
    await setImmediate();
  };
  return { limited, ask, end, started, refused };
}

test('one caller leaves a place to the others, who start at once', (t) => {
  const { ask, started } = namedReads(t, 3);
  ask('1a', '1b', '1c', '1d');
  assert.deepEqual(started, ['1a', '1b']);
  ask('2a', '2b');
  assert.deepEqual(started, ['1a', '1b', '2a']);
});

test('the next long read is of the caller of whom the fewest run, and of those the oldest', async (t) => {
  const { ask, end, started } = namedReads(t, 3);
  ask('1a', '1b', '1c', '2a', '1d', '2b', '3a');
  assert.deepEqual(started.splice(0), ['1a', '1b', '2a']);
  await end('1a');
  assert.deepEqual(started.splice(0), ['3a']);
  await end('3a');
  assert.deepEqual(started.splice(0), ['1c']);
  await end('2a');
  assert.deepEqual(started.splice(0), ['2b']);
});

test('with one place, callers have it in the order in which they asked', async (t) => {
  const { ask, end, started } = namedReads(t, 1);
  ask('1a', '1b', '2a');
  for (const name of ['1a', '1b']) await end(name);
  assert.deepEqual(started, ['1a', '1b', '2a']);
});

test('if too many long reads wait, the newest of the caller with the most is refused', async (t) => {
  const { ask, refused } = namedReads(t, 1);
  ask('1a', '1b', '1c', '1d', '1e', '1f', '1g', '1h', '1i');
  await setImmediate();
  assert.deepEqual(refused, [], 'one caller may use all places that nobody else wants');
  ask('2a', '2b', '1j', '3a');
  await setImmediate();
  assert.deepEqual(refused, ['1i', '1h', '1j', '1g']);
});

test('a service that stops ends its long reads, and begins no more', async (t) => {
  const { limited, ask, started, refused } = namedReads(t, 1);
  ask('1a', '1b');
  await limited.close();
  ask('1c');
  await setImmediate();
  assert.deepEqual([started, refused], [['1a'], ['1b', '1a', '1c']]);
});
