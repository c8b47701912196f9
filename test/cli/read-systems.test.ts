// Files of other systems: how their records are found, whatever is around them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { AccountReader } from '../../src/cli/import-export/account-reader.ts';
import { openJson } from '../../src/cli/import-export/files/json-records.ts';
import { openSource } from '../../src/cli/import-export/files/read-records.ts';
import { readAccounts } from '../support/read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-systems-'));
after(() => rmSync(folder, { recursive: true }));

/** Reads objects as they are. */
const asIs: AccountReader = {
  columns: (names) => (cells) => ({ fields: new Map(names.map((name, i) => [name, cells[i]])) }),
  object: (members) =>
    members.kind === 'group' ? { skipped: 'is a group' } : { fields: new Map(Object.entries(members)) },
};

const users = [{ email: 'ann@example.com' }, { email: 'bob@example.com' }];
const read = [
  [1, users[0]],
  [2, users[1]],
];

const around: readonly (readonly [what: string, text: string])[] = [
  ['on one line', JSON.stringify({ users })],
  ['over several lines', JSON.stringify({ users }, null, 2)],
  [
    'after other members',
    JSON.stringify({ start: 0, users: 'none', groups: [{ users: [1] }, 'a]}"'], data: { x: 1, users } }),
  ],
  [
    'before other members',
    JSON.stringify({ data: { users, more: { users: [] } }, users: [{ email: 'no' }] }, null, 1),
  ],
  ['in UTF-16', Buffer.from(`\ufeff${JSON.stringify({ users })}`, 'utf16le') as unknown as string],
  ['as a list', JSON.stringify(users)],
  ['as lines', users.map((user) => `${JSON.stringify(user)}\n`).join('')],
];

for (const [what, text] of around)
  test(`accounts are found ${what}`, async () => {
    const paths = [['users'], ['data', 'users']];
    assert.deepEqual(await readAccounts(folder, 'users.json', text, { reader: asIs, paths }), read);
  });

test('a file without the list that its object should have is not read as accounts', async () => {
  const reading = readAccounts(folder, 'cut.json', '{"users": [{"email": "ann@example.com"}', {
    reader: asIs,
    paths: [['users']],
  });
  assert.deepEqual(await reading, [
    [1, users[0]],
    [2, 'is missing: the file ends before the end of the list'],
  ]);
});

test('records of a list inside an object have the lines of the file', async () => {
  const file = join(folder, 'lines.json');
  writeFileSync(file, JSON.stringify({ a: [1], users, b: [2, 3] }, null, 1));
  const source = await openSource(file, {
    ...{ format: 'json', reader: asIs, paths: [['users']], from: 1, fromUnit: null },
    signal: new AbortController().signal,
  });
  const lines: (number | undefined)[] = [];
  for await (const record of source.records) lines.push(record.fileLine);
  assert.deepEqual(lines, [6, 9]);
});

test('a list inside an object on one line is read piece by piece', async () => {
  const file = join(folder, 'large.json');
  const many = Array.from({ length: 20_000 }, (_, i) => ({
    email: `ann${i}@example.com`,
    text: 'x'.repeat(100),
  }));
  writeFileSync(file, JSON.stringify({ users: many }));
  const source = await openSource(file, {
    ...{ format: 'json', reader: asIs, paths: [['users']], from: 1, fromUnit: null },
    signal: new AbortController().signal,
  });
  let count = 0;
  for await (const _ of source.records)
    if (++count === 1) assert.ok(source.readBytes() < source.totalBytes / 4, 'the whole file is in memory');
  assert.equal(count, many.length);
});

test('what is around the accounts is read before them, lists element by element', async () => {
  const seen: unknown[] = [];
  const reader: AccountReader = { ...asIs, survey: (path, value) => seen.push([path.join('.'), value]) > 0 };
  const text = JSON.stringify({ realm: 'a', data: { n: 1.5, users, after: null }, groups: [{ id: 1 }, [2]] });
  await readAccounts(folder, 'around.json', text, { reader, paths: [['data', 'users']] });
  assert.deepEqual(
    seen.map((one) => JSON.stringify(one)),
    ['["realm","a"]', '["data.n",1.5]', '["data.after",null]', '["groups",{"id":1}]', '["groups",[2]]'],
  );
});

test('a file is refused as a whole if it is cut off before what accounts refer to', async () => {
  const reader: AccountReader = { ...asIs, survey: () => true };
  for (const end of [', "groups": [{"id": 1}', ''])
    await assert.rejects(
      readAccounts(folder, 'cut-off.json', `{"users": ${JSON.stringify(users)}${end}`, {
        reader,
        paths: [['users']],
      }),
      /cut-off\.json is cut off, or is not JSON: nothing was imported$/,
    );
});

test('200,000 accounts in an object on one line are read as they arrive', async () => {
  const count = 200_000;
  let given = 0;
  async function* object(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"groups":[{"users":[{}]}],"users":[');
    for (; given < count; given += 1000) {
      const objects = Array.from({ length: 1000 }, (_, i) => `{"n":${given + i}}`);
      yield Buffer.from(`${given === 0 ? '' : ','}${objects.join()}`);
    }
    yield Buffer.from('],"after":{"users":[{"n":-1}]}}');
  }
  const { records } = await openJson(object(), undefined, 'the file', asIs.object!, [['users']]);
  let read = 0;
  for await (const record of records) {
    assert.ok('fields' in record && record.fields.get('n') === read++);
    // Nothing is kept back.
    assert.ok(read > given - 1000);
  }
  assert.equal(read, count);
});

test('all elements of a list are read before the accounts, and those that are none are skipped', async () => {
  const seen: unknown[] = [];
  const reader: AccountReader = { ...asIs, survey: (path, value) => seen.push([path, value]) > 0 };
  const group = { kind: 'group' };
  assert.deepEqual(await readAccounts(folder, 'list.json', JSON.stringify([users[0], group]), { reader }), [
    [1, users[0]],
    [2, 'skipped: is a group'],
  ]);
  assert.deepEqual(seen, [
    [[], users[0]],
    [[], group],
  ]);
});

test('CSV without a header line has the columns of its system, and a header line is no row', async () => {
  const head = { names: ['uid', 'email'], atLeast: 2 };
  const options = { reader: asIs, csvForm: { head } };
  const row = { uid: 'a', email: 'ann@example.com' };
  assert.deepEqual(await readAccounts(folder, 'a.csv', 'a,ann@example.com\n', options), [[1, row]]);
  assert.deepEqual(
    await readAccounts(folder, 'b.csv', 'UID,Email,refused_because\na,ann@example.com,x\n', options),
    [[2, { UID: 'a', Email: 'ann@example.com', refused_because: 'x' }]],
  );
  await assert.rejects(readAccounts(folder, 'c.csv', 'a,b,c\n', options), {
    message: 'line 1 has 3 cells, but the file must have these 2 columns: uid, email',
  });
});

test('LDIF is read by its system, as often as it needs', async () => {
  const reader: AccountReader = {
    async *entries(open) {
      let lines = 0;
      for await (const batch of open()) lines += batch.length;
      for await (const batch of open())
        for (const line of batch)
          if ('text' in line)
            yield {
              line: line.number,
              size: 1,
              fields: new Map([['of', lines]]),
              original: { text: line.text },
            };
    },
  };
  assert.deepEqual(await readAccounts(folder, 'a.ldif', 'dn: a\nb: c\n', { reader }), [
    [1, { of: 2 }],
    [2, { of: 2 }],
  ]);
});
