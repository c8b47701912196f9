// What is kept of the renderings, where memory does not hold them all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../src/model/resource.ts';
import { zone } from '../../src/model/zone.ts';
import { Documents } from '../../src/resources/cache/rendering-cache.ts';
import { users } from '../../src/resources/users/users.ts';

const holds = 200;

function documentsInMemory(): Documents {
  const context = { identitySecret: 'secret', zone: zone('UTC'), representation: '1' };
  const { length } = new Documents(users, { ...context, maxKeptBytes: 0 }).render(person(1000), 0);
  // Three quarters are for records, each with its entry.
  return new Documents(users, { ...context, maxKeptBytes: (holds * (length + 200) * 4) / 3 });
}

function person(id: number, revision = 1): Row {
  const values = users.columns.map((name) => [name, users.attributes[name]!.initial ?? null]);
  return { ...Object.fromEntries(values), id, revision, updated_at: 0, email: 'person@email.com' };
}

/** As a request for one record. @returns whether it was in memory */
function ask(documents: Documents, id: number, revision = 1): boolean {
  const known = documents.find({ id, revision }, 0);
  if (known === undefined) documents.render(person(id, revision), 0);
  return known !== undefined;
}

/** @returns how many of so many records, from that id on, were in memory */
function askInTurn(documents: Documents, firstId: number, count: number): number {
  let found = 0;
  for (let id = firstId; id < firstId + count; id++) if (ask(documents, id)) found++;
  return found;
}

test('what was asked for twice is kept, in the revision that was asked for last', () => {
  const documents = documentsInMemory();
  assert.deepEqual([ask(documents, 1000), ask(documents, 1000), ask(documents, 1000)], [false, false, true]);
  assert.deepEqual([ask(documents, 1000, 2), ask(documents, 1000, 2)], [false, true]);
});

test('records that are asked for in turn, and are twice as many as memory holds, are found as often as it holds them', () => {
  const documents = documentsInMemory();
  for (let round = 0; round < 4; round++) askInTurn(documents, 1000, 2 * holds);
  const found = askInTurn(documents, 1000, 2 * holds);
  assert.ok(found > holds * 0.8, `${found} of ${holds}`);
  assert.ok(found <= holds * 1.05, `${found} of ${holds}`);
});

test('a walk over everything leaves in memory what was there', () => {
  const documents = documentsInMemory();
  for (let round = 0; round < 3; round++) askInTurn(documents, 1000, holds / 2);
  askInTurn(documents, 100_000, 50_000);
  assert.ok(askInTurn(documents, 1000, holds / 2) > holds * 0.4);
});

test('what is asked for from now on takes the place of what was asked for before', () => {
  const documents = documentsInMemory();
  for (let round = 0; round < 4; round++) askInTurn(documents, 1000, holds);
  for (let round = 0; round < 40; round++) askInTurn(documents, 5000, holds / 2);
  assert.equal(askInTurn(documents, 5000, holds / 2), holds / 2);
});
