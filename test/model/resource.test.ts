// A contradictory definition prevents the start.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attribute } from '../../src/model/attribute.ts';
import { audienceSet, everyAudience } from '../../src/model/audience.ts';
import * as kind from '../../src/model/kinds.ts';
import {
  defineResource,
  type RecordOf,
  type ResourceDefinition,
  type Row,
  type ValuesOf,
} from '../../src/model/resource.ts';
import { type Access, accessesByType } from '../../src/resources/access.ts';
import { users } from '../../src/resources/users/users.ts';
import { usersAccess } from '../../src/resources/users/users-access.ts';

const open: Attribute = { kind: kind.personName, description: 'A name.', read: 'everyone' };

const once = { shownOnce: true, nullable: true } as const;

const audiences = { self: 'its owner', manager: 'who manages things', security: 'who guards things' };

function define(attributes: Record<string, Attribute>, search: readonly string[] = []) {
  return defineResource({ type: 'things', singular: 'thing', audiences, attributes, search });
}

for (const [title, attributes, search, reason] of [
  ['filtered by but read by nobody', { a: { ...open, read: [], filter: true } }, [], /^things\.a: /],
  ['filtered by but shown once', { a: { ...open, ...once, filter: true } }, [], /^things\.a: /],
  ['shown once but never null', { a: { ...open, shownOnce: true } }, [], /^things\.a: .*shown once/],
  ['shown once but given', { a: { ...open, ...once, update: ['self'] } }, [], /^things\.a: .*shown once/],
  ['filtered by but computed', { a: { ...open, derived: () => 'x', filter: true } }, [], /^things\.a: /],
  [
    'sorted by but joined in',
    { a: { ...open, joined: { table: 'others', column: 'name', by: 'a' }, sort: true } },
    [],
    /^things\.a: /,
  ],
  [
    'filtered by but of a kind without operations',
    { a: { ...open, kind: kind.anyJson, filter: true } },
    [],
    /JSON/,
  ],
  [
    'read by an audience that is not declared',
    { a: { ...open, read: ['owner'] } },
    [],
    /^things\.a: .*owner/,
  ],
  [
    'written by an audience that is not declared',
    { a: { ...open, update: ['owner'] } },
    [],
    /^things\.a: .*owner/,
  ],
  ['called as a column that every table has', { revision: open }, [], /^things\.revision: /],
  [
    'called as the folded column of another',
    { a: { ...open, kind: kind.personName }, a_key: open },
    [],
    /^things\.a_key: /,
  ],
  ['called as the type of a document', { type: open }, [], /^things\.type: .*reserved/],
  ['called as the search through all texts', { query: open }, [], /^things\.query: .*reserved/],
  [
    'of no value where nothing is given',
    { a: { ...open, create: ['self'] } },
    [],
    /^things\.a: .*required, nullable or have a default/,
  ],
  ['of another type by default', { a: { ...open, default: 5 } }, [], /^things\.a: .*default.*number/],
  ['called by no name of a column', { 'a b': open }, [], /^things\.a b: .*snake_case/],
  ['called by a name with capitals', { firstName: open }, [], /^things\.firstName: .*snake_case/],
  [
    'joined in by an attribute that is not there',
    { a: { ...open, joined: { table: 'others', column: 'name', by: 'b' } } },
    [],
    /^things\.a: b /,
  ],
  ['searched but not there', { a: open }, ['b'], /^things\.b: /],
  ['searched but of a kind that is not folded', { a: { ...open, kind: kind.locale } }, ['a'], /^things\.a: /],
  ['searched but not read by everyone', { a: { ...open, read: ['self'] } }, ['a'], /^things\.a: /],
  ['searched but computed', { a: { ...open, derived: () => 'x' } }, ['a'], /^things\.a: /],
] as const) {
  test(`refuses an attribute that is ${title}`, () => {
    assert.throws(() => define(attributes, search), { message: reason });
  });
}

for (const type of ['Things', 'my things', 'my-things', '1st_things', ''])
  test(`refuses the type '${type}', which is no name of a table`, () => {
    const definition = { type, singular: 'thing', audiences, attributes: { a: open }, search: [] };
    assert.throws(() => defineResource(definition), { message: /a type is snake_case/ });
  });

for (const singular of ['Person', 'a person', ''])
  test(`refuses '${singular}' as the name of one record`, () => {
    const definition = { type: 'people', singular, audiences, attributes: { a: open }, search: [] };
    assert.throws(() => defineResource(definition), { message: /^people: singular is .* in snake_case/ });
  });

test('derives from a definition what is stored, filtered and sorted by', () => {
  const things = define(
    {
      a: { ...open, filter: true },
      b: { ...open, sort: true, filter: true },
      c: { ...open, read: ['self'] },
      d: { ...open, derived: () => 'x' },
      e: { ...open, joined: { table: 'others', column: 'name', by: 'other_id' } },
      other_id: { ...open, kind: kind.integer },
      f: { ...open, ...once },
    },
    ['a', 'b'],
  );
  assert.deepEqual(things.names, ['a', 'b', 'c', 'd', 'e', 'other_id', 'f']);
  assert.deepEqual(things.columns, ['a', 'b', 'c', 'other_id']);
  assert.deepEqual(things.shownOnce, ['f']);
  assert.deepEqual([...things.filters.keys()], ['id', 'a', 'b']);
  assert.deepEqual([...things.sorts.keys()], ['id', 'b']);
  assert.equal(things.readers.get('a'), everyAudience(things));
  assert.equal(things.readers.get('c'), audienceSet(things, 'self'));
});

test('what is closed to everyone is open to nobody in the table of readers', () => {
  assert.equal(define({ a: { ...open, read: [] } }).readers.get('a'), 0);
});

test('only the audiences that read differently are told apart', () => {
  assert.equal(define({ a: open }).readingAudiences, 0);
  const things = define({ a: open, b: { ...open, read: ['self'] } });
  assert.equal(things.readingAudiences, audienceSet(things, 'self'));
  assert.equal(users.readingAudiences, audienceSet(users, 'self', 'manager'));
});

test('a set of audiences holds each of them once', () => {
  assert.equal(audienceSet(users), 0);
  assert.equal(audienceSet(users, 'self', 'self'), audienceSet(users, 'self'));
  assert.equal(audienceSet(users, 'self', 'manager', 'security'), everyAudience(users));
  const sets = (['self', 'manager', 'security'] as const).map((name) => audienceSet(users, name));
  assert.equal(new Set(sets).size, 3);
});

test('the users resource has the documented attributes in the documented order, each with its sentence', () => {
  assert.deepEqual(users.names, [
    ...[
      'updated_at',
      'email',
      'first_name',
      'last_name',
      'time_zone',
      'avatar_url',
      'default_organization_id',
    ],
    ...['default_organization_slug', 'intercom_hash', 'flags', 'newsletter_consent', 'newsletter_consent_at'],
    ...['ical_token', 'preferences', 'sysadmin', 'sysadmin_permissions', 'two_factor_auth', 'sso_provision'],
    ...['account_access_expires_at', 'locale'],
  ]);
  for (const [name, { description: says }] of Object.entries(users.attributes))
    assert.match(says, /^[A-Z].+\.$/, name);
});

test('rows are typed by the definition: numbers, null where it may be, joined values, what is shown once, and nothing that is derived', () => {
  const things = defineResource({
    type: 'things',
    singular: 'thing',
    audiences,
    search: [],
    attributes: {
      name: { kind: kind.personName, read: 'everyone', description: 'A name.' },
      count: { kind: kind.integer, nullable: true, read: 'everyone', description: 'A number.' },
      open: { kind: kind.boolean, read: 'everyone', description: 'A yes or no.' },
      of: {
        kind: kind.text,
        joined: { table: 'others', column: 'name', by: 'count' },
        read: 'everyone',
        description: 'Of.',
      },
      seal: { kind: kind.text, derived: () => 'x', read: 'everyone', description: 'A seal.' },
      secret: { kind: kind.text, ...once, read: 'everyone', description: 'A secret.' },
    },
  });
  const thing: RecordOf<typeof things> = {
    id: 1,
    revision: 1,
    shown: 7,
    name: 'A',
    count: null,
    open: true,
    of: 'B',
  };
  const made: RecordOf<typeof things> = { ...thing, secret: 'D' };
  const values: ValuesOf<typeof things> = { name: 'C' };
  // @ts-expect-error has no column
  const secret: ValuesOf<typeof things> = { secret: 'D' };
  // @ts-expect-error not nullable
  const noName: ValuesOf<typeof things> = { name: null };
  // @ts-expect-error derived
  const seal: unknown = thing.seal;
  // @ts-expect-error another table's
  const joined: ValuesOf<typeof things> = { of: 'B' };
  const row: Row = thing;
  assert.deepEqual(
    [values.name?.length, noName.name, seal, joined, row.count, thing.secret, made.secret, secret],
    [1, null, undefined, { of: 'B' }, null, undefined, 'D', { secret: 'D' }],
  );
});

test('a relationship needs an id that everyone may read, and a name that no attribute has', () => {
  const id = { kind: kind.identifier, nullable: true, read: 'everyone', description: 'An id.' } as const;
  const define = (attributes: ResourceDefinition['attributes'], name = 'owner') =>
    defineResource({
      type: 'things',
      singular: 'thing',
      audiences,
      search: [],
      attributes,
      relationships: { [name]: { to: 'users', description: 'The owner.' } },
    });
  const { names, fields, columns } = define({ owner_id: { ...id, hidden: true } });
  assert.deepEqual([names, fields, columns], [[], ['owner'], ['owner_id']]);
  for (const [attributes, reason] of [
    [{}, /^things\.owner: owner_id must be an identifier/],
    [{ owner_id: { ...id, kind: kind.integer } }, /^things\.owner: owner_id must be an identifier/],
    [{ owner_id: { ...id, read: ['self'] } }, /^things\.owner: not everyone may read owner_id/],
    [{ owner_id: id, owner: id }, /^things\.owner: .* name .* no attribute has/],
  ] as const)
    assert.throws(() => define(attributes), { message: reason });
  assert.throws(() => define({ Owner_id: id }, 'Owner'), /snake_case/);
});

test('a relationship to a type that nobody serves is refused when the service starts', () => {
  const access: Access = {
    ...usersAccess,
    resource: defineResource({
      type: 'things',
      singular: 'thing',
      audiences,
      search: [],
      attributes: {
        owner_id: { kind: kind.identifier, nullable: true, read: 'everyone', description: 'An id.' },
      },
      relationships: { owner: { to: 'users', description: 'The owner.' } },
    }),
  };
  assert.throws(() => accessesByType([access]), /^Error: things\.owner: no access is declared for users$/);
  assert.throws(() => accessesByType([usersAccess], [access.resource]), /no access is declared for things/);
  assert.deepEqual([...accessesByType([usersAccess, access]).keys()], ['users', 'things']);
});
