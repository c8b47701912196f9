// The write-ahead log of SQLite, which grows while another process keeps a read transaction open.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '../../src/config.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { temporaryFolder } from '../support/engines.ts';

const mebibyte = 1024 * 1024;

test('a log that a reader keeps from being cut is told of once, and is cut when the reader is gone', async (t) => {
  const file = join(await temporaryFolder(t), 'muster.db');
  const warnings: string[] = [];
  const engine = await openSqlite(file, { ...readConfig({}, {}), warn: (message) => warnings.push(message) });
  t.after(() => engine.close());
  const text = 'x'.repeat(mebibyte);
  const commit = async (times: number) => {
    for (let i = 0; i < times; i++)
      await engine.write((db) =>
        sql`INSERT OR REPLACE INTO secrets (name, value) VALUES ('test', ${text})`.execute(db),
      );
  };
  const walBytes = async () => (await engine.info()).walBytes!;

  const other = new DatabaseSync(file, { readOnly: true });
  other.exec('BEGIN; SELECT count(*) FROM secrets');
  await commit(200);
  assert.match(
    warnings.join('\n'),
    /^The write-ahead log has \d{8,9} bytes and cannot be truncated: [a-z ]+$/,
  );
  assert.ok((await walBytes()) > 64 * mebibyte);

  other.exec('COMMIT');
  other.close();
  await commit(100);
  assert.ok((await walBytes()) <= 64 * mebibyte);
  assert.equal(warnings.length, 1);
});
