// The contract of the store on each engine: what each method stores and returns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { powers } from '../../src/model/actor.ts';
import type { Row } from '../../src/model/resource.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { organizations } from '../../src/resources/organizations/organizations.ts';
import { users } from '../../src/resources/users/users.ts';
import { UniqueViolation } from '../../src/store/errors.ts';
import type { NewSessionRow } from '../../src/store/sessions.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../support/engines.ts';
import { removeMember, setMember } from '../support/members.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');

const person = (email: string, values: Row = {}): Row => ({
  ...{ email, first_name: 'Ann', last_name: 'Other', updated_at: now },
  ...values,
});

const add = (store: Store, email: string, values?: Row) =>
  store.write((transaction) => transaction.records(users).insert(person(email, values)));

const organize = (store: Store, name: string) =>
  store.write((transaction) => insertOrganization(transaction, { name }, now));

const addToken = (store: Store, user_id: number, hash: string, more: Partial<NewSessionRow> = {}) =>
  store.write(({ sessions }) =>
    sessions.create({ user_id, hash, machine: true, name: `token ${hash}`, created_at: now, ...more }),
  );

onEachEngine((engine) => {
  test('a user is kept with all its attributes, as they were given', async (t) => {
    const store = await emptyStore(t, engine);
    const organizationId = await organize(store, 'Acme');
    const values: Row = {
      ...{ email: 'Änn@Email.com', first_name: 'Ä🦊', last_name: "O'Hara\n", updated_at: now, created_at: 5 },
      ...{ time_zone: 'Europe/Zagreb', avatar_url: 'https://a.b', default_organization_id: organizationId },
      ...{ flags: '{"a":1.0}', newsletter_consent: true, newsletter_consent_at: -1, ical_token: 'secret' },
      ...{ preferences: '[1e2]', sysadmin: true, sysadmin_permissions: '["manage_users"]' },
      ...{ two_factor_auth: true, sso_provision: true, locale: 'hr_HR' },
      account_access_expires_at: Number.MAX_SAFE_INTEGER,
    };
    assert.deepEqual(Object.keys(values).sort(), [...users.columns].sort());
    const id = await add(store, '', values);
    const kept = {
      ...values,
      id,
      revision: 1,
      shown: 2,
      default_organization_slug: `${organizationId}-acme`,
    };
    assert.deepEqual({ ...(await store.read.records(users).find(id)) }, kept);
    assert.deepEqual(
      { ...(await store.write(async ({ records }) => records(users).findForUpdate(id))) },
      kept,
    );
    assert.deepEqual(
      (await store.read.records(users).findMany([id, 999])).map((row) => ({ ...row })),
      [kept],
    );
  });

  test('a user of whom nothing more is given starts as the definition says', async (t) => {
    const store = await emptyStore(t, engine);
    const row: Row = (await store.read.records(users).find(await add(store, 'a@email.com')))!;
    assert.deepEqual([row.flags, row.sysadmin_permissions, row.locale], ['{}', '[]', 'en_US']);
    for (const name of ['newsletter_consent', 'sysadmin', 'two_factor_auth', 'sso_provision'])
      assert.equal(row[name], false, name);
    for (const name of ['time_zone', 'preferences', 'ical_token', 'default_organization_slug'])
      assert.equal(row[name], null, name);
  });

  test('what is not there is found by nothing', async (t) => {
    const { read, write } = await emptyStore(t, engine);
    assert.equal(await read.records(users).find(1), null);
    assert.equal(await read.records(users).find(Number.MAX_SAFE_INTEGER), null);
    assert.equal(await read.records(users).findByIdentity('email', 'a@email.com'), null);
    assert.deepEqual(await read.records(users).findMany([]), []);
    assert.deepEqual(await read.records(users).findMany([1, 2]), []);
    assert.equal(await read.records(organizations).find(1), null);
    assert.equal(await read.memberships.role(1, 1, now), null);
    assert.deepEqual(await read.memberships.ofUser(1, now), []);
    assert.equal(await read.passwords.find(1), null);
    assert.deepEqual(await read.passwords.attempts(1), { failures: 0, blockedUntil: 0 });
    assert.deepEqual(await read.sessions.list(1), []);
    assert.equal(await read.secrets.find('name'), null);
    assert.equal(await write(({ records }) => records(users).delete(1)), false);
    assert.equal(await write((transaction) => removeMember(transaction, 1, 1)), false);
    assert.equal(await write(({ sessions }) => sessions.end(1)), false);
    await write(({ records }) => records(users).update(1, { first_name: 'Ann' }));
    assert.equal((await read.records(users).state()).rowCount, 0);
  });

  test('an email is found and unique without regard to case or composition', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await add(store, 'Ännä@Email.com'.normalize('NFC'));
    const other = await add(store, 'other@email.com');
    assert.equal((await store.read.records(users).findByIdentity('email', 'ännä@email.com'))!.id, id);
    const taken = 'ÄNNÄ@EMAIL.com'.normalize('NFD');
    for (const attempt of [
      () => add(store, taken),
      () => store.write((transaction) => transaction.records(users).update(other, { email: taken })),
    ])
      await assert.rejects(
        attempt,
        (error) => error instanceof UniqueViolation && error.column === 'email_key',
      );
    assert.equal((await store.read.records(users).find(other))!.email, 'other@email.com');
    // The record's own email is not taken.
    await store.write((transaction) => transaction.records(users).update(id, { email: taken }));
    assert.equal((await store.read.records(users).find(id))!.email, taken);
  });

  test('of many that are inserted at once, none is taken for another with its email or id', async (t) => {
    const store = await emptyStore(t, engine);
    const existing = await add(store, 'here@email.com', { id: 50 });
    const insert = (...rows: Row[]) =>
      store.write((transaction) => transaction.records(users).insertMany(rows));
    // The second row with an email is inserted if the first was skipped because its id is taken.
    assert.deepEqual(
      await insert(person('a@email.com', { id: existing }), person('A@email.com', { id: 60 })),
      [null, 60],
    );
    assert.deepEqual(
      await insert(
        person('here@email.com', { id: 70 }),
        person('b@email.com', { id: 70 }),
        person('c@email.com', { id: 70 }),
        person('HERE@email.com', { id: 71 }),
        person('c@email.com', { id: 72 }),
      ),
      [null, 70, null, null, 72],
    );
    assert.equal((await store.read.records(users).find(60))!.email, 'A@email.com');
    assert.equal((await store.read.records(users).find(70))!.email, 'b@email.com');
    assert.equal((await store.read.records(users).find(72))!.email, 'c@email.com');
  });

  test('many are inserted at once, and those whose email or id is taken are left out', async (t) => {
    const store = await emptyStore(t, engine);
    const first = await add(store, 'a@email.com');
    const rows = ['b@email.com', 'A@EMAIL.com', 'c@email.com', 'C@email.com'].map((email) => person(email));
    const ids = await store.write((transaction) => transaction.records(users).insertMany(rows));
    assert.deepEqual(
      ids.map((id) => typeof id),
      ['number', 'object', 'number', 'object'],
    );
    assert.equal((await store.read.records(users).find(ids[2]!))!.email, 'c@email.com');
    const again = await store.write((transaction) =>
      transaction
        .records(users)
        .insertMany([person('d@email.com', { id: first }), person('e@email.com', { id: 500 })]),
    );
    assert.deepEqual(again, [null, 500]);
    assert.deepEqual(await store.write((transaction) => transaction.records(users).insertMany([])), []);
    assert.equal((await store.read.records(users).state()).rowCount, 4);
    const found = await store.read.records(users).findMany([first, ids[0]!, ids[2]!, 500]);
    assert.deepEqual(found.map(({ email }) => email).sort(), [
      ...['a@email.com', 'b@email.com', 'c@email.com', 'e@email.com'],
    ]);
    assert.equal(found.find(({ id }) => id === 500)!.locale, 'en_US');
  });

  test('of neighbours, only those that are asked for are found', async (t) => {
    const store = await emptyStore(t, engine);
    for (let i = 0; i < 6; i++) await add(store, `${i}@email.com`);
    const find = async (ids: readonly number[]) =>
      (await store.read.records(users).findMany(ids)).map(({ id }) => id);
    for (const ids of [[1, 2, 3], [1, 3, 4, 6], [2], [5, 6], [1, 6]]) assert.deepEqual(await find(ids), ids);
    await store.write((transaction) => transaction.records(users).delete(3));
    assert.deepEqual(await find([2, 3, 4]), [2, 4]);
    assert.deepEqual(await find([4, 2, 3]), [2, 4]);
  });

  test('ids that are given by many at once are passed by those that follow', async (t) => {
    const store = await emptyStore(t, engine);
    for (let round = 1; round <= 60; round++) {
      const ids = Array.from({ length: 8 }, (_, i) => round * 1000 + ((i * 3) % 8) * 10);
      await Promise.all(ids.map((id) => add(store, `person${id}@email.com`, { id })));
      const next = await add(store, `next${round}@email.com`);
      assert.ok(next > round * 1000 + 70, String(next));
    }
  });

  test('an update changes what is named alone, and raises the revision', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await add(store, 'a@email.com', { time_zone: 'UTC' });
    const before = (await store.read.records(users).find(id))!;
    await store.write((transaction) =>
      transaction.records(users).update(id, { first_name: 'Bob', time_zone: null, sysadmin: true }),
    );
    const changed = { first_name: 'Bob', time_zone: null, sysadmin: true, revision: 2 };
    assert.deepEqual({ ...(await store.read.records(users).find(id)) }, { ...before, ...changed });
    await store.write((transaction) => transaction.records(users).update(id, { first_name: 'Bob' }));
    assert.equal((await store.read.records(users).find(id))!.revision, 3);
  });

  test('the version grows with every change to users or who belongs to what, and the count is exact', async (t) => {
    const store = await emptyStore(t, engine);
    const organizationId = await organize(store, 'Acme');
    const id = await add(store, 'a@email.com');
    let { changeCount: version, rowCount } = await store.read.records(users).state();
    assert.equal(rowCount, 1);
    const step = async (
      title: string,
      count: number,
      work: (transaction: Transaction) => Promise<unknown>,
    ) => {
      await store.write(work);
      const state = await store.read.records(users).state();
      assert.ok(state.changeCount > version, title);
      assert.equal(state.rowCount, count, title);
      ({ changeCount: version, rowCount } = state);
    };
    await step('insert', 2, (transaction) => transaction.records(users).insert(person('b@email.com')));
    await step('insertMany', 4, (transaction) =>
      transaction
        .records(users)
        .insertMany(['c@email.com', 'd@email.com', 'a@email.com'].map((email) => person(email))),
    );
    await step('update', 4, (transaction) => transaction.records(users).update(id, { first_name: 'Bob' }));
    await step('set', 4, (transaction) => setMember(transaction, organizationId, id, 'member', now));
    await step('set anew', 4, (transaction) => setMember(transaction, organizationId, id, 'owner', now));
    await step('remove', 4, (transaction) => removeMember(transaction, organizationId, id));
    await step('delete', 3, (transaction) => transaction.records(users).delete(id));

    const still = await store.read.records(users).state();
    await store.write(async (transaction) => {
      await transaction.records(users).insertMany([person('b@email.com')]);
      await transaction.records(users).delete(999);
      await removeMember(transaction, organizationId, 999);
      await transaction.passwords.set(2, 'hash', now);
    });
    assert.deepEqual(await store.read.records(users).state(), still);
  });

  test('a deleted user takes along what is theirs, and nothing else', async (t) => {
    const store = await emptyStore(t, engine);
    const organizationId = await organize(store, 'Acme');
    const [gone, left] = [await add(store, 'a@email.com'), await add(store, 'b@email.com')];
    for (const id of [gone, left])
      await store.write(async (transaction) => {
        await setMember(transaction, organizationId, id, 'member', now);
        await transaction.passwords.set(id, `hash of ${id}`, now);
        await transaction.passwords.setAttempts(id, id, now);
      });
    for (const id of [gone, left]) await addToken(store, id, `token of ${id}`);
    assert.equal(await store.write((transaction) => transaction.records(users).delete(gone)), true);
    const { read } = store;
    assert.equal(await read.records(users).find(gone), null);
    assert.equal(await read.passwords.find(gone), null);
    assert.equal((await read.passwords.attempts(gone)).failures, 0);
    assert.equal(await read.memberships.role(organizationId, gone, now), null);
    assert.equal(await store.authenticate(`token of ${gone}`, null), null);
    assert.equal(await read.passwords.find(left), `hash of ${left}`);
    assert.equal((await read.passwords.attempts(left)).failures, left);
    assert.equal(await read.memberships.role(organizationId, left, now), 'member');
    assert.deepEqual(
      (await read.sessions.list(null)).map((token) => token.user_id),
      [left],
    );
    assert.ok((await add(store, 'a@email.com')) > left);
  });

  test('an account can administer as a sysadmin with every power, a way in that lasts and no end of access', async (t) => {
    const store = await emptyStore(t, engine);
    const full = { sysadmin: true, sysadmin_permissions: JSON.stringify(powers) };
    const { administrators } = store.read;
    const token = (more: Partial<NewSessionRow>) => (userId: number) =>
      addToken(store, userId, `${userId} ${JSON.stringify(more)}`, more);
    const bound = async (userId: number) => {
      const organizationId = await organize(store, 'One');
      await store.write((transaction) => setMember(transaction, organizationId, userId, 'owner', now));
      const membershipId = await store.read.memberships.idOf(organizationId, userId);
      await token({ membership_id: membershipId })(userId);
    };
    const password = (userId: number) => store.write(({ passwords }) => passwords.set(userId, 'hash', now));
    const lasting = token({});

    assert.equal(await administrators.anySysadmin(), false);
    for (const [i, { values, way, can }] of [
      { values: full, way: password, can: true },
      { values: full, way: lasting, can: true },
      { values: full, way: async () => {}, can: false },
      { values: full, way: token({ token_expires_at: now + 1e12 }), can: false },
      { values: full, way: token({ read_only: true }), can: false },
      { values: full, way: bound, can: false },
      { values: full, way: token({ machine: false }), can: false },
      { values: { ...full, account_access_expires_at: now + 1e12 }, way: password, can: false },
      { values: { ...full, account_access_expires_at: now - 1 }, way: lasting, can: false },
      { values: { ...full, sysadmin: false }, way: password, can: false },
      ...powers.map((lacked) => ({
        values: { ...full, sysadmin_permissions: JSON.stringify(powers.filter((p) => p !== lacked)) },
        way: password,
        can: false,
      })),
    ].entries()) {
      const id = await add(store, `${i}@email.com`, values);
      assert.equal(await administrators.anySysadmin(), values.sysadmin, `${i}`);
      await way(id);
      assert.equal(await administrators.includes(id), can, `${i}`);
      assert.equal(await administrators.any(), can, `${i}`);
      assert.equal(await administrators.anyBut(id), false, `${i}`);
      assert.equal(await administrators.anyBut(id + 1), can, `${i}`);
      await store.write(({ records }) => records(users).delete(id));
    }
  });

  test('a token names its account and its powers, and what the request is about', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await add(store, 'a@email.com', {
      ...{ sysadmin: true, sysadmin_permissions: '["manage_users"]', account_access_expires_at: now + 5 },
    });
    const other = await add(store, 'b@email.com');
    await store.write((transaction) => transaction.records(users).update(other, { first_name: 'Bob' }));
    const sessionId = await addToken(store, id, 'hash');
    const account = {
      ...{
        sessionId,
        machine: true,
        readOnly: false,
        createdAt: now,
        lastActivityAt: null,
        tokenExpiresAt: null,
        userId: id,
        sysadmin: true,
        accessExpiresAt: now + 5,
        organizationId: null,
        membershipExpiresAt: null,
        walPosition: null,
      },
      sysadminPermissions: '["manage_users"]',
    };
    const named = (targetId: number | null) => (targetId === null ? null : { resource: users, id: targetId });
    for (const [targetId, version] of [
      [null, null],
      [999, null],
      [id, { id, revision: 1, shown: null }],
      [other, { id: other, revision: 2, shown: null }],
    ] as const)
      assert.deepEqual(await store.authenticate('hash', named(targetId)), { ...account, target: version });
    for (const hash of ['', 'HASH', 'hash ', 'has', "' or ''='", '%'])
      assert.equal(await store.authenticate(hash, named(id)), null);
  });

  test('info counts what there is', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await add(store, 'a@email.com');
    await addToken(store, id, 'hash');
    const info = await store.info();
    assert.equal(info.engine, engine);
    assert.ok(info.migrations.length > 0);
    assert.partialDeepStrictEqual(info.counts, {
      users: 1,
      organizations: 0,
      organization_memberships: 0,
      people: 0,
      passwords: 0,
      sessions: 1,
    });
    assert.ok((await store.size()).sizeBytes > 0);
  });
});
