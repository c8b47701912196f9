// `muster export` and `muster import`: an archive holds everything that belongs to the accounts, and is readable without
// Muster.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { resources } from '../../src/resources/resources.ts';
import { users } from '../../src/resources/users/users.ts';
import { isArchived } from '../../src/store/copy/archived-columns.ts';
import { allTables, isCarried } from '../../src/store/sql/tables.ts';
import { findings } from '../support/command-line.ts';
import { onTables, rowsOf, urlOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, engines, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { fillService, onService } from '../support/full-service.ts';
import { runResident } from '../support/resident-commands.ts';
import { runMuster, shell, startMuster } from '../support/spawn-muster.ts';
import { document } from '../support/start-app.ts';

const timeout = 180_000;
const carried = allTables(resources).filter(isCarried);
const archived = carried.filter(isArchived).map(({ name }) => name);
const leftOut = carried.filter((table) => !isArchived(table)).map(({ name }) => name);

async function muster(config: Config, ...args: readonly string[]) {
  const { code, stdout, stderr } = await runResident({
    args: [...args, '--database-url', urlOf(config)],
    env: {},
  });
  assert.doesNotMatch(stderr, /^ +at /m);
  return { code, stdout, stderr };
}

async function done(config: Config, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await muster(config, ...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function contents(config: Config): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const name of archived) tables[name] = await rowsOf(config, name);
  return tables;
}

/** Unpacks an archive by the tools of the machine, which verify its checksums. */
function unpacked(file: string, folder: string) {
  mkdirSync(folder);
  execFileSync('tar', ['xzf', file, '-C', folder]);
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: folder });
  const names = (readdirSync(folder, { recursive: true }) as string[]).sort();
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const lines = (table: string): Record<string, unknown>[] =>
    names
      .filter((name) => name.startsWith(`${table}/`))
      .flatMap((name) => text(name).trimEnd().split('\n'))
      .map((line) => JSON.parse(line));
  return { names, text, lines, manifest: JSON.parse(text('manifest.json')) };
}

/** Everything in the archive of a full service can be understood without Muster. */
function assertReadable({ text, lines, manifest }: ReturnType<typeof unpacked>): void {
  assert.match(text('README.txt'), /sha256sum -c SHA256SUMS/);
  assert.deepEqual(Object.keys(manifest.left_out).sort(), [...leftOut].sort());
  for (const { name, rows, columns, files } of manifest.tables) {
    const read = lines(name);
    assert.equal(read.length, rows, name);
    for (const row of read.slice(0, 3)) assert.deepEqual(Object.keys(row), Object.keys(columns), name);
    for (const { name: part, bytes } of files) assert.equal(Buffer.byteLength(text(part)), bytes);
    for (const { description } of Object.values<{ description: string }>(columns))
      assert.match(description, /\.$/);
  }
  const ann = lines('users').find(({ email }) => email === 'Ann@email.com')!;
  assert.deepEqual(
    [ann.newsletter_consent, ann.newsletter_consent_at, ann.flags, ann.preferences],
    [true, '2019-01-01T00:00:00.001Z', { beta: true, note: 'a\nb' }, 'text'],
  );
  const { hash } = lines('passwords').find(({ user_id: id }) => id === ann.id)!;
  assert.match(String(hash), /^\$argon2id\$/);
}

/** Numbers and texts that a careless reader would change. */
const exact = '{"n":12345678901234567890,"f":1.0,"e":1E5,"text":"\\u0000\\ud800 \u2028é"}';

onEachEngine((engine) => {
  const other = engines.find((name) => name !== engine) ?? engine;

  test(`an archive of ${engine} is imported by ${other}, and the service goes on there`, {
    timeout,
  }, async (t) => {
    const [source, target] = [await emptyDatabaseConfig(t, engine), await emptyDatabaseConfig(t, other)];
    const made = await fillService(t, source);
    await onTables(source, `UPDATE users SET preferences = '${exact}' WHERE id = 3 RETURNING id`);
    await onTables(source, `UPDATE passwords SET imported_format = 'devise' RETURNING user_id`);
    const folder = await temporaryFolder(t);
    const [first, second] = [join(folder, 'first.tar.gz'), join(folder, 'second.tar.gz')];
    const counts = JSON.parse(await done(source, 'export', first, '--json'));
    const before = await contents(source);
    assert.deepEqual(
      Object.fromEntries(counts.map(({ table, rows }: { table: string; rows: number }) => [table, rows])),
      Object.fromEntries(archived.map((name) => [name, before[name]!.filter(isExported).length])),
    );
    assert.equal(statSync(first).mode & 0o077, 0);

    const imported = JSON.parse(await done(target, 'import', first, '--create', '--json'));
    assert.deepEqual(
      imported,
      counts.map(({ table, rows }: { table: string; rows: number }) => ({ table, rows, imported: rows })),
    );
    const after = await contents(target);
    for (const name of archived) {
      assert.ok(before[name]!.length > 0, name);
      assert.deepEqual(after[name], before[name]!.filter(isExported), name);
    }
    for (const name of leftOut) assert.deepEqual(await rowsOf(target, name), [], name);
    const env = { MUSTER_DATABASE_URL: urlOf(target), MUSTER_PORT: '0' };
    const attempt = (...args: string[]) => runResident({ args, env });
    assert.deepEqual(await findings({ attempt }, 'error'), []);

    await done(target, 'export', second);
    const [one, two] = [unpacked(first, join(folder, 'one')), unpacked(second, join(folder, 'two'))];
    assert.deepEqual(two.names, one.names);
    for (const name of one.names.filter((file) => file.endsWith('.ndjson')))
      assert.equal(two.text(name), one.text(name), name);
    assert.deepEqual(two.manifest.tables, one.manifest.tables);
    assertReadable(one);

    await onService(t, target, async ({ createUser, request }) => {
      // The API token and the password are those of before.
      const body = document({ current_password: 'correct horse battery', password: 'another one of hers' });
      const options = { token: made.token, body: { data: { ...body.data, id: String(made.id) } } };
      const changed = await request('PATCH', `/api/v2/users/${made.id}/update_password`, options);
      assert.equal(changed.status, 200);
      // Found by a folded column, and not confused with ids that were given before.
      const found = await request('GET', '/api/v2/users?filter[query]=rson149', { token: made.token });
      assert.equal(found.body.data.length, 11);
      assert.equal((await createUser({ email: 'next@email.com' })).id, made.deletedId + 1);
    });
  });

  test('an archive is not imported where other accounts are, nor twice', { timeout }, async (t) => {
    const [source, target] = [await emptyDatabaseConfig(t, engine), await emptyDatabaseConfig(t, engine)];
    const file = join(await temporaryFolder(t), 'people.tar.gz');
    const person = (email: string) => ({ email, first_name: 'Ann', last_name: 'Lee', updated_at: 1 });
    const add = async (config: Config, ...emails: readonly string[]) => {
      const store = await openStore(config);
      for (const email of emails) await store.write(({ records }) => records(users).insert(person(email)));
      await store.close();
    };
    await add(source, 'a@email.com', 'b@email.com');
    await done(source, 'export', file);
    const refused = await muster(target, 'import', file);
    assert.match(refused.stderr, /--create/);
    assert.equal(refused.code, 1);
    await done(target, 'import', file, '--create');
    const again = JSON.parse(await done(target, 'import', file, '--json'));
    assert.ok(again.every(({ imported }: { imported: number }) => imported === 0));
    await add(target, 'c@email.com');
    const before = await contents(target);
    const more = await muster(target, 'import', file);
    assert.equal(more.code, 1);
    assert.match(more.stderr, /other data than the archive \(users 3\)\. It must be empty/);
    assert.deepEqual(await contents(target), before);
  });

  test('an archive that a signal ends leaves nothing; it may also go to standard output, without the trail', {
    timeout,
  }, async (t) => {
    const source = await emptyDatabaseConfig(t, engine);
    await done(source, 'demo', '--users', '5000', '--create');
    const folder = await temporaryFolder(t);
    const file = join(folder, 'out.tar.gz');
    writeFileSync(file, 'precious');
    assert.match((await muster(source, 'export', file)).stderr, /use --overwrite to replace it/);
    assert.equal(readFileSync(file, 'utf8'), 'precious');
    const command = startMuster(['export', file, '--overwrite', '--database-url', urlOf(source)]);
    const finished = command.finished;
    let ended = false;
    void finished.finally(() => {
      ended = true;
    });
    while (!ended && readdirSync(folder).length === 1) await new Promise((next) => setTimeout(next, 2));
    command.signal('SIGINT');
    assert.equal((await finished).signal, 'SIGINT');
    assert.deepEqual(readdirSync(folder), ['out.tar.gz']);
    assert.equal(readFileSync(file, 'utf8'), 'precious');

    const { code, stderr } = await shell(
      `muster export - --without-events --database-url '${urlOf(source)}' > '${file}'`,
    );
    assert.equal(code, 0, stderr);
    const { names, lines, manifest } = unpacked(file, join(folder, 'plain'));
    assert.ok(!names.some((name) => name.startsWith('events')));
    assert.ok(Object.hasOwn(manifest.left_out, 'events'));
    assert.equal(lines('users').length, 5000);
  });
});

test('names and files that are no archives are refused before a database is created', {
  timeout,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  writeFileSync(at('people.csv'), 'email\n');
  writeFileSync(at('other.tar.gz'), 'email\n');
  const database = ['--database-url', `sqlite:${at('muster.db')}`];
  for (const [args, reason] of [
    [['export', at('people.csv')], /an archive is a \.tar\.gz file/],
    [['import', at('people.csv'), '--create'], /`muster users import` reads CSV/],
    [['import', '-', '--create'], /name a file/],
    [['import', at('none.tar.gz'), '--create'], /none\.tar\.gz cannot be read: no such file/],
    [['import', at('other.tar.gz'), '--create'], /cannot be imported: it is not a \.tar\.gz file/],
    [['users', 'import', at('other.tar.gz'), '--create'], /`muster import` reads archives/],
  ] as const) {
    const { code, stderr } = await runMuster([...args, ...database]);
    assert.equal(code, 1);
    assert.match(stderr, reason);
  }
  assert.equal(existsSync(at('muster.db')), false);
});

/** The secret for ETags is another one in each database. */
function isExported(row: unknown): boolean {
  return (row as { name?: unknown }).name !== 'etags';
}
