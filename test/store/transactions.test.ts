// The contract of the store on each engine: transactions and their results.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { powers } from '../../src/model/actor.ts';
import { openStore } from '../../src/open-store.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { users } from '../../src/resources/users/users.ts';
import { UniqueViolation } from '../../src/store/errors.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { emptyDatabase, emptyDatabaseConfig, emptyStore, onEachEngine } from '../support/engines.ts';
import { setMember } from '../support/members.ts';
import { countAdministrators } from '../support/read-answers.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');

function insert(transaction: Transaction, email: string, first_name = 'Ann'): Promise<number> {
  return transaction.records(users).insert({ email, first_name, last_name: 'Other', updated_at: now });
}

const add = (store: Store, email: string, first_name?: string) =>
  store.write((transaction) => insert(transaction, email, first_name));

async function emails(store: Store): Promise<string[]> {
  const sort = [{ attribute: 'id', descending: false }];
  const page = { by: 'number', number: 1, size: 1000 } as const;
  const found = await store.read.records(users).page({ filter: null, sort, page, fields: null }, null, null);
  const rows = await Promise.all(found.map(({ id }) => store.read.records(users).find(id)));
  return rows.map((row) => row!.email as string);
}

class Thrown extends Error {}

onEachEngine((engine) => {
  test('a write gives back what its work gives, and is seen as soon as it has resolved', async (t) => {
    const store = await emptyStore(t, engine);
    const value = { any: 'thing' };
    assert.equal(await store.write(async () => value), value);
    const id = await add(store, 'a@email.com');
    assert.equal((await store.read.records(users).find(id))!.email, 'a@email.com');
    assert.equal((await store.read.records(users).state()).rowCount, 1);
  });

  test('a write sees its own changes, and others see none of them before it ends', async (t) => {
    const store = await emptyStore(t, engine);
    await store.write(async (transaction) => {
      const id = await insert(transaction, 'a@email.com');
      assert.equal((await transaction.records(users).find(id))!.email, 'a@email.com');
      assert.equal((await transaction.records(users).state()).rowCount, 1);
      assert.equal(await store.read.records(users).find(id), null);
      assert.equal((await store.read.records(users).state()).rowCount, 0);
    });
    assert.equal((await store.read.records(users).state()).rowCount, 1);
  });

  test('a change of one row is decided by what the row is, however many change it at once', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await add(store, 'a@email.com');
    const before = (await store.read.records(users).find(id))!;
    const changes = Array.from({ length: 40 }, () =>
      store.changeRecord(users, id, async (current) => ({ updated_at: (current!.updated_at as number) + 1 })),
    );
    const versions = (await Promise.all(changes)).map(({ revision }) => revision as number);
    const after = (await store.read.records(users).find(id))!;
    assert.equal(after.updated_at, now + 40, 'none is lost');
    assert.deepEqual(
      versions.sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, i) => (before.revision as number) + 1 + i),
    );
    assert.deepEqual(
      { ...(await store.changeRecord(users, id, async () => null)) },
      after,
      'nothing to change',
    );
    assert.deepEqual(await store.read.records(users).find(id), after);
    const refuse = async (current: unknown) => {
      assert.equal(current, null);
      throw new Thrown();
    };
    await assert.rejects(store.changeRecord(users, id + 1, refuse), Thrown);
  });

  test('a write that throws leaves nothing, wherever it throws', async (t) => {
    const store = await emptyStore(t, engine);
    const before = await store.read.records(users).state();
    const work = async (transaction: Transaction): Promise<void> => {
      const organizationId = await insertOrganization(transaction, { name: 'Acme' }, now);
      const id = await insert(transaction, 'a@email.com');
      await setMember(transaction, organizationId, id, 'owner', now);
      await transaction.passwords.set(id, 'hash', now);
      await transaction.passwords.setAttempts(id, 3, now);
      await transaction.secrets.keep('name', 'value');
      const token = { user_id: id, hash: 'hash', machine: true, created_at: now };
      await transaction.sessions.create(token);
      throw new Thrown();
    };
    await assert.rejects(store.write(work), Thrown);
    await assert.rejects(
      store.write(() => {
        throw new Thrown();
      }),
      Thrown,
    );
    assert.deepEqual(await store.read.records(users).state(), before);
    assert.deepEqual(await store.read.organizations.list(), []);
    assert.deepEqual(await store.read.sessions.list(null), []);
    assert.equal(await store.read.secrets.find('name'), null);
    assert.equal(await store.read.passwords.find(1), null);
    assert.equal(await store.authenticate('hash', null), null);
  });

  test('writes that come together are all kept but those that throw', async (t) => {
    const store = await emptyStore(t, engine);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) =>
        store.write(async (transaction) => {
          await insert(transaction, `${i}@email.com`);
          // A third of the writes throws after writing, another third violates a unique index.
          if (i % 3 === 1) throw new Thrown(String(i));
          if (i % 3 === 2) await insert(transaction, `${i}@EMAIL.com`);
          return i;
        }),
      ),
    );
    for (const [i, outcome] of outcomes.entries()) {
      if (i % 3 === 0) assert.deepEqual(outcome, { status: 'fulfilled', value: i });
      else if (i % 3 === 1) assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Thrown);
      else assert.ok(outcome.status === 'rejected' && outcome.reason instanceof UniqueViolation);
    }
    const expected = Array.from({ length: 10 }, (_, i) => `${3 * i}@email.com`);
    assert.deepEqual((await emails(store)).sort(), expected.sort());
    assert.equal((await store.read.records(users).state()).rowCount, 10);
  });

  test('of many writes that want the same, each but the first fails alone and says what is taken', async (t) => {
    const store = await emptyStore(t, engine);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) => add(store, i % 2 ? 'ANN@email.com' : 'ann@EMAIL.com', `Ann ${i}`)),
    );
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(failed.length, 39);
    for (const { reason } of failed) {
      assert.ok(reason instanceof UniqueViolation, String(reason));
      assert.equal(reason.column, 'email_key');
    }
    assert.equal((await store.read.records(users).state()).rowCount, 1);
  });

  test('changes that were made from what was read are not lost', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await add(store, 'a@email.com', '0');
    const before = (await store.read.records(users).find(id))!.revision as number;
    await Promise.all(
      Array.from({ length: 50 }, () =>
        store.write(async ({ records }) => {
          const row = (await records(users).findForUpdate(id))!;
          await records(users).update(id, { first_name: String(Number(row.first_name) + 1) });
        }),
      ),
    );
    const row = (await store.read.records(users).find(id))!;
    assert.equal(row.first_name, '50');
    assert.equal(row.revision, before + 50);
  });

  test('the last of what may not go is seen by writes that come together', async (t) => {
    const store = await emptyStore(t, engine);
    const ids = await store.write((transaction) =>
      transaction.records(users).insertMany(
        Array.from({ length: 10 }, (_, i) => ({
          ...{ email: `${i}@email.com`, first_name: 'A', last_name: 'B', updated_at: now },
          sysadmin: true,
          sysadmin_permissions: JSON.stringify(powers),
        })),
      ),
    );
    await store.write(({ passwords }) =>
      passwords.setMany(
        ids.map((id) => ({ userId: id!, hash: 'hash' })),
        now,
      ),
    );
    await Promise.all(
      ids.map((id) =>
        store.write(async ({ records, administrators }) => {
          await administrators.hold();
          if (await administrators.anyBut(id!)) await records(users).update(id!, { sysadmin: false });
        }),
      ),
    );
    assert.equal(await countAdministrators(store), 1);
  });

  test('a thousand writes at once are all kept', async (t) => {
    const store = await emptyStore(t, engine);
    await Promise.all(Array.from({ length: 1000 }, (_, i) => add(store, `${i}@email.com`)));
    assert.equal((await store.read.records(users).state()).rowCount, 1000);
  });

  test('all that was written is there when the database is opened again', async (t) => {
    const open = await emptyDatabase(t, engine);
    const first = await open();
    const id = await first.write(async (transaction) => {
      const organizationId = await insertOrganization(transaction, { name: 'Acme', id: 74 }, now);
      const user = await insert(transaction, 'a@email.com');
      await transaction.records(users).update(user, { default_organization_id: organizationId });
      await setMember(transaction, 74, user, 'admin', now);
      await transaction.passwords.set(user, 'hash of a password', now);
      await transaction.passwords.setAttempts(user, 7, now + 1000);
      await transaction.secrets.keep('name', 'value');
      const token = { user_id: user, hash: 'h', machine: false, created_at: now, token_expires_at: now + 5 };
      await transaction.sessions.create(token);
      return user;
    });
    const shown = async (store: Store) => ({
      row: await store.read.records(users).find(id),
      state: await store.read.records(users).state(),
      organizations: await store.read.organizations.list(),
      role: await store.read.memberships.role(74, id, now),
      password: await store.read.passwords.find(id),
      attempts: await store.read.passwords.attempts(id),
      secret: await store.read.secrets.find('name'),
      tokens: await store.read.sessions.list(id),
      authentication: await store.authenticate('h', { resource: users, id }),
    });
    const before = await shown(first);
    assert.equal(before.row!.default_organization_slug, '74-acme');
    assert.equal(before.attempts.failures, 7);
    await first.close();
    const second = await open();
    assert.deepEqual(await shown(second), before);
    // Ids continue where they were.
    assert.ok((await add(second, 'b@email.com')) > id);
  });

  test('two stores on one database see and respect each other', async (t) => {
    const open = await emptyDatabase(t, engine);
    const [one, two] = [await open(), await open()];
    const id = await add(one, 'a@email.com');
    assert.equal((await two.read.records(users).find(id))!.email, 'a@email.com');
    await assert.rejects(add(two, 'A@email.com'), UniqueViolation);
    await two.write(({ records }) => records(users).update(id, { first_name: 'Changed' }));
    assert.equal((await one.read.records(users).find(id))!.first_name, 'Changed');
    assert.deepEqual(await one.read.records(users).state(), await two.read.records(users).state());
    await Promise.all(
      [one, two].flatMap((store, s) => [1, 2, 3].map((i) => add(store, `${s}${i}@email.com`))),
    );
    assert.equal((await one.read.records(users).state()).rowCount, 7);
    assert.deepEqual(await emails(two), await emails(one));
  });

  test('an id that another transaction takes meanwhile is passed over', async (t) => {
    // SQLite has one writer at a time.
    if (engine !== 'postgres') return;
    const { databaseUrl } = await emptyDatabaseConfig(t, engine);
    const store = await openStore(readConfig({ databaseUrl }, {}));
    t.after(() => store.close());
    const other = new pg.Client({ connectionString: databaseUrl });
    // The database and its connections are removed when the test ends.
    other.on('error', () => {});
    await other.connect();
    await other.query('BEGIN');
    await other.query(`INSERT INTO organizations (id, name, created_at) VALUES (1, 'of a file', 0)`);
    const created = store.write((transaction) =>
      insertOrganization(transaction, { name: 'of a person' }, now),
    );
    const waiting =
      'SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
    while ((await other.query(waiting)).rows.length === 0);
    await other.query('COMMIT');
    assert.equal(await created, 2);
  });

  test('whose an email is, every store on a database knows at once', async (t) => {
    const open = await emptyDatabase(t, engine);
    const stores = [await open(), await open()];
    const whose = (email: string) =>
      Promise.all(
        stores.map(async (store) => {
          const filter = { attribute: 'email', operator: 'eq', values: [email] } as const;
          const sort = [{ attribute: 'id', descending: false }];
          const page = { by: 'number', number: 1, size: 30 } as const;
          const found = await store.read
            .records(users)
            .page({ filter, sort, page, fields: null }, null, null);
          return found.map(({ id, revision, sortKey }) => ({ id, revision, sortKey }));
        }),
      );
    const both = <T>(value: T) => [value, value];
    for (const writer of stores) {
      assert.deepEqual(await whose('a@email.com'), both([]));
      const id = await add(writer, 'a@email.com');
      for (let again = 0; again < 2; again++)
        assert.deepEqual(await whose('A@email.com'), both([{ id, revision: 1, sortKey: [id] }]));
      await writer.write(({ records }) => records(users).update(id, { email: 'b@email.com' }));
      assert.deepEqual(await whose('a@email.com'), both([]));
      assert.deepEqual(await whose('b@email.com'), both([{ id, revision: 2, sortKey: [id] }]));
      await writer.write(({ records }) => records(users).delete(id));
      assert.deepEqual(await whose('b@email.com'), both([]));
    }
  });
});
