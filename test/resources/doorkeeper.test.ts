// Repeated keys are distinguished from new ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Doorkeeper } from '../../src/resources/cache/doorkeeper.ts';

test('a key comes again from its second time on, be it a number or a text', () => {
  const recent = new Doorkeeper();
  for (const key of [1, 2 ** 40, 'a', '"1z-7-abc"']) {
    assert.equal(recent.comesAgain(key), false, String(key));
    assert.equal(recent.comesAgain(key), true, String(key));
    assert.equal(recent.comesAgain(key), true, String(key));
  }
});

test('a walk over a million keys is taken for new ones, but for one in eight at most', () => {
  for (const name of [(i: number) => i, (i: number) => `"${i.toString(36)}-0-abc"`]) {
    const recent = new Doorkeeper();
    let again = 0;
    for (let i = 1; i <= 1_000_000; i++) if (recent.comesAgain(name(i))) again++;
    assert.ok(again < 1_000_000 / 8, String(again));
  }
});

test('keys are forgotten when many others have come since', () => {
  const recent = new Doorkeeper();
  for (let i = 1; i <= 100; i++) recent.comesAgain(i);
  for (let i = 1_000; i <= 600_000; i++) recent.comesAgain(i);
  let known = 0;
  for (let i = 1; i <= 100; i++) if (recent.comesAgain(i)) known++;
  assert.ok(known < 50, String(known));
});
