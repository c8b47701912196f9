// The contract of the store on each engine: organizations, memberships, passwords, tokens and secrets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../src/model/actor.ts';
import { hasId } from '../../src/model/query.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { organizations } from '../../src/resources/organizations/organizations.ts';
import { organizationsOfUsers, users } from '../../src/resources/users/users.ts';
import { UniqueViolation } from '../../src/store/errors.ts';
import type { NewSessionRow } from '../../src/store/sessions.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../support/engines.ts';
import { removeMember, setMember } from '../support/members.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const roles: readonly Role[] = ['owner', 'admin', 'member'];

/** Ids of accounts and organizations, by number. */
async function cast(store: Store, people: number, count: number) {
  return store.write(async (transaction) => {
    const userIds: number[] = [];
    const organizationIds: number[] = [];
    for (let i = 0; i < people; i++)
      userIds.push(
        await transaction.records(users).insert({
          ...{ email: `${i}@email.com`, first_name: 'Ann', last_name: 'Other', updated_at: now },
        }),
      );
    for (let i = 0; i < count; i++)
      organizationIds.push(await insertOrganization(transaction, { name: `organization${i}` }, now));
    return { userIds, organizationIds };
  });
}

/** Of a session that is not bound and has not been used. */
const noEnd = { last_activity_at: null, token_expires_at: null, membership_id: null, organization_id: null };

onEachEngine((engine) => {
  test('an organization is kept under its own id or one that is given', async (t) => {
    const store = await emptyStore(t, engine);
    const insert = (name: string, id?: number) =>
      store.write((transaction) => insertOrganization(transaction, { name, ...(id && { id }) }, now));
    assert.equal(await insert('organization74', 74), 74);
    const { name, slug, created_at, updated_at } = (await store.read.records(organizations).find(74))!;
    assert.deepEqual([name, slug, created_at, updated_at], ['organization74', '74-organization74', now, now]);
    const next = await insert('Acme');
    assert.notEqual(next, 74);
    assert.deepEqual(
      (await store.read.organizations.list()).map(({ id }) => id),
      [74, next].sort((a, b) => a - b),
    );
    await assert.rejects(insert('Other', 74));
    assert.equal((await store.read.records(organizations).find(74))!.name, 'organization74');
  });

  for (const [name, slug] of [
    ['Acme & Sons', 'acme-sons'],
    ['  --Acme--  ', 'acme'],
    ['ŠKODA Česká', 'škoda-česká'],
    ['李 & 王', '李-王'],
    ['A.B.C.', 'a-b-c'],
    ["O'Hara", 'o-hara'],
    ['24/7', '24-7'],
    ['100%_sure', '100-sure'],
    ['!!!', ''],
  ] as const) {
    test(`an organization named ${JSON.stringify(name)} has that as its slug, in lower case and with hyphens`, async (t) => {
      const store = await emptyStore(t, engine);
      for (const given of [{ name, id: 7 }, { name }]) {
        const id = await store.write((transaction) => insertOrganization(transaction, given, now));
        const made = (await store.read.records(organizations).find(id))!;
        assert.equal(made.slug, slug === '' ? `${id}` : `${id}-${slug}`);
      }
    });
  }

  test('a membership has the role that was set last', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 2, 2);
    const [user, other] = userIds as [number, number];
    const [home, abroad] = organizationIds as [number, number];
    for (const role of roles) {
      await store.write((transaction) => setMember(transaction, home, user, role, now));
      assert.equal(await store.read.memberships.role(home, user, now), role);
    }
    assert.equal(await store.read.memberships.role(abroad, user, now), null);
    assert.equal(await store.read.memberships.role(home, other, now), null);
    assert.equal(await store.write((transaction) => removeMember(transaction, home, user)), true);
    assert.equal(await store.write((transaction) => removeMember(transaction, home, user)), false);
    assert.equal(await store.read.memberships.role(home, user, now), null);
  });

  test('the memberships of a user have their roles, in order of organization', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 2, 4);
    const [user, other] = userIds as [number, number];
    const [a, b, c, d] = organizationIds as [number, number, number, number];
    await store.write(async (transaction) => {
      await setMember(transaction, c, user, 'owner', now);
      await setMember(transaction, a, user, 'member', now);
      await setMember(transaction, b, user, 'admin', now);
      await setMember(transaction, d, other, 'owner', now);
    });
    const rolesOf = async (id: number) =>
      (await store.read.memberships.ofUser(id, now)).map((row) => [row.organization_id, row.role]);
    // Asked at once, they share a statement on a database server.
    assert.deepEqual(await Promise.all([user, other, 0, user].map(rolesOf)), [
      [
        [a, 'member'],
        [b, 'admin'],
        [c, 'owner'],
      ],
      [[d, 'owner']],
      [],
      [
        [a, 'member'],
        [b, 'admin'],
        [c, 'owner'],
      ],
    ]);
  });

  test('a membership counts until the millisecond before its end, and again after it is extended', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 1, 2);
    const [user] = userIds as [number];
    const [brief, lasting] = organizationIds as [number, number];
    const end = now + 1000;
    const setBrief = (until: number | null) =>
      store.write((transaction) => setMember(transaction, brief, user, 'admin', now, until));
    await setBrief(end);
    await store.write((transaction) => setMember(transaction, lasting, user, 'member', now + 1));
    const { memberships: found } = store.read;
    const at = async (time: number) => ({
      role: await found.role(brief, user, time),
      listed: (await found.listOf([user], time)).map((row) => row.organization_id),
      ofUser: (await found.ofUser(user, time)).map((row) => row.organization_id),
      oldest: await store.write((transaction) => transaction.memberships.oldestOf([user], time, 0)),
      all: (await found.listAllOf([user])).map((row) => row.organization_id),
    });
    const both = [brief, lasting];
    const counting = {
      role: 'admin',
      listed: both,
      ofUser: both,
      oldest: new Map([[user, brief]]),
      all: both,
    };
    assert.deepEqual(await at(end - 1), counting);
    const ended = {
      role: null,
      listed: [lasting],
      ofUser: [lasting],
      oldest: new Map([[user, lasting]]),
      all: both,
    };
    assert.deepEqual(await at(end), ended);
    assert.deepEqual(await at(end + 1), ended);
    await setBrief(end + 1);
    assert.deepEqual(await at(end), counting);
    await setBrief(null);
    assert.deepEqual(await at(Number.MAX_SAFE_INTEGER), counting);
  });

  test('the last end that has passed changes when an end passes, and when one is set or taken away', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 3, 1);
    const [organization] = organizationIds as [number];
    const setEnd = (user: number, end: number | null) =>
      store.write((transaction) => setMember(transaction, organization, user, 'member', now, end));
    const lastEnds = async (...times: number[]) => {
      const found: number[] = [];
      for (const time of times) found.push(await store.read.memberships.lastEnd(time));
      return found;
    };
    assert.deepEqual(await lastEnds(0, now), [0, 0]);
    const [one, two, three] = userIds as [number, number, number];
    await setEnd(one, now + 10);
    await setEnd(two, now + 20);
    await setEnd(three, null);
    assert.deepEqual(await lastEnds(now + 9, now + 10, now + 19, now + 20, now + 21, now + 10, now), [
      ...[0, now + 10, now + 10, now + 20, now + 20, now + 10, 0],
    ]);
    await setEnd(three, now + 15);
    assert.deepEqual(await lastEnds(now + 17), [now + 15]);
    await setEnd(three, now + 30);
    assert.deepEqual(await lastEnds(now + 17, now + 30), [now + 10, now + 30]);
    const inTransaction = await store.write(async (transaction) => {
      assert.equal(await transaction.memberships.lastEnd(now + 29), now + 20);
      await setMember(transaction, organization, two, 'member', now, now + 25);
      return transaction.memberships.lastEnd(now + 29);
    });
    assert.equal(inTransaction, now + 25);
  });

  test('many memberships are set at once, anew or again, and listed by user and organization', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 3, 2);
    const [one, two, three] = userIds as [number, number, number];
    const [a, b] = organizationIds as [number, number];
    const membership = (user_id: number, organization_id: number, role: Role) => ({
      organization_id,
      user_id,
      role,
    });
    const set = (...many: ReturnType<typeof membership>[]) =>
      store.write(async (transaction) => {
        for (const { organization_id, user_id, role } of many)
          await setMember(transaction, organization_id, user_id, role, now);
      });
    await set(membership(two, b, 'member'), membership(one, b, 'owner'), membership(one, a, 'admin'));
    await set(membership(two, b, 'admin'), membership(three, a, 'member'));
    await set();
    const listed = await store.read.memberships.listOf([two, one], now);
    assert.deepEqual(
      listed.map(({ organization_id, user_id, role }) => membership(user_id, organization_id, role)),
      [membership(one, a, 'admin'), membership(one, b, 'owner'), membership(two, b, 'admin')],
    );
    assert.deepEqual(await store.read.memberships.listOf([], now), []);
  });

  test('nobody belongs to what is not there, and nobody who is not there belongs to anything', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 1, 1);
    for (const [organization, user] of [
      [organizationIds[0]!, 999],
      [999, userIds[0]!],
    ] as const)
      await assert.rejects(
        store.write((transaction) => setMember(transaction, organization, user, 'owner', now)),
      );
    await assert.rejects(
      store.write(({ records }) => records(users).update(userIds[0]!, { default_organization_id: 999 })),
    );
    await assert.rejects(store.write(({ passwords }) => passwords.set(999, 'hash', now)));
    assert.equal((await store.read.records(users).find(userIds[0]!))!.default_organization_id, null);
  });

  test('who is seen is who belongs to one of the organizations', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds, organizationIds } = await cast(store, 2, 3);
    const [user, other] = userIds as [number, number];
    const [a, b, c] = organizationIds as [number, number, number];
    await store.write((transaction) => setMember(transaction, b, user, 'member', now));
    const { sees } = store.read.records(users);
    const members = (...others: number[]) => ({ link: organizationsOfUsers, others });
    for (const [visible, seen] of [
      [null, [true, true]],
      [hasId(user), [true, false]],
      [{ any: [hasId(other), members(b)] }, [true, true]],
      [members(), [false, false]],
      [members(b), [true, false]],
      [members(a, b), [true, false]],
      [members(a, c), [false, false]],
      [members(a), [false, false]],
    ] as const)
      assert.deepEqual(
        [await sees(visible, user), await sees(visible, other)],
        seen,
        JSON.stringify(visible),
      );
    assert.equal(await sees(members(b), 999), false);
  });

  test('a password is the one that was set last, and its hash is kept to the letter', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds } = await cast(store, 3, 0);
    const [one, two, three] = userIds as [number, number, number];
    for (const hash of ['$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 'other'])
      await store.write(({ passwords }) => passwords.set(one, hash, now));
    await store.write(({ passwords }) =>
      passwords.setMany(
        [
          { userId: one, hash: 'third' },
          { userId: two, hash: 'second' },
        ],
        now,
      ),
    );
    await store.write(({ passwords }) => passwords.setMany([], now));
    assert.equal(await store.read.passwords.find(one), 'third');
    assert.equal(await store.read.passwords.find(three), null);
    const listed = await store.read.passwords.listOf([one, two, three]);
    assert.deepEqual([...listed].sort(), [
      [one, 'third'],
      [two, 'second'],
    ]);
    assert.equal((await store.read.passwords.listOf([])).size, 0);
  });

  test('attempts are those that were set last, whether there is a password or not', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds } = await cast(store, 2, 0);
    const [one, two] = userIds as [number, number];
    for (const [failures, blockedUntil] of [
      [1, 0],
      [100, now + 86_400_000],
      [0, 0],
      [7, now],
    ] as const) {
      await store.write(({ passwords }) => passwords.setAttempts(one, failures, blockedUntil));
      assert.deepEqual(await store.read.passwords.attempts(one), { failures, blockedUntil });
    }
    assert.deepEqual(await store.read.passwords.attempts(two), { failures: 0, blockedUntil: 0 });
    await store.write(({ passwords }) => passwords.set(one, 'hash', now));
    assert.equal((await store.read.passwords.attempts(one)).failures, 7);
  });

  test('tokens are listed without their hash, and end one by one or with the sign-ins of their account', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds } = await cast(store, 2, 0);
    const [one, two] = userIds as [number, number];
    const create = (user_id: number, hash: string, more: Partial<NewSessionRow>) => {
      const session = { user_id, hash, machine: false, name: hash, created_at: now, ...more };
      return store.write(({ sessions }) => sessions.create(session));
    };
    const api = await create(one, 'api', { machine: true, read_only: true, token_expires_at: now + 1 });
    const here = await create(one, 'here', { last_activity_at: now });
    const there = await create(one, 'there', {});
    const other = await create(two, 'other', {});
    const common = { ...{ user_id: one, machine: false, read_only: false, created_at: now }, ...noEnd };
    assert.deepEqual(
      (await store.read.sessions.list(one)).map((session) => ({ ...session })),
      [
        { ...common, id: api, machine: true, read_only: true, name: 'api', token_expires_at: now + 1 },
        { ...common, id: here, name: 'here', last_activity_at: now },
        { ...common, id: there, name: 'there' },
      ],
    );
    await store.write(({ sessions }) => sessions.endSignIns(one, here));
    const left = async () => (await store.read.sessions.list(null)).map(({ id }) => id);
    assert.deepEqual(await left(), [api, here, other]);
    assert.equal(await store.authenticate('there', null), null);
    assert.equal((await store.authenticate('api', null))!.tokenExpiresAt, now + 1);
    // Another account's token protects no session.
    await store.write(({ sessions }) => sessions.endSignIns(one, other));
    assert.deepEqual(await left(), [api, other]);
    assert.equal(await store.write(({ sessions }) => sessions.end(api)), true);
    assert.equal(await store.write(({ sessions }) => sessions.end(api)), false);
    assert.deepEqual(await left(), [other]);
  });

  test('no two tokens are the same', async (t) => {
    const store = await emptyStore(t, engine);
    const { userIds } = await cast(store, 2, 0);
    const create = (userId: number) =>
      store.write(({ sessions }) =>
        sessions.create({ user_id: userId, hash: 'hash', machine: true, created_at: now }),
      );
    await create(userIds[0]!);
    await assert.rejects(create(userIds[1]!), UniqueViolation);
    assert.equal((await store.authenticate('hash', null))!.userId, userIds[0]);
  });

  test('a token is looked up together with the whole record, if that is wanted', async (t) => {
    const store = await emptyStore(t, engine);
    const [owner, id] = (await cast(store, 2, 0)).userIds as [number, number];
    await store.write(({ sessions }) =>
      sessions.create({ user_id: owner, hash: 'hash', machine: true, created_at: now }),
    );
    const ask = (token: string, wanted: number, withRow: boolean) =>
      store.authenticate(token, { resource: users, id: wanted, withRow });
    const whole = (await ask('hash', id, true))!;
    assert.deepEqual([whole.userId, whole.target?.row], [owner, await store.read.records(users).find(id)]);
    const { row, ...version } = whole.target!;
    assert.deepEqual(version, (await ask('hash', id, false))!.target);
    assert.equal((await ask('hash', id + 1, true))!.target, null);
    assert.equal(await ask('other', id, true), null);
  });

  test('a secret is the first one that anyone gave, whoever came at the same time', async (t) => {
    const store = await emptyStore(t, engine);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.write(({ secrets }) => secrets.keep('name', `value ${i}`))),
    );
    assert.equal(new Set(answers).size, 1);
    assert.equal(await store.read.secrets.find('name'), answers[0]);
    assert.equal(await store.write(({ secrets }) => secrets.keep('name', 'late')), answers[0]);
    assert.equal(await store.write(({ secrets }) => secrets.keep('other', 'value')), 'value');
    assert.equal(await store.read.secrets.find('NAME'), null);
  });
});
