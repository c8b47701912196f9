// Users in plain arrays, filtered and sorted here: what any query on the store must answer. With generators of queries.

import type { TestContext } from 'node:test';
import fc from 'fast-check';
import type { Stored } from '../../src/model/kind.ts';
import { type Comparison, type Filter, hasId, type SortTerm } from '../../src/model/query.ts';
import type { Row } from '../../src/model/resource.ts';
import { fold } from '../../src/model/text.ts';
import { organizationsOfUsers, users } from '../../src/resources/users/users.ts';
import type { Store, Visible } from '../../src/store/store.ts';
import { type EngineName, emptyStore } from '../support/engines.ts';

/** Few values, so that many rows share them; odd ones, so that nothing is taken for a pattern. */
const names = ['Ann', 'ann', 'ANN', 'Änn', 'A🦊', '🦊🦊', 'o', "O'Hara", '100%', 'a_b', 'ab', '\\', '"', 'Z'];
export const decomposed = 'é'.normalize('NFD');
const pieces = [
  'a',
  'n',
  'nn',
  'an',
  'ANN',
  '🦊',
  '%',
  '_',
  "'",
  '"',
  '\\',
  '',
  decomposed,
  `n${decomposed}`,
];
const zones = ['UTC', 'Europe/Zagreb', 'America/New_York', null];
const times = [0, 1, -1, 1_000, 2_000, 1_773_720_240_843];

export interface World {
  readonly store: Store;
  readonly rows: readonly Row[];
  /** Organizations of each user. */
  readonly memberships: ReadonlyMap<number, readonly number[]>;
}

export async function world(t: TestContext, engine: EngineName, size: number): Promise<World> {
  const store = await emptyStore(t, engine);
  const pick = <T>(list: readonly T[], i: number): T => list[i % list.length]!;
  const ids = await store.write(async (transaction) => {
    for (const id of [1, 2, 3]) await transaction.organizations.create(`organization${id}`, 0, id);
    const made: number[] = [];
    for (let i = 0; i < size; i++) {
      const id = await transaction.records(users).insert({
        email: `${pick(['ann', 'ANN', 'n', `n${'é'}`, 'q_%'], i * 7)}${i}@Email.com`,
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
      made.push(id);
      for (const organizationId of [1, 2, 3])
        if ((i >> (organizationId - 1)) % 3 === 0)
          await transaction.memberships.set(organizationId, id, 'member', 0);
    }
    return made;
  });
  const rows = await store.read.records(users).findMany(ids);
  const memberships = new Map<number, number[]>();
  for (const { user_id, organization_id } of await store.read.memberships.listOf(ids))
    memberships.set(user_id, [...(memberships.get(user_id) ?? []), organization_id]);
  return { store, rows, memberships };
}

function compares({ attribute, operator, values }: Comparison, row: Row): boolean {
  const stored = row[attribute]!;
  const { folded } = attribute === 'id' ? {} : users.attributes[attribute]!.kind;
  const equal = (value: Stored) =>
    folded === 'identity' && value !== null
      ? fold(stored as string) === fold(value as string)
      : stored === value;
  const holds = (value: Stored) => fold(stored as string).includes(fold(value as string));
  const [value] = values as readonly [number];
  switch (operator) {
    case 'eq':
      return values.some(equal);
    case 'not_eq':
      return !values.some(equal);
    case 'contains':
      return values.some(holds);
    case 'not_contain':
      return !values.some(holds);
    default: {
      if (stored === null) return false;
      const { gt, gt_eq, lt, lt_eq } = {
        gt: (stored as number) > value,
        gt_eq: (stored as number) >= value,
        lt: (stored as number) < value,
        lt_eq: (stored as number) <= value,
      };
      return { gt, gt_eq, lt, lt_eq }[operator];
    }
  }
}

function passes(filter: Filter, row: Row, world: World): boolean {
  if ('words' in filter)
    return filter.words.every((word) =>
      users.search.some((name) => fold(row[name] as string).includes(word)),
    );
  if ('attribute' in filter) return compares(filter, row);
  if ('link' in filter)
    return (world.memberships.get(row.id as number) ?? []).some((id) => filter.others.includes(id));
  if (filter.any) return filter.any.some((part) => passes(part, row, world));
  return (filter.all ?? []).every((part) => passes(part, row, world));
}

/** Text by its folded bytes, what has no value before what has one. */
function compareBy({ attribute, descending }: SortTerm, a: Row, b: Row): number {
  const key = (row: Row) => {
    const stored = row[attribute]!;
    if (stored === null) return Buffer.from([0]);
    if (typeof stored === 'string') return Buffer.from(`\u0001${fold(stored)}`);
    const number = Buffer.alloc(9, 1);
    number.writeBigUInt64BE(BigInt(Number(stored)) + 2n ** 63n, 1);
    return number;
  };
  return Buffer.compare(key(a), key(b)) * (descending ? -1 : 1);
}

export function expected(
  filter: Filter | null,
  sort: readonly SortTerm[],
  visible: Visible,
  from: World,
): number[] {
  return from.rows
    .filter((row) => [visible, filter].every((wanted) => wanted === null || passes(wanted, row, from)))
    .sort((a, b) => sort.map((term) => compareBy(term, a, b)).find((order) => order !== 0) ?? 0)
    .map((row) => row.id as number);
}

const comparison = (
  attribute: string,
  operators: readonly string[],
  value: fc.Arbitrary<Stored>,
  many = true,
) =>
  fc.record({
    attribute: fc.constant(attribute),
    operator: fc.constantFrom(...operators) as fc.Arbitrary<Comparison['operator']>,
    values: fc.array(value, { minLength: 1, maxLength: many ? 3 : 1 }),
  });

const equality = ['eq', 'not_eq'];
const order = ['gt', 'gt_eq', 'lt', 'lt_eq'];
const time = fc.constantFrom(...times);
const boolean = fc.boolean();

const anyComparison = fc.oneof(
  comparison('id', equality, fc.nat(40)),
  comparison('id', order, fc.nat(40), false),
  comparison('email', equality, fc.constantFrom('ann0@email.com', 'ANN5@EMAIL.COM', 'nobody@email.com', '')),
  ...['email', 'first_name', 'last_name'].map((name) =>
    comparison(name, ['contains', 'not_contain'], fc.constantFrom(...pieces, ...names)),
  ),
  ...['first_name', 'last_name'].map((name) => comparison(name, equality, fc.constantFrom(...names, 'x'))),
  comparison('time_zone', equality, fc.constantFrom(...zones, 'Asia/Tokyo')),
  comparison('default_organization_id', equality, fc.constantFrom(1, 2, 3, null)),
  comparison('default_organization_id', order, fc.nat(3), false),
  comparison('updated_at', equality, time),
  comparison('updated_at', order, time, false),
  comparison('account_access_expires_at', equality, fc.option(time)),
  comparison('account_access_expires_at', order, time, false),
  ...['newsletter_consent', 'sysadmin', 'two_factor_auth'].map((name) => comparison(name, equality, boolean)),
  comparison('locale', equality, fc.constantFrom('en_US', 'hr_HR', 'de_DE')),
);

const words = fc.record({
  words: fc.array(fc.constantFrom(...[...pieces, ...names].map(fold).filter((word) => word !== '')), {
    maxLength: 2,
  }),
});

export const anyFilter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'filter' },
    anyComparison as fc.Arbitrary<Filter>,
    words,
    fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
  ),
})).filter;

export const sortOf = (names: readonly string[]): fc.Arbitrary<readonly SortTerm[]> =>
  fc
    .tuple(fc.subarray([...names], { maxLength: 2 }), fc.infiniteStream(boolean))
    .map(([chosen, directions]) =>
      [...chosen, 'id'].map((attribute) => ({ attribute, descending: directions.next().value as boolean })),
    );

export const sortable = [...users.sorts.keys()].filter((name) => name !== 'id');
export const neverNull = sortable.filter((name) => !users.attributes[name]!.nullable);

export const anyVisible: fc.Arbitrary<Visible> = fc.oneof(
  fc.constant(null),
  fc.nat(45).map(hasId),
  fc.subarray([1, 2, 3, 9]).map((others): Filter => ({ link: organizationsOfUsers, others })),
);
