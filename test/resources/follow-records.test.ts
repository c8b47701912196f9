// Following new records: each is returned once, in whatever order transactions commit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Filter } from '../../src/model/query.ts';
import { events } from '../../src/resources/events/events.ts';
import { recordFollower, settledId } from '../../src/resources/operations/follow-records.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { emptyStore, engines, onEachEngine } from '../support/engines.ts';

const insertIn = ({ records }: Transaction, action: string) =>
  records(events).insert({
    ...{ created_at: 0, action, outcome: 'success', actor_kind: 'operator', changes: '[]', details: '{}' },
  });

const insert = (store: Store, name: string) => store.write((transaction) => insertIn(transaction, name));

const namesOf = (found: readonly { action: string }[]) => found.map(({ action }) => action).join(' ');

/** A transaction that has inserted a record and commits, or rolls back, when it is told to. */
async function openTransaction(store: Store, name: string) {
  const inserted = Promise.withResolvers<number>();
  const gate = Promise.withResolvers<void>();
  const ended = store.write(async (transaction) => {
    inserted.resolve(await insertIn(transaction, name));
    await gate.promise;
  });
  ended.catch(() => {});
  return {
    id: await inserted.promise,
    commit() {
      gate.resolve();
      return ended;
    },
    rollBack() {
      gate.reject(new Error('rolled back'));
      return ended.catch(() => {});
    },
  };
}

const noWait = async () => assert.fail('nothing can be added up to here');

onEachEngine((engine) => {
  test('new records are returned once, those that match the filter', async (t) => {
    const store = await emptyStore(t, engine);
    await insert(store, 'before');
    const start = await settledId(store.read, events, noWait);
    const filter: Filter = { attribute: 'action', operator: 'eq', values: ['blue', 'brown', 'black'] };
    const next = recordFollower(store.read, events, filter, start);
    assert.equal(namesOf(await next()), '');
    for (const name of ['blue', 'red', 'brown']) await insert(store, name);
    assert.equal(namesOf(await next()), 'blue brown');
    assert.equal(namesOf(await next()), '');
    await insert(store, 'black');
    assert.equal(namesOf(await next()), 'black');
  });

  test('of 1,200 records that many connections add meanwhile, none is missed and none comes twice', async (t) => {
    const store = await emptyStore(t, engine);
    const next = recordFollower(store.read, events, null, 0);
    const expected = Array.from({ length: 1200 }, (_, i) => `name${i}`);
    let isDone = false;
    const adding = Promise.all(
      Array.from({ length: 12 }, async (_, worker) => {
        for (let i = worker; i < expected.length; i += 12) await insert(store, expected[i]!);
      }),
    ).then(() => {
      isDone = true;
    });
    const found: string[] = [];
    while (!isDone) {
      found.push(...(await next()).map(({ action }) => action));
      await setImmediate();
    }
    await adding;
    found.push(...(await next()).map(({ action }) => action));
    assert.deepEqual(found.toSorted(), expected.toSorted());
  });
});

if (engines.includes('postgres')) {
  test('a record that is committed after others with larger ids is not missed', async (t) => {
    const store = await emptyStore(t, 'postgres');
    const next = recordFollower(store.read, events, null, 0);
    const [first, second, third] = [
      await openTransaction(store, 'first'),
      await openTransaction(store, 'second'),
      await openTransaction(store, 'third'),
    ];
    assert.ok(first.id < second.id && second.id < third.id);
    assert.equal(namesOf(await next()), '');
    await third.commit();
    assert.equal(namesOf(await next()), 'third');
    await insert(store, 'fourth');
    assert.equal(namesOf(await next()), 'fourth');
    await second.rollBack();
    assert.equal(namesOf(await next()), '');
    await first.commit();
    assert.equal(namesOf(await next()), 'first');
    await insert(store, 'fifth');
    assert.equal(namesOf(await next()), 'fifth');
    assert.equal(namesOf(await next()), '');
  });

  test('following begins once nothing can be added before its start', async (t) => {
    const store = await emptyStore(t, 'postgres');
    const open = await openTransaction(store, 'open');
    await insert(store, 'later');
    let waits = 0;
    const start = await settledId(store.read, events, async () => {
      if (++waits < 3) return;
      await insert(store, 'while waiting');
      await open.commit();
    });
    assert.equal(waits, 3);
    assert.equal(start, open.id + 1);
    const found = await recordFollower(store.read, events, null, start)();
    assert.equal(namesOf(found), 'while waiting');
  });

  test('a transaction that only reads the table does not hold up who follows it', async (t) => {
    const store = await emptyStore(t, 'postgres');
    await insert(store, 'one');
    const reading = store.write(async ({ records }) => {
      await records(events).find(1);
      await settledId(store.read, events, noWait);
    });
    await reading;
    const { writers } = await store.read.records(events).additions();
    assert.deepEqual(writers, []);
  });
}
