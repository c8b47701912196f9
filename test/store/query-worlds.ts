// Test data for queries: users and gadgets with few distinct values, so that many rows share them, and odd values,
// for example with special characters of patterns.

import type { TestContext } from 'node:test';
import type { Resource } from '../../src/model/resource.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { organizationsOfUsers, users } from '../../src/resources/users/users.ts';
import type { Store } from '../../src/store/store.ts';
import { type EngineName, emptyStore } from '../support/engines.ts';
import { setMember } from '../support/members.ts';
import { gadgets } from '../support/toy/gadgets.ts';
import { withGadgets } from '../support/toy/with-gadgets.ts';
import type { LinkWithEnd, Pools, World } from './query-model.ts';

const names = ['Ann', 'ann', 'ANN', 'Änn', 'A🦊', '🦊🦊', 'o', "O'Hara", '100%', 'a_b', 'ab', '\\', '"', 'Z'];
export const decomposed = 'é'.normalize('NFD');
const pieces = ['a', 'n', 'nn', 'an', '🦊', '%', '_', "'", '', decomposed, `n${decomposed}`];
const zones = ['UTC', 'Europe/Zagreb', 'America/New_York', null];
const times = [0, 1, -1, 1_000, 2_000, 1_773_720_240_843];
const locals = ['ann', 'ANN', 'n', 'né', 'q_%'];

const pick = <T>(list: readonly T[], i: number): T => list[i % list.length]!;
const texts = [...pieces, ...names];
const ids = [0, 1, 2, 3, 20, 40, 41];
const addresses = ['ann0@email.com', 'ANN5@EMAIL.COM', 'nobody@email.com', ''];

const linksOfMembers = { others: [1, 2, 3, 9], ends: { column: 'expires_at', times } };

/** How test data is created, and values to query. */
export interface KnownWorld {
  readonly name: string;
  make(t: TestContext, engine: EngineName, size: number): Promise<World>;
  readonly pools: Pools;
}

export const usersWorld: KnownWorld = {
  name: 'users',
  async make(t, engine, size) {
    const store = await emptyStore(t, engine);
    await addUsers(store, size);
    return worldOf(store, users, size);
  },
  pools: {
    texts,
    ...linksOfMembers,
    values: {
      id: ids,
      updated_at: times,
      email: addresses,
      first_name: [...names, 'x'],
      last_name: [...names, 'x'],
      time_zone: [...zones, 'Asia/Tokyo'],
      default_organization_id: [1, 2, 3, null],
      newsletter_consent: [true, false],
      sysadmin: [true, false],
      two_factor_auth: [true, false],
      sso_provision: [true, false],
      account_access_expires_at: [null, ...times],
      locale: ['en_US', 'hr_HR', 'de_DE'],
    },
  },
};

const gadgetsWorld: KnownWorld = {
  name: 'gadgets',
  async make(t, engine, size) {
    const store = await emptyStore(t, engine, withGadgets);
    // Gadgets are linked with the organizations of the users that have the same ids.
    await addUsers(store, size);
    await addGadgets(store, size);
    return worldOf(store, gadgets, size);
  },
  pools: {
    texts,
    ...linksOfMembers,
    values: {
      id: ids,
      updated_at: times,
      name: [...names, 'x'],
      nickname: [null, ...names, 'x'],
      label: [null, ...names, 'x'],
      contact: addresses,
      recovery: [null, ...addresses],
      order: [0, 1, 2, -3],
      group: [null, 0, 1, 2, -3],
      user: [null, ...names, ''],
      model: ['basic', ...names, ''],
      owner_id: [null, ...ids],
      part_of_id: [null, ...ids],
      enabled: [true, false],
      approved: [null, true, false],
      released_at: [null, ...times],
      homepage: [null, 'https://a.b', 'https://c.d'],
      time_zone: [...zones, 'Asia/Tokyo'],
      locale: ['en_US', 'hr_HR', 'de_DE'],
    },
  },
};

export const knownWorlds: readonly KnownWorld[] = [usersWorld, gadgetsWorld];

async function addUsers(store: Store, size: number): Promise<void> {
  await store.write(async (transaction) => {
    for (const id of [1, 2, 3]) await insertOrganization(transaction, { name: `organization${id}`, id }, 0);
    for (let i = 0; i < size; i++) {
      const id = await transaction.records(users).insert({
        email: `${pick(locals, i * 7)}${i}@Email.com`,
        first_name: pick(names, i * 3 + 1),
        last_name: pick(names, (i * i) % 11),
        updated_at: pick(times, i * 5),
        time_zone: pick(zones, i),
        default_organization_id: pick([1, 2, null], i),
        newsletter_consent: i % 3 === 0,
        sysadmin: i % 5 === 0,
        account_access_expires_at: pick([null, ...times], i * 3),
        locale: pick(['en_US', 'hr_HR'], i),
      });
      for (const organizationId of [1, 2, 3])
        if ((i >> (organizationId - 1)) % 3 === 0)
          await setMember(transaction, organizationId, id, 'member', 0, pick([null, ...times], i * 5));
    }
  });
}

async function addGadgets(store: Store, size: number): Promise<void> {
  await store.write(async ({ records }) => {
    let last: number | null = null;
    for (let i = 0; i < size; i++)
      last = await records(gadgets).insert({
        updated_at: pick(times, i * 5),
        name: pick(names, i * 3 + 1),
        nickname: pick([null, ...names, null], (i * i) % 13),
        label: pick([...names, null], i * 5),
        contact: `${pick(locals, i * 7)}${i}@Email.com`,
        recovery: i % 3 === 0 ? null : `${pick(locals, i)}${i}@email.com`,
        order: pick([0, 1, 2, -3], i * 3),
        group: pick([null, 0, 1, null, 2, -3], i),
        user: pick([null, ...names, ''], i * 7),
        model: pick(['basic', '', ...names], (i * i) % 7),
        owner_id: pick([null, 1, 2, 3], i),
        part_of_id: i % 4 === 0 ? null : last,
        enabled: i % 3 === 0,
        approved: pick([null, true, false], i),
        released_at: pick([null, ...times], i * 3),
        homepage: pick([null, 'https://a.b', 'https://c.d'], i),
        time_zone: pick(zones, i),
        locale: pick(['en_US', 'hr_HR'], i),
      });
  });
}

async function worldOf(store: Store, resource: Resource, size: number): Promise<World> {
  const made = Array.from({ length: size }, (_, i) => i + 1);
  const linked = new Map<number, LinkWithEnd[]>();
  const membershipIds = Array.from({ length: size * 3 }, (_, i) => i + 1);
  for (const { user_id: id, organization_id: other, expires_at: end } of await store.read
    .records(memberships)
    .findMany(membershipIds))
    linked.set(id, [...(linked.get(id) ?? []), { other, end }]);
  const records = store.read.records(resource);
  return { store, resource, records, rows: await records.findMany(made), link: organizationsOfUsers, linked };
}
