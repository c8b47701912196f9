// JSON in input is parsed so that it can be written again unchanged.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactNumber, readJson } from '../../src/model/json.ts';

for (const json of [
  '[0,-1,1.5,100000,0.1]',
  '[12345678901234567890,9007199254740993,0.1234567890123456789]',
  '[1.0,0.0,-0,-0.0,1E5,1e+5,1e3,1e21,1e-7,100e-2,1e-400]',
  '{"n":{"m":[1.0,{"k":-0}]}}',
  '1.0',
  '{"__proto__":{"a":1.0},"constructor":2,"toString":3}',
  '{"__proto__":1.0,"constructor":2.0}',
  '[1.0,"1.0",{"1.0":"\\"1.0","b":[[],{},null,true,1.0]}]',
  '[12345678901234567890,1.5,0.1,-1.50]',
]) {
  test(`${json} comes back as it was written`, () => assert.equal(JSON.stringify(readJson(json)), json));
}

test('numbers that are written as JavaScript would write them are numbers', () => {
  assert.deepEqual(readJson('[0,-1,1.5,100000]'), [0, -1, 1.5, 100_000]);
});

test('of a key that stands twice, the last one counts', () => {
  assert.deepEqual(readJson('{"a":1,"b":2,"a":3}'), { a: 3, b: 2 });
  assert.equal(JSON.stringify(readJson('{"a":1.0,"b":[2.0],"a":3.0}')), '{"a":3.0,"b":[2.0]}');
});

test('__proto__ is a key like any other', () => {
  const read = readJson('{"__proto__":{"polluted":true}}') as object;
  assert.deepEqual(Object.keys(read), ['__proto__']);
  assert.equal(({} as any).polluted, undefined);
});

for (const [json, message] of [
  ['', 'is not JSON'],
  [' ', 'is not JSON'],
  ['{"a":}', 'is not JSON'],
  ['NaN', 'is not JSON'],
  ['01', 'is not JSON'],
  ['+1', 'is not JSON'],
  ['[1.0,01.0]', 'is not JSON'],
  ['[1.0 1.0]', 'is not JSON'],
  ['[1.0,-]', 'is not JSON'],
  ['[1.0,1.]', 'is not JSON'],
  ['[1.0"a"]', 'is not JSON'],
  ['{1.0:1}', 'is not JSON'],
  ['{1.0 \n\r\t:1}', 'is not JSON'],
  ['[1.0,{1.0', 'is not JSON'],
  ['\ufeff1', 'is not JSON'],
  ['1\u0085', 'is not JSON'],
  ['[1e400]', 'contains a number that is too large'],
  ['-1e309', 'contains a number that is too large'],
  [`${'['.repeat(65)}${']'.repeat(65)}`, 'is nested deeper than 64'],
] as const) {
  test(`${json.slice(0, 20)} is refused: ${message}`, () => {
    assert.throws(() => readJson(json), { message });
  });
}

test('levels that stand around a value count as its own', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  assert.doesNotThrow(() => readJson(nested(64)));
  assert.doesNotThrow(() => readJson(nested(61), 3));
  assert.throws(() => readJson(nested(62), 3), { message: 'is nested deeper than 61' });
});

test('an object has at most 25,000 members, and so do all objects together; colons in texts do not count', () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `"${i}:":"::"`).join();
  const message = 'contains more than 25000 members of objects';
  assert.equal(Object.keys(readJson(`{${members(25_000)}}`) as object).length, 25_000);
  assert.throws(() => readJson(`{${members(25_001)}}`), { message });
  assert.doesNotThrow(() => readJson(`[{${members(12_500)}},{${members(12_500)}}]`));
  assert.throws(() => readJson(`[{${members(12_500)}},{${members(12_501)}}]`), { message });
});

test('a document has at most 40,000 values if a number must be kept as it is written', () => {
  const values = (count: number, last: string) => `[${'0,'.repeat(count - 2)}${last}]`;
  const message =
    'contains more than 40000 values, and a number that must be stored exactly as it is written';
  assert.equal(JSON.stringify(readJson(values(40_000, '1.0'))).slice(-5), ',1.0]');
  assert.throws(() => readJson(values(40_001, '1.0')), { message });
  assert.doesNotThrow(() => readJson(values(400_000, '1')));
  assert.doesNotThrow(() => readJson(values(400_000, '1.5')));
});

test('a number is exact where a double holds it, however it is written', () => {
  for (const [json, number] of [
    ['2', 2],
    ['2.0', 2],
    ['2e0', 2],
    ['1e3', 1000],
    ['9007199254740993', undefined],
    ['1.0000000000000000001', undefined],
    ['"2"', undefined],
    ['true', undefined],
  ] as const)
    assert.equal(exactNumber(readJson(json)), number, json);
});
