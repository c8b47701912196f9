// Archives that are cut off, damaged, made by hand or by another version are refused with a reason, and nothing is
// written.

import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, type TarEntry, unpackTar } from 'modern-tar';
import { readTar } from '../../src/cli/archive/read-tar.ts';
import { writeTar } from '../../src/cli/archive/write-tar.ts';
import type { Config } from '../../src/config.ts';
import { openEngine, openStore } from '../../src/open-store.ts';
import { organizations } from '../../src/resources/organizations/organizations.ts';
import { resources } from '../../src/resources/resources.ts';
import { users } from '../../src/resources/users/users.ts';
import { ArchiveProblem, type Manifest } from '../../src/store/copy/archive-manifest.ts';
import { type LoadWatcher, loadArchive, OtherData } from '../../src/store/copy/load-archive.ts';
import { verifyArchive } from '../../src/store/copy/verify-archive.ts';
import { type ArchiveContents, type ArchiveFile, writeArchive } from '../../src/store/copy/write-archive.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { allTables } from '../../src/store/sql/tables.ts';
import { rowsOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { setMember } from '../support/members.ts';

const contents: ArchiveContents = {
  ...{ resources, leftOut: {}, musterVersion: '1.2.3', createdAt: 0, readme: 'Read me.' },
};
const silent = { begin() {}, done() {} };
const going = new AbortController().signal;

async function written(
  engine: Engine,
  file: string,
  onFile?: (name: string) => Promise<void>,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  await writeTar(
    async (chunk) => void chunks.push(chunk),
    new Date(0),
    (add) =>
      writeArchive(
        engine,
        contents,
        async (part) => {
          await add(part);
          await onFile?.(part.name);
        },
        silent,
      ),
  );
  writeFileSync(file, Buffer.concat(chunks));
}

async function imported(file: string, engine: Engine, signal = going, watcher: LoadWatcher = silent) {
  const manifest = await verifyArchive(readTar(file), allTables(resources));
  return loadArchive(() => readTar(file), manifest, engine, resources, watcher, signal);
}

async function opened(t: TestContext, config: Config): Promise<Engine> {
  const engine = await openEngine(config);
  t.after(() => engine.close());
  return engine;
}

const people = (count: number, start = 0) =>
  Array.from({ length: count }, (_, i) => ({
    ...{ email: `person${start + i}@email.com`, first_name: '=1+1', last_name: 'Lee', updated_at: 1 },
  }));

async function addPeople(config: Config, count: number, start = 0): Promise<void> {
  const store = await openStore(config);
  for (let i = 0; i < count; i += 500)
    await store.write(({ records }) =>
      records(users).insertMany(people(Math.min(500, count - i), start + i)),
    );
  await store.close();
}

onEachEngine((engineName) => {
  test('an archive shows one moment, while others go on writing', async (t) => {
    const [source, target] = [
      await emptyDatabaseConfig(t, engineName),
      await emptyDatabaseConfig(t, engineName),
    ];
    const store = await openStore(source);
    t.after(() => store.close());
    let made = 0;
    const addMember = () =>
      store.write(async (transaction) => {
        if (made === 0)
          await transaction.records(organizations).insert({ name: 'One', created_at: 1, updated_at: 1 });
        const id = await transaction.records(users).insert(people(1, made++)[0]!);
        await setMember(transaction, 1, id, 'member', 1);
      });
    await addMember();
    const file = join(await temporaryFolder(t), 'moment.tar.gz');
    // A new account with a membership, after each file.
    await written(await opened(t, source), file, addMember);
    const tables = await imported(file, await opened(t, target));
    assert.deepEqual(
      tables.filter(({ rows }) => rows > 0).map(({ table, rows }) => [table, rows]),
      // The first file is written before the first read.
      [
        ['organizations', 1],
        ['users', 2],
        ['people', 2],
        ['organization_memberships', 2],
      ],
    );
    assert.equal((await rowsOf(source, 'users')).length, made);
  });

  test('an import that was stopped goes on where it was, and only with the same archive', async (t) => {
    const [source, target] = [
      await emptyDatabaseConfig(t, engineName),
      await emptyDatabaseConfig(t, engineName),
    ];
    await addPeople(source, 2500);
    const folder = await temporaryFolder(t);
    const [file, another] = [join(folder, 'people.tar.gz'), join(folder, 'another.tar.gz')];
    const from = await opened(t, source);
    await written(from, file);
    await from.write((db) =>
      db.updateTable('users').set({ first_name: 'Bea' }).where('id', '=', 1000).execute(),
    );
    await written(from, another);

    const stop = new AbortController();
    const engine = await opened(t, target);
    let step = '';
    const watcher: LoadWatcher = {
      begin(name) {
        step = name;
      },
      done() {
        if (step === 'import') stop.abort(new Error('stopped'));
      },
    };
    await assert.rejects(imported(file, engine, stop.signal, watcher), /^Error: stopped$/);
    assert.equal((await rowsOf(target, 'users')).length, 1000);
    await assert.rejects(imported(another, engine), (error) => {
      assert.ok(error instanceof OtherData);
      return error.message === 'users 1000';
    });
    const tables = await imported(file, engine);
    const loaded = tables.find(({ table }) => table === 'users');
    assert.deepEqual(loaded, { table: 'users', rows: 2500, imported: 1500 });
    assert.deepEqual(await rowsOf(target, 'users'), (await rowsOf(source, 'users')).map(withName));
    assert.equal(await engine.lastId('users'), 2500);
  });
});

const withName = (row: object) => ({ ...row, first_name: '=1+1', first_name_key: '=1+1', revision: 1 });

interface Whole {
  readonly archive: Buffer;
  readonly entries: readonly { readonly name: string; readonly text: string }[];
}

/** An archive of three accounts. */
async function wholeArchive(t: TestContext): Promise<Whole> {
  const config = await emptyDatabaseConfig(t, 'sqlite');
  await addPeople(config, 3);
  const file = join(await temporaryFolder(t), 'whole.tar.gz');
  await written(await opened(t, config), file);
  const archive = readFileSync(file);
  const entries = (await unpackTar(gunzipSync(archive))).map(({ header, data }) => ({
    ...{ name: header.name, text: Buffer.from(data!).toString() },
  }));
  return { archive, entries };
}

/** Packs files with right checksums. */
async function packed(
  files: readonly { name: string; text: string }[],
  more: readonly TarEntry[] = [],
): Promise<Buffer> {
  const summed = files.filter(({ name }) => name !== 'SHA256SUMS');
  const text = summed.map((file) => `${hash('sha256', file.text)}  ${file.name}\n`).join('');
  const tar = await packTar([
    ...[...summed, { name: 'SHA256SUMS', text }].map((file) => ({
      ...{ header: { name: file.name, size: Buffer.byteLength(file.text) }, body: file.text },
    })),
    ...more,
  ]);
  return gzipSync(tar);
}

/** The archive with a changed manifest, or with other lines of users; its checksums are right. */
function changed(
  { entries }: Whole,
  change: {
    readonly manifest?: (manifest: any) => unknown;
    readonly lines?: (text: string) => string;
  },
): Promise<Buffer> {
  const { manifest: changeManifest = (same: Manifest) => same, lines: changeLines = (same: string) => same } =
    change;
  const rows = changeLines(entries.find(({ name }) => name === 'users/000001.ndjson')!.text);
  return packed(
    entries.map(({ name, text }) => {
      if (name === 'users/000001.ndjson') return { name, text: rows };
      if (name !== 'manifest.json') return { name, text };
      const manifest = JSON.parse(text);
      const file = manifest.tables.find((table: { name: string }) => table.name === 'users').files[0];
      file.sha256 = hash('sha256', rows);
      file.bytes = Buffer.byteLength(rows);
      return { name, text: JSON.stringify(changeManifest(manifest)) };
    }),
  );
}

const tableIn = (manifest: any, name: string) =>
  manifest.tables.find((one: { name: string }) => one.name === name);

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

/** The header of a file of 8 GB, whose content is not there. */
function hugeFile({ archive }: Whole): Buffer {
  const header = Buffer.from(gunzipSync(archive).subarray(0, 512));
  header.write('77777777777\0', 124, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

test('many rows are in several files, whose sizes have a limit', async (t) => {
  const [source, target] = [await emptyDatabaseConfig(t, 'sqlite'), await emptyDatabaseConfig(t, 'sqlite')];
  const store = await openStore(source);
  const preferences = JSON.stringify('ü'.repeat(30_000));
  const large = people(300).map((person) => ({ ...person, preferences }));
  await store.write(({ records }) => records(users).insertMany(large));
  await store.close();
  const file = join(await temporaryFolder(t), 'large.tar.gz');
  await written(await opened(t, source), file);
  const sizes: number[] = [];
  for await (const { name, content } of readTar(file))
    if (name.startsWith('users/')) sizes.push(content.length);
  // 4 MiB are characters, and each of these has two bytes.
  assert.equal(sizes.length, 3);
  for (const size of sizes) assert.ok(size < 10 * 1024 * 1024, `${size}`);
  await imported(file, await opened(t, target));
  const [before, after] = [await rowsOf(source, 'users'), await rowsOf(target, 'users')];
  // Compared as a boolean, so that a failure does not print all of it.
  assert.ok(JSON.stringify(after) === JSON.stringify(before));
});

test('a file that cannot be written ends the export with the reason', async () => {
  const part = { name: 'users/000001.ndjson', content: randomBytes(4 * 1024 * 1024) };
  let added = 0;
  await assert.rejects(
    writeTar(
      async () => {
        throw new Error('no space left on device');
      },
      new Date(0),
      async (add) => {
        for (; added < 20; added++) await add(part);
      },
    ),
    /^Error: no space left on device$/,
  );
  assert.ok(added < 20, `${added} files were made for nothing`);
});

test('archives that are not as an export has written them', async (t) => {
  const whole = await wholeArchive(t);
  const file = join(await temporaryFolder(t), 'archive.tar.gz');
  const config = await emptyDatabaseConfig(t, 'sqlite');
  const engine = await opened(t, config);

  /** The reason why it is refused. */
  async function refusal(bytes: Uint8Array): Promise<string> {
    writeFileSync(file, bytes);
    const error = await imported(file, engine).then(
      () => null,
      (reason) => reason,
    );
    assert.ok(error instanceof ArchiveProblem, String(error));
    for (const table of ['users', 'organizations', 'events'])
      assert.deepEqual(await rowsOf(config, table), []);
    return error.message;
  }

  await t.test('an archive that is cut off anywhere is refused', async (t) => {
    for (let i = 0; i < 12; i++)
      await t.test(`after part ${i} of 12`, async () => {
        const reason = await refusal(whole.archive.subarray(0, Math.floor((whole.archive.length * i) / 12)));
        assert.match(reason, /^it is not whole|^it is not an archive|^it is damaged|^it is not a tar/);
      });
  });

  await t.test('an archive with a changed byte is refused', async (t) => {
    const tar = gunzipSync(whole.archive);
    const inUsers = tar.indexOf('person1@email.com');
    for (const [what, bytes, reason] of [
      ['in the compressed file', flipped(whole.archive, whole.archive.length >> 1), /./],
      ['in a row', gzipSync(flipped(tar, inUsers)), /^users\/000001\.ndjson is damaged: /],
      ['in the manifest', gzipSync(flipped(tar, tar.indexOf('"1.2.3"') + 1)), /^manifest\.json is damaged/],
      ['in a checksum', gzipSync(flipped(tar, tar.lastIndexOf('  manifest.json') - 1)), /damaged|not valid/],
      ['in a name', gzipSync(flipped(tar, tar.indexOf('users/000001') + 3)), /./],
    ] as const)
      await t.test(what, async () => assert.match(await refusal(bytes), reason));
  });

  await t.test('an archive of another version is refused with its version', async (t) => {
    for (const [change, reason] of [
      [
        (manifest: any) => ({ ...manifest, format_version: 2, muster_version: '9.9.9' }),
        /^it is of a newer version of Muster \(9\.9\.9\): its format is 2, and this version reads 1$/,
      ],
      [
        (manifest: any) => {
          manifest.tables.push({ ...tableIn(manifest, 'users'), name: 'badges', rows: 0, files: [] });
          return manifest;
        },
        /^it is of another version of Muster \(1\.2\.3\), which has the table badges; this version does not$/,
      ],
      [
        (manifest: any) => {
          tableIn(manifest, 'users').columns.shoe_size = { type: 'integer', description: 'Shoes.' };
          return manifest;
        },
        /which has the column "?users\.shoe_size"? with the type integer/,
      ],
      [(manifest: any) => ({ ...manifest, format: 'other' }), /^its manifest\.json is of another program$/],
      [(manifest: any) => ({ ...manifest, tables: [{}] }), /^its manifest\.json is not valid$/],
      [
        (manifest: any) => ({ ...manifest, tables: [] }),
        /^users\/000001\.ndjson is not where manifest\.json lists/,
      ],
      [() => [], /^its manifest\.json is not a JSON object$/],
    ] as const)
      await t.test(String(reason), async () =>
        assert.match(await refusal(await changed(whole, { manifest: change })), reason),
      );
  });

  await t.test('an older archive without a column is imported with the default of the column', async () => {
    const names = ['time_zone', 'sso_provision', 'locale'];
    const bytes = await changed(whole, {
      lines: (text) => text.replaceAll(/"(?:time_zone|sso_provision|locale)":[^,]+,/g, ''),
      manifest(manifest) {
        for (const name of names) delete tableIn(manifest, 'users').columns[name];
        return manifest;
      },
    });
    const older = await emptyDatabaseConfig(t, 'sqlite');
    writeFileSync(file, bytes);
    await imported(file, await opened(t, older));
    assert.deepEqual(
      (await rowsOf(older, 'users')).map((row) => names.map((name) => row[name])),
      Array(3).fill([null, 0, 'en_US']),
    );
  });

  await t.test('a row that is not right is refused with its line, before anything is written', async (t) => {
    const line = (n: number, from: string | RegExp, to: string) => (text: string) =>
      text
        .split('\n')
        .map((one, i) => (i + 1 === n ? one.replace(from, to) : one))
        .join('\n');
    for (const [change, reason] of [
      [line(2, '{', '['), /^users\/000001\.ndjson, line 2: is not JSON$/],
      [line(3, /.*/, '[]'), /^users\/000001\.ndjson, line 3: is not a JSON object$/],
      [line(2, '"id":2', '"id":"2"'), /line 2: id is not an integer$/],
      [line(2, '"id":2', '"id":2.5'), /line 2: id is not an integer$/],
      [line(1, '"first_name":"=1+1"', '"first_name":["x"]'), /line 1: first_name is not a text$/],
      [line(1, '=1+1', '\\u0000'), /line 1: first_name is not a text$/],
      [line(1, '=1+1', '\\ud800'), /line 1: first_name is not a text$/],
      [line(1, '"sysadmin":false', '"sysadmin":0'), /line 1: sysadmin is not true or false$/],
      [line(1, '"1970-01-01T00:00:00.001Z"', '"1970-01-01"'), /line 1: updated_at is not a time, such as/],
      [line(1, '"1970-01-01T00:00:00.001Z"', '"1970-13-01T00:00:00Z"'), /line 1: updated_at is not a time/],
      [line(1, '{', '{"__proto__":{"sysadmin":true},'), /line 1: "__proto__" is not a column of its table$/],
      [(text: string) => `${text}\n`, /^users\/000001\.ndjson has 4 lines, and the manifest counts 3$/],
      // What only the database knows.
      [
        line(1, '"first_name":"=1+1"', '"first_name":null'),
        /^users\/000001\.ndjson, lines 1 to 3, cannot be written: /,
      ],
      [
        line(2, 'person1', 'person0'),
        /^users\/000001\.ndjson, lines 1 to 3, cannot be written: email_key is not unique$/,
      ],
    ] as const)
      await t.test(String(reason), async () =>
        assert.match(await refusal(await changed(whole, { lines: change })), reason),
      );
  });

  await t.test('names that lead elsewhere, links and huge files do nothing', async (t) => {
    const header = { name: '../../../tmp/elsewhere', size: 1 };
    const evil = { name: '../../../tmp/elsewhere', text: 'x' };
    for (const [what, bytes, reason] of [
      [
        'a path that is listed',
        await packed([evil, ...whole.entries]),
        /^\.\.\/\.\.\/\.\.\/tmp\/elsewhere is not where/,
      ],
      [
        'a path that is not',
        await packed(whole.entries, [{ header, body: 'x' }]),
        /elsewhere is not listed in SHA256SUMS$/,
      ],
      [
        'a link',
        await packed(whole.entries, [
          { header: { name: 'users', size: 0, type: 'symlink', linkname: '/etc' } },
        ]),
        /^it contains something that is neither a file nor a folder$/,
      ],
      ['a file twice', await packed([...whole.entries, whole.entries[1]!]), /twice$/],
      ['a huge file', gzipSync(hugeFile(whole)), /^it contains a file of more than 64 MiB$/],
      ['only zeros', gzipSync(Buffer.alloc(32 * 1024 * 1024)), /^it is not an archive of `muster export`/],
      ['another tar', await packed([]), /it has no manifest\.json$/],
    ] as const)
      await t.test(what, async () => assert.match(await refusal(bytes), reason));
  });

  await t.test('an archive that changes while it is read is refused', async () => {
    const { entries } = whole;
    const all = entries.map(({ name, text }) => ({ name, content: Buffer.from(text) }));
    const others = all.map(({ name, content }) => ({
      ...{ name, content: name.startsWith('users') ? Buffer.from('{}\n') : content },
    }));
    for (const later of [[], others]) {
      async function* open(files: readonly ArchiveFile[]) {
        yield* files;
      }
      const manifest = await verifyArchive(open(all), allTables(resources));
      await assert.rejects(
        loadArchive(() => open(later), manifest, engine, resources, silent, going),
        /^Error: it has changed while it was read/,
      );
    }
    assert.deepEqual(await rowsOf(config, 'users'), []);
  });

  await t.test('an archive that another tar has packed again is read', async (t) => {
    const tar = await packTar([
      { header: { name: './users/', size: 0, type: 'directory' } },
      ...whole.entries.map(({ name, text }) => ({
        ...{ header: { name: `./${name}`, size: Buffer.byteLength(text) }, body: text },
      })),
    ]);
    writeFileSync(file, gzipSync(tar));
    const again = await emptyDatabaseConfig(t, 'sqlite');
    await imported(file, await opened(t, again));
    assert.equal((await rowsOf(again, 'users')).length, 3);
  });
});
