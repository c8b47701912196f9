// `users export --for-spreadsheet`: no cell is a formula, and an import reads every text back as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLayout } from '../../src/cli/import-export/account-layout.ts';
import { openCsv } from '../../src/cli/import-export/files/csv-records.ts';
import { readLines } from '../../src/cli/import-export/files/read-lines.ts';
import { ownAccounts } from '../../src/cli/import-export/own-accounts.ts';
import type { Row } from '../../src/model/resource.ts';
import { users } from '../../src/resources/users/users.ts';

/** Whatever a spreadsheet could take for the beginning of a formula, and what an export puts in front of it. */
const start = fc.constantFrom(
  '',
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '＝',
  '＋',
  '－',
  '＠',
  "'",
  "'=",
  "''-",
  ' =',
  "' @",
);
const text = fc.tuple(start, fc.string({ unit: 'grapheme', maxLength: 8 })).map((parts) => parts.join(''));
/** Names have no line breaks. An import skips cells with spaces alone. */
const names = text.filter((name) => name.trim() !== '' && name.isWellFormed());

function account(values: Row): Row {
  const empty = Object.fromEntries(
    users.columns.map((name) => [name, users.attributes[name]!.default ?? null]),
  );
  return { ...empty, id: 1, email: 'ann@email.com', updated_at: 0, created_at: 0, ...values } as Row;
}

async function fieldsOf(file: string) {
  async function* bytes() {
    yield Buffer.from(file);
  }
  const { records } = await openCsv(
    readLines(bytes(), undefined, 'the file'),
    undefined,
    ownAccounts({}).columns,
  );
  const read: (Record<string, unknown> | string)[] = [];
  for await (const record of records)
    read.push(
      'fields' in record ? Object.fromEntries(record.fields) : 'problem' in record ? record.problem : '',
    );
  return read;
}

for (const delimiter of [undefined, ';', '\t'])
  test(`any names come back from a spreadsheet with ${JSON.stringify(delimiter ?? ',')} between its cells`, async () => {
    const layout = csvLayout({ forSpreadsheet: true, ...(delimiter !== undefined && { delimiter }) });
    await fc.assert(
      fc.asyncProperty(names, names, fc.jsonValue({ maxDepth: 1 }), async (first_name, last_name, json) => {
        const row = account({ id: 1, first_name, last_name, preferences: JSON.stringify(json) });
        const file = layout.start + layout.account(row, { memberships: [], origin: null, hash: null });
        const [read] = await fieldsOf(file);
        assert.ok(typeof read === 'object', String(read));
        assert.deepEqual([read.first_name, read.last_name], [first_name, last_name]);
        if (json !== null) assert.equal(JSON.stringify(read.preferences), JSON.stringify(json));
      }),
    );
  });

const file = (...rows: readonly string[]) =>
  `${['email,first_name,last_name,defused', ...rows].map((row) => `${row}\r\n`).join('')}`;

test('only an apostrophe that an export has put in front is taken away', async () => {
  const read = await fieldsOf(
    file(
      `a@email.com,'=1,'=2,first_name`,
      `b@email.com,'=1,'=2,`,
      `c@email.com,'Abd,=2,first_name last_name`,
      `d@email.com,''=1,'+2,LAST_NAME`,
    ),
  );
  assert.deepEqual(
    read.map((one) => typeof one === 'object' && [one.first_name, one.last_name]),
    [
      ['=1', "'=2"],
      ["'=1", "'=2"],
      ["'Abd", '=2'],
      ["''=1", '+2'],
    ],
  );
});

test('no cell for a spreadsheet begins as a formula', () => {
  const { start: head, account: write } = csvLayout({ forSpreadsheet: true, delimiter: ';' });
  const line = write(account({ id: 1, first_name: '=1+1', last_name: '@x', time_zone: '-1' }), {
    memberships: [],
    origin: null,
    hash: null,
  });
  assert.ok(head.startsWith('\ufeffid;') && head.endsWith(';defused\r\n'));
  assert.match(line, /;'=1\+1;'@x;'-1;.*;\[\];;first_name last_name time_zone\r\n$/);
});
