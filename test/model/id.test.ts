// Ids in input are decimal digits of a number that a double can hold exactly.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenId, readId } from '../../src/model/id.ts';

test('an id is read from its digits, up to 2^53 - 1', () => {
  for (const [text, id] of [
    ['1', 1],
    ['42', 42],
    ['999999999999999', 999_999_999_999_999],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', null],
    ['9007199254740993', null],
    ['9999999999999999', null],
    ['10000000000000000', null],
    ['0', null],
    ['', null],
    ['-1', null],
    ['+1', null],
    ['01', null],
    ['1.0', null],
    ['1e3', null],
    ['0x1', null],
    [' 1', null],
    ['1\n', null],
    ['٣', null],
  ] as const)
    assert.equal(readId(text), id, JSON.stringify(text));
});

test('an id that somebody chooses leaves room for those that tables give', () => {
  for (const value of [1, '1', 77, 999_999_999_999_999, '999999999999999'])
    assert.equal(givenId(value), Number(value));
  for (const value of [
    ...[0, -1, 1.5, 1e15, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY],
    ...['0', '', '01', '1.0', '1e3', '1000000000000000', ' 1', null, undefined, true, [1], {}],
  ])
    assert.deepEqual(
      givenId(value),
      { problem: 'is not a whole number from 1 to 999999999999999' },
      String(value),
    );
});
