import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codePoints, fold, hasControls, isBlank, isStorableText, normalized } from '../../src/model/text.ts';

test('text is folded alike, however it was composed and whatever its case', () => {
  for (const [one, other] of [
    ['ANN@EMAIL.COM', 'ann@email.com'],
    ['É'.normalize('NFD'), 'é'.normalize('NFC')],
    ['ŠĐČĆŽ', 'šđčćž'],
    ['ΑΒΓ', 'αβγ'],
  ] as const)
    assert.equal(fold(one), fold(other));
  assert.notEqual(fold('a'), fold('ä'));
  // Folding must be idempotent; otherwise folded columns could not be searched.
  for (const text of ['İstanbul', 'Straße', 'ΌΣΟΣ', 'ǅ', 'ﬁ', 'K', 'Å'])
    assert.equal(fold(fold(text)), fold(text), text);
});

test('characters are counted, not the units that they take', () => {
  for (const [text, count] of [
    ['', 0],
    ['abc', 3],
    ['🦊', 1],
    ['a🦊b', 3],
    ['e\u0301', 2],
    ['👨‍👩‍👧', 5],
  ] as const)
    assert.equal(codePoints(text), count);
});

test('text is blank where nothing of it can be seen', () => {
  const invisible = [
    ...[
      '',
      ' ',
      '\t\r\n',
      '\u00a0',
      '\u3000',
      '\ufeff',
      '\u200b',
      '\u200d\u200c',
      '\u200e\u200f',
      '\u2060',
      '\u00ad',
    ],
    ...[
      '\u3164',
      '\u115f\u1160',
      '\uffa0',
      '\u2800',
      '\ufe0f',
      '\u180e',
      '\u034f',
      '\u061c',
      '\u17b4',
      '\ufff9',
    ],
    ...['\u{e0001}\u{e0041}', '\u{1d159}', '\u{e0100}', '\u2028', '\u0000', '\u001b', ' \u200b\u3164 '],
  ];
  for (const text of invisible) assert.ok(isBlank(text), JSON.stringify(text));
  for (const text of [
    'a',
    ' a ',
    '\u200fعمر',
    '👩\u200d👧',
    '0',
    '.',
    '\u0301',
    'ㅤx',
    '\u0600',
    '🏴\u{e0067}\u{e007f}',
  ])
    assert.ok(!isBlank(text), JSON.stringify(text));
});

test('control characters are those of the category Cc and the two separators', () => {
  for (const text of ['a\nb', 'a\tb', '\u0007', '\u007f', '\u0085', '\u009f', '\u2028', 'a\u2029'])
    assert.ok(hasControls(text), JSON.stringify(text));
  for (const text of ['a b', '\u00a0', '\u200d', '\u202e', '\ufeff', 'é'])
    assert.ok(!hasControls(text), JSON.stringify(text));
});

test('text is measured before it is brought into normal form, and no text that fits is lost', () => {
  const longest = '\u1f82'.normalize('NFD');
  assert.equal(codePoints(longest), 4);
  assert.equal(normalized(longest.repeat(255), 255), '\u1f82'.repeat(255));
  assert.equal(normalized('\u0301'.repeat(200_000), 255), undefined);
  assert.equal(normalized('😀'.repeat(1021), 255), undefined);
});

test('text with NUL or half a character cannot be stored, and any other can', () => {
  for (const text of ['', 'a', 'a\n\t', '🦊', '\ufffd', '\u0001', '\ufeff'])
    assert.equal(isStorableText(text), true, JSON.stringify(text));
  for (const text of ['\0', 'a\0', '\0a', '\ud83e', '\udd8a', '\udd8a\ud83e', 'a\ud83eb'])
    assert.equal(isStorableText(text), false, JSON.stringify(text));
});
