// The write-ahead log of SQLite, which grows while another process keeps a read transaction open.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '../../src/config.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { openLog } from '../../src/store/sqlite/log-file.ts';
import { temporaryFolder } from '../support/engines.ts';

const mebibyte = 1024 * 1024;

/** Commits a mebibyte so many times. */
async function commit(engine: Engine, times: number): Promise<void> {
  const text = 'x'.repeat(mebibyte);
  for (let i = 0; i < times; i++)
    await engine.write((db) =>
      sql`INSERT OR REPLACE INTO secrets (name, value) VALUES ('test', ${text})`.execute(db),
    );
}

test('long reads do not keep the log from being cut: the next ones wait until it is', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const warn = (message: string) => assert.fail(message);
  const engine = await openSqlite(file, { ...readConfig({}, {}), warn, isServing: true });
  t.after(() => engine.close());
  const client = new AbortController();
  const read = engine.longReadsOn(engine.reader)!;
  const endless = sql`with recursive numbers (n) as (select id from numbers_of_test union all select n + 1 from numbers)
    select count(*) from numbers where ${engine.interruptible!('numbers.n')}`;
  await engine.write((db) => sql`CREATE TABLE numbers_of_test (id INTEGER)`.execute(db));
  await engine.write((db) => sql`INSERT INTO numbers_of_test VALUES (1)`.execute(db));
  const first = assert.rejects(
    read(endless.compile(engine.reader), () => ({ caller: 1, gone: client.signal })),
  );
  await read(sql`select id from numbers_of_test`.compile(engine.reader));
  await commit(engine, 100);
  assert.ok((await engine.info()).walBytes! > 64 * mebibyte);
  const next = read<{ bytes: number }>(
    sql`select length(value) as bytes from secrets where name = 'test'`.compile(engine.reader),
  );
  client.abort();
  await first;
  assert.deepEqual(await next, [{ bytes: mebibyte }]);
  assert.ok((await engine.info()).walBytes! <= 64 * mebibyte);
});

test('a service cuts its log in a thread before it is too large, and nothing is lost', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const warn = (message: string) => assert.fail(message);
  const engine = await openSqlite(file, { ...readConfig({}, {}), warn, isServing: true });
  t.after(() => engine.close());
  const log = openLog(file);
  t.after(() => log.close());
  const keep = (name: string) =>
    engine.write((db) => db.insertInto('secrets').values({ name, value: '' }).execute());
  for (let round = 0; round < 3; round++) {
    await commit(engine, 33);
    assert.ok(log.hasPages(8000));
    // The thread works beside these writes.
    for (let i = 0; log.hasPages(8000); i++) await keep(`${round} ${i}`);
    await keep(`after ${round}`);
    // It is written from the start again. A log that was too large would have been truncated.
    assert.ok(log.size() > 30 * mebibyte);
  }
  const { rows } = await sql<{ name: string }>`
    select name from secrets where name like 'after %' order by name
  `.execute(engine.reader);
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['after 0', 'after 1', 'after 2'],
  );
  const check = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(engine.reader);
  assert.equal(check.rows[0]!.integrity_check, 'ok');
});

test('a log that a reader keeps from being cut is told of once, and is cut when the reader is gone', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const warnings: string[] = [];
  const engine = await openSqlite(file, { ...readConfig({}, {}), warn: (message) => warnings.push(message) });
  t.after(() => engine.close());
  const walBytes = async () => (await engine.info()).walBytes!;

  const other = new DatabaseSync(file, { readOnly: true });
  other.exec('BEGIN; SELECT count(*) FROM secrets');
  await commit(engine, 200);
  assert.match(
    warnings.join('\n'),
    /^The write-ahead log has \d{8,9} bytes and cannot be truncated: [a-z ]+$/,
  );
  assert.ok((await walBytes()) > 64 * mebibyte);

  other.exec('COMMIT');
  other.close();
  await commit(engine, 100);
  assert.ok((await walBytes()) <= 64 * mebibyte);
  assert.equal(warnings.length, 1);
});
