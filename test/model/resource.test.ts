// A definition that contradicts itself stops the start.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as kind from '../../src/model/kind.ts';
import {
  type Attribute,
  audienceSet,
  audiences,
  defineResource,
  readingAudiences,
} from '../../src/model/resource.ts';
import { users } from '../../src/resources/users/users.ts';

const open: Attribute = { kind: kind.personName, description: 'A name.', read: 'everyone' };

function define(attributes: Record<string, Attribute>, search: readonly string[] = []) {
  return defineResource({ type: 'things', attributes, search });
}

for (const [title, attributes, search, reason] of [
  [
    'filtered by but not read by everyone',
    { a: { ...open, read: ['self'], filter: true } },
    [],
    /^things\.a: /,
  ],
  [
    'sorted by but not read by everyone',
    { a: { ...open, read: ['manager'], sort: true } },
    [],
    /^things\.a: /,
  ],
  ['filtered by but read by nobody', { a: { ...open, read: [], filter: true } }, [], /^things\.a: /],
  ['filtered by but computed', { a: { ...open, derived: () => 'x', filter: true } }, [], /^things\.a: /],
  ['sorted by but joined in', { a: { ...open, joined: true, sort: true } }, [], /^things\.a: /],
  [
    'filtered by but of a kind without operations',
    { a: { ...open, kind: kind.anyJson, filter: true } },
    [],
    /JSON/,
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

test('derives from a definition what is stored, filtered and sorted by', () => {
  const things = define(
    {
      a: { ...open, filter: true },
      b: { ...open, sort: true, filter: true },
      c: { ...open, read: ['self'] },
      d: { ...open, derived: () => 'x' },
      e: { ...open, joined: true },
    },
    ['a', 'b'],
  );
  assert.deepEqual(things.names, ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(things.columns, ['a', 'b', 'c']);
  assert.deepEqual([...things.filters.keys()], ['id', 'a', 'b']);
  assert.deepEqual([...things.sorts.keys()], ['id', 'b']);
  assert.equal(things.readers.get('a'), audienceSet(...audiences));
  assert.equal(things.readers.get('c'), audienceSet('self'));
});

test('what is closed to everyone is open to nobody in the table of readers', () => {
  assert.equal(define({ a: { ...open, read: [] } }).readers.get('a'), 0);
});

test('only the relations that read differently tell audiences apart', () => {
  assert.equal(readingAudiences(define({ a: open })), 0);
  assert.equal(readingAudiences(define({ a: open, b: { ...open, read: ['self'] } })), audienceSet('self'));
  assert.equal(readingAudiences(users), audienceSet('self', 'manager'));
});

test('a set of relations holds each of them once', () => {
  assert.equal(audienceSet(), 0);
  assert.equal(audienceSet('self', 'self'), audienceSet('self'));
  assert.equal(new Set(audiences.map((relation) => audienceSet(relation))).size, audiences.length);
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
