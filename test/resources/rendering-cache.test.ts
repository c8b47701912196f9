// Which renderings stay in the cache when it is full.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audienceSet } from '../../src/model/audience.ts';
import * as kind from '../../src/model/kinds.ts';
import { defineResource, type RecordOf, type Resource } from '../../src/model/resource.ts';
import { zone } from '../../src/model/zone.ts';
import type { RenderingCache } from '../../src/resources/cache/rendering-cache.ts';
import { Renderings } from '../../src/resources/cache/renderings.ts';
import { users } from '../../src/resources/users/users.ts';
import { keyedHash } from '../../src/security/keyed-hash.ts';

const holds = 200;

function documentsInMemory(): RenderingCache {
  const context = { identityHash: keyedHash('secret'), zone: zone('UTC'), representation: '1' };
  const { length } = new Renderings({ ...context, maxKeptBytes: 0 }).of(users).render(person(1000), 0);
  // Three quarters of the memory are for records, including the size of their entries.
  return new Renderings({ ...context, maxKeptBytes: (holds * (length + 200) * 4) / 3 }).of(users);
}

function person(id: number, revision = 1): RecordOf {
  const values = users.columns.map((name) => [name, users.attributes[name]!.default ?? null]);
  return {
    ...Object.fromEntries(values),
    id,
    revision,
    shown: null,
    updated_at: 0,
    email: 'person@email.com',
  };
}

/**
 * Like a request for one record.
 * @returns whether it was in the cache
 */
function ask(renderings: RenderingCache, id: number, revision = 1): boolean {
  const known = renderings.find({ id, revision, shown: null }, 0);
  if (known === undefined) renderings.render(person(id, revision), 0);
  return known !== undefined;
}

/** @returns how many of `count` records, from this id on, were in the cache */
function askInTurn(renderings: RenderingCache, firstId: number, count: number): number {
  let found = 0;
  for (let id = firstId; id < firstId + count; id++) if (ask(renderings, id)) found++;
  return found;
}

test('what was asked for twice is kept, in the revision that was asked for last', () => {
  const renderings = documentsInMemory();
  assert.deepEqual(
    [ask(renderings, 1000), ask(renderings, 1000), ask(renderings, 1000)],
    [false, false, true],
  );
  assert.deepEqual([ask(renderings, 1000, 2), ask(renderings, 1000, 2)], [false, true]);
});

test('a rendering is of one audience and one revision: a change makes those of every audience anew', () => {
  const renderings = documentsInMemory();
  const [self, manager] = [audienceSet(users, 'self'), audienceSet(users, 'manager')];
  const both = [0, self, manager, self | manager];
  const named = (revision: number): RecordOf => ({
    ...person(1000, revision),
    first_name: `name ${revision}`,
  });
  for (let round = 0; round < 2; round++) for (const audience of both) renderings.render(named(1), audience);
  const texts = both.map((audience) => renderings.find({ id: 1000, revision: 1, shown: null }, audience));
  for (const [i, audience] of both.entries())
    assert.equal(texts[i], documentsInMemory().render(named(1), audience));
  assert.ok(new Set(texts).size > 1, 'not everybody is shown the same');

  renderings.render(named(2), self);
  assert.match(renderings.find({ id: 1000, revision: 2, shown: null }, self)!, /"name 2"/);
  for (const audience of [0, manager, self | manager])
    assert.equal(renderings.find({ id: 1000, revision: 2, shown: null }, audience), undefined);
  for (const audience of both)
    assert.equal(renderings.find({ id: 1000, revision: 1, shown: null }, audience), undefined);
  assert.equal(renderings.find({ id: 1001, revision: 2, shown: null }, self), undefined);
});

test('a rendering of some fields is not kept as one of all', () => {
  const renderings = documentsInMemory();
  for (let round = 0; round < 3; round++) renderings.render(person(1000), 0, ['email']);
  assert.equal(renderings.find({ id: 1000, revision: 1, shown: null }, 0), undefined);
});

test('a tag tells revisions, audiences, fields and ways of writing from each other', () => {
  const [self, manager] = [audienceSet(users, 'self'), audienceSet(users, 'manager')];
  const context = { identityHash: keyedHash('secret'), zone: zone('UTC'), maxKeptBytes: 0 };
  const [one, other] = ['1', '2'].map((representation) => new Renderings({ ...context, representation }));
  const etag = (revision: number, audience: number, fields?: readonly string[], renderings = one!) =>
    renderings.of(users).etag({ id: 1000, revision, shown: null }, audience, fields);
  const tags = [
    etag(1, self),
    etag(2, self),
    etag(1, manager),
    etag(1, self, ['email']),
    etag(1, self, ['email', 'first_name']),
    etag(1, self, undefined, other),
    one!.collectionEtag(1, 'asked'),
    one!.collectionEtag(2, 'asked'),
    one!.collectionEtag(1, 'asked otherwise'),
  ];
  assert.equal(new Set(tags).size, tags.length, tags.join());
  assert.equal(etag(1, self, ['email']), etag(1, self, ['email']));
});

test('records that are asked for in turn, and are twice as many as memory holds, are found as often as it holds them', () => {
  const renderings = documentsInMemory();
  for (let round = 0; round < 4; round++) askInTurn(renderings, 1000, 2 * holds);
  const found = askInTurn(renderings, 1000, 2 * holds);
  assert.ok(found > holds * 0.8, `${found} of ${holds}`);
  assert.ok(found <= holds * 1.05, `${found} of ${holds}`);
});

test('lists that are asked for in turn, and are more than memory holds, are found as often as it holds them', () => {
  const body = 'x'.repeat(10_000);
  const context = { identityHash: keyedHash('secret'), zone: zone('UTC'), representation: '1' };
  // A quarter of the memory is for lists.
  const lists = new Renderings({ ...context, maxKeptBytes: 4 * 50 * (body.length + 200) });
  const askInTurn = () => {
    const tags = Array.from({ length: 150 }, (_, i) => `"list ${i}"`);
    return tags.filter((tag) => {
      const isFound = lists.findCollection(tag) !== undefined;
      if (!isFound) lists.cacheCollection(tag, body, false);
      return isFound;
    }).length;
  };
  for (let turn = 0; turn < 4; turn++) askInTurn();
  const found = askInTurn();
  assert.ok(found > 25 && found <= 50, String(found));
});

test('a walk over everything leaves in memory what was there', () => {
  const renderings = documentsInMemory();
  for (let round = 0; round < 3; round++) askInTurn(renderings, 1000, holds / 2);
  askInTurn(renderings, 100_000, 50_000);
  assert.ok(askInTurn(renderings, 1000, holds / 2) > holds * 0.4);
});

test('what is asked for from now on takes the place of what was asked for before', () => {
  const renderings = documentsInMemory();
  for (let round = 0; round < 4; round++) askInTurn(renderings, 1000, holds);
  for (let round = 0; round < 40; round++) askInTurn(renderings, 5000, holds / 2);
  assert.equal(askInTurn(renderings, 5000, holds / 2), holds / 2);
});

const notes = defineResource({
  type: 'notes',
  singular: 'note',
  audiences: { self: 'its owner' },
  search: [],
  attributes: { text: { kind: kind.text, read: 'everyone', description: 'A text.' } },
});
const note = (id: number): RecordOf => ({ id, revision: 1, shown: null, text: 'x'.repeat(800) });

test('a second resource takes nothing beyond the memory of all, and its records are told from those of the first', () => {
  const memory = 100_000;
  const renderings = new Renderings({
    identityHash: keyedHash('secret'),
    zone: zone('UTC'),
    representation: '1',
    maxKeptBytes: memory,
  });
  const ids = Array.from({ length: 300 }, (_, i) => 1000 + i);
  const keep = (resource: Resource, row: (id: number) => RecordOf) => {
    for (let round = 0; round < 20; round++) for (const id of ids) renderings.of(resource).render(row(id), 0);
  };
  const keptBytes = (resource: Resource) =>
    ids.reduce(
      (bytes, id) => bytes + (renderings.of(resource).find({ id, revision: 1, shown: null }, 0)?.length ?? 0),
      0,
    );
  keep(users, person);
  assert.ok(keptBytes(users) > memory / 2);
  keep(notes, note);
  assert.ok(keptBytes(notes) > memory / 8, `${keptBytes(notes)}`);
  assert.ok(keptBytes(users) + keptBytes(notes) <= (memory * 3) / 4);
  const text = renderings.of(users).find({ id: ids.at(-1)!, revision: 1, shown: null }, 0);
  assert.doesNotMatch(text ?? '', /"notes"/);
});

test('a walk over one resource is no second request for records of another with the same ids', () => {
  const renderings = new Renderings({
    identityHash: keyedHash('secret'),
    zone: zone('UTC'),
    representation: '1',
    maxKeptBytes: 10_000_000,
  });
  const ids = Array.from({ length: 1000 }, (_, i) => 1000 + i);
  for (const id of ids) renderings.of(users).render(person(id), 0);
  for (const id of ids) renderings.of(notes).render(note(id), 0);
  const kept = ids.filter(
    (id) => renderings.of(notes).find({ id, revision: 1, shown: null }, 0) !== undefined,
  );
  assert.ok(kept.length < ids.length / 4, `${kept.length}`);
});

test('a secret that is shown once is never kept', () => {
  const things = defineResource({
    type: 'things',
    singular: 'thing',
    audiences: {},
    search: [],
    attributes: {
      name: { kind: kind.text, nullable: true, read: 'everyone', description: 'A name.' },
      secret: {
        kind: kind.text,
        nullable: true,
        shownOnce: true,
        read: 'everyone',
        description: 'A secret.',
      },
    },
  });
  const options = {
    identityHash: keyedHash('secret'),
    zone: zone('UTC'),
    representation: '1',
    maxKeptBytes: 10_000,
  };
  const renderings = new Renderings(options).of(things);
  const row = { id: 1, revision: 1, shown: null, name: 'Lamp' };
  const shown = (text: string) => JSON.parse(text).attributes.secret;
  for (let i = 0; i < 3; i++) {
    assert.equal(shown(renderings.render({ ...row, secret: 'abc' }, 0)), 'abc');
    assert.equal(renderings.find(row, 0), undefined);
  }
  for (let i = 0; i < 3; i++) assert.equal(shown(renderings.render(row, 0)), null);
  assert.equal(shown(renderings.render({ ...row, secret: 'abc' }, 0)), 'abc');
  assert.equal(shown(renderings.find(row, 0)!), null);
});
