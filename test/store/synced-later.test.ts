// Writes that need not be on disk at once: PostgreSQL answers their commit before it. For SQLite see syncs.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { Config } from '../../src/config.ts';
import { openEngine } from '../../src/open-store.ts';
import type { Database } from '../../src/store/sql/engine.ts';
import { engines } from '../support/chosen-engines.ts';
import { emptyDatabaseConfig } from '../support/engines.ts';

/** The databases of tests do not wait for the disk. */
async function syncCommits(config: Config): Promise<void> {
  const engine = await openEngine(config);
  const name = new URL(config.databaseUrl).pathname.slice(1);
  await engine.write((db) => sql`alter database ${sql.ref(name)} set synchronous_commit to on`.execute(db));
  await engine.close();
}

async function level(db: Database): Promise<string> {
  const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(db);
  return rows[0]!.synchronous_commit;
}

test('E3 a write that is synced later waits for no disk, and every other one does', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const config = await emptyDatabaseConfig(t, 'postgres');
  await syncCommits(config);
  const open = await openEngine(config);
  t.after(() => open.close());
  assert.equal(await open.write(level), 'on');
  assert.equal(await open.write(level, { sync: 'later' }), 'off');
  assert.equal(await open.write(level), 'on');
  assert.equal(await open.write(level, { sync: 'at_once' }), 'on');
  const failing = open.write(() => Promise.reject(new Error('broken')), { sync: 'later' });
  await assert.rejects(failing, /broken/);
  assert.equal(await open.write(level), 'on');
});
