// The queue of password hashes: who is served first, and who is refused if it is full (section C8 of the standards
// checklist).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ApiError } from '../../src/errors.ts';
import { type HashPriority, hashPriorities, turnsOfLongestWait } from '../../src/security/password-queue.ts';
import { hashesAtATime, passwordHasher } from '../../src/security/passwords.ts';

/** A queue whose works end one by one, when the test says so. */
function startQueue(maxWaiting: number) {
  const shed: HashPriority[] = [];
  const hasher = passwordHasher(maxWaiting, {
    maxRunning: 1,
    maxWorking: 2,
    onShed: (priority) => shed.push(priority),
  });
  const running: { name: string; end: () => void }[] = [];
  const outcomes: string[] = [];
  const ask = (priority: HashPriority, name: string, whose?: string, gone?: AbortSignal) =>
    void hasher
      .run(priority, () => new Promise<void>((end) => running.push({ name, end })), whose, gone)
      .catch((error: ApiError) => outcomes.push(`${name}: ${error.status} ${error.headers['Retry-After']}`));
  return {
    hasher,
    shed,
    /** Refusals, in their order. */
    outcomes,
    ask,
    async fill() {
      for (const name of ['first', 'second']) ask('stranger', name);
      await setImmediate();
    },
    /** Ends works until nobody waits. @returns the names in the order in which they were served */
    async serve(): Promise<string[]> {
      const served: string[] = [];
      while (running.length > 0) {
        const { name, end } = running.shift()!;
        served.push(name);
        end();
        await setImmediate();
      }
      return served;
    },
  };
}

test('C8 serves who is signed in first, then known addresses, then everyone else', async () => {
  const queue = startQueue(10);
  await queue.fill();
  queue.ask('known_address', 'known');
  queue.ask('stranger', 'stranger');
  queue.ask('signed_in', 'member');
  await setImmediate();
  assert.deepEqual(
    hashPriorities.map((priority) => queue.hasher.waiting(priority)),
    [1, 1, 1, 0],
  );
  assert.deepEqual(await queue.serve(), ['first', 'second', 'member', 'known', 'stranger']);
});

test('C8 a full queue refuses the newest of the lowest priority, whether it waits or arrives', async () => {
  const queue = startQueue(3);
  await queue.fill();
  for (const name of ['a', 'b', 'c', 'd']) queue.ask('stranger', name);
  await setImmediate();
  assert.deepEqual(queue.outcomes, ['d: 503 1']);
  queue.ask('known_address', 'known');
  queue.ask('signed_in', 'member');
  await setImmediate();
  assert.deepEqual(queue.outcomes, ['d: 503 1', 'c: 503 1', 'b: 503 1']);
  queue.ask('known_address', 'second known');
  await setImmediate();
  assert.deepEqual(queue.outcomes.slice(3), ['a: 503 1']);
  queue.ask('known_address', 'third known');
  queue.ask('signed_in', 'second member');
  await setImmediate();
  assert.deepEqual(queue.outcomes.slice(4), ['third known: 503 1', 'second known: 503 1']);
  assert.deepEqual(queue.shed, [
    ...['stranger', 'stranger', 'stranger', 'stranger'],
    ...['known_address', 'known_address'],
  ]);
  assert.deepEqual(await queue.serve(), ['first', 'second', 'member', 'second member', 'known']);
});

test('C8 whoever waits longest gets every fourth place, so that nobody waits for ever', async () => {
  const queue = startQueue(100);
  await queue.fill();
  queue.ask('stranger', 'stranger');
  for (let i = 0; i < 2 * turnsOfLongestWait; i++) queue.ask('signed_in', `member ${i}`);
  await setImmediate();
  const served = await queue.serve();
  // The first two did not wait.
  assert.equal(served.indexOf('stranger') - 2, turnsOfLongestWait - 1);
});

test('C8 while one waits for the database, the next one hashes, and never more at a time than allowed', async () => {
  const hasher = passwordHasher(10, { maxRunning: 1, maxWorking: 2 });
  let release: () => void = () => {};
  const waits = hasher.run('signed_in', () => new Promise<void>((end) => (release = end)));
  const hash = await hasher.run('signed_in', (hashing) => hashing.hash('a password'));
  assert.match(hash, /^\$argon2id\$/);
  release();
  await waits;
});

test('C8, S9 the passwords of one account are checked one after the other, and others do not wait for them', async () => {
  const queue = startQueue(10);
  for (const name of ['ann 1', 'ann 2', 'ann 3']) queue.ask('signed_in', name, 'ann');
  await setImmediate();
  assert.equal(queue.hasher.waiting('repeated'), 2);
  queue.ask('stranger', 'bob', 'bob');
  await setImmediate();
  assert.equal(queue.hasher.waiting('stranger'), 0);
  queue.ask('stranger', 'eve', 'eve');
  assert.deepEqual(await queue.serve(), ['ann 1', 'bob', 'eve', 'ann 2', 'ann 3']);
});

test('C8, S9 no account fills the queue alone: of its checks at a time, all but the first give way to everyone else', async () => {
  const queue = startQueue(3);
  await queue.fill();
  for (const name of ['eve 1', 'eve 2', 'eve 3', 'eve 4']) queue.ask('signed_in', name, 'eve');
  await setImmediate();
  assert.deepEqual(queue.outcomes, ['eve 4: 503 1']);
  queue.ask('stranger', 'bob', 'bob');
  queue.ask('known_address', 'ann', 'ann');
  await setImmediate();
  assert.deepEqual(queue.outcomes.slice(1), ['eve 3: 503 1', 'eve 2: 503 1']);
  assert.deepEqual(await queue.serve(), ['first', 'second', 'eve 1', 'ann', 'bob']);
});

test('C8 whoever closes the connection while waiting gives up the place, and is not counted as refused', async () => {
  const queue = startQueue(2);
  const [ann, bob, eve] = [1, 2, 3].map(() => new AbortController());
  queue.ask('stranger', 'first', undefined, ann!.signal);
  queue.ask('stranger', 'second');
  queue.ask('known_address', 'bob', undefined, bob!.signal);
  queue.ask('stranger', 'carol');
  await setImmediate();
  bob!.abort();
  await setImmediate();
  assert.deepEqual(queue.outcomes, ['bob: 400 undefined']);
  // There is room again.
  queue.ask('stranger', 'dan');
  eve!.abort();
  queue.ask('stranger', 'eve', undefined, eve!.signal);
  // One whose turn has come works on.
  ann!.abort();
  await setImmediate();
  assert.deepEqual(await queue.serve(), ['first', 'second', 'carol', 'dan']);
  assert.deepEqual(queue.outcomes.slice(1), ['eve: 400 undefined']);
  assert.deepEqual(queue.shed, []);
});

test('C8, E2 whoever has waited too long is refused, while works wait for a database that does not answer', async () => {
  const shed: HashPriority[] = [];
  const onShed = (priority: HashPriority) => void shed.push(priority);
  const hasher = passwordHasher(10, { maxRunning: 1, maxWorking: 2, maxWaitMs: 20, onShed });
  const ends: (() => void)[] = [];
  const stuck = [1, 2].map(() => hasher.run('stranger', () => new Promise<void>((end) => ends.push(end))));
  const refused = await Promise.allSettled([
    hasher.run('signed_in', async () => {}),
    hasher.run('stranger', async () => {}),
  ]);
  for (const { status, reason } of refused as PromiseRejectedResult[])
    assert.deepEqual([status, reason.status, reason.headers['Retry-After']], ['rejected', 503, '1']);
  assert.deepEqual(shed, ['signed_in', 'stranger']);
  assert.equal(hasher.waiting('signed_in') + hasher.waiting('stranger'), 0);
  for (const end of ends) end();
  await Promise.all(stuck);
  assert.equal(await hasher.run('stranger', async () => 'served'), 'served');
});

test('C8 hashes leave a core to the requests, and a thread of the pool to the disk', () => {
  for (const [cores, poolSize, hashes] of [
    [1, 4, 1],
    [2, 4, 1],
    [4, 4, 3],
    [16, 4, 3],
    [16, 17, 15],
    [16, 1, 1],
  ] as const)
    assert.equal(hashesAtATime(cores, poolSize), hashes);
});
