// The contract of records, for a resource with attributes of every kind, nullable and not, with two identities, with
// columns joined from two tables, and with names that are SQL keywords.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasId } from '../../src/model/query.ts';
import { users } from '../../src/resources/users/users.ts';
import { CallerChanged, UniqueViolation } from '../../src/store/errors.ts';
import type { NewRecord, Store } from '../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../support/engines.ts';
import { gadgets } from '../support/toy/gadgets.ts';
import { withGadgets } from '../support/toy/with-gadgets.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');

type NewGadget = NewRecord<typeof gadgets>;

const gadget = (contact: string, values: NewGadget = {}): NewGadget => ({
  ...{ name: 'Lamp', contact, updated_at: now },
  ...values,
});

const add = (store: Store, contact: string, values?: NewGadget) =>
  store.write(({ records }) => records(gadgets).insert(gadget(contact, values)));

const addOwner = (store: Store) =>
  store.write(({ records }) =>
    records(users).insert({ email: 'Ann@email.com', first_name: 'Ann', last_name: 'Other', updated_at: now }),
  );

onEachEngine((engine) => {
  const open = (t: Parameters<typeof emptyStore>[0]) => emptyStore(t, engine, withGadgets);

  test('a gadget is kept with all its attributes, as they were given', async (t) => {
    const store = await open(t);
    const ownerId = await addOwner(store);
    const whole = await add(store, 'whole@gadgets.com', { name: 'Desk', model: 'wide' });
    const values: Required<Omit<NewGadget, 'id'>> = {
      ...{ updated_at: now, name: 'Lämp 🦊', nickname: "O'Lamp", label: '100%', contact: 'Lamp@Gadgets.com' },
      ...{ recovery: 'Änn@gadgets.com', order: -3, group: Number.MAX_SAFE_INTEGER, user: '"; --', model: '' },
      ...{ owner_id: ownerId, part_of_id: whole, enabled: true, approved: false, released_at: -1 },
      ...{ homepage: 'https://a.b', time_zone: 'Europe/Zagreb', locale: 'hr_HR', pairing_code: 'secret' },
      ...{ switches: '{"a":1.0}', settings: '[1e2]', colors: '["red"]' },
    };
    assert.deepEqual(Object.keys(values).sort(), [...gadgets.columns].sort());
    const id = await add(store, '', values);
    const joined = { owner_email: 'Ann@email.com', part_of_name: 'Desk', part_of_model: 'wide' };
    const kept = { ...values, ...joined, id, revision: 1, shown: '1.1' };
    const { find, findMany } = store.read.records(gadgets);
    assert.deepEqual({ ...(await find(id)) }, kept);
    assert.deepEqual(
      { ...(await store.write(async ({ records }) => records(gadgets).findForUpdate(id))) },
      kept,
    );
    assert.deepEqual({ ...(await findMany([id]))[0] }, kept);
  });

  test('a gadget of which nothing more is given starts as the definition says, and null stays null', async (t) => {
    const store = await open(t);
    const row = (await store.read.records(gadgets).find(await add(store, 'a@gadgets.com')))!;
    assert.deepEqual(
      [row.order, row.model, row.enabled, row.locale, row.switches, row.colors],
      [0, 'basic', false, 'en_US', '{}', '[]'],
    );
    for (const [name, { nullable, derived }] of Object.entries(
      gadgets.attributes as typeof gadgets.attributes &
        Readonly<Record<string, { nullable?: true; derived?: unknown }>>,
    ))
      if (nullable && !derived) assert.equal(row[name as keyof typeof row], null, name);
  });

  test('a text that is searched may become null and a text again, and is found as it is', async (t) => {
    const store = await open(t);
    const id = await add(store, 'a@gadgets.com', { nickname: 'Sparkle' });
    const { page, count } = store.read.records(gadgets);
    const found = (word: string) => count({ words: [word] }, null);
    assert.equal(await found('spark'), 1);
    const name = async (nickname: string | null) => {
      const row = await store.changeRecord(gadgets, id, async () => ({ nickname }));
      assert.equal(row.nickname, nickname);
      assert.deepEqual(
        [await found('spark'), await found('glimmer'), await found('lamp')],
        [...[Number(nickname === 'Sparkle'), Number(nickname === 'Glimmer'), 1]],
      );
      const sort = [
        { attribute: 'nickname', descending: false },
        { attribute: 'id', descending: false },
      ];
      const [only] = await page(
        { filter: null, sort, page: { by: 'number', number: 1, size: 5 }, fields: null },
        null,
        null,
      );
      assert.deepEqual(only!.sortKey, [nickname?.toLowerCase() ?? null, id]);
    };
    for (const nickname of [null, null, 'Glimmer', 'Sparkle', null, 'Glimmer']) await name(nickname);
  });

  test('what no two gadgets share is unique, unless it is null', async (t) => {
    const store = await open(t);
    const id = await add(store, 'a@gadgets.com', { recovery: 'x@gadgets.com' });
    const other = await add(store, 'b@gadgets.com');
    await add(store, 'c@gadgets.com');
    const takes = (column: string) => (error: unknown) =>
      error instanceof UniqueViolation && error.column === column;
    await assert.rejects(add(store, 'A@GADGETS.com'), takes('contact_key'));
    await assert.rejects(add(store, 'd@gadgets.com', { recovery: 'X@gadgets.com' }), takes('recovery_key'));
    await assert.rejects(
      store.changeRecord(gadgets, other, async () => ({ recovery: 'X@GADGETS.COM' })),
      takes('recovery_key'),
    );
    const { findByIdentity } = store.read.records(gadgets);
    assert.equal((await findByIdentity('contact', 'A@gadgets.com'))!.id, id);
    assert.equal((await findByIdentity('recovery', 'X@gadgets.com'))!.id, id);
    assert.equal(await findByIdentity('recovery', 'a@gadgets.com'), null);
  });

  test('of many gadgets that are inserted at once, those whose identities or ids are taken are left out', async (t) => {
    const store = await open(t);
    const taken = await add(store, 'a@gadgets.com', { recovery: 'x@gadgets.com' });
    const insert = (...rows: NewGadget[]) => store.write(({ records }) => records(gadgets).insertMany(rows));
    const ids = await insert(
      gadget('A@gadgets.com'),
      gadget('b@gadgets.com', { nickname: 'second' }),
      gadget('c@gadgets.com', { recovery: 'X@gadgets.com' }),
      gadget('d@gadgets.com', { recovery: 'y@gadgets.com' }),
      gadget('e@gadgets.com', { recovery: 'Y@gadgets.com' }),
    );
    assert.deepEqual(
      ids.map((id) => typeof id),
      ['object', 'number', 'object', 'number', 'object'],
    );
    const rows = await store.read.records(gadgets).findMany(ids.filter((id) => id !== null));
    assert.deepEqual(
      rows.map(({ contact }) => contact),
      ['b@gadgets.com', 'd@gadgets.com'],
    );
    assert.deepEqual(
      await insert(gadget('f@gadgets.com', { id: taken }), gadget('g@gadgets.com', { id: 700 })),
      [null, 700],
    );
    assert.ok((await add(store, 'h@gadgets.com')) > 700);
  });

  test('gadgets are counted for themselves, and what they show of others changes their version', async (t) => {
    const store = await open(t);
    const state = () => store.read.records(gadgets).state();
    const ownerId = await addOwner(store);
    assert.equal((await state()).rowCount, 0);
    const id = await add(store, 'a@gadgets.com', { owner_id: ownerId });
    await add(store, 'b@gadgets.com');
    assert.equal((await state()).rowCount, 2);
    assert.equal((await store.read.records(users).state()).rowCount, 1);
    let { changeCount, shownCount } = await state();
    const grows = async (title: string) => {
      const now = await state();
      assert.ok(now.changeCount > changeCount, title);
      ({ changeCount } = now);
    };
    await store.changeRecord(gadgets, id, async () => ({ order: 7 }));
    await grows('an update');
    const growsShown = async (title: string) => {
      const now = await state();
      assert.ok(now.shownCount > shownCount, title);
      ({ shownCount } = now);
    };
    const version = await store.read.records(gadgets).find(id);
    assert.equal((await state()).shownCount, shownCount);
    await store.changeRecord(users, ownerId, async () => ({ email: 'b@email.com' }));
    await grows('the owner has another address');
    await growsShown('the owner has another address');
    assert.notEqual((await store.read.records(gadgets).find(id))!.shown, version!.shown);
    assert.equal((await store.read.records(gadgets).find(id))!.owner_email, 'b@email.com');
    await store.write(({ records }) => records(users).delete(ownerId));
    await grows('the owner is gone');
    await growsShown('the owner is gone');
    assert.equal((await store.read.records(gadgets).find(id))!.owner_id, null);
    await store.write(({ records }) => records(gadgets).delete(id));
    await grows('a gadget is gone');
    assert.equal((await state()).rowCount, 1);
  });

  test('two resources with the same ids and texts are never taken for each other', async (t) => {
    const store = await open(t);
    const ownerId = await addOwner(store);
    const id = await add(store, 'Ann@email.com', { name: 'Ann', user: 'Ann' });
    assert.equal(id, ownerId);
    await store.write(({ records }) => records(gadgets).update(id, { name: 'Anna' }));
    await store.write(({ sessions }) =>
      sessions.create({ user_id: ownerId, hash: 'hash', machine: true, created_at: now }),
    );
    const page = { by: 'number', number: 1, size: 5 } as const;
    const sort = [{ attribute: 'id', descending: false }];
    // Twice, so that the second result may come from the cache.
    for (let round = 0; round < 2; round++)
      for (const [resource, revision, attribute] of [
        [users, 1, 'email'],
        [gadgets, 2, 'contact'],
        [users, 1, 'email'],
      ] as const) {
        const records = store.read.records(resource);
        const facts = resource === gadgets ? { facts: { owner_id: null } } : {};
        const filter = { attribute, operator: 'eq', values: ['ann@email.com'] } as const;
        assert.equal((await records.find(id))!.revision, revision);
        const [found, ...others] = await records.page({ filter, sort, page, fields: null }, null, null);
        assert.deepEqual([found!.id, found!.revision, found!.sortKey, others], [id, revision, [id], []]);
        if (resource === gadgets) assert.equal(found!.facts!.owner_id, null);
        assert.deepEqual(await records.page({ filter: null, sort, page, fields: null }, hasId(id), null), [
          { id, revision, sortKey: [id], ...facts },
        ]);
        assert.equal(await records.count({ words: ['anna'] }, null), resource === gadgets ? 1 : 0);
        assert.equal((await records.state()).rowCount, 1);
        const asked = await store.authenticate('hash', { resource, id });
        assert.deepEqual(asked!.target, {
          id,
          revision,
          shown: resource === gadgets ? '0.0' : null,
          ...facts,
        });
      }
    assert.equal((await store.authenticate('hash', { resource: gadgets, id: id + 1 }))!.target, null);
    await store.write(({ records }) => records(gadgets).delete(id));
    assert.equal((await store.authenticate('hash', { resource: gadgets, id }))!.target, null);
    assert.deepEqual((await store.authenticate('hash', { resource: users, id }))!.target, {
      id,
      revision: 1,
      shown: null,
    });
  });

  test('requests for records of several resources that arrive together each get the version of theirs', async (t) => {
    const store = await open(t);
    const ownerId = await addOwner(store);
    await add(store, 'a@gadgets.com');
    await store.write(({ records }) => records(gadgets).update(1, { order: 1 }));
    await store.write(({ sessions }) =>
      sessions.create({ user_id: ownerId, hash: 'hash', machine: true, created_at: now }),
    );
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        store.authenticate('hash', i % 3 === 2 ? null : { resource: i % 3 === 0 ? users : gadgets, id: 1 }),
      ),
    );
    const revisions = answers.map((answer) => answer!.target?.revision ?? null);
    assert.deepEqual(revisions, Array.from({ length: 10 }, () => [1, 2, null]).flat());
  });

  test('a gadget is changed by whose rights hold, and is no account though it has the id of one', async (t) => {
    const store = await open(t);
    const ownerId = await addOwner(store);
    const id = await add(store, 'a@gadgets.com');
    assert.equal(id, ownerId);
    const tokenId = await store.write(({ sessions }) =>
      sessions.create({ user_id: ownerId, hash: 'hash', machine: true, created_at: now }),
    );
    const target = { resource: gadgets, id };
    const presented = [(await store.authenticate('hash', target))!];
    const writes = store.writesAs({ presented, clock: () => now, idleMs: 1, target });
    const paint = (color: string) =>
      writes.changeRecord(gadgets, id, async () => ({ colors: JSON.stringify([color]) }));
    assert.equal((await paint('red')).colors, '["red"]');
    if (engine === 'postgres') {
      // Two writes of one account share the lock on its row; a change of the account itself would wait for it.
      const end = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const other = writes.write(async ({ records }) => {
        await records(gadgets).find(id);
        begun.resolve();
        await end.promise;
      });
      await begun.promise;
      assert.equal((await paint('green')).colors, '["green"]');
      end.resolve();
      await other;
    }
    await store.write(({ sessions }) => sessions.end(tokenId));
    await assert.rejects(paint('blue'), CallerChanged);
    assert.notEqual((await store.read.records(gadgets).find(id))!.colors, '["blue"]');
  });

  test('a resource that the store was not opened with is refused', async (t) => {
    const store = await emptyStore(t, engine);
    assert.throws(() => store.read.records(gadgets), /opened without gadgets/);
    await store.write(async ({ records, sessions }) => {
      const userId = await records(users).insert({
        email: 'a@email.com',
        first_name: 'A',
        last_name: 'B',
        updated_at: now,
      });
      await sessions.create({ user_id: userId, hash: 'hash', machine: true, created_at: now });
    });
    const named = async () => store.authenticate('hash', { resource: gadgets, id: 1 });
    await assert.rejects(named, /opened without gadgets/);
  });
});
