// Reserved addresses under locks, and in imports. The spec of changed emails has the rest.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { zone } from '../../src/model/zone.ts';
import { openStore } from '../../src/open-store.ts';
import { importUsers } from '../../src/resources/users/import-users.ts';
import { users } from '../../src/resources/users/users.ts';
import { noBreaches } from '../../src/security/breached-passwords.ts';
import { passwordHasher } from '../../src/security/passwords.ts';
import { UniqueViolation } from '../../src/store/errors.ts';
import type { NewLink } from '../../src/store/links.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { clearedPostgres, type EngineName, emptyStore, engines, onEachEngine } from '../support/engines.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const hour = 60 * 60 * 1000;

const row = (email: string, updated_at = now) => ({ email, first_name: 'Ann', last_name: 'Lee', updated_at });

const insert = (store: Store, email: string): Promise<number> =>
  store.write(({ records }) => records(users).insert(row(email)));

/** The account leaves an address, which stays reserved for an hour. */
async function leave({ records, links }: Transaction, userId: number, from: string, to: string) {
  await records(users).update(userId, { email: to, updated_at: now });
  const link: NewLink = {
    ...{ purpose: 'email_undo', userId, invitationId: null, email: from, nonce: 'nonce' },
    ...{ createdAt: now, expiresAt: now + hour },
  };
  await links.create(link, (id) => `hash of ${id}`);
}

const isTaken = (error: unknown) => error instanceof UniqueViolation && error.column === 'email_key';

async function startImport(t: TestContext, engine: EngineName) {
  const store = await emptyStore(t, engine);
  const id = await insert(store, 'a@email.com');
  const clock = { now };
  const run = async (...accounts: readonly Record<string, unknown>[]) => {
    const refused: string[] = [];
    const fields = accounts.map((one) => ({ first_name: 'Bea', last_name: 'Lee', ...one }));
    const records = fields.map((one, i) => ({ line: i + 1, size: 1, fields: new Map(Object.entries(one)) }));
    const {
      rows: _,
      skipped: _skipped,
      ...counts
    } = await importUsers(Readable.from(records), {
      ...{ store, clock: () => clock.now, passwords: passwordHasher(1), publicUrl: '', zone: zone('UTC') },
      passwordPolicy: { minPasswordLength: 8, breached: noBreaches },
      ...{ organizationId: null, anyPassword: false, withPrivileges: false },
      onRefused: ({ line }, reasons) => void refused.push(`${line} ${reasons.join()}`),
      onBatch: () => {},
    });
    return [counts, ...refused];
  };
  return { store, id, clock, run };
}

onEachEngine((engine) => {
  test('an import names the row whose address another account may take back, and imports the others', async (t) => {
    const { store, id, clock, run } = await startImport(t, engine);
    await store.write((transaction) => leave(transaction, id, 'a@email.com', 'b@email.com'));
    const rows = [
      { email: 'c@email.com' },
      { email: 'A@email.com', updated_at: '2020-01-01T00:00:00Z' },
      { email: 'd@email.com' },
    ];
    const reason = `2 email belonged to the account ${id}, which may still take it back`;
    assert.deepEqual(await run(...rows), [{ created: 2, existing: 0, refused: 1 }, reason]);
    // When it is no longer reserved, old rows are imported too.
    clock.now += hour;
    assert.deepEqual(await run(...rows), [{ created: 1, existing: 2, refused: 0 }]);
  });

  test('an account that took its address back is one that exists', async (t) => {
    const { store, id, run } = await startImport(t, engine);
    await store.write(async (transaction) => {
      await leave(transaction, id, 'a@email.com', 'b@email.com');
      await transaction.records(users).update(id, { email: 'a@email.com', updated_at: now });
    });
    assert.deepEqual(await run({ email: 'a@email.com' }), [{ created: 0, existing: 1, refused: 0 }]);
  });

  test('a row whose address is left while its batch is written is refused, and the batch is written', async (t) => {
    const { store, id, run } = await startImport(t, engine);
    let left = false;
    const write = store.write.bind(store);
    const racing: Store['write'] = async (work, locks) => {
      // Between the question of the import and its insert.
      const raced: typeof work = async (transaction) =>
        work({
          ...transaction,
          links: {
            ...transaction.links,
            async reserved(keys, at) {
              const found = await transaction.links.reserved(keys, at);
              if (!left) await leave(transaction, id, 'a@email.com', 'b@email.com');
              left = true;
              return found;
            },
          },
        });
      return write(raced, locks).catch(async (error) => {
        await write((transaction) => leave(transaction, id, 'a@email.com', 'b@email.com'));
        throw error;
      });
    };
    Object.assign(store, { write: racing });
    const [counts, ...refused] = await run({ email: 'a@email.com' }, { email: 'c@email.com' });
    assert.deepEqual(counts, { created: 1, existing: 0, refused: 1 });
    assert.match(refused.join(), /^1 email belonged to the account/);
  });
});

describe('on postgres', { skip: !engines.includes('postgres'), timeout: 60_000 }, () => {
  test('who waits for the address while its account leaves it does not get it', async (t) => {
    const databaseUrl = await clearedPostgres(t);
    const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '60000' }, {}));
    t.after(() => store.close());
    const watcher = new pg.Client({ connectionString: databaseUrl });
    await watcher.connect();
    t.after(() => watcher.end());
    const waiting = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const other = await insert(store, 'other@email.com');
    const ways = {
      inserts: () => insert(store, 'a@email.com'),
      'inserts many': () =>
        store.write(({ records }) => records(users).insertMany([row('x@email.com'), row('a@email.com')])),
      updates: () =>
        store.write(({ records }) => records(users).update(other, { email: 'a@email.com', updated_at: now })),
    };
    for (const [name, wants] of Object.entries(ways)) {
      const id = await insert(store, 'a@email.com');
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      let told = () => {};
      const hasLeft = new Promise<void>((resolve) => {
        told = resolve;
      });
      const leaving = store.write(async (transaction) => {
        await leave(transaction, id, 'a@email.com', 'b@email.com');
        told();
        await released;
      });
      await hasLeft;
      const refused = assert.rejects(wants(), isTaken, name);
      while ((await watcher.query(waiting)).rows.length === 0) await sleep(10);
      release();
      await leaving;
      await refused;
      await store.write(({ records }) => records(users).delete(id));
    }
  });
});
