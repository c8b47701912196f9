// Files of accounts as people have them: what spreadsheets and other systems save, and the names that they use.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseColumnMap } from '../../src/cli/import-export/column-map.ts';
import { foldName } from '../../src/cli/import-export/column-names.ts';
import { users } from '../../src/resources/users/users.ts';
import { temporaryFolder } from '../support/engines.ts';
import { readAccounts } from '../support/read-file.ts';

const ann = { email: 'ann@x.com', first_name: 'Ann', last_name: 'Lee' };
const zoe = { email: 'zoe@x.com', first_name: 'Zoë', last_name: 'Müller' };
const both = 'email;first_name;last_name\r\nann@x.com;Ann;Lee\r\nzoe@x.com;Zoë;Müller\r\n';
const wide = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

test('what Excel and Sheets save is read, in Germany and in the US', async (t) => {
  const folder = await temporaryFolder(t);
  const expected = [
    [2, ann],
    [3, zoe],
  ];
  const commas = both.replaceAll(';', ',');
  const tabs = both.replaceAll(';', '\t');
  for (const [name, bytes, options] of [
    ['sheets.csv', commas, {}],
    ['us-utf8.csv', `\ufeff${commas}`, {}],
    ['german-utf8.csv', `\ufeff${both}`, {}],
    ['german.CSV', Buffer.from(both, 'latin1'), { encoding: 'windows-1252' }],
    ['us.Csv', Buffer.from(commas, 'latin1'), { encoding: 'latin1' }],
    ['unicode-text.TSV', wide(tabs), {}],
    ['unicode-text.csv', wide(tabs), {}],
    ['unicode-be.csv', wide(tabs).swap16(), {}],
    ['quoted.csv', both.replaceAll(/[^;\r\n]+/g, '"$&"'), {}],
    ['rows-below.csv', `${both};;\r\n; ;\r\n`, {}],
  ] as const)
    assert.deepEqual(await readAccounts(folder, name, bytes, options), expected, name);
  const named = [
    [3, ann],
    [4, zoe],
  ];
  assert.deepEqual(await readAccounts(folder, 'sep.csv', `\ufeffsep=;\r\n${both}`), named);
  assert.deepEqual(await readAccounts(folder, 'sep.csv', `"sep=|"\n${both.replaceAll(';', '|')}`), named);
  const bars = both.replaceAll(';', '|');
  assert.deepEqual(await readAccounts(folder, 'bars.csv', bars, { delimiter: '|' }), expected);
});

test('the delimiter is the one that the header line has most often outside of quotes', async (t) => {
  const folder = await temporaryFolder(t);
  const text = '"a,b,c,d";email;first_name;last_name\n"1,2";ann@x.com;Ann;Lee\n';
  assert.deepEqual(await readAccounts(folder, 'a.csv', text, { ignoreUnknown: true }), [[2, ann]]);
  const cells = 'email,first_name,last_name\nann@x.com,Ann;Maria,Lee\n';
  assert.deepEqual(await readAccounts(folder, 'b.csv', cells), [[2, { ...ann, first_name: 'Ann;Maria' }]]);
});

test('names of columns and members are known in any case, with spaces, hyphens and underscores', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [email, first, last] of [
    ['E-Mail', 'First Name', 'Last Name'],
    ['EMAIL', 'firstName', 'LastName'],
    [' e-mail ', 'first-name', 'LAST_NAME'],
    ['Email*', 'FIRST  NAME:', 'last.name'],
  ] as const) {
    const text = `${email},${first},${last}\nann@x.com,Ann,Lee\n`;
    assert.deepEqual(await readAccounts(folder, 'a.csv', text), [[2, ann]]);
    const object = { [email]: ann.email, [first]: ann.first_name, [last]: ann.last_name };
    assert.deepEqual(await readAccounts(folder, 'a.jsonl', JSON.stringify(object)), [[1, ann]]);
  }
  const names = [...Object.keys(users.attributes), 'id', 'password', 'password_hash', 'memberships'];
  assert.equal(new Set(names.map(foldName)).size, names.length);
});

test('--map names columns and members, splits names at their last space and drops what is mapped to nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const map = parseColumnMap('Mail=email,"Name, whole=first_name last_name",Notes=');
  const rows = [
    ['Ann Lee', 'Ann', 'Lee'],
    ['  Ann  Maria\u00a0van  Lee ', 'Ann  Maria\u00a0van', 'Lee'],
    ['Madonna', 'Madonna', 'Madonna'],
  ];
  const csv = ['mail;"Name, Whole";notes', ...rows.map(([name]) => `ann@x.com;"${name}";x`)].join('\n');
  const expected = rows.map(([, first_name, last_name]) => ({ email: 'ann@x.com', first_name, last_name }));
  const fields = async (name: string, text: string) =>
    (await readAccounts(folder, name, text, { map })).map(([, one]) => one);
  assert.deepEqual(await fields('a.csv', csv), expected);
  const objects = rows.map(([name]) => ({ Mail: 'ann@x.com', 'Name, whole': name, Notes: 1 }));
  assert.deepEqual(await fields('a.json', JSON.stringify(objects)), expected);
  for (const [wrong, message] of [
    ['Mail', /must consist of pairs/],
    ['Mail=e_mail_address', /e_mail_address is not a known attribute/],
    ['Mail=email,mail=id', /mail is given twice/],
    ['"Mail=email', /quote/],
  ] as const)
    assert.throws(() => parseColumnMap(wrong), message);
});

test('a wrong header line is one message, with every unknown and missing column and the nearest names', async (t) => {
  const folder = await temporaryFolder(t);
  const head = (text: string, options = {}) => readAccounts(folder, 'a.csv', `${text}\n1,2,3,4\n`, options);
  await assert.rejects(head('E-Mail Address,Vorname,lastname,Shoe size'), {
    message:
      'line 1: the header line contains unknown columns: "E-Mail Address" (email?), "Vorname" (first_name?), "Shoe size"; ' +
      'it lacks email, first_name. To name columns, add --map "E-Mail Address=email,Vorname=first_name"; ' +
      'to drop unknown ones, --ignore-unknown',
  });
  await assert.rejects(
    head('email,first_nme,last_name,id'),
    /"first_nme" \(first_name\?\); it lacks first_name\./,
  );
  await assert.rejects(
    head('Mail,Vorname,Nachname,x'),
    /--map "Mail=email,Vorname=first_name,Nachname=last_name"/,
  );
  await assert.rejects(head('email,Name,id,locale'), /add --map "Name=first_name last_name"/);
  await assert.rejects(
    head('email,first_name,last_name,E-Mail'),
    /"email" and "E-Mail", which are both email/,
  );
  await assert.rejects(head('email,first_name,last_name,email'), /contains the column "email" twice/);
  await assert.rejects(head('email,a,b,c', { ignoreUnknown: true }), /it lacks|lacks first_name, last_name/);
  const map = parseColumnMap('Mail=email');
  await assert.rejects(head('email,first_name,last_name,id', { map }), /lacks "Mail", which --map names/);
  const ignored = await head('email,first_name,last_name,Shoe size', { ignoreUnknown: true });
  assert.deepEqual(ignored, [[2, { email: '1', first_name: '2', last_name: '3' }]]);
});

test('the format is what the name ends with, in any case, and nothing is guessed', async (t) => {
  const folder = await temporaryFolder(t);
  const line = JSON.stringify(ann);
  for (const name of ['a.json', 'a.JSON', 'a.jsonl', 'a.JSONL', 'a.ndjson', 'a.NDJSON'])
    assert.deepEqual(await readAccounts(folder, name, line), [[1, ann]]);
  for (const name of ['people', 'people.txt', 'people.csv.bak'])
    await assert.rejects(readAccounts(folder, name, line), /does not tell its format.* Add --format csv, /);
  for (const [name, advice] of [
    ['people.json.GZ', /is compressed by its name: unpack it first$/],
    ['people.xlsx', /is a spreadsheet by its name: save it as CSV$/],
    ['wp_users.sql', /is a dump of a database by its name: export the table as CSV or JSON$/],
  ] as const)
    await assert.rejects(readAccounts(folder, name, line), advice);
});

test('spaces in quotes are part of names and passwords, and of nothing else', async (t) => {
  const folder = await temporaryFolder(t);
  const text = 'email,first_name,last_name,password,id\n" ann@x.com "," Ann ",Lee," a b "," 7 "\n';
  assert.deepEqual(await readAccounts(folder, 'a.csv', text), [
    [2, { ...ann, first_name: ' Ann ', password: ' a b ', id: '7' }],
  ]);
});
