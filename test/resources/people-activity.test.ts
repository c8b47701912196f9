// Which requests are written for people.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeopleActivity, personStepMs } from '../../src/resources/activity/people-activity.ts';

const at = 100 * personStepMs;

/** What waits, as text, and then does not wait any more. */
function taken(people: PeopleActivity): string[] {
  const waiting = people.waiting();
  people.done(waiting);
  return waiting.map(
    ({ userId, organizationId, activeAt, seenAt }) =>
      `${userId} in ${organizationId ?? 'all'}: ${activeAt - at} ${seenAt === null ? '-' : seenAt - at}`,
  );
}

test('an account is collected once an hour in each organization that it names, and once where it names none', () => {
  const people = new PeopleActivity();
  for (let second = 0; second < 3600; second++) {
    const now = at + second * 1000;
    for (const organizationId of [null, 7, 8]) people.add(1, organizationId, true, now);
    people.add(2, 7, true, now);
  }
  assert.deepEqual(taken(people), ['1 in all: 0 0', '1 in 7: 0 0', '1 in 8: 0 0', '2 in 7: 0 0']);
  people.add(1, 7, true, at + personStepMs - 1);
  assert.equal(people.size, 0);
  people.add(1, 7, true, at + personStepMs);
  assert.deepEqual(taken(people), [`1 in 7: ${personStepMs} ${personStepMs}`]);
});

test('a person who comes after their own program is collected, a program that comes after them is not', () => {
  const people = new PeopleActivity();
  people.add(1, 7, false, at);
  assert.deepEqual(taken(people), ['1 in 7: 0 -']);
  people.add(1, 7, true, at + 5);
  assert.deepEqual(taken(people), ['1 in 7: 5 5']);
  people.add(1, 7, false, at + 10);
  people.add(1, 7, true, at + 10);
  assert.equal(people.size, 0);
  people.add(1, 7, false, at + 5 + personStepMs);
  assert.deepEqual(taken(people), [`1 in 7: ${5 + personStepMs} 5`]);
});

test('a clock that is set back adds nothing earlier', () => {
  const people = new PeopleActivity();
  people.add(1, null, true, at);
  people.add(1, null, true, at - 5 * personStepMs);
  assert.deepEqual(taken(people), ['1 in all: 0 0']);
});

test('what could not be written waits on, and memory is bounded', () => {
  const people = new PeopleActivity();
  for (let userId = 1; userId <= 60_000; userId++) people.add(userId, null, true, at);
  assert.equal(people.size, 50_000);
  people.done(people.waiting().slice(0, 49_999));
  assert.equal(people.size, 1);
  // Those that were left out are collected by their next request.
  for (let userId = 50_001; userId <= 60_000; userId++) people.add(userId, null, true, at);
  assert.equal(people.size, 10_001);
});
