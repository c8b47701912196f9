// JSON that is not one object on each line: lists and objects over several lines, whole and broken, in any chunking.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJsonValues } from '../../src/cli/import-export/files/json-values.ts';
import { maxRecordBytes } from '../../src/cli/import-export/files/read-lines.ts';
import { temporaryFolder } from '../support/engines.ts';
import { readAccounts } from '../support/read-file.ts';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Read = readonly [line: number, text: string | RegExp];

async function valuesOf(text: string, size: number, isList: boolean): Promise<[number, string][]> {
  const read: [number, string][] = [];
  for await (const values of readJsonValues(pieces(Buffer.from(text), size), 'utf-8', isList))
    for (const { record, line, text: one, problem } of values) {
      read.push([line, problem ?? one]);
      assert.equal(record, read.length);
    }
  return read;
}

const [a, b, c] = [
  '{"email":"a","x":[1,{"y":"}]\\""}]}',
  '{"email":"ü😀"}',
  '{"email":"c","m":[{"r":"[{"}]}',
];
const pretty = (text: string, by = '') =>
  JSON.stringify(JSON.parse(text), null, 2).replaceAll('\n', `\n${by}`);

const cases: Readonly<Record<string, readonly [text: string, isList: boolean, values: readonly Read[]]>> = {
  'an empty list': ['[]', true, []],
  'an empty list over lines': [' \n[\n]\n', true, []],
  'a list on one line': [
    `[${a},${b}, ${c}]`,
    true,
    [
      [1, a],
      [1, b],
      [1, c],
    ],
  ],
  'a list with an object on each line': [
    `[\n${a},\r\n${b}\n,${c}\n]\n`,
    true,
    [
      [2, a],
      [3, b],
      [4, c],
    ],
  ],
  'a pretty list': [
    `[\n  ${pretty(a, '  ')},\n  ${pretty(b, '  ')}\n]`,
    true,
    [
      [2, pretty(a, '  ')],
      [11, pretty(b, '  ')],
    ],
  ],
  'pretty objects without a list': [
    `${pretty(b)}\n${pretty(b)}\n`,
    false,
    [
      [1, pretty(b)],
      [4, pretty(b)],
    ],
  ],
  'a list of what are no objects': [
    '[1, "x]", null,[1,[2]],true]',
    true,
    [
      [1, '1'],
      [1, '"x]"'],
      [1, 'null'],
      [1, '[1,[2]]'],
      [1, 'true'],
    ],
  ],
  'a list that is cut off between objects': [
    `[\n${a},\n`,
    true,
    [
      [2, a],
      [3, /the file ends before the end of the list/],
    ],
  ],
  'a list that is cut off in an object': [
    `[\n${a},\n${b.slice(0, -1)}`,
    true,
    [
      [2, a],
      [3, /is not complete: the file ends in it/],
    ],
  ],
  'text behind the list': [
    `[${a}]\n[${b}]`,
    true,
    [
      [1, a],
      [2, /follows the end of the list/],
    ],
  ],
  'a text that is not closed, in an object on a line': [
    `[\n{"email":"a},\n${b},\n${c}\n]`,
    true,
    [
      [2, /has text that is not closed on line 2/],
      [3, b],
      [4, c],
    ],
  ],
  'an object that is not closed, in a pretty list': [
    `[\n  {\n    "email": "a",\n    "m": {\n    "r": 1\n  },\n  {\n    "email": "b"\n  }\n]`,
    true,
    [
      [2, /is not closed before line 7/],
      [7, /"b"/],
    ],
  ],
  'brackets that do not match': [
    `[\n{"a":[1}},\n${b}\n]`,
    true,
    [
      [2, /brackets that do not match on line 2/],
      [3, b],
    ],
  ],
  'a broken object in a list on one line': [
    `[${a},{"x":[1},${b}]`,
    true,
    [
      [1, a],
      [1, /do not match on line 1; what follows on the same line is not read/],
    ],
  ],
};

for (const [title, [text, isList, values]] of Object.entries(cases)) {
  test(`reads ${title}`, async () => {
    for (const size of [1, 3, 1000]) {
      const read = await valuesOf(text, size, isList);
      assert.deepEqual(
        read.map(([line]) => line),
        values.map(([line]) => line),
        `${size} ${JSON.stringify(read)}`,
      );
      for (const [i, [, expected]] of values.entries())
        if (expected instanceof RegExp) assert.match(read[i]![1], expected);
        else assert.equal(read[i]![1], expected);
    }
  });
}

test('an object that is longer than a record may be is named, and the next one read', async () => {
  const read = await valuesOf(`[{"x":"${'x'.repeat(maxRecordBytes)}"},${b}]`, 65_536, true);
  assert.deepEqual(read, [
    [1, 'is longer than 8 MiB'],
    [1, b],
  ]);
});

test('a list of 200,000 objects on one line is read as it arrives', async () => {
  const count = 200_000;
  let given = 0;
  async function* list(): AsyncGenerator<Buffer> {
    for (; given < count; given += 1000) {
      const objects = Array.from({ length: 1000 }, (_, i) => `{"email":"person${given + i}@x.com"}`);
      yield Buffer.from(`${given === 0 ? '[' : ','}${objects.join()}`);
    }
    yield Buffer.from(']');
  }
  let read = 0;
  for await (const values of readJsonValues(list(), 'utf-8', true)) {
    for (const { text } of values) assert.equal(text, `{"email":"person${read++}@x.com"}`);
    // Nothing is kept back.
    if (values.length > 0) assert.ok(read === given + 1000 || read === count);
  }
  assert.equal(read, count);
});

test('lists, pretty objects and lines are told apart by their beginning, in every encoding', async (t) => {
  const folder = await temporaryFolder(t);
  const people = ['ann', 'zoë'].map((first_name) => ({ email: 'a@x.com', first_name, last_name: 'Lee' }));
  const [one, two] = people.map((person) => JSON.stringify(person));
  const expected = people.map((person, i) => [i + 1, person]);
  for (const text of [
    JSON.stringify(people),
    JSON.stringify(people, null, 2),
    JSON.stringify(people, null, '\t').replaceAll('\n', '\r\n'),
    people.map((person) => JSON.stringify(person, null, 2)).join('\n'),
    `${one}\r\n${two}`,
    `[${one}\n,${two}]`,
  ])
    for (const [bytes, options] of [
      [Buffer.from(text), {}],
      [Buffer.from(`\ufeff${text}`), {}],
      [Buffer.from(text, 'latin1'), { encoding: 'latin1' }],
      [Buffer.from(`\ufeff${text}`, 'utf16le'), {}],
      [Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), {}],
      [Buffer.from(text, 'utf16le'), { encoding: 'utf-16le' }],
    ] as const)
      assert.deepEqual(await readAccounts(folder, 'a.json', bytes, options), expected, text);
  // A first line that is cut off makes no other line unreadable.
  assert.deepEqual(await readAccounts(folder, 'a.json', `{"email":"a\n${one}\n`), [
    [1, 'is not JSON'],
    [2, people[0]],
  ]);
  await assert.rejects(
    readAccounts(folder, 'a.json', JSON.stringify(people), { from: 2, fromUnit: 'line' }),
    /use --from-record/,
  );
  await assert.rejects(
    readAccounts(folder, 'a.json', `${one}\n`, { from: 2, fromUnit: 'record' }),
    /use --from-line/,
  );
  const last = await readAccounts(folder, 'a.json', JSON.stringify(people), { from: 2, fromUnit: 'record' });
  assert.deepEqual(last, expected.slice(1));
});
