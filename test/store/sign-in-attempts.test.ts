// The contract of the store on each engine: counts of failed sign-ins, and known addresses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../src/resources/users/users.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../support/engines.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const none = { failures: 0, blockedUntil: 0 };

function insertUser(store: Store): Promise<number> {
  const row = { email: 'ann@email.com', first_name: 'Ann', last_name: 'Lee', updated_at: now };
  return store.write((transaction) => transaction.records(users).insert(row));
}

onEachEngine((engine) => {
  test('a count is replaced only by who knows it', async (t) => {
    const store = await emptyStore(t, engine);
    const { signInAttempts } = store.read;
    const replace = (known: { failures: number; blockedUntil: number }, failures: number) =>
      store.write((transaction) =>
        transaction.signInAttempts.replace('key', known, { failures, blockedUntil: now }, now),
      );
    assert.deepEqual(await signInAttempts.find('key'), none);
    // Of fifty who have seen that there is none, one is counted.
    const first = await Promise.all(Array.from({ length: 50 }, () => replace(none, 1)));
    assert.equal(first.filter(Boolean).length, 1);
    const one = { failures: 1, blockedUntil: now };
    assert.deepEqual(await signInAttempts.find('key'), one);
    const second = await Promise.all(Array.from({ length: 50 }, () => replace(one, 2)));
    assert.equal(second.filter(Boolean).length, 1);
    assert.deepEqual(await signInAttempts.find('key'), { failures: 2, blockedUntil: now });
    assert.equal(await replace({ failures: 2, blockedUntil: now - 1 }, 3), false);
    assert.deepEqual(await signInAttempts.find('other key'), none);
    await store.write((transaction) => transaction.signInAttempts.forget(['key', 'a third']));
    assert.deepEqual(await signInAttempts.find('key'), none);
    // A count that was forgotten in between is not brought back.
    assert.equal(await replace({ failures: 2, blockedUntil: now }, 3), false);
    assert.deepEqual(await signInAttempts.find('key'), none);
  });

  test('counts are deleted in batches from the time on at which they are to be forgotten', async (t) => {
    const store = await emptyStore(t, engine);
    const keys = ['a', 'b', 'c', 'd'];
    await store.write(async ({ signInAttempts }) => {
      for (const [i, key] of keys.entries())
        await signInAttempts.replace(key, none, { failures: 1, blockedUntil: 0 }, now + i);
    });
    const deleteUntil = (time: number) =>
      store.write(({ signInAttempts }) => signInAttempts.deleteUntil(time, 2));
    assert.equal(await deleteUntil(now - 1), 0);
    assert.equal(await deleteUntil(now + 2), 2);
    assert.equal(await deleteUntil(now + 2), 1);
    const left = await Promise.all(keys.map((key) => store.read.signInAttempts.find(key)));
    assert.deepEqual(
      left.map(({ failures }) => failures),
      [0, 0, 0, 1],
    );
  });

  test('an account knows the addresses of its latest sign-ins', async (t) => {
    const store = await emptyStore(t, engine);
    const userId = await insertUser(store);
    const note = (network: string, time: number) =>
      store.write(({ knownAddresses }) =>
        knownAddresses.note(userId, network, { now: time, since: now - 1000, maxKept: 3 }),
      );
    const known = async (since: number) => {
      const networks = ['a', 'b', 'c', 'd'];
      const found = await Promise.all(
        networks.map((network) => store.read.knownAddresses.includes(userId, network, since)),
      );
      return networks.filter((_, i) => found[i]).join('');
    };
    for (const [i, network] of ['a', 'b', 'c'].entries()) await note(network, now + i);
    assert.equal(await known(0), 'abc');
    assert.equal(await known(now), 'bc');
    await note('a', now + 3);
    await note('d', now + 4);
    assert.equal(await known(0), 'acd');
    assert.equal(await store.read.knownAddresses.includes(userId + 1, 'a', 0), false);
    const deleted = await store.write(({ knownAddresses }) => knownAddresses.deleteUntil(now + 3, 10));
    assert.equal(deleted, 2);
    assert.equal(await known(0), 'd');
    await store.write((transaction) => transaction.records(users).delete(userId));
    assert.equal(await known(0), '');
  });
});
