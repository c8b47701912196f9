// Deleting a user with many sessions and memberships, in short transactions.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { operatorOf } from '../../../src/cli/accounts/operator.ts';
import { ApiError } from '../../../src/errors.ts';
import { openStore } from '../../../src/open-store.ts';
import { memberships } from '../../../src/resources/memberships/memberships.ts';
import { newColumns } from '../../../src/resources/operations/changed-columns.ts';
import { deleteRecord } from '../../../src/resources/operations/delete.ts';
import type { Writer } from '../../../src/resources/operations/write-rules.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { userRules } from '../../../src/resources/users/user-rules.ts';
import { users } from '../../../src/resources/users/users.ts';
import { onTables, rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../../support/engines.ts';
import { type RecordedEvent, recordedSince } from '../../support/recording-store.ts';
import { serveStore } from '../../support/start-app.ts';

const sessionCount = 620;
const membershipCount = 130;
/** The size of the first batch: fewer rows are deleted with the user. */
const fewRows = 20;

onEachEngine((engine) => {
  /** @param sizes how many sessions and memberships the user has, besides a token and the default organization */
  const startWith = async (
    t: TestContext,
    sizes = { sessions: sessionCount, memberships: membershipCount },
  ) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const home = await app.createOrganization('Home');
    const user = await app.createUser({ organizationId: home });
    const other = await app.createUser({ organizationId: home });
    const now = app.clock.now;
    await store.write(async (transaction) => {
      const { records, sessions } = transaction;
      for (let i = 0; i < sizes.sessions; i++)
        await sessions.create({ user_id: user.id, machine: i % 2 === 0, created_at: now, hash: `hash ${i}` });
      for (let i = 0; i < sizes.memberships; i++) {
        const names = { name: `Acme ${i}`, slug: `acme-${i}` };
        const id = await records(organizations).insert(newColumns(organizations, names, now));
        const member = { organization_id: id, user_id: user.id, role: 'owner' } as const;
        await records(memberships).insert(newColumns(memberships, member, now));
      }
    });
    const rowsLeft = async () => {
      const rows = async (table: string) =>
        (await rowsOf(config, table)).filter(({ user_id: id }) => Number(id) === user.id);
      return {
        sessions: (await rows('sessions')).length,
        memberships: (await rows('organization_memberships')).length,
        people: (await rows('people')).length,
      };
    };
    const { services, writer } = operatorOf(store, config);
    return {
      app,
      store,
      services,
      writer,
      home,
      user,
      other,
      rowsLeft,
      recorded: await recordedSince(store),
    };
  };

  const idsOf = (events: readonly RecordedEvent[], action: string) =>
    new Set(events.filter((event) => event.action === action).map(({ record }) => record!.id));

  test('no transaction deletes more than one batch of rows, and each end is recorded once', async (t) => {
    const { store, services, writer, user, other, rowsLeft, recorded } = await startWith(t);
    const left = [await rowsLeft()];
    const counting: Writer = {
      ...writer,
      async write(work, ...more) {
        const result = await writer.write(work, ...more);
        left.push(await rowsLeft());
        return result;
      },
    };
    await deleteRecord(userRules, services, counting, user.id);
    assert.deepEqual(left[0], {
      sessions: sessionCount + 1,
      memberships: membershipCount + 1,
      people: membershipCount + 1,
    });
    assert.deepEqual(left.at(-1), { sessions: 0, memberships: 0, people: 0 });
    for (const name of ['sessions', 'memberships', 'people'] as const) {
      const largest = Math.max(...left.slice(1).map((now, i) => left[i]![name] - now[name]));
      assert.ok(largest <= 500 && largest >= 1, `${largest} ${name} in one transaction`);
      const first = left.find((now) => now[name] < left[0]![name])!;
      assert.equal(left[0]![name] - first[name], fewRows);
    }
    const events = await recorded();
    assert.equal(idsOf(events, 'organization_membership.delete').size, membershipCount + 1);
    const deleted = events.filter(({ action }) => action === 'user.delete');
    assert.deepEqual(
      deleted.map(({ record, details }) => [record!.id, details]),
      [[user.id, { sessions_ended: sessionCount + 1 }]],
    );
    assert.equal(events.at(-1)!.action, 'user.delete');
    assert.equal(await store.read.records(users).find(user.id), null);
    assert.notEqual(await store.read.records(users).find(other.id), null);
    assert.equal((await store.read.sessions.list(other.id)).length, 1);
  });

  test('a user with few of them is deleted by one transaction', async (t) => {
    const few = { sessions: fewRows - 2, memberships: fewRows - 2 };
    const { services, writer, user, rowsLeft, recorded } = await startWith(t, few);
    await deleteRecord(userRules, services, writer, user.id);
    assert.deepEqual(await rowsLeft(), { sessions: 0, memberships: 0, people: 0 });
    const events = await recorded();
    assert.equal(idsOf(events, 'session.delete').size, 0);
    assert.equal(idsOf(events, 'organization_membership.delete').size, fewRows - 1);
    assert.deepEqual(events.at(-1)!.details, { sessions_ended: fewRows - 1 });
  });

  test('a deletion that stops halfway leaves the default organization, and is repeated', async (t) => {
    const { store, services, writer, home, user, rowsLeft } = await startWith(t);
    const stopping: Writer = {
      ...writer,
      async write(work, ...more) {
        const { sessions, memberships: left } = await rowsLeft();
        if (sessions < fewRows && left < membershipCount) throw new Error('stopped');
        return writer.write(work, ...more);
      },
    };
    await assert.rejects(deleteRecord(userRules, services, stopping, user.id), /stopped/);
    const halfway = (await store.read.records(users).find(user.id))!;
    assert.equal(halfway.default_organization_id, home);
    assert.notEqual(await store.read.memberships.idOf(home, user.id), null);
    await deleteRecord(userRules, services, writer, user.id);
    assert.deepEqual(await rowsLeft(), { sessions: 0, memberships: 0, people: 0 });
  });

  test('each transaction checks again whether the user may be deleted', async (t) => {
    const { services, writer, user, rowsLeft } = await startWith(t);
    const before = await rowsLeft();
    let checks = 0;
    const conditions = {
      requireVisible: async () => {},
      requirePrecondition() {
        checks++;
        if (checks === 3) throw new ApiError('access_denied');
      },
    };
    await assert.rejects(deleteRecord(userRules, services, writer, user.id, conditions), ApiError);
    const after = await rowsLeft();
    assert.ok(after.sessions < before.sessions && after.sessions > 0);
    assert.deepEqual(after, { ...before, sessions: after.sessions });
  });

  test('a request deletes a user with many, if its ETag is current', async (t) => {
    const { app, user, rowsLeft } = await startWith(t);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const path = `/api/v2/users/${user.id}`;
    const remove = (tag: string) => app.request('DELETE', path, { token, headers: { 'If-Match': tag } });
    const before = await rowsLeft();
    assert.equal((await remove('"other"')).status, 412);
    assert.deepEqual(await rowsLeft(), before);
    const { headers } = await app.request('GET', path, { token });
    assert.equal((await remove(headers.get('etag')!)).status, 204);
    assert.deepEqual(await rowsLeft(), { sessions: 0, memberships: 0, people: 0 });
  });

  test('a request that names one of its organizations deletes a user with many', async (t) => {
    const { app, store, home, user, rowsLeft } = await startWith(t, { sessions: 0, memberships: 60 });
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const others = (await store.read.memberships.listAllOf([user.id])).filter(
      ({ organization_id: id }) => id !== home,
    );
    const headers = { 'X-Organization-Id': String(others[0]!.organization_id) };
    const deleted = await app.request('DELETE', `/api/v2/users/${user.id}`, { token, headers });
    assert.equal(deleted.status, 204);
    assert.deepEqual(await rowsLeft(), { sessions: 0, memberships: 0, people: 0 });
  });

  test('sysadmins with many sessions delete themselves', async (t) => {
    const { app, store } = await startWith(t, { sessions: 0, memberships: 0 });
    await app.createUser({ sysadmin: ['manage_users'] });
    const { id, token } = await app.createUser({ sysadmin: ['manage_users'] });
    await store.write(async ({ sessions }) => {
      for (let i = 0; i < 50; i++)
        await sessions.create({ user_id: id, machine: true, created_at: app.clock.now, hash: `own ${i}` });
    });
    const deleted = await app.request('DELETE', `/api/v2/users/${id}`, { token });
    assert.equal(deleted.status, 204);
    assert.equal((await store.read.sessions.list(id)).length, 0);
  });

  test('users with many sessions and memberships delete themselves in one transaction, and every membership is recorded', async (t) => {
    const { services, writer, user, rowsLeft, recorded } = await startWith(t);
    const before = await rowsLeft();
    const transactions: unknown[] = [];
    const own: Writer = {
      ...writer,
      actor: { ...writer.actor, userId: user.id } as Writer['actor'],
      write: (work, locks) => {
        transactions.push(work);
        return writer.write(work, locks);
      },
    };
    await deleteRecord(userRules, services, own, user.id);
    assert.equal(transactions.length, 1);
    assert.deepEqual(await rowsLeft(), { sessions: 0, memberships: 0, people: 0 });
    const events = await recorded();
    const ended = events.filter(({ action }) => action === 'organization_membership.delete');
    assert.equal(ended.length, before.memberships);
    assert.deepEqual(events.at(-1)!.details, { sessions_ended: before.sessions });
  });

  test('with the user, all of its links, mails and keys of requests are deleted, a few at a time, and none of others', async (t) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const [user, other] = [await app.createUser(), await app.createUser()];
    const count = 1100;
    await store.write(async ({ idempotencyKeys }) => {
      for (const { id: userId } of [user, other])
        for (let i = 0; i < count; i++) {
          const created = { bodyDigest: '', createdId: 1, createdAt: app.clock.now };
          await idempotencyKeys.keep({ userId, route: `${i % 2}`, keyHash: `${i}` }, created, 0);
        }
    });
    const numbers = Array.from({ length: count }, (_, i) => i);
    for (const { id } of [user, other]) {
      const links = numbers.map((i) => `('email_undo', ${id}, 'a', 'b', 1, 9, '${id}of${i}')`).join();
      await onTables(
        config,
        `INSERT INTO links (purpose, user_id, email, nonce, created_at, expires_at, token_hash) VALUES ${links}`,
      );
      const mails = numbers.map(() => `('notice', ${id}, 'a', 'en_US', '{}', 'sent', 1, 1, 9)`).join();
      await onTables(
        config,
        `INSERT INTO mails (kind, user_id, to_address, locale, data, state, due_at, created_at, delete_at) VALUES ${mails}`,
      );
    }
    const { services, writer } = operatorOf(store, config);
    const left: number[][] = [];
    const watched: Writer = {
      ...writer,
      write: (work, locks) =>
        writer.write((transaction) => {
          const watching = <T extends { eraseOf(userId: number, limit: number): Promise<number> }>(
            rows: T,
          ): T => ({
            ...rows,
            async eraseOf(userId: number, limit: number) {
              const removed = await rows.eraseOf(userId, limit);
              left.push([limit, removed]);
              return removed;
            },
          });
          const { idempotencyKeys, links, mails } = transaction;
          return work({
            ...transaction,
            idempotencyKeys: watching(idempotencyKeys),
            links: watching(links),
            mails: watching(mails),
          });
        }, locks),
    };
    await deleteRecord(userRules, services, watched, user.id);
    const removedInTurn = [500, 500, 100].map((removed) => [500, removed]);
    assert.deepEqual(left, [...removedInTurn, ...removedInTurn, ...removedInTurn]);
    for (const table of ['links', 'mails', 'idempotency_keys']) {
      const owners = (await rowsOf(config, table)).map(({ user_id: id }) => Number(id));
      assert.deepEqual(owners, Array(count).fill(other.id), table);
    }
  });
});
