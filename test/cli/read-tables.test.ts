// Tables of users, as the tools of databases write them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SystemName } from '../../src/cli/import-export/systems/systems.ts';
import { fixture, readSystem } from '../support/read-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-tables-'));
after(() => rmSync(folder, { recursive: true }));

/** The rows of a fixture in CSV. Null is NULL: nothing without quotes, or the word, which is a last name in one of them. */
function tableOf(name: string): { head: string[]; rows: (string | null)[][] } {
  const isPsql = name === 'django.csv';
  const lines = fixture(name)
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/);
  const [head, ...rows] = lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
      quoted !== undefined
        ? quoted.replaceAll('""', '"')
        : plain === '' || (plain === 'NULL' && !isPsql)
          ? null
          : plain!,
    ),
  );
  return { head: head as string[], rows: rows! };
}

type Table = ReturnType<typeof tableOf>;

/** Writes a table as CSV. */
function written(
  { head, rows }: Table,
  {
    cell,
    delimiter = ',',
    end = '\n',
  }: { cell: (value: string | null) => string; delimiter?: string; end?: string },
): string {
  return [head, ...rows].map((row) => `${row.map(cell).join(delimiter)}${end}`).join('');
}

const quoted = (value: string) => (/[",;\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const escaped = (value: string | null) => value?.replaceAll('\\', '\\\\');
const asDigits = (value: string) => (value === 't' ? '1' : value === 'f' ? '0' : value);
const withoutZone = (value: string) => value.replace(/(:\d\d(?:\.\d+)?)(?:\+00| \+00:00)$/, '$1');

/** How tools write tables, by their names. */
const tools: Readonly<Record<string, (table: Table) => string>> = {
  'psql \\copy': (table) =>
    written(table, { cell: (value) => (value === null ? '' : value === '' ? '""' : quoted(value)) }),
  'COPY as text': (table) => written(table, { cell: (value) => escaped(value) ?? '\\N', delimiter: '\t' }),
  sqlite3: (table) =>
    written(table, { cell: (value) => quoted(withoutZone(asDigits(value ?? ''))), end: '\r\n' }),
  'mysql --batch': (table) =>
    written(table, { cell: (value) => withoutZone(asDigits(escaped(value) ?? 'NULL')), delimiter: '\t' }),
  'mysql --batch, of BIT columns,': (table) =>
    written(table, {
      cell: (value) =>
        withoutZone(value === 't' ? '\u0001' : value === 'f' ? '\\0' : (escaped(value) ?? 'NULL')),
      delimiter: '\t',
    }),
  phpMyAdmin: (table) =>
    written(table, {
      cell: (value) =>
        value === null
          ? 'NULL'
          : value === ''
            ? ''
            : `"${withoutZone(asDigits(value)).replaceAll('"', '""')}"`,
    }),
  'SQL Server, in Germany': (table) =>
    `\ufeff${written(table, {
      cell: (value) =>
        quoted(
          asDigits(value ?? 'NULL').replace(
            /^([1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?(?:\+00)?$/,
            '$1$2 +00:00',
          ),
        ),
      delimiter: ';',
      end: '\r\n',
    })}`,
  'a script in Python': (table) =>
    written(table, {
      cell: (value) => quoted(value === 't' ? 'True' : value === 'f' ? 'False' : (value ?? '')),
    }),
  'another case': (table) =>
    tools['psql \\copy']!({ ...table, head: table.head.map((name) => name.toUpperCase()) }),
  'spaces around': (table) =>
    written(table, { cell: (value) => quoted(value ?? ''), delimiter: ' , ', end: ' \n' }),
};

/** Without the details, whose values are as the tool wrote them; with their names in one case. */
function comparable(accounts: readonly any[]): unknown[] {
  return accounts.map((account) =>
    typeof account === 'string'
      ? account.toLowerCase()
      : {
          ...account,
          origin: {
            ...account.origin,
            details: Object.keys(account.origin.details).map((name) => name.toLowerCase()),
          },
        },
  );
}

const tables = {
  django: 'django.csv',
  laravel: 'laravel.csv',
  wordpress: 'wordpress.csv',
  devise: 'devise.csv',
  aspnet: 'aspnet.csv',
};

for (const [system, file] of Object.entries(tables) as [SystemName, string][])
  for (const [tool, write] of Object.entries(tools))
    test(`the table of ${system} as ${tool} writes it has the same accounts`, async () => {
      const text = write(tableOf(file));
      const read = await readSystem(folder, system, `table.${text.includes('\t') ? 'tsv' : 'csv'}`, text);
      assert.deepEqual(comparable(read), comparable(await readSystem(folder, system, file)));
    });

test('tabs are written with backslashes by mysql and COPY, and with quotes by others', async () => {
  const notes = async (name: string, text: string) =>
    (await readSystem(folder, 'laravel', name, text)).map((one) => one.origin?.details.note ?? one);
  const head = 'id\temail\tpassword\tcreated_at\tnote\n';
  const row = (note: string) => `1\ta@x.example\t\t\t${note}\n`;
  const rows = ['"a" b', 'a\\tb\\nc', '{"a":"\\\\"b\\\\""}', 'c:\\\\n', '\\N', 'NULL', 'x\r']
    .map(row)
    .join('');
  const read = ['"a" b', 'a\tb\nc', '{"a":"\\"b\\""}', 'c:\\n', undefined, undefined, 'x'];
  assert.deepEqual(
    (await readSystem(folder, 'laravel', 'a.tsv', head + rows)).map((one) => one.origin.details.note),
    read,
  );
  const quotedHead = head.replaceAll(/\w+/g, '"$&"');
  assert.deepEqual(await notes('a.tsv', quotedHead + row('"a\\t""b"')), ['a\\t"b']);
  const refused = head.replace('\n', '\trefused_because\n');
  assert.deepEqual(await notes('a.tsv', refused + row('"a\\t""b"\tx')), ['a\\t"b']);
});
