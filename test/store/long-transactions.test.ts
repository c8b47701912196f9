// Transactions that take long, and what others can do meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equals } from '../../src/model/query.ts';
import { openEngine, product } from '../../src/open-store.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { newColumns } from '../../src/resources/operations/changed-columns.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { people } from '../../src/resources/people/people.ts';
import { users } from '../../src/resources/users/users.ts';
import { UniqueViolation } from '../../src/store/errors.ts';
import { copiesAtOnce } from '../../src/store/sql/copy-first.ts';
import type { Database, Engine } from '../../src/store/sql/engine.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { turns } from '../../src/store/sqlite/turns.ts';
import type { Store } from '../../src/store/store.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyDatabaseConfig, emptyStore, onEachEngine } from '../support/engines.ts';
import { recordingStatements } from '../support/recording-engine.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const many = 2 * copiesAtOnce + 7;

/** @returns the id of an account that is a member of this many organizations */
async function addAccount(store: Store, email: string, organizations: number): Promise<number> {
  return store.write(async (transaction) => {
    const { records } = transaction;
    const values = { email, first_name: 'Ann', last_name: 'Other', updated_at: now };
    const id = await records(users).insert(values);
    const joined: Readonly<Record<string, number>>[] = [];
    for (let i = 0; i < organizations; i++)
      joined.push({
        organization_id: await insertOrganization(transaction, { name: `Of ${email} ${i}` }, now),
        user_id: id,
      });
    await records(memberships).insertMany(joined.map((values) => newColumns(memberships, values, now)));
    return id;
  });
}

/** How often each name and revision of a person of the account is found. */
async function peopleOf({ read }: Store, userId: number): Promise<Readonly<Record<string, number>>> {
  const filter = equals('user_id', userId);
  const sort = [{ attribute: 'id', descending: false }];
  const page = { by: 'number', number: 1, size: 1000 } as const;
  const found = await read.records(people).page({ filter, sort, page, fields: null }, null, null);
  const counts: Record<string, number> = {};
  for (const row of await read.records(people).findMany(found.map(({ id }) => id))) {
    const { first_name, last_name, email, revision } = row;
    const name = `${first_name} ${last_name} ${email} ${revision}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function found({ read }: Store, attribute: string, text: string): Promise<number> {
  const filter = { attribute, operator: 'contains', values: [text] } as const;
  return Promise.resolve(read.records(people).count(filter, null));
}

onEachEngine((engine) => {
  test('the people of an account in many organizations are renamed with it, and found by their new names', async (t) => {
    const store = await emptyStore(t, engine);
    const [id, other] = [
      await addAccount(store, 'ann@email.com', many),
      await addAccount(store, 'bo@email.com', 3),
    ];
    assert.deepEqual(await peopleOf(store, id), { 'Ann Other ann@email.com 1': many });
    const changes = { first_name: 'Zoë', last_name: 'Quirk', email: 'zq@email.com' };
    await store.write(({ records }) => records(users).update(id, changes));
    assert.deepEqual(await peopleOf(store, id), { 'Zoë Quirk zq@email.com 2': many });
    assert.deepEqual(await peopleOf(store, other), { 'Ann Other bo@email.com 1': 3 });
    assert.equal(await found(store, 'first_name', 'zoë'), many);
    assert.equal(await found(store, 'last_name', 'rk'), many);
    assert.equal(await found(store, 'first_name', 'Ann'), 3);
    assert.equal(await found(store, 'email', 'ann@'), 0);
    await store.write(({ records }) => records(users).update(id, { last_name: 'Other' }));
    assert.deepEqual(await peopleOf(store, id), { 'Zoë Other zq@email.com 3': many });
  });

  test('if the account cannot be renamed, none of its people is', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await addAccount(store, 'ann@email.com', many);
    await addAccount(store, 'bo@email.com', 0);
    const changes = { first_name: 'Zoë', email: 'bo@email.com' };
    const renamed = store.write(({ records }) => records(users).update(id, changes));
    await assert.rejects(renamed, UniqueViolation);
    assert.deepEqual(await peopleOf(store, id), { 'Ann Other ann@email.com 1': many });
    assert.equal(await found(store, 'first_name', 'zoë'), 0);
  });

  test('who changes the account without the product renames all its people too', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const store = sqlStore(await openEngine(config), product.resources);
    t.after(() => store.close());
    const id = await addAccount(store, 'ann@email.com', many);
    await onTables(config, `UPDATE users SET last_name = 'Quirk', last_name_key = 'quirk' WHERE id = ${id}`);
    assert.deepEqual(await peopleOf(store, id), { 'Ann Quirk ann@email.com 2': many });
  });

  if (engine === 'postgres') return;

  test('no statement renames all people of an account in many organizations', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const opened = await openEngine(config);
    const { recording, statements: updates } = recordingStatements(opened, 'update "people"');
    const store = sqlStore(recording, product.resources);
    t.after(() => store.close());
    const [id, few] = [
      await addAccount(store, 'ann@email.com', many),
      await addAccount(store, 'bo@email.com', 3),
    ];
    const rename = (account: number) =>
      store.write(({ records }) => records(users).update(account, { first_name: 'Zoë', last_name: 'Quirk' }));
    for (const column of ['first_name', 'last_name']) {
      await onTables(config, `DROP TRIGGER users_copied_${column}`);
      await onTables(
        config,
        `CREATE TRIGGER users_copied_${column} AFTER UPDATE OF ${column} ON users
        WHEN EXISTS (SELECT 1 FROM people WHERE user_id = new.id AND ${column} <> new.${column})
        BEGIN SELECT RAISE(ABORT, 'all at once'); END`,
      );
    }
    await rename(id);
    assert.equal(updates.length, 3);
    await assert.rejects(rename(few), /all at once/);
    assert.equal(updates.length, 3);
  });

  test('the trigger leaves the people alone that have been renamed before', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const store = sqlStore(await openEngine(config), product.resources);
    t.after(() => store.close());
    const id = await addAccount(store, 'ann@email.com', many);
    await onTables(
      config,
      `CREATE TRIGGER at_once AFTER UPDATE ON people
      WHEN (SELECT first_name FROM users WHERE id = new.user_id) <> 'Ann'
      BEGIN SELECT RAISE(ABORT, 'all at once'); END`,
    );
    await store.write(({ records }) => records(users).update(id, { first_name: 'Zoë' }));
    assert.deepEqual(await peopleOf(store, id), { 'Zoë Other ann@email.com 2': many });
  });

  const query = (db: Database) => db.selectFrom('users').select('id');
  const ways: Readonly<Record<string, (db: Database, database: Engine) => unknown>> = {
    'compiled statements': (db, { queryIn }) => queryIn(db)!(query(db).compile()),
    'other statements': (db) => query(db).execute(),
  };
  for (const [how, step] of Object.entries(ways))
    test(`others read while a transaction goes on with ${how}, and see nothing of it`, async (t) => {
      const database = await openEngine(await emptyDatabaseConfig(t, engine));
      t.after(() => database.close());
      const names = async (db = database.reader) =>
        (await db.selectFrom('secrets').select('name').where('name', '=', 'new').execute()).length;
      await database.write(async (db) => {
        await db.insertInto('secrets').values({ name: 'new', value: '' }).execute();
        let seen: number | undefined;
        setImmediate(async () => {
          seen = await names();
        });
        // Only ends a test that fails.
        for (let i = 0; seen === undefined; i++) {
          assert.ok(i < 10_000_000, 'no other work has had a turn');
          await step(db, database);
        }
        assert.equal(seen, 0);
      });
      assert.equal(await names(), 1);
    });

  test('a short transaction takes one turn, and a turn begins after a long one', async () => {
    let time = 0;
    const taken = turns(() => time);
    taken.begin();
    time = 4;
    assert.equal(taken.after('at once'), 'at once');
    time = 6;
    let isLater = false;
    setImmediate(() => {
      isLater = true;
    });
    const value = taken.after('later');
    assert.ok(value instanceof Promise);
    assert.equal(await value, 'later');
    assert.ok(isLater);
    time = 10;
    assert.equal(taken.after('at once'), 'at once');
  });
});
