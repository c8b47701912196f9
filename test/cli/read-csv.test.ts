// CSV as common tools write it, valid and broken, in any chunking.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLine, readCsv } from '../../src/cli/import-export/files/csv.ts';
import type { Encoding } from '../../src/cli/import-export/files/encoding.ts';
import { maxRecordBytes, readLines } from '../../src/cli/import-export/files/read-lines.ts';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Read = readonly [line: number, cells: readonly string[] | string];

/** Rows as `[line, cells]`, unreadable ones as `[line, problem]`. */
async function rowsOf(bytes: Buffer, size: number, encoding?: Encoding): Promise<Read[]> {
  const rows: Read[] = [];
  for await (const row of readCsv(readLines(pieces(bytes, size), encoding, 'the file')))
    rows.push([row.line, 'cells' in row ? row.cells : row.problem]);
  return rows;
}

const head = 'email,first,last\n';
const columns = ['email', 'first', 'last'];
const row = (name: string) => [`${name}@x.com`, name, 'Lee'];
const line = (name: string) => `${row(name).join()}\n`;

const neverClosed = 'opens a quote that is never closed';
const behindQuote = 'has text after a closing quote';
const strayQuote = 'has a quote in a cell that is not quoted';

const cases: Readonly<Record<string, readonly [text: string, rows: readonly Read[]]>> = {
  'nothing at all': ['', []],
  'a head line alone': [head, [[1, columns]]],
  'a head line without a line end': [head.trimEnd(), [[1, columns]]],
  'no line end behind the last row': [
    head + line('ann').trimEnd(),
    [
      [1, columns],
      [2, row('ann')],
    ],
  ],
  'lines that end with CR LF': [
    (head + line('ann') + line('bea')).replaceAll('\n', '\r\n'),
    [
      [1, columns],
      [2, row('ann')],
      [3, row('bea')],
    ],
  ],
  'blank lines': [
    `\n${head}\n\r\n${line('ann')}\n`,
    [
      [2, columns],
      [5, row('ann')],
    ],
  ],
  'quotes, commas and line ends within quotes': [
    `${head}a@x.com,"A ""Z"", B","L\ne\r\ne"\n"","","a,"\n${line('bea')}`,
    [
      [1, columns],
      [2, ['a@x.com', 'A "Z", B', 'L\ne\r\ne']],
      [5, ['', '', 'a,']],
      [6, row('bea')],
    ],
  ],
  'line separators of Unicode, which end no line': [
    `${head}a@x.com,A\u2028B\u2029C\u0085D,E\vF\fG\n`,
    [
      [1, columns],
      [2, ['a@x.com', 'A\u2028B\u2029C\u0085D', 'E\vF\fG']],
    ],
  ],
  'too few and too many cells': [
    `${head}a@x.com,A\nb@x.com,B,L,\n${line('cy')}x\n`,
    [
      [1, columns],
      [2, 'has 2 cells, but the header line has 3'],
      [3, 'has 4 cells, but the header line has 3'],
      [4, row('cy')],
      [5, 'has 1 cell, but the header line has 3'],
    ],
  ],
  'a quote that is never closed': [
    `${head}${line('ann')}b@x.com,"B,Lee\n${line('cy')}${line('dee')}`,
    [
      [1, columns],
      [2, row('ann')],
      [3, neverClosed],
      [4, row('cy')],
      [5, row('dee')],
    ],
  ],
  'a quote that is never closed, in the last row': [
    `${head}${line('ann')}b@x.com,B,"`,
    [
      [1, columns],
      [2, row('ann')],
      [3, neverClosed],
    ],
  ],
  'a quote that a later row seems to close': [
    `${head}b@x.com,"B,Lee\n${line('cy')}d@x.com,"D",Lee\n${line('eve')}`,
    [
      [1, columns],
      [2, behindQuote],
      [3, row('cy')],
      [4, ['d@x.com', 'D', 'Lee']],
      [5, row('eve')],
    ],
  ],
  'several of them': [
    `${head}a@x.com,"A,Lee\n${line('bea')}c@x.com,"C,Lee\n${line('dee')}e@x.com,"E,Lee\n${line('fay')}`,
    [
      [1, columns],
      [2, behindQuote],
      [3, row('bea')],
      [4, behindQuote],
      [5, row('dee')],
      [6, neverClosed],
      [7, row('fay')],
    ],
  ],
  'a quoted cell over several lines in a row of the wrong width': [
    `${head}a@x.com,"A,Lee\n${line('bea')}c@x.com,C,Lee"\n${line('dee')}`,
    [
      [1, columns],
      [2, 'has 2 cells, but the header line has 3'],
      [3, row('bea')],
      [4, strayQuote],
      [5, row('dee')],
    ],
  ],
  'two broken quotes that swallow whole rows and look like one cell': [
    `${head}a@x.com,A,"Lee\n${line('bea')}c@x.com,C,Lee"\n${line('dee')}`,
    [
      [1, columns],
      [2, 'opens a quote that contains whole rows, up to line 4'],
      [3, 'is inside the quotes that line 2 opens'],
      [4, 'is inside the quotes that line 2 opens'],
      [5, row('dee')],
    ],
  ],
  'two broken quotes in rows that follow each other': [
    `${head}a@x.com,A,"Lee\nb@x.com,B,Lee"\n${line('cy')}`,
    [
      [1, columns],
      [2, 'opens a quote that contains whole rows, up to line 3'],
      [3, 'is inside the quotes that line 2 opens'],
      [4, row('cy')],
    ],
  ],
  'a broken quote around rows with quotes and addresses without a dot': [
    `${head}a@x.com,A,"Lee\n${line('bea').replace('bea', '""Bea, B.""')}c@intranet,C,Lee\n"\n${line('dee')}`,
    [
      [1, columns],
      [2, 'opens a quote that contains whole rows, up to line 5'],
      [3, 'is inside the quotes that line 2 opens'],
      [4, 'is inside the quotes that line 2 opens'],
      [5, 'is inside the quotes that line 2 opens'],
      [6, row('dee')],
    ],
  ],
  'an address in a text of several lines, which is no row': [
    `${head}a@x.com,A,"write to\nb@x.com, or\ncall"\n`,
    [
      [1, columns],
      [2, ['a@x.com', 'A', 'write to\nb@x.com, or\ncall']],
    ],
  ],
  'a quote within a cell, and text behind a quoted one': [
    `${head}a@x.com,A "Z",Lee\nb@x.com, x"B",Lee\nc@x.com,"C"s,Lee\n${line('eve')}`,
    [
      [1, columns],
      [2, strayQuote],
      [3, strayQuote],
      [4, behindQuote],
      [5, row('eve')],
    ],
  ],
  'spaces around cells and quotes, but not those inside quotes': [
    ` email , "first" ,last \na@x.com , A  Z ,\u00a0Lee\r\nb@x.com,\t" B" , Lee\nc@x.com,"C\n " ,Lee`,
    [
      [1, columns],
      [2, ['a@x.com', 'A  Z', 'Lee']],
      [3, ['b@x.com', ' B', 'Lee']],
      [4, ['c@x.com', 'C\n ', 'Lee']],
    ],
  ],
  'a broken quote in the head line': [`email,"first,last\n${line('ann')}`, [[1, neverClosed]]],
  'lines that end with CR alone': [
    `${head}a@x.com,A,Lee\rb@x.com,B,Lee\n`,
    [
      [1, columns],
      [2, 'has a CR in a cell that is not quoted; lines end with LF or CR LF'],
    ],
  ],
};

for (const [title, [text, rows]] of Object.entries(cases)) {
  test(`reads ${title}`, async () => {
    for (const size of [1, 7, 1000]) assert.deepEqual(await rowsOf(Buffer.from(text), size), rows, `${size}`);
    const wide = Buffer.from(text, 'utf16le');
    assert.deepEqual(await rowsOf(wide, 3, 'utf-16le'), rows, 'utf-16le');
    assert.deepEqual(await rowsOf(wide.swap16(), 5, 'utf-16be'), rows, 'utf-16be');
  });
}

test('a quote that is never closed holds no more of the file than a record may have', async () => {
  const filler = `x@x.com,X,${'x'.repeat(1000)}\n`;
  const many = Math.ceil((2 * maxRecordBytes) / filler.length);
  const text = `${head}a@x.com,"A,Lee\n${filler.repeat(many)}`;
  const rows = await rowsOf(Buffer.from(text), 65_536);
  assert.deepEqual(rows[1], [2, 'opens a quote and is longer than 8 MiB']);
  assert.equal(rows.length, many + 2);
  assert.ok(rows.slice(2).every(([, cells]) => Array.isArray(cells)));
});

test('a line that is longer than a record may be is named, and the next one read', async () => {
  const text = `${head}a@x.com,A,${'x'.repeat(maxRecordBytes)}\n${line('bea')}`;
  assert.deepEqual((await rowsOf(Buffer.from(text), 65_536)).slice(1), [
    [2, 'is longer than 8 MiB'],
    [3, row('bea')],
  ]);
});

test('what is written is read back, whatever the cells hold', async () => {
  const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\u2028', '=', ' ', 'é', '😀', 'a') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      async (table, size) => {
        const text = csvLine(columns) + table.map((cells) => csvLine([...cells])).join('');
        const rows = await rowsOf(Buffer.from(text), size);
        assert.deepEqual(
          rows.slice(1).map(([, cells]) => cells),
          table,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('lines that are not of the encoding are named with the one that they may be of, and others read', async () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  for (const [bytes, encoding, rows] of [
    [
      latin(`${head}a@x.com,Zo\xeb,Lee\n${line('bea')}`),
      undefined,
      [
        [2, /^is not UTF-8, probably Latin-1 or Windows-1252: try --encoding latin1/],
        [3, row('bea')],
      ],
    ],
    [
      latin(`${head}a@x.com,Zo\xeb,\x93Lee\x94\n`),
      undefined,
      [[2, /^is not UTF-8, probably Windows-1252: try --encoding windows-1252/]],
    ],
    [
      latin(`${head}a@x.com,"A\nZo\xeb",Lee\n${line('bea')}`),
      undefined,
      [
        [2, /^opens a quote before line 3, which is not UTF-8/],
        [3, /^is not UTF-8/],
        [4, row('bea')],
      ],
    ],
    [
      Buffer.from(`${head}a@x.com,A,Le\u00e9`).subarray(0, -1),
      undefined,
      [[2, /^ends in the middle of a UTF-8 character/]],
    ],
    [latin(`${head}a@x.com,Zo\xeb,Lee\n`), 'latin1', [[2, ['a@x.com', 'Zoë', 'Lee']]]],
    [latin(`${head}a@x.com,Zo\xeb,\x93L\x80\x94\n`), 'windows-1252', [[2, ['a@x.com', 'Zoë', '“L€”']]]],
    ...(['latin1', 'windows-1252'] as const).map((named) => [
      Buffer.from(`${head}a@x.com,Zoë,Lee\n${line('bea')}`),
      named,
      [
        [2, new RegExp(`^is UTF-8, not ${named}: remove --encoding$`)],
        [3, row('bea')],
      ],
    ]),
    [latin(`${head}a@x.com,A,\x93Lee\x94\n`), 'latin1', [[2, /0x93.*try --encoding windows-1252/]]],
    [
      latin(`${head}a@x.com,A,\x81\n`),
      'windows-1252',
      [[2, /0x81, which is not a character in Windows-1252/]],
    ],
    [
      Buffer.from(`${head}a@x.com,\ud83d,Lee\n${line('bea')}`, 'utf16le'),
      'utf-16le',
      [
        [2, /half a character/],
        [3, row('bea')],
      ],
    ],
    [Buffer.from(`${head}a@x.com,A,L`, 'utf16le').subarray(0, -1), 'utf-16le', [[2, /^ends in the middle/]]],
    [Buffer.from(`${head}a@x.com,\u0a0a\u0a00\u000a`, 'utf16le'), 'utf-16le', [[2, /2 cells/]]],
  ] as [Buffer, Encoding | undefined, [number, string[] | RegExp][]][]) {
    for (const size of [1, 1000]) {
      const read = (await rowsOf(bytes, size, encoding)).slice(1);
      assert.deepEqual(
        read.map(([number]) => number),
        rows.map(([number]) => number),
      );
      for (const [i, [, expected]] of rows.entries()) {
        if (expected instanceof RegExp) assert.match(String(read[i]![1]), expected);
        else assert.deepEqual(read[i]![1], expected);
      }
    }
  }
});

test('a byte order mark tells the encoding, and contradicts another one', async () => {
  const text = `\ufeff${head}a@x.com,Zoë 😀,Lee\n`;
  const marked: readonly [Encoding, Buffer][] = [
    ['utf-8', Buffer.from(text)],
    ['utf-16le', Buffer.from(text, 'utf16le')],
    ['utf-16be', Buffer.from(text, 'utf16le').swap16()],
  ];
  for (const [encoding, bytes] of marked) {
    for (const named of [undefined, encoding])
      assert.deepEqual(await rowsOf(bytes, 1, named), [
        [1, columns],
        [2, ['a@x.com', 'Zoë 😀', 'Lee']],
      ]);
    for (const other of ['latin1', 'windows-1252'] as const)
      await assert.rejects(rowsOf(bytes, 1, other), {
        message: `the file begins with the byte order mark of ${encoding}: remove --encoding ${other}`,
      });
  }
});

test('a file that is no text is named for what it is', async () => {
  for (const [start, message] of [
    ['PK\x03\x04\x14\x00', /spreadsheet such as \.xlsx/],
    ['\x1f\x8b\x08', /compressed by gzip/],
    ['SQLite format 3\x00', /an SQLite database/],
    ['\xff\xfe\x00\x00e\x00\x00\x00', /UTF-32/],
    ['e\x00m\x00a\x00i\x00', /probably utf-16le: try --encoding utf-16le/],
    ['\x00e\x00m\x00a\x00i', /probably utf-16be: try --encoding utf-16be/],
  ] as const)
    await assert.rejects(rowsOf(Buffer.from(start, 'latin1'), 1), message);
});
