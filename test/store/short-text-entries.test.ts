// The entries of a row in the index of short texts: those that another row does not have are found without making all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gramsOf, gramText, type IndexedTexts } from '../../src/store/sql/short-texts.ts';

const texts = [
  '',
  'a',
  'ann',
  'anna',
  'banana',
  'anna@example.com',
  '王',
  '王小明',
  '小明',
  '𠮷野',
  '野𠮷',
  'é',
  '👩‍👧',
  'aa',
];

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;

const anyRow = (columns: number): IndexedTexts => ({
  texts: Array.from({ length: columns }, () => pick(texts)),
  within: pick([null, 1, 12]),
});

test('each text of one and two characters is an entry of its column, and of any column', () => {
  const entries = [...gramsOf({ texts: ['𠮷a', 'a'], within: 7 })].map(gramText);
  assert.deepEqual(entries.sort(), ['*a', '*𠮷', '*𠮷a', '0a', '0𠮷', '0𠮷a', '1a', '@7'].sort());
  assert.deepEqual([...gramsOf({ texts: ['ab'], within: null })].map(gramText).sort(), ['0a', '0ab', '0b']);
});

test('entries that another row has are left out, and no others', () => {
  for (let i = 0; i < 5000; i++) {
    const columns = pick([1, 3]);
    const [row, known] = [anyRow(columns), anyRow(columns)];
    const expected = gramsOf(row).difference(gramsOf(known));
    assert.deepEqual(gramsOf(row, known), expected, JSON.stringify({ row, known }));
  }
});
