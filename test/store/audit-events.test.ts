// An audit event is committed together with its change, or neither is.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { type AuditEvent, changesBetween } from '../../src/model/audit-event.ts';
import { zone } from '../../src/model/zone.ts';
import { openEngine, openStore, product } from '../../src/open-store.ts';
import { events } from '../../src/resources/events/events.ts';
import { trailOf } from '../../src/resources/events/trail.ts';
import { users } from '../../src/resources/users/users.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { Transaction } from '../../src/store/store.ts';
import { onTables, urlOf } from '../support/database-rows.ts';
import { endWithTests } from '../support/end-with-tests.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { recordedAct } from '../support/recorded-act.ts';
import { recordingStatements } from '../support/recording-engine.ts';
import { recordedSince } from '../support/recording-store.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const person = (email: string) => ({ email, first_name: 'Ann', last_name: 'Other', updated_at: now });

async function insertRecorded(transaction: Transaction, email: string): Promise<number> {
  const id = await transaction.records(users).insert(person(email));
  transaction.record(() => recordedAct('user.create', id));
  return id;
}

const trail = trailOf(product.resources, zone('UTC'));

/** The stored events, as `action id`. */
async function kept(config: Config): Promise<string[]> {
  const rows = await onTables(config, 'SELECT action, subject_id FROM events');
  return rows.map(({ action, subject_id }) => `${action} ${subject_id}`).sort();
}

onEachEngine((engine) => {
  async function recordingStore(t: TestContext) {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    return { config, store };
  }

  test('an event is committed with its change, and none with a change that throws', async (t) => {
    const { config, store } = await recordingStore(t);
    const id = await store.write((transaction) => insertRecorded(transaction, 'a@email.com'));
    assert.deepEqual(await kept(config), [`user.create ${id}`]);

    const failing = store.write(async (transaction) => {
      await insertRecorded(transaction, 'b@email.com');
      throw new Error('refused');
    });
    await assert.rejects(failing, /refused/);
    assert.deepEqual(await kept(config), [`user.create ${id}`]);
  });

  test('a change whose event cannot be written is not made', async (t) => {
    const config = await clearedConfig(t, engine);
    const { rowOf } = trail;
    const broken = { resource: events, rowOf: (event: AuditEvent) => ({ ...rowOf(event), action: null }) };
    const store = sqlStore(await openEngine(config), product.resources, undefined, broken);
    t.after(() => store.close());
    const creating = store.write((transaction) => insertRecorded(transaction, 'a@email.com'));
    await assert.rejects(creating, /action/);
    const id = await store.write((transaction) => transaction.records(users).insert(person('b@email.com')));
    const changing = store.changeRecord(
      users,
      id,
      async () => ({ first_name: 'changed' }),
      () => recordedAct('user.update', id),
    );
    await assert.rejects(changing, /action/);
    assert.deepEqual(await kept(config), []);
    assert.equal((await store.read.records(users).find(id))!.first_name, 'Ann');
    assert.equal((await store.read.records(users).state()).rowCount, 1);
  });

  test('a change whose event cannot be written is not made, and others that share its commit are', async (t) => {
    const config = await clearedConfig(t, engine);
    const { rowOf } = trail;
    const broken = {
      resource: events,
      rowOf: (event: AuditEvent) => ({
        ...rowOf(event),
        action: event.action === 'user.lost' ? null : event.action,
      }),
    };
    const store = sqlStore(await openEngine(config), product.resources, undefined, broken);
    t.after(() => store.close());
    const outcomes = await Promise.allSettled(
      ['create', 'lost', 'invite'].map((verb) =>
        store.write(async (transaction) => {
          const id = await transaction.records(users).insert(person(`${verb}@email.com`));
          transaction.record(() => recordedAct(`user.${verb}`, id));
          return id;
        }),
      ),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    assert.deepEqual(await kept(config), [`user.create ${ids[0]}`, `user.invite ${ids[1]}`]);
    const rows = await onTables(config, 'SELECT id, email FROM users ORDER BY email');
    assert.deepEqual(
      rows.map(({ id, email }) => [id, email]),
      [
        [ids[0], 'create@email.com'],
        [ids[1], 'invite@email.com'],
      ],
    );
  });

  test('a change of one row records what it was and what it is, and nothing where it stays', async (t) => {
    const { store } = await recordingStore(t);
    const recorded = await recordedSince(store);
    const id = await store.write((transaction) => transaction.records(users).insert(person('a@email.com')));
    const change = (values: Record<string, string> | null) =>
      store.changeRecord(
        users,
        id,
        async () => values && { ...values, updated_at: now + 1 },
        (before, after) => recordedAct('user.update', id, changesBetween(users, before, after)),
      );
    await change({ first_name: 'Zoë', preferences: '{"theme":"dark"}', ical_token: 'secret link' });
    await change(null);
    assert.deepEqual(
      (await recorded()).map(({ changes }) => changes),
      [
        [
          { attribute: 'first_name', from: 'Ann', to: 'Zoë' },
          { attribute: 'ical_token', from: 'changed', to: 'changed' },
          { attribute: 'preferences', from: 'changed', to: 'changed' },
        ],
      ],
    );
  });

  test('a change that is tried again after a deadlock records its event once', async (t) => {
    // SQLite has one writer at a time, so it never retries a transaction.
    if (engine === 'sqlite') return;
    const { config, store } = await recordingStore(t);
    const ids = await Promise.all(
      ['a', 'b'].map((name) =>
        store.write((transaction) => transaction.records(users).insert(person(`${name}@email.com`))),
      ),
    );
    let attempts = 0;
    let bothHold: () => void;
    const barrier = new Promise<void>((resolve) => {
      bothHold = resolve;
    });
    const crossing = [ids, ids.toReversed()].map(([first, second]) =>
      store.write(async (transaction) => {
        await transaction.records(users).findForUpdate(first!);
        if (++attempts === 2) bothHold();
        await barrier;
        await transaction.records(users).update(second!, { first_name: 'changed' });
        transaction.record(() => recordedAct('user.update', second!));
      }),
    );
    await Promise.all(crossing);
    assert.ok(attempts > 2, 'one was tried again');
    assert.deepEqual(await kept(config), ids.map((id) => `user.update ${id}`).sort());
  });

  test('events of changes that share a commit are written by one statement, in the order of the changes', async (t) => {
    // On PostgreSQL each change has a commit of its own.
    if (engine === 'postgres') return;
    const config = await clearedConfig(t, engine);
    const opened = await openEngine(config);
    const { recording, statements } = recordingStatements(opened, 'insert into "events"');
    const store = sqlStore(recording, product.resources, undefined, trail);
    t.after(() => store.close());
    const addresses = Array.from({ length: 16 }, (_, i) => `${i}@email.com`);
    const ids = await Promise.all(
      addresses.map((email) => store.write((transaction) => insertRecorded(transaction, email))),
    );
    assert.equal(statements.length, 1);
    const rows = await onTables(config, 'SELECT subject_id FROM events ORDER BY id');
    assert.deepEqual(
      rows.map(({ subject_id }) => subject_id),
      ids,
    );
  });

  test('a process that is killed leaves no change without its event, and no event without its change', async (t) => {
    const config = await clearedConfig(t, engine);
    const script = join(import.meta.dirname, '../support/write-recorded-users.ts');
    const child = spawn(process.execPath, [script, urlOf(config)], { stdio: ['ignore', 'pipe', 'inherit'] });
    endWithTests(child);
    const exited = once(child, 'exit');
    t.after(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    let acknowledged = 0;
    for await (const _ of createInterface(child.stdout!)) if (++acknowledged === 50) child.kill('SIGKILL');
    await exited;

    // The server may still be executing what the process has sent.
    const store = await openStore(config);
    await store.write(async ({ administrators }) => administrators.hold());
    await store.close();
    const rows = await onTables(config, 'SELECT id, first_name FROM users ORDER BY id');
    assert.ok(rows.length >= 50);
    const expected = rows.flatMap(({ id, first_name }) => [
      `user.create ${id}`,
      ...(first_name === 'changed' ? [`user.update ${id}`] : []),
    ]);
    assert.deepEqual(await kept(config), expected.sort());
  });
});
