// Totals of lists that only grow: counted once, also while transactions commit out of the order of their ids.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counted, idsInSlice, rowsOf, Tally } from '../../src/resources/cache/tally.ts';
import type { IdRange } from '../../src/store/store.ts';

/** A list in memory. `counted` has the ranges that were counted. */
function list(ids: number[]) {
  const counted: IdRange[] = [];
  let writers: string[] = [];
  let lastId = Math.max(0, ...ids);
  const within = ({ above, upTo }: IdRange) =>
    ids.filter((id) => id > above && id <= upTo).sort((a, b) => a - b);
  const records: Counted = {
    additions: async () => ({ lastId, writers }),
    firstId: async () => Math.min(...ids),
    async countWithin(range) {
      counted.push(range);
      return within(range).length;
    },
    rowsWithin: async (range, { skip, take }) =>
      within(range)
        .slice(skip, skip + take)
        .map((id) => ({ id, revision: 1, sortKey: [id] })),
  };
  return {
    records,
    countedSince: () => counted.splice(0).length,
    /** The writer has taken the id, and may commit later. */
    begin(id: number, writer: string) {
      lastId = Math.max(lastId, id);
      writers = [...writers, writer];
    },
    commit(id: number, writer: string) {
      ids.push(id);
      lastId = Math.max(lastId, id);
      writers = writers.filter((one) => one !== writer);
    },
    deleteUpTo(id: number) {
      for (const one of ids.filter((each) => each <= id)) ids.splice(ids.indexOf(one), 1);
    },
  };
}

const even = (count: number) => Array.from({ length: count }, (_, i) => 2 * (i + 1));

test('a total counts the records that were added since, and none twice', async () => {
  const { records, countedSince, commit, deleteUpTo } = list(even(4 * idsInSlice));
  const tally = new Tally();
  assert.equal((await tally.count(records)).total, 4 * idsInSlice);
  assert.equal(countedSince(), 8);
  assert.equal((await tally.count(records)).total, 4 * idsInSlice);
  assert.equal(countedSince(), 0);
  commit(8 * idsInSlice + 3, 'a');
  assert.equal((await tally.count(records)).total, 4 * idsInSlice + 1);
  assert.equal(countedSince(), 1);
  // Old records are deleted: only the slice in which the first one is now is counted again.
  deleteUpTo(3 * idsInSlice + 10);
  assert.equal((await tally.count(records)).total, 4 * idsInSlice + 1 - (3 * idsInSlice + 10) / 2);
  assert.equal(countedSince(), 2);
  const [one, other] = await Promise.all([tally.count(records), tally.count(records)]);
  assert.equal(one, other);
});

test('a record that is committed after those with larger ids is counted', async () => {
  const { records, countedSince, begin, commit } = list(even(idsInSlice));
  const tally = new Tally();
  begin(101, 'slow');
  assert.equal((await tally.count(records)).total, idsInSlice);
  for (let i = 1; i <= idsInSlice; i++) commit(2 * idsInSlice + i, 'quick');
  assert.equal((await tally.count(records)).total, 2 * idsInSlice);
  commit(101, 'slow');
  assert.equal((await tally.count(records)).total, 2 * idsInSlice + 1);
  countedSince();
  assert.equal((await tally.count(records)).total, 2 * idsInSlice + 1);
  assert.equal(countedSince(), 0);
});

test('rows are those of the part, wherever it begins', async () => {
  const ids = even(2 * idsInSlice).filter((id) => id < 9000 || id > 16_000);
  const { records } = list([...ids]);
  const tallied = await new Tally().count(records);
  assert.equal(tallied.total, ids.length);
  for (const skip of [0, 1, 2490, 4490, ids.length - 20, ids.length - 3, ids.length])
    assert.deepEqual(
      (await rowsOf(tallied, records, { skip, take: 30 })).map(({ id }) => id),
      ids.slice(skip, skip + 30),
    );
});
